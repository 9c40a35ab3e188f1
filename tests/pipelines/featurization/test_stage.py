import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_contracts.dataset import Attribute, Dataset, DatasetManifest, KnownAt, SnapshotRule
from data_contracts.errors import DataFallsShort, ParamsError
from features.arrays import NO_TIME
from features.ranking import roc_auc
from features.view import FeatureView
from pipelines.featurization.matrix import read_matrix
from pipelines.featurization.stage import MatrixMetadata, featurize
from pipelines.training.stage import learn_model
from pipelines.workspace.params import FeaturesParams, TrainParams
from pipelines.workspace.resources import Resources
from tests.datasets import load_records, write_dataset

BEGIN = datetime(2023, 1, 1, tzinfo=UTC)
CUTOFF = datetime(2025, 1, 1, tzinfo=UTC)
ATTRIBUTES = (
    Attribute(table="leads", name="score", kind="numeric", label="score", known_at="created"),
    Attribute(table="leads", name="tag", kind="categorical", label="tag"),
    Attribute(table="leads", name="invoice", kind="numeric", label="invoice", known_at="after_outcome"),
)
MANIFEST = DatasetManifest(mapping="test", order="time", data_cutoff=CUTOFF, attributes=ATTRIBUTES)
PARAMS = FeaturesParams()


def company(directory: Path, leads: int = 900, manifest: DatasetManifest = MANIFEST, dated: bool = True) -> Dataset:
    """Leads over two years, a quarter of them won; those who win look at prices more often."""
    draw = np.random.default_rng(11)
    won = draw.random(leads) < 0.25
    created = [BEGIN + timedelta(days=float(day)) for day in draw.uniform(0, 715, leads)]
    decided = [at + timedelta(days=float(day)) for at, day in zip(created, draw.exponential(40, leads), strict=True)]
    visits = [
        {"lead_id": f"L{lead}", "occurred_at": created[lead] + timedelta(days=float(day)), "type": "pricing_view"}
        for lead in range(leads)
        for day in draw.uniform(0, 40, draw.poisson(4 if won[lead] else 2))
    ]
    return write_dataset(
        directory,
        leads=[
            {
                "lead_id": f"L{lead}",
                "created_at": created[lead] if dated else None,
                "order": None if dated else float(lead),
                "source": str(draw.choice(["web", "fair"])),
                "score": float(draw.normal()),
                "tag": "customer" if won[lead] else "open",
                "invoice": 10.0 if won[lead] else None,
            }
            for lead in range(leads)
        ],
        activities=[{**row, "activity_id": str(number)} for number, row in enumerate(visits if dated else [])],
        deals=[
            {
                "deal_id": str(lead),
                "lead_id": f"L{lead}",
                "closed_at": (decided[lead] if decided[lead] < CUTOFF else None) if dated else None,
                "outcome": ("won" if won[lead] else "lost") if decided[lead] < CUTOFF or not dated else "open",
            }
            for lead in range(leads)
        ],
        manifest=manifest,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Path, MatrixMetadata]:
    directory = tmp_path_factory.mktemp("company")
    dataset = company(directory / "tables")
    return dataset, directory / "features", featurize(dataset, directory / "features", PARAMS)


