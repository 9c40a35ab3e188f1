from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality import draws
from benchmarks.quality.tasks import cuts_of
from data_contracts.errors import DataFallsShort
from tests.benchmarks.small_company import small_company


@pytest.fixture(autouse=True)
def _few_are_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "TESTED", 60)


@pytest.mark.parametrize("how", ["random", "ordered"])
@pytest.mark.parametrize("ages", [(0.0,), (0.0, 5.0)])
def test_each_draw_learns_from_so_many_leads_and_is_tested_on_others(
    tmp_path: Path, how: str, ages: tuple[float, ...]
) -> None:
    made = list(cuts_of(small_company(tmp_path, ages=ages), how, size=50))  # type: ignore[arg-type]
    assert len(made) == 20
    for cut in made:
        assert np.unique(cut.problem.group).size == 50
        assert np.unique(cut.lead_test).size == 60
        assert not np.isin(cut.lead_test, cut.problem.group).any()
        calibrates = cut.problem.part == "calibrate"
        assert np.unique(cut.problem.group[calibrates]).size == 10
        assert 5 <= cut.problem.y_train.sum() * 50 / len(cut.problem.y_train) <= 45


def test_in_order_a_draw_is_tested_on_the_leads_right_after_it(tmp_path: Path) -> None:
    given = small_company(tmp_path)
    first = {lead: given.position[place] for place, lead in enumerate(given.labelled.snapshots.lead_index.tolist())}
    known = np.flatnonzero(~np.isnan(given.labelled.label))
    order = np.sort(given.position[known])
    for cut in cuts_of(given, "ordered", size=50):
        learned = sorted(first[lead] for lead in cut.problem.group.tolist())
        tested = sorted(first[lead] for lead in cut.lead_test.tolist())
        begin = np.searchsorted(order, learned[0])
        assert [*learned, *tested] == order[begin : begin + 110].tolist()


@pytest.mark.parametrize("how", ["random", "ordered"])
def test_draws_differ_and_are_the_same_each_time(tmp_path: Path, how: str) -> None:
    given = small_company(tmp_path)
    first, second = ([cut.problem.digest for cut in cuts_of(given, how, size=50)] for _ in range(2))  # type: ignore[arg-type]
    assert first == second
    assert len(set(first)) == 20


@pytest.mark.parametrize("how", ["random", "ordered"])
def test_too_few_leads_are_named(tmp_path: Path, how: str) -> None:
    with pytest.raises(DataFallsShort, match="have no 200 to learn from with 5 of each outcome and 60 others"):
        list(cuts_of(small_company(tmp_path), how, size=200))  # type: ignore[arg-type]
