"""Small cuts: what can be learned from the first hundred deals, on average over draws."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from benchmarks.quality.cut import Cut, make_cut
from benchmarks.quality.prequential import CALIBRATE_SHARE, leads_oldest_first, newest_part
from benchmarks.quality.sources import Prepared
from data_contracts.errors import DataFallsShort

DRAWS, TESTED = 20, 1000
ENOUGH = 5  # won and lost leads that a draw learns from at least
Rows = NDArray[np.int64]


def drawn_cuts(given: Prepared, rows: Rows, size: int, *, ordered: bool) -> Iterator[Cut]:
    """20 cuts that learn from ``size`` leads of the snapshots ``rows`` (n,) and are tested on 1,000 others.

    In order, a draw is a stretch of leads and is tested on the next ones; stretches begin at even distances. Otherwise
    both are drawn at random. Raises DataFallsShort where no draw has enough of both outcomes.
    """
    lead, position = given.labelled.snapshots.lead_index[rows], given.position[rows]
    leads = np.unique(lead)[leads_oldest_first(lead, position)]
    won = np.isin(leads, lead[given.labelled.label[rows] > 0])
    draws = _stretches(won, size) if ordered else _samples(won, size)
    for learned, tested in draws:
        inside = np.isin(lead, leads[learned])
        part = (
            newest_part(lead[inside], position[inside])
            if ordered
            else _random_part(lead[inside], leads[learned], won[learned])
        )
        yield make_cut(given, rows[inside], part, rows[np.isin(lead, leads[tested])], ordered=ordered)


def _stretches(won: NDArray[np.bool_], size: int) -> Iterator[tuple[Rows, Rows]]:
    """Places of leads to learn from and to test on, one after the other in time."""
    begins = np.arange(max(0, won.size - size - TESTED + 1))
    newest = int(np.ceil(size * CALIBRATE_SHARE))
    fit = begins[
        _both(_won_in(won, begins, size), size, ENOUGH)
        & _both(_won_in(won, begins + size - newest, newest), newest, 1)
    ]  # fmt: skip
    if not fit.size:
        raise _short(won, size)
    for begin in fit[np.linspace(0, fit.size - 1, DRAWS).astype(np.int64)].tolist():
        yield np.arange(begin, begin + size), np.arange(begin + size, begin + size + TESTED)


def _samples(won: NDArray[np.bool_], size: int) -> Iterator[tuple[Rows, Rows]]:
    """Places of leads drawn at random; a draw with too few of an outcome is drawn again."""
    if won.size < size + TESTED or not 10 * ENOUGH / size < 10 * won.mean() < 10 - 10 * ENOUGH / size:
        raise _short(won, size)
    random = np.random.default_rng(size)
    for _ in range(DRAWS):
        drawn = random.permutation(won.size)
        while not _both(won[drawn[:size]].sum(), size, ENOUGH):
            drawn = random.permutation(won.size)
        yield np.sort(drawn[:size]), np.sort(drawn[size : size + TESTED])


def _won_in(won: NDArray[np.bool_], begins: Rows, size: int) -> Rows:
    """How many leads are won in stretches of that size."""
    total = np.concatenate([[0], np.cumsum(won)])
    counts: Rows = total[begins + size] - total[begins]
    return counts


def _both(won: Rows, size: int, least: int) -> NDArray[np.bool_]:
    return np.asarray((won >= least) & (size - won >= least))


def _short(won: NDArray[np.bool_], size: int) -> DataFallsShort:
    return DataFallsShort(
        f"{won.size:,} leads, {int(won.sum()):,} of them won, have no {size:,} to learn from with {ENOUGH} of each "
        f"outcome and {TESTED:,} others to test on."
    )


def _random_part(lead: Rows, leads: Rows, won: NDArray[np.bool_]) -> NDArray[np.str_]:
    """The part (n,) of each row: a fifth of the leads calibrates, as in the product's random split."""
    _, calibrate = train_test_split(leads, test_size=CALIBRATE_SHARE, stratify=won, random_state=0)
    return np.where(np.isin(lead, calibrate), "calibrate", "train")
