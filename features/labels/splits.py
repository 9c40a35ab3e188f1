"""Splits: which snapshots a model learns from, is calibrated on and is tested on.

No lead is in two parts, nor are its copies.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data_contracts.errors import DataFallsShort, ParamsError
from features.arrays import NO_TIME, Floats, Times

Strategy = Literal["out_of_time", "ordered", "random"]
TRAIN, CALIBRATE, TEST, GAP, UNLABELLED = "train", "calibrate", "test", "gap", "unlabelled"
PARTS = (TRAIN, CALIBRATE, TEST)

MIN_PER_CLASS = 20  # leads won and leads lost that `auto` wants in each part of an out-of-time split
MIN_TRAIN_SHARE = 0.2  # of all labelled snapshots that `auto` wants to keep for training, despite the gaps


@dataclass(frozen=True)
class Candidates:
    """What a split is made from: n snapshots, their labels (NaN: none) and the order of the leads.

    ``order`` (leads,) is larger for later leads, NaN where unknown, None where nothing orders them. ``horizon`` is in
    microseconds, None without one; ``mature`` (n,) says that the horizon has passed by the data cutoff; ``copy_of``
    (leads,) is the first lead with the same values, None where there are no copies.
    """

    lead_index: NDArray[np.int64]
    snapshot_at: Times
    label: Floats
    order: Floats | None
    horizon: int | None
    mature: NDArray[np.bool_]
    copy_of: NDArray[np.int64] | None = None

    @property
    def kept_together(self) -> NDArray[np.int64]:
        """What may not be in two parts: the lead (n,) of each snapshot, or the one that it is a copy of."""
        return self.lead_index if self.copy_of is None else self.copy_of[self.lead_index]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """The snapshots (n,) that may be in a part: of those that are not mature only fast deciders have a label."""
        return ~np.isnan(self.label) & self.mature

    def decided(self, rows: NDArray[np.bool_]) -> tuple[int, int]:
        """How many leads of these snapshots (n,) are won and how many lost; copies of one count once."""
        leads, label = lead_labels(self.lead_index[rows], self.label[rows])
        different = leads if self.copy_of is None else self.copy_of[leads]
        won, lost = (int(np.unique(different[label == value]).size) for value in (1, 0))
        return won, lost

    @property
    def have_horizons(self) -> bool:
        """Whether every snapshot is dated and has a horizon."""
        return self.horizon is not None and not (self.snapshot_at == NO_TIME).any()


@dataclass(frozen=True)
class Split:
    """The part (n,) of each snapshot, how it was made, and why so."""

    strategy: Strategy
    why: str
    part: NDArray[np.str_]


@dataclass(frozen=True)
class Shares:
    """The share of test leads, and of calibration leads among the others."""

    test: float
    calibrate: float


def split(candidates: Candidates, strategy: Strategy | Literal["auto"], shares: Shares, seed: int) -> Split:
    """Split the labelled snapshots.

    Raises ParamsError where the strategy does not fit the data, DataFallsShort where a part would lack a class.
    """
    if strategy == "out_of_time" and not candidates.have_horizons:
        raise ParamsError(
            "An out-of-time split needs dated snapshots and a horizon in days; these data have none.",
            hint="Use --split ordered or --split random.",
        )
    if strategy == "auto":
        result = _automatic(candidates, shares, seed)
    else:
        result = Split(strategy, "asked for", _parts(candidates, strategy, shares, seed))
    short = _shortfall(result.part, candidates, 1)
    if short:
        raise DataFallsShort(
            f"With the split {result.strategy}, {short}; each part needs both.",
            hint="Use another --split or --test-share, or bring more closed deals.",
        )
    return result


def _automatic(candidates: Candidates, shares: Shares, seed: int) -> Split:
    strategy: Strategy = "ordered" if candidates.order is not None else "random"
    why = "the leads have an order in time" if candidates.order is not None else "nothing orders the leads in time"
    if not candidates.have_horizons:
        why += "; labels have no horizon" if candidates.order is not None else ""
    else:
        part = _parts(candidates, "out_of_time", shares, seed)
        short = _shortfall(part, candidates, MIN_PER_CLASS)
        if not short and (part == TRAIN).mean() >= MIN_TRAIN_SHARE * (part != UNLABELLED).mean():
            return Split("out_of_time", "snapshots are dated and span more than the horizons between the parts", part)
        why += "; the data span too little time for gaps of a horizon between the parts"
    return Split(strategy, why, _parts(candidates, strategy, shares, seed))


def _parts(candidates: Candidates, strategy: Strategy, shares: Shares, seed: int) -> NDArray[np.str_]:
    if strategy == "out_of_time":
        return _out_of_time(candidates, shares)
    together = candidates.kept_together
    leads, label = lead_labels(together[candidates.usable], candidates.label[candidates.usable])
    test, calibrate = (
        _newest(leads, candidates.order, shares) if strategy == "ordered" else _drawn(leads, label, shares, seed)
    )
    part = np.full(candidates.lead_index.size, TRAIN, dtype="<U10")
    part[np.isin(together, calibrate)] = CALIBRATE
    part[np.isin(together, test)] = TEST
    return np.where(candidates.usable, part, _outside(candidates))


def _outside(candidates: Candidates) -> NDArray[np.str_]:
    return np.where(np.isnan(candidates.label), UNLABELLED, GAP).astype("<U10")


def lead_labels(lead_index: NDArray[np.int64], label: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The leads with a label, in file order, and whether any of their snapshots is won."""
    known = ~np.isnan(label)
    leads, inverse = np.unique(lead_index[known], return_inverse=True)
    best = np.zeros(leads.size)
    np.maximum.at(best, inverse, label[known])
    return leads, best


