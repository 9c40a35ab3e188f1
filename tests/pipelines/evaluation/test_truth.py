from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts.errors import FileError, InputError
from pipelines.evaluation.truth import read_truth, true_probability


def _truth() -> pd.DataFrame:
    times = pd.date_range("2025-01-01", periods=3, tz="UTC")
    return pd.DataFrame(
        {"lead_id": ["a", "a", "b"], "snapshot_at": times, "age_days": 0.0, "probability": [0.1, 0.2, 0.3]}
    )


def test_truth_is_found_by_lead_and_moment_in_the_order_asked() -> None:
    snapshots = _truth().iloc[[2, 0]][["lead_id", "snapshot_at"]]
    stranger = pd.DataFrame({"lead_id": ["c"], "snapshot_at": [pd.Timestamp("2025-01-01", tz="UTC")]})
    found = true_probability(_truth(), pd.concat([snapshots, stranger], ignore_index=True))
    assert found[:2].tolist() == [0.3, 0.1]
    assert np.isnan(found[2])


def test_truth_of_other_leads_is_refused() -> None:
    with pytest.raises(InputError, match="Of 3 test snapshots none is among the true probabilities"):
        true_probability(_truth(), _truth().assign(lead_id="z"))


def test_a_truth_file_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"no\.parquet does not exist"):
        read_truth(tmp_path / "no.parquet")
    (tmp_path / "text.parquet").write_text("lead_id,probability\n")
    with pytest.raises(FileError, match="is not a Parquet file"):
        read_truth(tmp_path / "text.parquet")
    _truth().drop(columns="probability").to_parquet(tmp_path / "less.parquet")
    with pytest.raises(FileError, match="lacks the column probability: found lead_id, snapshot_at, age_days"):
        read_truth(tmp_path / "less.parquet")
