"""The features stage: snapshots, labels, split, leak guard, feature view and matrix of a dataset."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import Dataset, DatasetManifest
from data_contracts.errors import DataFallsShort
from data_contracts.progress import Progress, silent
from features.arrays import DAY, NO_TIME
from features.labels.base_rates import base_rates, row_blocks
from features.labels.splits import GAP, PARTS, UNLABELLED, Shares, Split, lead_labels
from features.labels.splits import split as split_leads
from features.leaks import Suspect, suspects
from features.view import FeatureView, sampled
from pipelines.featurization.files import write_features
from pipelines.featurization.matrix_blocks import compute_matrix
from pipelines.labelling.labelled import Labelled, label_snapshots, position, split_candidates
from pipelines.labelling.standing import MIN_PER_CLASS, Standing
from pipelines.tables.blocks import Blocks
from pipelines.tables.checksum import data_checksum
from pipelines.tables.tables import Tables
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.resources import Resources

BLOCKS = 10


@dataclass(frozen=True)
class MatrixMetadata:
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
    assumptions: list[str]


def featurize(
    dataset: Dataset,
    out: Path,
    params: FeaturesParams,
    on_progress: Progress = silent,
    *,
    resources: Resources | None = None,
) -> MatrixMetadata:
    """Write snapshots.parquet, matrix.parquet, view.json, facts.json and checksums.json into ``out``, or nothing.

    ``resources`` (default: those of the environment) decide how many leads' events are held at once, not what is
    written. Raises DataFallsShort with fewer than 5 won or 5 lost leads or a part that lacks a class, ParamsError
    where the split does not fit the data, FileError where a table is absent.
    """
    with Tables(dataset, resources) as tables:
        on_progress("reading tables", 0.0)
        made_from = data_checksum(dataset)
        labelled = label_snapshots(tables, params)
        candidates = split_candidates(labelled)
        standing = Standing.of(labelled, candidates, dataset.manifest.where)
        _check_balance(standing)
        on_progress("splitting", 0.3)
        shares = Shares(params.test_share, params.calibrate_share)
        split = split_leads(candidates, params.split, shares, params.seed)
        on_progress("looking for leaks", 0.35)
        leaks = _leaks(labelled, split, dataset.manifest)
        with tables.blocks() as blocks:
            on_progress("choosing features", 0.4)
            view = _fit(tables, labelled, split, leaks, blocks)
            metadata = _metadata(labelled, split, view, leaks, params, dataset.manifest, standing)
            matrix = compute_matrix(blocks, labelled.snapshots, view, tables.resources.threads)
            write_features(out, labelled, split, view, asdict(metadata), matrix, made_from, on_progress)
    return metadata


def _check_balance(standing: Standing) -> None:
    if not standing.enough:
        leads = "different leads" if standing.copies else "leads"
        raise DataFallsShort(
            f"{standing.learned_won} {leads} won and {standing.learned_lost} lost have a snapshot whose outcome is"
            f" known; {MIN_PER_CLASS} of each are needed to learn anything. In all {standing}.",
            hint=standing.advice,
        )


def _leaks(labelled: Labelled, split: Split, manifest: DatasetManifest) -> tuple[Suspect, ...]:
    """The suspects among the columns, judged on the first training snapshot of each lead."""
    rows = np.flatnonzero(split.part == "train")
    leads, first = np.unique(labelled.snapshots.lead_index[rows], return_index=True)
    label = lead_labels(labelled.snapshots.lead_index[rows], labelled.label[rows])[1]
    return suspects(labelled.records, leads, labelled.snapshots.at[rows[first]], label, manifest.attributes)


def _fit(tables: Tables, labelled: Labelled, split: Split, leaks: Sequence[Suspect], blocks: Blocks) -> FeatureView:
    rows = np.isin(split.part, ("train", "calibrate"))
    lead_index = labelled.snapshots.lead_index[rows]
    return FeatureView.fit(
        # Of many blocks only the events of the leads that features are chosen on are loaded.
        blocks.load(0) if len(blocks) == 1 else tables.records(lead_index[sampled(lead_index.size)]),
        lead_index,
        labelled.snapshots.at[rows],
        tables.manifest.attributes,
        [each.column for each in leaks],
        at_fixed_ages=tables.manifest.snapshot.at == "created",
        currency=tables.manifest.currency or "",
    )


def _metadata(
    labelled: Labelled,
    split: Split,
    view: FeatureView,
    leaks: Sequence[Suspect],
    params: FeaturesParams,
    manifest: DatasetManifest,
    standing: Standing,
) -> MatrixMetadata:
    known = ~np.isnan(labelled.label)
    leads, best = lead_labels(labelled.snapshots.lead_index, labelled.label)
    return MatrixMetadata(
        mapping=manifest.mapping,
        rows=len(labelled.snapshots),
        leads=len(labelled.records.lead_ids),
        labelled=int(known.sum()),
        positives=int(labelled.label[known].sum()),
        won_leads=int(best.sum()),
        lost_leads=int(leads.size - best.sum()),
        parts={name: _counts(labelled, split.part == name) for name in (*PARTS, GAP, UNLABELLED)},
        split={
            "strategy": split.strategy, "requested": params.split, "why": split.why, "test_share": params.test_share,
            "calibrate_share": params.calibrate_share, "seed": params.seed,
        },
        horizon_days="until_closed" if labelled.horizon is None else labelled.horizon / DAY,
        data_cutoff=None if labelled.cutoff is None else labelled.cutoff.isoformat(),
        features=len(view.features),
        fingerprint=view.fingerprint,
        quarantined=[each.to_json() for each in leaks],
        base_rates=_base_rates(labelled),
        assumptions=[*standing.assumptions, *([standing.copies] if standing.copies else [])],
    )  # fmt: skip


def _counts(labelled: Labelled, chosen: NDArray[np.bool_]) -> dict[str, int]:
    label = labelled.label[chosen]
    return {
        "rows": int(chosen.sum()),
        "leads": int(np.unique(labelled.snapshots.lead_index[chosen]).size),
        "positives": int(np.nansum(label)),
    }


def _base_rates(labelled: Labelled) -> list[dict[str, Any]]:
    """Share of won snapshots per tenth of the labelled ones in time order, to show drift."""
    rows = np.flatnonzero(~np.isnan(labelled.label))
    blocks = [rows[block] for block in row_blocks(position(labelled)[rows], BLOCKS)]
    return [
        {
            "block": number,
            "from": _iso(labelled.snapshots.at[block[0]]),
            "to": _iso(labelled.snapshots.at[block[-1]]),
            "rows": int(block.size),
            "rate": round(rate, 4),
        }
        for number, (block, rate) in enumerate(zip(blocks, base_rates(labelled.label, blocks), strict=True), start=1)
    ]


def _iso(at: np.int64) -> str | None:
    return None if at == NO_TIME else datetime.fromtimestamp(int(at) / 1e6, UTC).isoformat()
