"""The product's features of a simulated reward programme against hand-made counts, under the same plain LightGBM."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.offers.counts import hand_made
from benchmarks.offers.world import write_export
from benchmarks.results import Result
from data_contracts.dataset import Dataset
from data_contracts.mapping.mapping import load_mapping
from features.arrays import Floats
from pipelines.featurization.stage import featurize
from pipelines.importing.importer import import_tables
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.resources import Resources

MAPPING = Path(__file__).parent / "mapping.yaml"
MEMBERS, SEEDS, FOLDS = 4_000, (0, 1, 2), 4
CATEGORIES = ("lead.related_to", "lead.related_kind", "offer", "kind")
PLAIN: dict[str, Any] = {"objective": "binary", "num_threads": 1, "verbose": -1}  # and LightGBM's defaults


@dataclass(frozen=True)
class Compared:
    """Features of n labelled offers by two hands, and the outcomes (n,)."""

    ours: pd.DataFrame
    counts: pd.DataFrame
    outcome: NDArray[np.float64]


def compare(members: int, seed: int) -> Compared:
    """Simulate a programme, import its export, and make the features of both."""
    with tempfile.TemporaryDirectory() as directory:
        source, tables, out = (Path(directory) / name for name in ("source", "tables", "features"))
        write_export(source, members, seed)
        import_tables(
            load_mapping(str(MAPPING)), source, tables, Path(directory) / "rejected", resources=Resources.of()
        )
        featurize(Dataset(tables), out, FeaturesParams(split="random"))
        snapshots = pd.read_parquet(out / "snapshots.parquet", columns=["lead_id", "label"])
        known = snapshots["label"].notna()
        ours = pd.read_parquet(out / "matrix.parquet")[known].set_index(snapshots["lead_id"][known])
        return Compared(ours, hand_made(source).loc[ours.index], snapshots["label"][known].to_numpy(np.float64))


def losses(features: pd.DataFrame, outcome: NDArray[np.float64]) -> Floats:
    """The log loss of each row (n,), predicted by a default LightGBM that learned from the other folds."""
    X, names = features.to_numpy(np.float64), [str(column) for column in range(features.shape[1])]
    categories = [str(column) for column, name in enumerate(features) if name in CATEGORIES]
    fold = np.random.default_rng(0).integers(0, FOLDS, outcome.size)
    predicted = np.empty(outcome.size)
    for held_out in range(FOLDS):
        rest, here = fold != held_out, fold == held_out
        data = lightgbm.Dataset(X[rest], outcome[rest], feature_name=names, categorical_feature=categories)
        predicted[here] = lightgbm.train(PLAIN, data).predict(X[here])
    loss: Floats = -np.log(np.where(outcome == 1, predicted, 1 - predicted))
    return loss


def run(scale: float) -> list[Result]:
    """The mean log loss of the counts over that of ours: at least 1 where ours say as much."""
    each = [_both(max(int(MEMBERS * scale), 500), seed) for seed in SEEDS]
    counts, ours = np.mean(each, axis=0).tolist()
    note = "; ".join(f"seed {seed}: {b:.4f} against {a:.4f}" for seed, (a, b) in zip(SEEDS, each, strict=True))
    return [Result("features of offers: log loss", "hand-made counts", counts / ours, 1.0, None, note)]


def _both(members: int, seed: int) -> tuple[float, float]:
    compared = compare(members, seed)
    counts, ours = (float(losses(each, compared.outcome).mean()) for each in (compared.counts, compared.ours))
    return counts, ours
