"""Artifacts that are damaged in every way that a program can think of; ``make fuzz`` tries very many more of them."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.errors import ArtifactError
from models.calibration.calibrators import Sigmoid
from models.storage.artifact import load_artifact, save_artifact
from models.storage.manifest import write_sealed
from tests.models.small_artifact import artifact
from tests.models.storage.damage import (
    MANIFEST,
    Files,
    attempt,
    by_bytes,
    by_structure,
    probabilities,
    read,
    sealed,
    swapped,
    write,
)

WINDOWS = 8  # fewer features, and so more damages in a second
FIXED = settings(max_examples=100, derandomize=True, database=None, deadline=None)


@dataclass
class Bench:
    """A whole artifact, another one, and a directory to damage copies in."""

    files: Files
    other: Files
    probabilities: list[float]
    directory: Path
    now: Mapping[str, bytes]

    def put(self, files: Files) -> Path:
        write(files, self.directory, self.now)
        self.now = files
        return self.directory


def save(directory: Path, slope: float) -> Path:
    made = artifact(windows=WINDOWS)
    model = replace(made.model, calibrator=Sigmoid(slope, 0.1))
    facts = {"learning": {"warnings": ["few deals"]}, "features": {"horizon_days": 90.0, "won_leads": 9}}
    save_artifact(
        directory, model=model, view=made.view, agreement=made.agreement, reference=made.reference, facts=facts
    )
    return directory


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    root = tmp_path_factory.mktemp("damaged")
    one, other = save(root / "one", 0.9), save(root / "other", 0.8)
    files = read(one)
    write(files, root / "copy")
    return Bench(files, read(other), probabilities(one), root / "copy", files)


def check(bench: Bench, files: Files, *, may_differ: bool = False) -> None:
    tried = attempt(bench.put(files), bench.probabilities)
    assert tried.outcome in ("refused", "the same", *(["another"] if may_differ else [])), tried.said
    assert tried.seconds < 1
    assert len(tried.said) < 1500


@given(st.data())
@FIXED
def test_damaged_bytes_are_refused_or_change_nothing(bench: Bench, data: st.DataObject) -> None:
    check(bench, by_bytes(bench.files, lambda end: data.draw(st.integers(0, end - 1))))


@given(st.data())
@FIXED
def test_another_structure_is_refused_or_changes_nothing(bench: Bench, data: st.DataObject) -> None:
    check(bench, by_structure(bench.files, lambda end: data.draw(st.integers(0, end - 1))))


@given(st.data(), st.sampled_from([by_bytes, by_structure]))
@FIXED
def test_with_checksums_made_anew_it_loads_as_what_it_is_or_is_refused(
    bench: Bench, data: st.DataObject, damage: Callable[..., Files]
) -> None:
    files = damage(bench.files, lambda end: data.draw(st.integers(0, end - 1)))
    check(bench, sealed(files, bench.files, bench.directory.parent), may_differ=True)


@given(st.data())
@FIXED
def test_files_of_another_artifact_are_refused(bench: Bench, data: st.DataObject) -> None:
    files = swapped(bench.files, bench.other, lambda end: data.draw(st.integers(0, end - 1)))
    assert attempt(bench.put(files), bench.probabilities).outcome == "refused"


def edited(bench: Bench, edit: Callable[[dict[str, Any]], object], *, seal: bool = True) -> Path:
    """The artifact with another manifest, whose own checksum is right."""
    manifest = json.loads(bench.files[MANIFEST])
    edit(manifest)
    directory = bench.put(dict(bench.files))
    if seal:
        write_sealed(directory / MANIFEST, manifest)
    else:
        (directory / MANIFEST).write_text(json.dumps(manifest))
    bench.now = read(directory)
    return directory


@pytest.mark.parametrize(
    "edit",
    [
        lambda manifest: manifest.update(facts=None),
        lambda manifest: manifest.update(facts=[]),
        lambda manifest: manifest.update(facts="text"),
        lambda manifest: manifest.update(metrics=[]),
        lambda manifest: manifest.update(created_at="yesterday"),
        lambda manifest: manifest.update(files=["card.md"]),
        lambda manifest: manifest["files"].update({"a" * 5000: "0" * 64}),
        lambda manifest: manifest["files"].update({"../card.md": "0" * 64}),
        lambda manifest: manifest["files"].update({"/etc/passwd": "0" * 64}),
        lambda manifest: manifest["files"].update({"card.md": 5}),
        lambda manifest: manifest["facts"].update(learning=[]),
        lambda manifest: manifest["facts"].update(attributes=[{"table": "leads"}]),
        lambda manifest: manifest["facts"].update(features={"horizon_days": "a" * 5000}),
        lambda manifest: manifest["facts"].update(features={"won_leads": "many"}),
        lambda manifest: manifest.update(whatever=1),
        lambda manifest: manifest.pop("files"),
        lambda manifest: manifest.update(versions={str(number): "1" for number in range(100)}),
    ],
)
def test_a_manifest_of_another_form_is_refused_in_a_sentence(bench: Bench, edit: Callable[..., object]) -> None:
    with pytest.raises(ArtifactError, match=r"manifest\.json cannot be read: .*whylead train") as refused:
        load_artifact(edited(bench, edit))
    assert len(str(refused.value)) < 500


def test_facts_and_metrics_that_were_changed_are_refused(bench: Bench) -> None:
    for edit in (
        lambda manifest: manifest["facts"].update(mapping="other"),
        lambda manifest: manifest.update(metrics={"roc_auc": {"value": 1.0}}),
        lambda manifest: manifest.pop("checksum"),
    ):
        with pytest.raises(ArtifactError, match=r"not what its own checksum says|checksum: is required"):
            load_artifact(edited(bench, edit, seal=False))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "more than 32 lists or mappings"),
        ('{"a":' * 200 + "1" + "}" * 200, "more than 32 lists or mappings"),
        ('{"format": 3, "format": 3}', "'format' is there twice"),
        ('{"format": NaN}', "NaN is not a finite number"),
        ('{"format": 1e999}', "1e999 is not a finite number"),
        ('{"format": ' + "9" * 5000 + "}", "too large a number"),
        ('{"facts": "\\ud800"}', "surrogates not allowed"),
        ("[{}," * 300_000, "more than 200000 lists and mappings"),
        (" " * (3 * 2**20), "is larger than 2,048 KiB"),
    ],
)
def test_json_that_nobody_means_is_refused(bench: Bench, text: str, message: str) -> None:
    with pytest.raises(ArtifactError, match=message):
        load_artifact(bench.put(bench.files | {MANIFEST: text.encode()}))


def test_what_is_no_file_is_refused(bench: Bench) -> None:
    directory = bench.put(dict(bench.files))
    outside = directory.parent / "card.md"
    outside.write_bytes(bench.files["card.md"])
    for put in (lambda path: path.mkdir(), os.mkfifo, lambda path: path.symlink_to(outside)):
        (directory / "card.md").unlink()
        put(directory / "card.md")
        with pytest.raises(ArtifactError, match=r"card\.md is missing"):
            load_artifact(directory)
        (directory / "card.md").rmdir() if (directory / "card.md").is_dir() else (directory / "card.md").unlink()
        (directory / "card.md").write_bytes(bench.files["card.md"])


def test_a_name_that_no_file_system_has_is_refused() -> None:
    with pytest.raises(ArtifactError, match="holds no model artifact"):
        load_artifact(Path("a" * 5000))


def lightgbm(bench: Bench, *edits: tuple[str, str]) -> Path:
    """The artifact with another text of trees, all checksums made anew."""
    name = "components/00_lightgbm.txt"
    text = bench.files[name].decode()
    for before, after in edits:
        assert before in text
        text = text.replace(before, after, 1)
    sizes = [len(tree) + 5 for tree in text.partition("\n\n")[2].partition("end of trees")[0].split("Tree=")[1:]]
    head, _, rest = text.partition("tree_sizes=")
    text = f"{head}tree_sizes={' '.join(map(str, sizes))}\n{rest.partition(chr(10))[2]}"
    return bench.put(sealed(bench.files | {name: text.encode()}, bench.files, bench.directory.parent))


def line(bench: Bench, key: str) -> str:
    """The first line of a key in the first text of trees."""
    text = bench.files["components/00_lightgbm.txt"].decode()
    return next(each for each in text.split("\n") if each.startswith(f"{key}="))


@pytest.mark.parametrize(
    ("key", "change", "message"),
    [
        ("left_child", lambda values: ["99", *values[1:]], "leads to one that there is not"),
        ("left_child", lambda values: ["-99", *values[1:]], "leads to a leaf that there is not"),
        ("right_child", lambda values: [*values[:-1], "0"], "leads to one that there is not"),
        ("right_child", lambda values: [*values[:-1], "1"], "leads to one above it"),
        ("left_child", lambda values: [*values[:-1], "-1"], "are not one tree"),
        ("left_child", lambda values: values[1:], "left_child of tree 0 has the length 5, expected 6"),
        ("split_feature", lambda values: ["9999", *values[1:]], "a feature that there is not"),
        ("decision_type", lambda values: ["1", *values[1:]], "sets of categories of tree 0"),
        ("decision_type", lambda values: ["64", *values[1:]], "decides in a way"),
        ("threshold", lambda values: ["nan", *values[1:]], "threshold of tree 0|splits at no number"),
        ("leaf_value", lambda values: ["1e300", *values[1:]], "a leaf is no number"),
        ("internal_count", lambda values: ["0", *values[1:]], "reached by no rows"),
        ("num_leaves", lambda values: ["100"], "has the length"),
        ("num_leaves", lambda values: ["0"], "leaves, expected"),
        ("num_cat", lambda values: ["3"], "cat_boundaries of tree|sets of categories"),
        ("max_feature_idx", lambda values: ["100000"], "is for 100001 features"),
        ("num_tree_per_iteration", lambda values: ["2"], "num_tree_per_iteration of the header"),
        ("objective", lambda values: ["custom"], "objective of the header"),
        ("is_linear", lambda values: ["1"], "is_linear of tree 0"),
        ("shrinkage", lambda values: ["1\nnew_key=3"], "a key that LightGBM does not write"),
    ],
)
def test_trees_that_would_lead_lightgbm_astray_are_refused(
    bench: Bench, key: str, change: Callable[[list[str]], list[str]], message: str
) -> None:
    before = line(bench, key)
    after = f"{key}={' '.join(change(before.partition('=')[2].split(' ')))}"
    with pytest.raises(ArtifactError, match=message):
        load_artifact(lightgbm(bench, (before, after)))
