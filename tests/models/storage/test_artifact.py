import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from data_contracts.errors import ArtifactError
from models.scorer import Scorer
from models.storage.artifact import add_metrics, load_artifact, save_artifact
from models.storage.manifest import write_sealed
from models.storage.vocabulary import Vocabulary
from tests.features.requests import moments_of
from tests.models.small_artifact import LEADS, artifact, records, requests

ROWS = np.arange(LEADS)


def saved(directory: Path) -> Path:
    one = artifact()
    facts = {"data": {"leads.csv": "ab" * 32}, "learning": {"warnings": ["few deals"]}}
    save_artifact(
        directory, model=one.model, view=one.view, agreement=one.agreement, reference=one.reference, facts=facts
    )
    return directory


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return saved(tmp_path / "model")


def test_what_was_saved_scores_as_before(directory: Path) -> None:
    before = Scorer(artifact()).score(records(), ROWS, moments_of(requests()))
    after = Scorer(load_artifact(directory)).score(records(), ROWS, moments_of(requests()))
    np.testing.assert_array_equal(after.probability, before.probability)
    np.testing.assert_array_equal(after.low, before.low)
    assert after.placement.stage == before.placement.stage
    assert after.rows() == before.rows()


def test_the_artifact_is_text_only(directory: Path) -> None:
    files = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    assert {"calibrator.json", "features.json", "agreement.yaml", "reference.json", "card.md"} < files
    assert {Path(name).suffix for name in files} == {".json", ".txt", ".yaml", ".md"}
    for name in files:
        (directory / name).read_text(encoding="utf-8")


def test_no_partial_directory_is_left(directory: Path) -> None:
    assert [path.name for path in directory.parent.iterdir()] == ["model"]


def test_saving_again_replaces_the_artifact_whole(directory: Path) -> None:
    (directory / "stale.txt").write_text("old")
    saved(directory)
    assert not (directory / "stale.txt").exists()
    load_artifact(directory)


@pytest.mark.parametrize(
    "name",
    ["calibrator.json", "features.json", "agreement.yaml", "reference.json", "card.md", "components/margin.json"],
)
def test_a_changed_file_is_refused_by_name(directory: Path, name: str) -> None:
    with (directory / name).open("a") as file:
        file.write(" ")
    with pytest.raises(ArtifactError, match=rf"{name} was changed after training.*whylead train"):
        load_artifact(directory)


def test_a_missing_file_is_refused_by_name(directory: Path) -> None:
    (directory / "calibrator.json").unlink()
    with pytest.raises(ArtifactError, match=r"calibrator\.json is missing"):
        load_artifact(directory)


def edited(manifest: Callable[[dict[str, object]], object]) -> Callable[[Path], None]:
    def edit(directory: Path) -> None:
        content = json.loads((directory / "manifest.json").read_text())
        manifest(content)
        write_sealed(directory / "manifest.json", content)

    return edit


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda directory: (directory / "manifest.json").unlink(), r"holds no model artifact.*workspace/model"),
        (lambda directory: (directory / "manifest.json").write_text("{"), r"manifest\.json cannot be read"),
        (lambda directory: (directory / "manifest.json").write_text("[]"), r"manifest\.json cannot be read"),
        (edited(lambda manifest: manifest.update(format=99)), r"has format 99, this version of whylead reads format 3"),
        (edited(lambda manifest: manifest.update(format=2)), r"was made by an earlier version of whylead.*Train again"),
        (edited(lambda manifest: manifest.update(files={})), r"does not list components/margin\.json"),
        (edited(lambda manifest: manifest["files"].update({"../x": "0" * 64})), r"\.\./x"),  # type: ignore[attr-defined]
    ],
)
def test_a_damaged_manifest_is_refused(directory: Path, damage: Callable[[Path], None], message: str) -> None:
    damage(directory)
    with pytest.raises(ArtifactError, match=message):
        load_artifact(directory)


def test_other_feature_code_is_refused(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.fingerprint.source_digest", lambda: "another code")
    with pytest.raises(ArtifactError, match=r"other feature definitions.*whylead train"):
        load_artifact(directory)


def test_the_checksum_is_of_the_model_and_not_of_the_moment(directory: Path, tmp_path: Path) -> None:
    assert load_artifact(directory).checksum == load_artifact(saved(tmp_path / "again")).checksum


def test_metrics_can_be_added_later(directory: Path) -> None:
    before = load_artifact(directory).checksum
    add_metrics(directory, {"roc_auc": {"value": 0.8, "low": 0.7, "high": 0.9}})
    after = load_artifact(directory)
    assert after.metrics["roc_auc"]["value"] == 0.8
    assert after.checksum == before


def test_the_card_says_what_the_model_is(directory: Path) -> None:
    card = (directory / "card.md").read_text(encoding="utf-8")
    assert "few deals" in card
    assert "0.6 x lightgbm, 0.4 x lightgbm, 0.5 x logistic" in card
    assert load_artifact(directory).view.fingerprint in card


def test_loading_needs_none_of_the_heavy_packages(directory: Path) -> None:
    heavy = ["mlflow", "sklearn", "pandas", "shap", "great_expectations", "lightgbm", "pyarrow"]
    code = (
        "import sys; from pathlib import Path\n"
        "from models.storage.artifact import load_artifact; from models.scorer import Scorer\n"
        f"Scorer(load_artifact(Path({str(directory)!r}))); print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_words_of_the_export_are_part_of_the_artifact(tmp_path: Path) -> None:
    words = Vocabulary({"leads.source": {"Messe": "trade_show", "-": None}}, ("call",))
    made = artifact()
    save_artifact(
        tmp_path / "model", model=made.model, view=made.view, agreement=made.agreement, reference=made.reference,
        facts={}, vocabulary=words,
    )  # fmt: skip
    loaded = load_artifact(tmp_path / "model")
    assert loaded.vocabulary == words
    assert loaded.version == loaded.checksum[:12] != load_artifact(saved(tmp_path / "other")).version


def test_an_artifact_without_words_still_loads(tmp_path: Path) -> None:
    directory = saved(tmp_path / "model")
    manifest = json.loads((directory / "manifest.json").read_text())
    del manifest["files"]["vocabulary.json"]
    write_sealed(directory / "manifest.json", manifest)
    (directory / "vocabulary.json").unlink()
    assert load_artifact(directory).vocabulary == Vocabulary()
