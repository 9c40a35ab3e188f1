"""A scoring that is killed, and the same one again."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data_contracts.dataset import Dataset
from data_contracts.errors import BusyError
from models.storage.artifact import Artifact, load_artifact
from pipelines.scoring import stage as scoring
from pipelines.scoring.stage import Scoring, score_dataset
from tests.models.small_artifact import ATTRIBUTES, LEADS, requests
from tests.pipelines.small_tables import write_tables
from tests.pipelines.small_workspace import save_small_artifact

CHUNK = 16
SLOWLY = """
import sys, time
from pathlib import Path
from data_contracts.dataset import Dataset
from models.storage.artifact import load_artifact
from pipelines.scoring import stage as scoring

scoring.AT_ONCE = int(sys.argv[4])
scoring.score_dataset(
    load_artifact(Path(sys.argv[1])), Dataset(Path(sys.argv[2])), Path(sys.argv[3]),
    on_progress=lambda message, share: time.sleep(0.2 if "leads" in message else 0),
)
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("company")
    save_small_artifact(directory / "model")
    write_tables(directory / "tables", requests(), ATTRIBUTES)
    return directory


@pytest.fixture
def artifact(company: Path) -> Artifact:
    return load_artifact(company / "model")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "AT_ONCE", CHUNK)


def interrupt(company: Path, out: Path, how: signal.Signals) -> list[Path]:
    """Score in a process of its own, end it after three chunks, and give what it leaves beside ``out``."""
    arguments = [str(each) for each in (company / "model", company / "tables", out, CHUNK)]
    process = subprocess.Popen([sys.executable, "-c", SLOWLY, *arguments], stderr=subprocess.DEVNULL)
    third = out.parent / f".{out.name}.unfinished" / "000002.arrow"
    try:
        wait_for(third, process)
        process.send_signal(how)
        assert process.wait(60) != 0
    finally:
        process.kill()
        process.wait()
    return sorted(third.parent.glob("*.arrow"))


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Until a process that goes on has written a file."""
    until = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)


def score(artifact: Artifact, company: Path, out: Path, language: str = "en") -> Scoring:
    return score_dataset(artifact, Dataset(company / "tables"), out, language=language)  # type: ignore[arg-type]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_scoring_goes_on_to_the_same_file(
    company: Path, artifact: Artifact, how: signal.Signals, tmp_path: Path
) -> None:
    whole = score(artifact, company, tmp_path / "whole.parquet")
    out = tmp_path / "interrupted.parquet"
    chunks = interrupt(company, out, how)
    assert 3 <= len(chunks) < LEADS / CHUNK
    assert not out.exists()
    resumed = score(artifact, company, out)
    assert resumed.resumed == CHUNK * len(chunks)
    assert out.read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert (resumed.rows, resumed.mean_probability, resumed.grades, resumed.stages) == (
        whole.rows, whole.mean_probability, whole.grades, whole.stages,
    )  # fmt: skip
    assert {path.name for path in tmp_path.iterdir()} == {"whole.parquet", "interrupted.parquet"}


def test_with_other_options_it_starts_anew(company: Path, artifact: Artifact, tmp_path: Path) -> None:
    out = tmp_path / "scores.parquet"
    interrupt(company, out, signal.SIGKILL)
    assert score(artifact, company, out, "es").resumed == 0
    texts = [reason["text"] for reasons in pq.read_table(out)["reasons"].to_pylist() for reason in reasons]
    assert any("puntos" in text for text in texts)


def test_two_scorings_into_one_file_are_not_mixed(
    company: Path, artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "AT_ONCE", 5 * CHUNK)
    out = tmp_path / "scores.parquet"
    arguments = [str(each) for each in (company / "model", company / "tables", out, 5 * CHUNK)]
    process = subprocess.Popen([sys.executable, "-c", SLOWLY, *arguments])
    try:
        wait_for(tmp_path / ".scores.parquet.unfinished" / "000000.arrow", process)
        with pytest.raises(BusyError, match=rf"scores\.parquet is being written by process {process.pid} on "):
            score(artifact, company, out, "es")
        score(artifact, company, tmp_path / "other.parquet")
    finally:
        assert process.wait(60) == 0
    assert out.read_bytes() == (tmp_path / "other.parquet").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"scores.parquet", "other.parquet"}
