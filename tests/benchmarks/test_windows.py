from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("polars", reason="polars is not installed: run `make .venv/.bench`")

from benchmarks.activities import NOW, write_company
from benchmarks.naive_scoring import is_naive, naive_windows
from benchmarks.window_peers import pandas_matrix, polars_matrix, polars_matrix_of_events
from benchmarks.windows import window_matrix, windows
from data_contracts.dataset import Dataset
from features.arrays import Floats
from features.values.windows import BEHAVIOURS, Window
from pipelines.workspace.resources import Resources

Peer = Callable[[Path, Sequence[Window], int], Floats]
MEMORY = Resources.of("64MB")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_company(tmp_path_factory.mktemp("company"), 300, 9_000, leads_per_account=3.0)


@pytest.mark.parametrize("peer", [polars_matrix, polars_matrix_of_events, pandas_matrix])
def test_the_peers_compute_the_same_windows(
    company: Dataset, peer: Callable[[Path, Sequence[Window], int], Floats]
) -> None:
    ours = window_matrix(company, windows(), MEMORY)
    assert ours.shape == (300, 40)
    assert (ours > 0).any(axis=0).all()
    np.testing.assert_allclose(peer(company.directory, windows(), NOW), ours, atol=1e-9)


def test_the_naive_way_to_score_computes_the_same_windows(company: Dataset) -> None:
    declared = [window for behaviour in BEHAVIOURS for window in behaviour.windows() if is_naive(window)]
    leads = pd.Index(pd.read_parquet(company.path("leads"))["lead_id"])
    found = naive_windows(pd.read_parquet(company.path("activities")), leads, declared, NOW)
    np.testing.assert_allclose(found, window_matrix(company, declared, MEMORY), atol=1e-9)
