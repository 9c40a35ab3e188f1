"""The model compared with the true probabilities, which only a simulator knows."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_contracts.errors import FileError, InputError
from data_contracts.wording import counted, reason
from features.arrays import Floats
from models.evaluation.intervals import Estimate

_COLUMNS = ("lead_id", "snapshot_at", "probability")


@dataclass(frozen=True)
class TruthCheck:
    """How close the model comes to the best possible.

    ``roc_auc`` is that of the true probabilities and ``model_roc_auc`` the model's, on the ``rows`` test snapshots
    whose truth is known; ``mean_absolute_error`` is in probability.
    """

    rows: int
    roc_auc: Estimate
    model_roc_auc: Estimate
    mean_absolute_error: float

    @property
    def ratio(self) -> float:
        """The model's ROC AUC as a share of the truth's."""
        return self.model_roc_auc.value / self.roc_auc.value


def read_truth(path: Path) -> pd.DataFrame:
    """Read the true probabilities (Parquet: lead_id, snapshot_at, age_days, probability).

    Raises FileError where the file cannot be read or lacks a column.
    """
    if not path.exists():
        raise FileError(f"{path} does not exist.", hint="`whylead simulate` writes probabilities.parquet.")
    try:
        truth = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise FileError(f"{path} is not a Parquet file: {reason(error)}.") from error
    absent = [name for name in _COLUMNS if name not in truth]
    if absent:
        raise FileError(f"{path} lacks the column {absent[0]}: found {', '.join(map(str, truth.columns))}.")
    return truth.drop_duplicates(["lead_id", "snapshot_at"])


def true_probability(truth: pd.DataFrame, snapshots: pd.DataFrame) -> Floats:
    """The true probability (n,) of each snapshot, NaN where it is not known.

    Raises InputError where none of the snapshots is in ``truth``: it belongs to other data.
    """
    keys = snapshots[["lead_id", "snapshot_at"]].astype({"lead_id": "object"})
    known = truth[list(_COLUMNS)].astype({"lead_id": "object"})
    for frame in (keys, known):
        frame["snapshot_at"] = pd.to_datetime(frame["snapshot_at"], utc=True).astype("datetime64[us, UTC]")
    probability = keys.merge(known, on=["lead_id", "snapshot_at"], how="left")["probability"].to_numpy(dtype=np.float64)
    if np.isnan(probability).all():
        raise InputError(
            f"Of {counted(len(keys), 'test snapshot')} none is among the true probabilities ({len(known):,}).",
            hint="Pass the probabilities.parquet that was simulated together with these leads.",
        )
    return probability