def read(directory: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    snapshots, matrix = (pd.read_parquet(directory / f"{name}.parquet") for name in ("snapshots", "matrix"))
    return snapshots, matrix, json.loads((directory / "facts.json").read_text(encoding="utf-8"))


def test_the_matrix_has_the_rows_of_the_snapshots_and_the_columns_of_the_view(
    made: tuple[Dataset, Path, MatrixMetadata],
) -> None:
    _, directory, facts = made
    snapshots, matrix, written = read(directory)
    view = FeatureView.from_dict(json.loads((directory / "view.json").read_text(encoding="utf-8")))
    assert len(snapshots) == len(matrix) == facts.rows
    assert list(matrix.columns) == [feature.name for feature in view.features]
    assert (matrix.dtypes == np.float64).all()
    assert written == asdict(facts)


def test_the_matrix_is_what_the_view_computes(made: tuple[Dataset, Path, MatrixMetadata]) -> None:
    dataset, directory, _ = made
    snapshots, matrix, _ = read(directory)
    view = FeatureView.from_dict(json.loads((directory / "view.json").read_text(encoding="utf-8")))
    records = load_records(dataset)
    index = {lead: row for row, lead in enumerate(records.lead_ids)}
    moment = snapshots["snapshot_at"].to_numpy("M8[us]").astype(np.int64)
    X = view.compute(records, snapshots["lead_id"].map(index).to_numpy(np.int64), moment)
    np.testing.assert_array_equal(X, matrix.to_numpy())


@pytest.mark.parametrize("threads", [1, 3])
def test_the_files_are_the_same_whatever_was_held_at_once_in_however_many_threads(
    threads: int, made: tuple[Dataset, Path, MatrixMetadata], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, directory, _ = made
    monkeypatch.setattr("pipelines.tables.block_plan.EVENTS_PER_BUCKET", 150)
    featurize(dataset, tmp_path / "features", PARAMS, resources=Resources(threads, 64_000_000))
    for written in directory.iterdir():
        assert (tmp_path / "features" / written.name).read_bytes() == written.read_bytes()


def test_parts_of_the_matrix_are_read_as_they_would_be_taken_from_all_of_it(
    made: tuple[Dataset, Path, MatrixMetadata], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = made[1]
    whole = read_matrix(directory)
    monkeypatch.setattr("pipelines.featurization.matrix.ROWS_AT_ONCE", 100)
    for matrix, expected in (
        (read_matrix(directory), whole),
        (read_matrix(directory, "train", "test"), whole.rows("train", "test")),
    ):
        assert matrix.X.tobytes() == expected.X.tobytes()
        pd.testing.assert_frame_equal(matrix.snapshots, expected.snapshots)
    np.testing.assert_array_equal(whole.X, read(directory)[1].to_numpy())


def test_a_lead_weighs_one_in_each_part(made: tuple[Dataset, Path, MatrixMetadata]) -> None:
    snapshots, _, _ = read(made[1])
    np.testing.assert_allclose(snapshots.groupby(["lead_id", "part"])["weight"].sum(), 1)


def test_positions_are_ranks_in_time(made: tuple[Dataset, Path, MatrixMetadata]) -> None:
    snapshots, _, _ = read(made[1])
    assert sorted(snapshots["position"]) == list(range(len(snapshots)))
    assert snapshots.sort_values("position")["snapshot_at"].is_monotonic_increasing


def test_leaks_are_quarantined_and_named(made: tuple[Dataset, Path, MatrixMetadata]) -> None:
    _, matrix, written = read(made[1])
    assert [entry["column"] for entry in written["quarantined"]] == ["leads.tag"]
    assert not {"lead.tag", "lead.invoice"} & set(matrix.columns)


def test_a_leak_that_a_person_confirmed_stays(tmp_path: Path) -> None:
    confirmed = tuple(
        each.model_copy(update={"confirmed": True}) if each.name == "tag" else each for each in ATTRIBUTES
    )
    manifest = MANIFEST.model_copy(update={"attributes": confirmed})
    facts = featurize(company(tmp_path / "tables", manifest=manifest), tmp_path / "features", PARAMS)
    assert not facts.quarantined
    assert "lead.tag" in read(tmp_path / "features")[1].columns


@pytest.mark.usefixtures("only_stumps")
@pytest.mark.parametrize("value", [lambda _: 1.0, lambda draw: float(draw.normal())])
def test_a_field_filled_in_for_buyers_gives_no_skill_where_nobody_knows_since_when(
    tmp_path: Path, value: Callable[[np.random.Generator], float]
) -> None:
    found = {known_at: skill(tmp_path / known_at, known_at, value) for known_at in ("created", "unknown")}
    assert found["created"] > 0.65
    assert found["unknown"] == pytest.approx(0.5, abs=0.05)


def skill(directory: Path, known_at: KnownAt, value: Callable[[np.random.Generator], float]) -> float:
    """The AUC on test leads of a model that has nothing but a field that four of ten buyers have, and no one else."""
    draw = np.random.default_rng(3)
    won = draw.random(1500) < 0.3
    leads = [
        {"lead_id": f"L{lead}", "order": float(lead), "size": value(draw) if buys and draw.random() < 0.4 else None}
        | {"source": str(draw.choice(["web", "fair"]))}
        for lead, buys in enumerate(won)
    ]
    deals = [
        {"deal_id": f"D{lead}", "lead_id": f"L{lead}", "outcome": "won" if buys else "lost"}
        for lead, buys in enumerate(won)
    ]
    size = Attribute(table="leads", name="size", kind="numeric", label="size", known_at=known_at)
    manifest = DatasetManifest(mapping="test", order="column", attributes=(size,))
    dataset = write_dataset(directory / "tables", leads=leads, deals=deals, manifest=manifest)
    facts = featurize(dataset, directory / "features", PARAMS)
    assert [entry["column"] for entry in facts.quarantined] == ["leads.size"] * (known_at == "unknown")
    matrix = read_matrix(directory / "features")
    test = matrix.rows("test")
    probability = learn_model(matrix, TrainParams(budget_seconds=0), (size,)).probability(test.X)
    return roc_auc(probability, test.y, 1 - test.y)


def test_facts_count_what_the_files_hold(made: tuple[Dataset, Path, MatrixMetadata]) -> None:
    snapshots, _, written = read(made[1])
    assert written["split"]["strategy"] == "out_of_time"
    for part, counts in written["parts"].items():
        rows = snapshots[snapshots["part"] == part]
        assert counts == {
            "rows": len(rows),
            "leads": rows["lead_id"].nunique(),
            "positives": int(rows["label"].fillna(0).sum()),
        }
    assert sum(block["rows"] for block in written["base_rates"]) == written["labelled"]


def test_the_same_seed_gives_the_same_files(made: tuple[Dataset, Path, MatrixMetadata], tmp_path: Path) -> None:
    again = featurize(made[0], tmp_path / "features", PARAMS)
    assert again == made[2]
    for name in ("snapshots.parquet", "matrix.parquet", "view.json"):
        assert (tmp_path / "features" / name).read_bytes() == (made[1] / name).read_bytes()


def test_undated_data_have_one_snapshot_per_lead_in_the_order_given(tmp_path: Path) -> None:
    manifest = MANIFEST.model_copy(update={"order": "column", "data_cutoff": None})
    facts = featurize(company(tmp_path / "tables", manifest=manifest, dated=False), tmp_path / "features", PARAMS)
    snapshots, _, _ = read(tmp_path / "features")
    assert (facts.split["strategy"], facts.horizon_days, facts.rows) == ("ordered", "until_closed", 900)
    assert snapshots["snapshot_at"].isna().all()
    assert (snapshots["part"].to_numpy()[-180:] == "test").all()
    assert snapshots["position"].tolist() == list(range(900))


def test_data_without_order_are_split_at_random(tmp_path: Path) -> None:
    manifest = MANIFEST.model_copy(update={"order": "none", "data_cutoff": None})
    facts = featurize(
        company(tmp_path / "tables", manifest=manifest, dated=False),
        tmp_path / "features",
        FeaturesParams(split="random"),
    )
    assert facts.split["strategy"] == "random"
    assert facts.parts["test"]["rows"] == 180


def test_snapshots_at_an_activity_see_what_lies_before_it(tmp_path: Path) -> None:
    rule = SnapshotRule(at="first_activity", types=("pricing_view",))
    manifest = MANIFEST.model_copy(update={"snapshot": rule, "horizon_days": "until_closed"})
    dataset = company(tmp_path / "tables", manifest=manifest)
    facts = featurize(dataset, tmp_path / "features", PARAMS)
    snapshots, matrix, _ = read(tmp_path / "features")
    assert snapshots["lead_id"].is_unique
    assert not [column for column in matrix.columns if column.startswith("pricing_view")]
    assert facts.horizon_days == "until_closed"
    assert snapshots.loc[snapshots["label"].isna(), "part"].eq("unlabelled").all()


@pytest.mark.parametrize("leads", [0, 6])
def test_too_few_deals_are_refused_and_leave_nothing(tmp_path: Path, leads: int) -> None:
    with pytest.raises(DataFallsShort, match=r"\d+ leads won and \d+ lost .* 5 of each"):
        featurize(company(tmp_path / "tables", leads), tmp_path / "features", PARAMS)
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_a_split_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    manifest = MANIFEST.model_copy(update={"order": "none"})
    dataset = company(tmp_path / "tables", manifest=manifest, dated=False)
    with pytest.raises(ParamsError, match="needs dated snapshots"):
        featurize(dataset, tmp_path / "features", FeaturesParams(split="out_of_time"))


def test_a_failure_keeps_what_was_there(
    made: tuple[Dataset, Path, MatrixMetadata], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    featurize(made[0], tmp_path / "features", PARAMS)
    before = (tmp_path / "features" / "facts.json").read_bytes()

    def broken(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("pipelines.featurization.files._write_matrix", broken)
    with pytest.raises(OSError, match="no space left"):
        featurize(made[0], tmp_path / "features", FeaturesParams(seed=5))
    assert [path.name for path in tmp_path.iterdir()] == ["features"]
    assert (tmp_path / "features" / "facts.json").read_bytes() == before


def test_undated_leads_have_no_time(tmp_path: Path) -> None:
    records = load_records(company(tmp_path, 5, dated=False))
    assert (records.created_at == NO_TIME).all()
