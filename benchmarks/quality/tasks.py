"""The tasks: a data set, what is known of its leads, and how rows to learn from are told from rows to test on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.quality.cut import Cut, make_cut
from benchmarks.quality.prequential import prequential_cuts
from benchmarks.quality.sources import DATA, Prepared, Variant, all_columns, as_shipped, at_preaccepted, prepare
from features.labels.splits import Shares, split
from pipelines.featurization.labelling import split_candidates

SHARES, SEED = Shares(test=0.2, calibrate=0.2), 0


@dataclass(frozen=True)
class Task:
    """``bar`` is the log loss that whylead has to reach, None where the peers of the same run are the bar."""

    name: str
    mapping: str
    split: Literal["random", "ordered", "prequential"]
    about: str
    bar: float | None = None
    variant: Variant = as_shipped

    @property
    def prequential(self) -> bool:
        """Whether it is scored block by block."""
        return self.split == "prequential"


_ALL = (
    Task("bank_random", "bank-marketing", "random", "phone campaigns, a random fifth", 0.2697),
    Task("bank_ordered", "bank-marketing", "ordered", "phone campaigns, the last fifth of the file", 0.62),
    Task("xedu_clean", "x-education", "ordered", "leads of a school, the last fifth by number", 0.3865),
    Task("xedu_all", "x-education", "ordered", "the same with what agents wrote later", 0.1266, all_columns),
    Task("crm_sales", "crm-sales-opportunities", "ordered", "opportunities, the last fifth engaged", 0.6760),
    Task("bpic_osent", "bpic2012-loan-funnel", "ordered", "loans when the first offer is sent", 0.6858),
    Task(
        "bpic_preaccepted", "bpic2012-loan-funnel", "ordered", "loans when preaccepted", 0.6151, at_preaccepted
    ),
    Task("prequential_bank", "bank-marketing", "prequential", "phone campaigns, block by block"),
    Task("prequential_xedu", "x-education", "prequential", "leads of a school, block by block"),
    Task("prequential_bpic", "bpic2012-loan-funnel", "prequential", "loans at the first offer, block by block"),
)  # fmt: skip
TASKS = {each.name: each for each in _ALL}


def cuts(task: Task, retrain_every: int = 1, data: Path = DATA) -> Iterator[Cut]:
    """The cuts of a task, one for a static split.

    Raises FileError where the data set is absent.
    """
    yield from cuts_of(prepare(task.mapping, task.variant, data), task.split, retrain_every)


def cuts_of(given: Prepared, how: Literal["random", "ordered", "prequential"], retrain_every: int = 1) -> Iterator[Cut]:
    """The cuts of prepared snapshots."""
    if how == "prequential":
        yield from prequential_cuts(given, retrain_every)
    else:
        yield _static_cut(given, how)


def _static_cut(given: Prepared, how: Literal["random", "ordered"]) -> Cut:
    """The product's own split."""
    made = split(split_candidates(given.labelled), how, SHARES, SEED)
    learned = np.flatnonzero(np.isin(made.part, ("train", "calibrate")))
    tested = np.flatnonzero(made.part == "test")
    tested = tested[np.argsort(given.position[tested], kind="stable")]
    return make_cut(given, learned, made.part[learned], tested, ordered=how == "ordered")
