"""How each contender did on a task."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.answer import Answer, Spent
from benchmarks.quality.contenders import Contender
from benchmarks.quality.cut import Cut
from benchmarks.quality.prequential import recalibrated
from benchmarks.quality.scores import (
    AgainstTruth,
    Scores,
    against_truth,
    covered_bins,
    losses,
    paired_difference,
    score,
)
from benchmarks.quality.store import Solved
from benchmarks.quality.tasks import Task
from features.arrays import Floats
from models.evaluation.intervals import Estimate


@dataclass(frozen=True)
class Standing:
    """One contender with its seconds of budget on one task; ``failed`` says why there are no figures, else empty.

    ``answer`` is about all test rows (m,) of the task, ``facts`` what it said, one entry per cut. ``truth`` is None
    where nobody knows it, ``covered_bins`` where there are no intervals.
    """

    contender: Contender
    budget: float
    answer: Answer = field(default_factory=lambda: Answer(np.empty(0)))
    scores: Scores | None = None
    truth: AgainstTruth | None = None
    covered_bins: tuple[int, int] | None = None
    spent: Spent = field(default_factory=lambda: Spent(0.0, 0.0))
    facts: list[dict[str, Any]] = field(default_factory=list)
    failed: str = ""

    @property
    def label(self) -> str:
        """What it is called in a table."""
        return f"{self.contender.label} {self.budget:g} s" if self.contender.budgeted else self.contender.label


@dataclass
class Contest:
    """A task, its cuts, and the standings so far in the order in which they were made."""

    task: Task
    cuts: list[Cut]
    standings: list[Standing] = field(default_factory=list)
    _differences: dict[tuple[str, str], Estimate] = field(default_factory=dict, repr=False)

    @cached_property
    def y(self) -> Floats:
        """The outcomes (m,) of all test rows."""
        return np.concatenate([cut.y_test for cut in self.cuts])

    @cached_property
    def lead(self) -> NDArray[np.int64]:
        """The lead (m,) of each test row; of a small cut the draw, since draws share leads and chance is in both."""
        if self.task.size is not None:
            return np.repeat(np.arange(len(self.cuts)), [len(cut.y_test) for cut in self.cuts])
        return np.concatenate([cut.lead_test for cut in self.cuts])

    @cached_property
    def truth(self) -> Floats | None:
        """The true probability (m,) of each test row, None where nobody knows it."""
        known = [cut.truth for cut in self.cuts if cut.truth is not None]
        return np.concatenate(known) if known else None

    @cached_property
    def block(self) -> NDArray[np.int64]:
        """The block (m,) of each test row."""
        return np.concatenate([cut.block for cut in self.cuts])

    def add(self, contender: Contender, budget: float, solved: list[Solved], *, recalibrate: bool = False) -> None:
        """Score a contender's answers to all cuts, revised by fresh outcomes between trainings if asked for."""
        answer = _joined(self.cuts, [each.answer for each in solved], recalibrate)
        spent = Spent(sum(each.spent.seconds for each in solved), sum(each.spent.worked for each in solved))
        truth = None if self.truth is None else against_truth(self.y, answer, self.truth, self.lead)
        bins, facts = covered_bins(self.y, answer, self.lead), [each.answer.facts for each in solved]
        self.standings.append(Standing(contender, budget, answer, self._scores(answer.p), truth, bins, spent, facts))

    def _scores(self, p: Floats) -> Scores:
        """Over all test rows together; those of small cuts on average over the draws."""
        if self.task.size is None:
            return score(self.y, p, self.lead)
        ends = np.cumsum([len(cut.y_test) for cut in self.cuts])[:-1]
        parts = zip(self.cuts, np.split(p, ends), strict=True)
        return Scores.mean([score(cut.y_test, of_cut, cut.lead_test) for cut, of_cut in parts])

    def fail(self, contender: Contender, budget: float, reason: str) -> None:
        """Say why a contender has no figures."""
        self.standings.append(Standing(contender, budget, failed=reason))

    def ranked(self) -> list[Standing]:
        """Those with figures, the least log loss first, then the others."""
        return sorted(self.standings, key=lambda each: each.scores.log_loss if each.scores else np.inf)

    def ours(self, most_seconds: float) -> Standing | None:
        """Ours with the largest budget within the peers', else the smallest that there is; None without figures."""
        tried = [each for each in self.standings if each.contender.kind == "ours" and each.scores]
        within = [each for each in tried if each.budget <= most_seconds]
        if within:
            return max(within, key=lambda each: each.budget)
        return min(tried, key=lambda each: each.budget, default=None)

    def best_peer(self) -> Standing | None:
        """The one with the least log loss that is not ours; the base rate counts."""
        return next((each for each in self.ranked() if each.scores and each.contender.kind != "ours"), None)

    def difference(self, ours: Standing | None, peer: Standing) -> Estimate | None:
        """Ours minus the peer's log loss."""
        if ours is None or not (ours.scores and peer.scores) or ours is peer:
            return None
        pair = (ours.label, peer.label)
        if pair not in self._differences:  # the report is written after each contender
            first, second = (losses(self.y, each.answer.p, self.lead) for each in (ours, peer))
            self._differences[pair] = paired_difference(first, second)
        return self._differences[pair]

    def by_block(self, standing: Standing) -> dict[int, float]:
        """The log loss of each block."""
        if not (self.task.prequential and standing.scores):
            return {}
        numbers = np.unique(self.block).tolist()
        rows = {number: self.block == number for number in numbers}
        return {
            number: float(losses(self.y[at], standing.answer.p[at], self.lead[at]).mean())
            for number, at in rows.items()
        }


def _joined(cuts: list[Cut], answers: list[Answer], recalibrate: bool) -> Answer:
    """One answer to the test rows of all cuts; probabilities that are revised leave their intervals behind."""
    if recalibrate:
        return Answer(np.concatenate([recalibrated(cut, each.p) for cut, each in zip(cuts, answers, strict=True)]))
    low = [each.low for each in answers if each.low is not None]
    high = [each.high for each in answers if each.high is not None]
    ends = (np.concatenate(low), np.concatenate(high)) if low and high else (None, None)
    return Answer(np.concatenate([each.p for each in answers]), {}, *ends)
