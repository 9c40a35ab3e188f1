"""The features stage: snapshots, labels, split, leak guard, feature view and matrix of a dataset."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.dataset import Dataset
from data_contracts.errors import DataFallsShort
from data_contracts.progress import Progress, silent
from features.labels import Deals, has_ripened, until_closed, within_horizon
from features.leaks import Suspect, suspects
from features.records import DAY, NO_TIME, Categorical, Column, Floats, Records
from features.snapshots import Snapshots, at_ages, first_activity, undated
from features.splits import GAP, PARTS, UNLABELLED, Candidates, Shares, Split, lead_labels, split
from features.view import ROWS_AT_ONCE, FeatureView
from pipelines.loading import data_cutoff, load_deals, load_order, load_records
from pipelines.params import FeaturesParams

LEAST_PER_CLASS = 40
BLOCKS = 10
SEGMENTS = (
    ("leads", "source"),
    ("accounts", "industry"),
    ("leads", "country"),
    ("leads", "channel"),
    ("leads", "campaign"),
)


@dataclass(frozen=True)
class FeaturizationFacts:
    """What the stage found and decided; ``facts.json``. Counts are snapshots unless they say leads."""

    mapping: str
    rows: int
    leads: int
    labelled: int
    positives: int
    won_leads: int
    lost_leads: int
    parts: dict[str, dict[str, int]]
    split: dict[str, Any]
    horizon_days: float | str
    data_cutoff: str | None
    features: int
    fingerprint: str
    quarantined: list[dict[str, Any]]
    base_rates: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Labelled:
    """Records, their snapshots, and what became of them. ``horizon`` is in microseconds, None: until closed."""

    records: Records
    snapshots: Snapshots
    label: Floats
    order: Floats | None
    horizon: int | None
    cutoff: datetime | None


def featurize(
    dataset: Dataset, out: Path, params: FeaturesParams, on_progress: Progress = silent
) -> FeaturizationFacts:
    """Write snapshots.parquet, matrix.parquet, view.json and facts.json into ``out``, or nothing at all.

    Raises DataFallsShort with fewer than 40 won or 40 lost leads or a part that lacks a class, ParamsError where the
    split does not fit the data, FileError where a table is absent.
    """
    on_progress("reading tables", 0.0)
    given = label_snapshots(dataset, params)
    _check_balance(given)
    on_progress("splitting", 0.3)
    made = split(_candidates(given), params.split, Shares(params.test_share, params.calibrate_share), params.seed)
    on_progress("looking for leaks", 0.35)
    found = _leaks(dataset, given, made)
    on_progress("choosing features", 0.4)
    view = _fit(dataset, given, made, found)
    facts = _facts(dataset, given, made, view, found, params)
    _write(out, given, made, view, facts, on_progress)
    return facts


def label_snapshots(dataset: Dataset, params: FeaturesParams) -> Labelled:
    """The records of a dataset with their snapshots and labels; deals that close after the cutoff count as open."""
    records, deals, cutoff = load_records(dataset), load_deals(dataset), data_cutoff(dataset)
    now = int(NO_TIME) if cutoff is None else round(cutoff.timestamp() * 1e6)
    horizon = _horizon(dataset, params)
    if cutoff is not None:
        deals = deals.until(now)
    leads = len(records.lead_ids)
    snapshots = _snapshots(dataset, params, records, deals, now)
    label = (
        until_closed(snapshots.lead_index, deals, leads)
        if horizon is None
        else within_horizon(snapshots.lead_index, snapshots.at, deals, leads, horizon, now)
    )
    return Labelled(records, snapshots, label, load_order(dataset), horizon, cutoff)


def _horizon(dataset: Dataset, params: FeaturesParams) -> int | None:
    if dataset.manifest.order != "time" or dataset.manifest.horizon_days == "until_closed":
        return None
    days = dataset.manifest.horizon_days
    return round((params.horizon_days if days is None else float(days)) * DAY)


def _snapshots(dataset: Dataset, params: FeaturesParams, records: Records, deals: Deals, now: int) -> Snapshots:
    if dataset.manifest.order != "time":
        return undated(len(records.lead_ids))
    rule = dataset.manifest.snapshot
    if rule.at == "first_activity":
        return at_ages(first_activity(records, rule.types), rule.ages_days or (0.0,), deals, now)
    return at_ages(records.created_at, rule.ages_days or params.ages_days, deals, now)


def _check_balance(given: Labelled) -> None:
    _, label = lead_labels(given.snapshots.lead_index, given.label)
    won = int(label.sum())
    if min(won, label.size - won) < LEAST_PER_CLASS:
        raise DataFallsShort(
            f"{won} leads won and {label.size - won} lost have a snapshot with a label; "
            f"{LEAST_PER_CLASS} of each are needed to learn anything.",
            hint="Bring more closed deals, or shorten features.horizon_days in params.yaml.",
        )


def _candidates(given: Labelled) -> Candidates:
    at = given.snapshots.at
    ripe = np.ones(at.size, dtype=np.bool_)
    if given.horizon is not None and given.cutoff is not None:
        ripe = has_ripened(at, given.horizon, round(given.cutoff.timestamp() * 1e6))
    return Candidates(given.snapshots.lead_index, at, given.label, given.order, given.horizon, ripe)


def _leaks(dataset: Dataset, given: Labelled, made: Split) -> tuple[Suspect, ...]:
    """The suspects among the columns, judged on the first training snapshot of each lead."""
    rows = np.flatnonzero(made.part == "train")
    leads, first = np.unique(given.snapshots.lead_index[rows], return_index=True)
    label = lead_labels(given.snapshots.lead_index[rows], given.label[rows])[1]
    return suspects(given.records, leads, given.snapshots.at[rows[first]], label, dataset.manifest.attributes)


def _fit(dataset: Dataset, given: Labelled, made: Split, found: Sequence[Suspect]) -> FeatureView:
    rows = np.isin(made.part, ("train", "calibrate"))
    return FeatureView.fit(
        given.records,
        given.snapshots.lead_index[rows],
        given.snapshots.at[rows],
        dataset.manifest.attributes,
        [each.column for each in found],
        at_fixed_ages=dataset.manifest.snapshot.at == "created",
    )


def _facts(
    dataset: Dataset, given: Labelled, made: Split, view: FeatureView, found: Sequence[Suspect], params: FeaturesParams
) -> FeaturizationFacts:
    known = ~np.isnan(given.label)
    leads, best = lead_labels(given.snapshots.lead_index, given.label)
    return FeaturizationFacts(
        mapping=dataset.manifest.mapping,
        rows=len(given.snapshots),
        leads=len(given.records.lead_ids),
        labelled=int(known.sum()),
        positives=int(given.label[known].sum()),
        won_leads=int(best.sum()),
        lost_leads=int(leads.size - best.sum()),
        parts={name: _counts(given, made.part == name) for name in (*PARTS, GAP, UNLABELLED)},
        split={
            "strategy": made.strategy, "requested": params.split, "why": made.why, "test_share": params.test_share,
            "calibrate_share": params.calibrate_share, "seed": params.seed,
        },
        horizon_days="until_closed" if given.horizon is None else given.horizon / DAY,
        data_cutoff=None if given.cutoff is None else given.cutoff.isoformat(),
        features=len(view.features),
        fingerprint=view.fingerprint,
        quarantined=[each.to_json() for each in found],
        base_rates=_base_rates(given),
    )  # fmt: skip


def _counts(given: Labelled, chosen: NDArray[np.bool_]) -> dict[str, int]:
    label = given.label[chosen]
    return {
        "rows": int(chosen.sum()),
        "leads": int(np.unique(given.snapshots.lead_index[chosen]).size),
        "positives": int(np.nansum(label)),
    }


def _position(given: Labelled) -> NDArray[np.int64]:
    """The rank (n,) of each snapshot in time; equal ones in file order, unknown ones first."""
    at = given.snapshots.at
    if (at == NO_TIME).all() and given.order is not None:
        key = given.order[given.snapshots.lead_index]
        rank = np.argsort(np.where(np.isnan(key), -np.inf, key), kind="stable")
    else:
        rank = np.argsort(at, kind="stable")
    position = np.empty(at.size, np.int64)
    position[rank] = np.arange(at.size)
    return position


def _base_rates(given: Labelled) -> list[dict[str, Any]]:
    """Share of won snapshots per tenth of the labelled ones in time order, to show drift."""
    rows = np.flatnonzero(~np.isnan(given.label))
    rows = rows[np.argsort(_position(given)[rows], kind="stable")]
    return [
        {
            "block": number,
            "from": _iso(given.snapshots.at[block[0]]),
            "to": _iso(given.snapshots.at[block[-1]]),
            "rows": int(block.size),
            "rate": round(float(given.label[block].mean()), 4),
        }
        for number, block in enumerate(np.array_split(rows, BLOCKS), start=1)
        if block.size
    ]


def _iso(at: np.int64) -> str | None:
    return None if at == NO_TIME else datetime.fromtimestamp(int(at) / 1e6, UTC).isoformat()


def _weights(given: Labelled, made: Split) -> Floats:
    """Weights (n,): the snapshots of one lead in one part sum to 1."""
    _, code = np.unique(made.part, return_inverse=True)
    _, group, counts = np.unique(given.snapshots.lead_index * 8 + code, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / counts[group], dtype=np.float64)


def _write(
    out: Path, given: Labelled, made: Split, view: FeatureView, facts: FeaturizationFacts, on_progress: Progress
) -> None:
    part = out.with_name(out.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        pq.write_table(_snapshot_table(given, made), part / "snapshots.parquet")
        _write_matrix(part / "matrix.parquet", given, view, on_progress)
        (part / "view.json").write_text(json.dumps(view.to_dict(), indent=1, allow_nan=False) + "\n", encoding="utf-8")
        (part / "facts.json").write_text(
            json.dumps(facts.to_json(), indent=2, allow_nan=False) + "\n", encoding="utf-8"
        )
        shutil.rmtree(out, ignore_errors=True)
        part.rename(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _snapshot_table(given: Labelled, made: Split) -> pa.Table:
    records, snapshots = given.records, given.snapshots
    lead, at = snapshots.lead_index, snapshots.at
    dated, known = at != NO_TIME, (at != NO_TIME) & (records.created_at[lead] != NO_TIME)
    age = np.where(known, (at - np.where(known, records.created_at[lead], 0)) / DAY, np.nan)
    return pa.table(
        {
            "lead_id": pa.array(records.lead_ids[lead].tolist(), pa.string()),
            "snapshot_at": pa.array(at, pa.timestamp("us", tz="UTC"), mask=~dated),
            "age_days": pa.array(age, pa.float64(), mask=~known),
            "label": pa.array(np.nan_to_num(given.label).astype(np.int8), pa.int8(), mask=np.isnan(given.label)),
            "weight": pa.array(_weights(given, made)),
            "part": pa.array(made.part.tolist(), pa.string()),
            "position": pa.array(_position(given)),
        }
        | {name: _segment(records, lead, table, name) for table, name in SEGMENTS}
    )


def _segment(records: Records, lead: NDArray[np.int64], table: str, name: str) -> pa.Array:
    column: Column | None = (records.leads if table == "leads" else records.accounts).get(name)
    row = lead if table == "leads" else records.account_of[lead].astype(np.int64)
    if not isinstance(column, Categorical) or not column.codes.size:
        return pa.nulls(lead.size, pa.string())
    codes = np.where(row < 0, -1, column.codes[row])
    return pa.DictionaryArray.from_arrays(
        pa.array(np.maximum(codes, 0), pa.int32(), mask=codes < 0), pa.array(column.levels, pa.string())
    ).dictionary_decode()


def _write_matrix(path: Path, given: Labelled, view: FeatureView, on_progress: Progress) -> None:
    """Write the matrix in row groups, so that it never stands in memory as a whole."""
    schema = pa.schema([(feature.name, pa.float64()) for feature in view.features])
    done, total = 0, max(1, len(given.snapshots))
    with pq.ParquetWriter(path, schema) as writer:
        for X in view.compute_slices(given.records, given.snapshots.lead_index, given.snapshots.at):
            columns = [pa.array(X[:, column], pa.float64()) for column in range(X.shape[1])]
            writer.write_table(pa.table(columns, schema=schema), row_group_size=ROWS_AT_ONCE)
            done += len(X)
            on_progress("computing features", 0.45 + 0.55 * done / total)
