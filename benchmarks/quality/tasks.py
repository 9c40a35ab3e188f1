"""The tasks: whose leads, what is known of them, and how rows to learn from are told from rows to test on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.cut import Cut, make_cut
from benchmarks.quality.draws import drawn_cuts
from benchmarks.quality.prequential import prequential_cuts
from benchmarks.quality.sources import (
    DATA,
    Company,
    Export,
    Prepared,
    all_columns,
    at_preaccepted,
    without_created_date,
)
from benchmarks.quality.worlds import WORLDS, World
from features.labels.splits import Shares, split
from pipelines.labelling.labelled import split_candidates

SHARES, SEED = Shares(test=0.2, calibrate=0.2), 0
SIZES = (40, 100, 250, 500, 1000, 2000)
How = Literal["random", "ordered", "out_of_time", "prequential"]


@dataclass(frozen=True)
class Task:
    """``bar`` is the log loss that whylead has to reach, None where the peers of the same run are the bar.

    ``size`` is how many leads each of 20 draws learns from; None: all but the test part.
    """

    name: str
    source: Export | Company | World
    split: How
    about: str
    bar: float | None = None
    size: int | None = None

    @property
    def prequential(self) -> bool:
        """Whether it is scored block by block."""
        return self.split == "prequential"

    @property
    def threads(self) -> int | None:
        """How many it gets where that is not for the settings: so few rows are learned sooner by one."""
        return None if self.size is None else 1

    @property
    def needs_data(self) -> bool:
        """Whether it reads files that this repository does not hold."""
        return isinstance(self.source, Export)


_BANK, _XEDU, _BPIC = Export("bank-marketing"), Export("x-education"), Export("bpic2012-loan-funnel")
_OPPORTUNITIES = Export("opportunities")
_UNDATED = Export("opportunities", without_created_date)
_WHOLE = (
    Task("bank_random", _BANK, "random", "phone campaigns, a random fifth", 0.2692),
    Task("bank_ordered", _BANK, "ordered", "phone campaigns, the last fifth of the file", 0.700),
    Task("xedu_clean", _XEDU, "ordered", "leads of a school, the last fifth by number", 0.3855),
    Task(
        "xedu_all", Export("x-education", all_columns), "ordered", "the same with what agents wrote later", 0.1240
    ),
    Task(
        "crm_sales", Export("crm-sales-opportunities"), "ordered", "opportunities, the last fifth engaged", 0.6760
    ),
    Task("bpic_osent", _BPIC, "ordered", "loans when the first offer is sent", 0.6843),
    Task(
        "bpic_preaccepted", Export("bpic2012-loan-funnel", at_preaccepted), "ordered", "loans when preaccepted", 0.6151
    ),
    Task("opportunities_random", _OPPORTUNITIES, "random", "opportunities of a manufacturer, a random fifth", 0.2650),
    Task("opportunities_ordered", _UNDATED, "ordered", "the last fifth created, without the date", 0.2960),
    Task("prequential_bank", _BANK, "prequential", "phone campaigns, block by block"),
    Task("prequential_xedu", _XEDU, "prequential", "leads of a school, block by block"),
    Task("prequential_bpic", _BPIC, "prequential", "loans at the first offer, block by block"),
)  # fmt: skip
_SMALL: tuple[tuple[str, Export, How, str, tuple[int, ...]], ...] = (
    ("xedu", _XEDU, "ordered", "leads of a school", SIZES),
    ("bank", _BANK, "random", "phone campaigns", SIZES[1:]),  # of 40 calls, four or five sell anything
    ("opportunities", _UNDATED, "ordered", "opportunities of a manufacturer", SIZES),
)
_SIMULATED = (
    Task("company_12k", Company(12_000, 31), "out_of_time", "a simulated company, the newest fifth"),
    Task("company_50k", Company(50_000, 32), "out_of_time", "a larger simulated company, the newest fifth"),
)
_ALL = (
    *_WHOLE,
    *(
        Task(f"small_{name}_{size}", source, how, f"{about}, {size:,} to learn from", None, size)
        for name, source, how, about, sizes in _SMALL
        for size in sizes
    ),
    *_SIMULATED,
    *(
        Task(f"world_{each.name}", each, "ordered" if each.ordered else "random", f"a world with {each.about}")
        for each in WORLDS.values()
    ),
)
TASKS = {each.name: each for each in _ALL}


def cuts(task: Task, retrain_every: int = 1, data: Path = DATA) -> Iterator[Cut]:
    """The cuts of a task, one for a static split.

    Raises FileError where the data set is absent.
    """
    if isinstance(task.source, World):
        yield task.source.cut()
    else:
        yield from cuts_of(task.source.prepare(data), task.split, retrain_every, task.size)


def cuts_of(given: Prepared, how: How, retrain_every: int = 1, size: int | None = None) -> Iterator[Cut]:
    """The cuts of prepared snapshots; those of ``size`` leads leave the test part of the whole alone."""
    if how == "prequential":
        yield from prequential_cuts(given, retrain_every)
    elif size is None:
        yield _static_cut(given, how)
    else:
        learned, _ = _learned(given, how)
        yield from drawn_cuts(given, learned, size, ordered=how == "ordered")


def _static_cut(given: Prepared, how: Literal["random", "ordered", "out_of_time"]) -> Cut:
    """The product's own split."""
    learned, part = _learned(given, how)
    tested = np.flatnonzero(part == "test")
    tested = tested[np.argsort(given.position[tested], kind="stable")]
    return make_cut(given, learned, part[learned], tested, ordered=how != "random")


def _learned(
    given: Prepared, how: Literal["random", "ordered", "out_of_time"]
) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """The snapshots to learn from, and the part (n,) of every one."""
    part = split(split_candidates(given.labelled), how, SHARES, SEED).part
    return np.flatnonzero(np.isin(part, ("train", "calibrate"))), part