def _newest(
    leads: NDArray[np.int64], order: Floats | None, shares: Shares
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Test and calibration leads: the last ones, and the last ones before; equal ones in file order, unknown first."""
    if order is not None:
        key = np.where(np.isnan(order[leads]), -np.inf, order[leads])
        leads = leads[np.argsort(key, kind="stable")]
    rest = leads.size - int(np.ceil(leads.size * shares.test))
    kept = rest - int(np.ceil(rest * shares.calibrate))
    return leads[rest:], leads[kept:rest]


def _drawn(
    leads: NDArray[np.int64], label: Floats, shares: Shares, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Test and calibration leads drawn by scikit-learn's train_test_split, stratified by label."""
    from sklearn.model_selection import train_test_split

    rows = np.arange(leads.size)
    rest, test = train_test_split(rows, test_size=shares.test, stratify=label, random_state=seed)
    _, calibrate = train_test_split(rest, test_size=shares.calibrate, stratify=label[rest], random_state=seed)
    return leads[test], leads[calibrate]


def _out_of_time(candidates: Candidates, shares: Shares) -> NDArray[np.str_]:
    """Parts by the time of the snapshot, a horizon between them, so that a part's labels are known before the next.

    A lead that would be in two parts stays in the later one.
    """
    horizon = candidates.horizon or 0
    at = candidates.snapshot_at
    usable, part = candidates.usable, _outside(candidates)
    test_from = _quantile(at[usable], 1 - shares.test)
    before = usable & (at < test_from - horizon)
    calibrate_from = _quantile(at[before], 1 - shares.calibrate)
    part[before & (at < calibrate_from - horizon)] = TRAIN
    part[before & (at >= calibrate_from)] = CALIBRATE
    part[usable & (at >= test_from)] = TEST
    for later, earlier in ((TEST, (TRAIN, CALIBRATE)), (CALIBRATE, (TRAIN,))):
        together = candidates.kept_together
        part[np.isin(part, earlier) & np.isin(together, together[part == later])] = GAP
    return part


def _quantile(at: Times, share: float) -> int:
    if not at.size:
        return 0
    return int(np.sort(at)[min(at.size - 1, int(np.floor(at.size * share)))])


def _shortfall(part: NDArray[np.str_], candidates: Candidates, minimum: int) -> str:
    """The first part with fewer than ``minimum`` won or lost leads, in words; empty if there is none."""
    for name in PARTS:
        won, lost = candidates.decided(part == name)
        if min(won, lost) < minimum:
            return f"the {name} part has {won} won and {lost} lost leads"
    return ""
