"""How each contender did on a task."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.contenders import Contender
from benchmarks.quality.cut import Cut
from benchmarks.quality.prequential import recalibrated
from benchmarks.quality.scores import Scores, losses, paired_difference, score
from benchmarks.quality.store import Solved
from benchmarks.quality.tasks import Task
from features.arrays import Floats
from models.evaluation.intervals import Estimate


@dataclass(frozen=True)
class Standing:
    """One contender with its seconds of budget on one task; ``failed`` says why there are no figures, else empty.

    ``p`` (m,) are its probabilities of all test rows of the task, ``facts`` what it said, one entry per cut.
    """

    contender: Contender
    budget: float
    p: Floats = field(default_factory=lambda: np.empty(0))
    scores: Scores | None = None
    seconds: float = 0.0
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
        """The lead (m,) of each test row."""
        return np.concatenate([cut.lead_test for cut in self.cuts])

    @cached_property
    def block(self) -> NDArray[np.int64]:
        """The block (m,) of each test row."""
        return np.concatenate([cut.block for cut in self.cuts])

    def add(self, contender: Contender, budget: float, solved: list[Solved], *, recalibrate: bool = False) -> None:
        """Score a contender's answers to all cuts, revised by fresh outcomes between trainings if asked for."""
        answers = zip(self.cuts, solved, strict=True)
        p = np.concatenate([recalibrated(cut, each.p) if recalibrate else each.p for cut, each in answers])
        seconds, facts = sum(each.seconds for each in solved), [each.facts for each in solved]
        self.standings.append(Standing(contender, budget, p, score(self.y, p, self.lead), seconds, facts))

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
            first, second = (losses(self.y, each.p, self.lead) for each in (ours, peer))
            self._differences[pair] = paired_difference(first, second)
        return self._differences[pair]

    def by_block(self, standing: Standing) -> dict[int, float]:
        """The log loss of each block."""
        if not (self.task.prequential and standing.scores):
            return {}
        numbers = np.unique(self.block).tolist()
        rows = {number: self.block == number for number in numbers}
        return {number: float(losses(self.y[at], standing.p[at], self.lead[at]).mean()) for number, at in rows.items()}
