"""The features stage: snapshots, labels, split, leak guard, feature view and matrix of a dataset."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import Dataset
from data_contracts.errors import DataFallsShort
from data_contracts.progress import Progress, silent
from features.arrays import DAY, NO_TIME
from features.labels.splits import GAP, PARTS, UNLABELLED, Candidates, Shares, Split, lead_labels, split
from features.leaks import Suspect, suspects
from features.records.records import Records
from features.view import FeatureView, sampled
from models.learning.base_rates import base_rates, row_blocks
from pipelines.featurization.files import write_features
from pipelines.featurization.labelling import Labelled, label_records, position, split_candidates
from pipelines.featurization.matrix_blocks import compute_matrix
from pipelines.tables.blocks import Blocks
from pipelines.tables.lead_columns import load_profiles
from pipelines.tables.loading import open_blocks, with_events
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.resources import Resources

LEAST_PER_CLASS = 40
BLOCKS = 10


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


def featurize(
    dataset: Dataset,
    out: Path,
    params: FeaturesParams,
    on_progress: Progress = silent,
    *,
    resources: Resources | None = None,
) -> FeaturizationFacts:
    """Write snapshots.parquet, matrix.parquet, view.json and facts.json into ``out``, or nothing at all.

    ``resources`` (default: those of the environment) decide how many leads' events are held at once, not what is
    written. Raises DataFallsShort with fewer than 40 won or 40 lost leads or a part that lacks a class, ParamsError
    where the split does not fit the data, FileError where a table is absent.
    """
    on_progress("reading tables", 0.0)
    resources = resources or Resources.of()
    given = label_records(dataset, load_profiles(dataset, resources), params)
    candidates = split_candidates(given)
    _check_balance(candidates)
    on_progress("splitting", 0.3)
    made = split(candidates, params.split, Shares(params.test_share, params.calibrate_share), params.seed)
    on_progress("looking for leaks", 0.35)
    found = _leaks(dataset, given, made)
    with open_blocks(dataset, given.records, resources) as blocks:
        on_progress("choosing features", 0.4)
        view = _fit(dataset, given, made, found, blocks, resources)
        facts = _facts(dataset, given, made, view, found, params)
        matrix = compute_matrix(blocks, given.snapshots, view)
        write_features(out, given, made, view, facts.to_json(), matrix, on_progress)
    return facts


def _check_balance(given: Candidates) -> None:
    _, label = lead_labels(given.lead_index[given.usable], given.label[given.usable])
    won = int(label.sum())
    if min(won, label.size - won) < LEAST_PER_CLASS:
        raise DataFallsShort(
            f"{won} leads won and {label.size - won} lost have a snapshot whose outcome is known; "
            f"{LEAST_PER_CLASS} of each are needed to learn anything.",
            hint="Bring more closed deals, or shorten features.horizon_days in params.yaml.",
        )


def _leaks(dataset: Dataset, given: Labelled, made: Split) -> tuple[Suspect, ...]:
    """The suspects among the columns, judged on the first training snapshot of each lead."""
    rows = np.flatnonzero(made.part == "train")
    leads, first = np.unique(given.snapshots.lead_index[rows], return_index=True)
    label = lead_labels(given.snapshots.lead_index[rows], given.label[rows])[1]
    return suspects(given.records, leads, given.snapshots.at[rows[first]], label, dataset.manifest.attributes)


def _fit(
    dataset: Dataset, given: Labelled, made: Split, found: Sequence[Suspect], blocks: Blocks, resources: Resources
) -> FeatureView:
    rows = np.isin(made.part, ("train", "calibrate"))
    lead_index = given.snapshots.lead_index[rows]
    return FeatureView.fit(
        _looked_at(dataset, given.records, lead_index, blocks, resources),
        lead_index,
        given.snapshots.at[rows],
        dataset.manifest.attributes,
        [each.column for each in found],
        at_fixed_ages=dataset.manifest.snapshot.at == "created",
    )


def _looked_at(
    dataset: Dataset, profiles: Records, lead_index: NDArray[np.int64], blocks: Blocks, resources: Resources
) -> Records:
    """The records of all leads with the events of those that features are chosen on."""
    if len(blocks) == 1:
        return blocks.load(0).records
    wanted = np.zeros(len(profiles.lead_ids), np.bool_)
    wanted[lead_index[sampled(lead_index.size)]] = True
    return with_events(dataset, profiles, wanted, resources)


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


def _base_rates(given: Labelled) -> list[dict[str, Any]]:
    """Share of won snapshots per tenth of the labelled ones in time order, to show drift."""
    rows = np.flatnonzero(~np.isnan(given.label))
    blocks = [rows[block] for block in row_blocks(position(given)[rows], BLOCKS)]
    return [
        {
            "block": number,
            "from": _iso(given.snapshots.at[block[0]]),
            "to": _iso(given.snapshots.at[block[-1]]),
            "rows": int(block.size),
            "rate": round(rate, 4),
        }
        for number, (block, rate) in enumerate(zip(blocks, base_rates(given.label, blocks), strict=True), start=1)
    ]


def _iso(at: np.int64) -> str | None:
    return None if at == NO_TIME else datetime.fromtimestamp(int(at) / 1e6, UTC).isoformat()
