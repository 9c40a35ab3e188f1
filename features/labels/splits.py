"""Splits: which snapshots a model learns from, is calibrated on and is tested on. No lead is in two parts."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data_contracts.errors import DataFallsShort, ParamsError
from features.arrays import NO_TIME, Floats, Times

Strategy = Literal["out_of_time", "ordered", "random"]
TRAIN, CALIBRATE, TEST, GAP, UNLABELLED = "train", "calibrate", "test", "gap", "unlabelled"
PARTS = (TRAIN, CALIBRATE, TEST)

LEAST_PER_CLASS = 20  # leads won and leads lost that `auto` wants in each part of an out-of-time split
LEAST_TRAIN_SHARE = 0.2  # of all labelled snapshots that `auto` wants to keep for training, despite the gaps


@dataclass(frozen=True)
class Candidates:
    """What a split is made from: n snapshots, their labels (NaN: none) and the order of the leads.

    ``order`` (leads,) is larger for later leads, NaN where unknown, None where nothing orders them. ``horizon`` is in
    microseconds, None without one; ``ripe`` (n,) says that the horizon has passed by the data cutoff.
    """

    lead_index: NDArray[np.int64]
    snapshot_at: Times
    label: Floats
    order: Floats | None
    horizon: int | None
    ripe: NDArray[np.bool_]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """The snapshots (n,) that may be in a part: of those that have not ripened only fast deciders have a label."""
        return ~np.isnan(self.label) & self.ripe


@dataclass(frozen=True)
class Split:
    """The part (n,) of each snapshot, how the split was made, and why so."""

    strategy: Strategy
    why: str
    part: NDArray[np.str_]


@dataclass(frozen=True)
class Shares:
    """The share of test leads, and of calibration leads among the others."""

    test: float
    calibrate: float


def split(given: Candidates, strategy: Strategy | Literal["auto"], shares: Shares, seed: int) -> Split:
    """Split the labelled snapshots.

    Raises ParamsError where the strategy does not fit the data, DataFallsShort where a part would lack a class.
    """
    if strategy == "auto":
        return _automatic(given, shares, seed)
    if strategy == "out_of_time" and (given.horizon is None or (given.snapshot_at == NO_TIME).any()):
        raise ParamsError(
            "An out-of-time split needs dated snapshots and a horizon in days; these data have none.",
            hint="Use --split ordered or --split random.",
        )
    made = Split(strategy, "asked for", _parts(given, strategy, shares, seed))
    _check(made, given)
    return made


def _automatic(given: Candidates, shares: Shares, seed: int) -> Split:
    strategy: Strategy = "ordered" if given.order is not None else "random"
    why = "the leads have an order in time" if given.order is not None else "nothing orders the leads in time"
    if given.horizon is None or (given.snapshot_at == NO_TIME).any():
        why += "; labels have no horizon" if given.order is not None else ""
    else:
        part = _parts(given, "out_of_time", shares, seed)
        short = _shortfall(part, given, LEAST_PER_CLASS)
        if not short and (part == TRAIN).mean() >= LEAST_TRAIN_SHARE * (part != UNLABELLED).mean():
            return Split("out_of_time", "snapshots are dated and span more than the horizons between the parts", part)
        why += "; the data span too little time for gaps of a horizon between the parts"
    made = Split(strategy, why, _parts(given, strategy, shares, seed))
    _check(made, given)
    return made


def _parts(given: Candidates, strategy: Strategy, shares: Shares, seed: int) -> NDArray[np.str_]:
    if strategy == "out_of_time":
        return _out_of_time(given, shares)
    leads, label = lead_labels(given.lead_index[given.usable], given.label[given.usable])
    test, calibrate = (
        _newest(leads, given.order, shares) if strategy == "ordered" else _drawn(leads, label, shares, seed)
    )
    part = np.full(given.lead_index.size, TRAIN, dtype="<U10")
    part[np.isin(given.lead_index, calibrate)] = CALIBRATE
    part[np.isin(given.lead_index, test)] = TEST
    return np.where(given.usable, part, _outside(given))


def _outside(given: Candidates) -> NDArray[np.str_]:
    return np.where(np.isnan(given.label), UNLABELLED, GAP).astype("<U10")


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


def _out_of_time(given: Candidates, shares: Shares) -> NDArray[np.str_]:
    """Parts by the time of the snapshot, a horizon between them, so that a part's labels are known before the next.

    A lead that would be in two parts stays in the later one.
    """
    horizon = given.horizon or 0
    at = given.snapshot_at
    usable, part = given.usable, _outside(given)
    test_from = _quantile(at[usable], 1 - shares.test)
    before = usable & (at < test_from - horizon)
    calibrate_from = _quantile(at[before], 1 - shares.calibrate)
    part[before & (at < calibrate_from - horizon)] = TRAIN
    part[before & (at >= calibrate_from)] = CALIBRATE
    part[usable & (at >= test_from)] = TEST
    for later, earlier in ((TEST, (TRAIN, CALIBRATE)), (CALIBRATE, (TRAIN,))):
        leads = given.lead_index[part == later]
        part[np.isin(part, earlier) & np.isin(given.lead_index, leads)] = GAP
    return part


def _quantile(at: Times, share: float) -> int:
    if not at.size:
        return 0
    return int(np.sort(at)[min(at.size - 1, int(np.floor(at.size * share)))])


def _shortfall(part: NDArray[np.str_], given: Candidates, least: int) -> str:
    """The first part with fewer than ``least`` won or lost leads, in words; empty if there is none."""
    for name in PARTS:
        _, label = lead_labels(given.lead_index[part == name], given.label[part == name])
        won = int(label.sum())
        if min(won, label.size - won) < least:
            return f"the {name} part has {won} won and {label.size - won} lost leads"
    return ""


def _check(made: Split, given: Candidates) -> None:
    short = _shortfall(made.part, given, 1)
    if short:
        raise DataFallsShort(
            f"With the split {made.strategy}, {short}; each part needs both.",
            hint="Use another --split or --test-share, or bring more closed deals.",
        )
