from pathlib import Path

import pyarrow as pa
import pytest

from data_contracts.errors import FileError
from pipelines.scoring.checkpoint import Checkpoint

JOB = {"model": "a", "as_of": None}


def scores(first: int) -> pa.Table:
    return pa.table({"lead_id": [f"L{first}", f"L{first + 1}"], "probability": [0.25, 0.5]})


@pytest.fixture
def out(tmp_path: Path) -> Path:
    unfinished = Checkpoint(tmp_path / "scores.parquet", JOB)
    for chunk in range(3):
        unfinished.write(chunk, scores(2 * chunk))
    return tmp_path / "scores.parquet"


def test_the_same_job_finds_its_chunks(out: Path) -> None:
    again = Checkpoint(out, JOB)
    assert again.chunks == 3
    assert again.read(1).equals(scores(2))


def test_another_job_starts_anew(out: Path) -> None:
    assert Checkpoint(out, {**JOB, "model": "b"}).chunks == 0
    assert Checkpoint(out, JOB).chunks == 0  # the other has removed them


def test_a_damaged_chunk_and_those_after_it_are_not_used(out: Path) -> None:
    damaged = out.parent / ".scores.parquet.unfinished" / "000001.arrow"
    damaged.write_bytes(damaged.read_bytes()[:-20])
    assert Checkpoint(out, JOB).chunks == 1


def test_a_job_that_cannot_be_read_starts_anew(out: Path) -> None:
    (out.parent / ".scores.parquet.unfinished" / "job.json").write_text("{")
    assert Checkpoint(out, JOB).chunks == 0


def test_what_is_done_leaves_the_output_alone(out: Path) -> None:
    unfinished = Checkpoint(out, JOB)
    unfinished.output.write_text("all scores")
    unfinished.finish()
    assert out.read_text() == "all scores"
    assert list(out.parent.iterdir()) == [out]


def test_where_nothing_can_be_written_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"scores\.parquet cannot be written"):
        Checkpoint(tmp_path / "file" / "scores.parquet", JOB)
