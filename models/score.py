"""What a lead gets: a probability, its interval, its place, and the reasons."""

from dataclasses import dataclass
from typing import Literal

from features.feature import Dimension

Grade = Literal["A", "B", "C", "D"]
Stage = Literal["disqualified", "incomplete", "nurture", "mql", "sql_candidate"]


@dataclass(frozen=True)
class Reason:
    """One signal's part in a score: the sentence, its effect in probability points (0.12: +12 points) and log-odds."""

    signal: str
    text: str
    points: float
    log_odds: float


@dataclass(frozen=True)
class Score:
    """The answer for one lead at one moment.

    ``probability`` of a won deal within the horizon, ``low`` and ``high`` its Venn-Abers interval; ``score`` 0 to 100,
    the percentile among recent leads; ``stage_reason`` is the disqualifying rule or what is missing; ``dimensions``
    splits ``probability - base_probability`` into fit, interest and intent, in points.
    """

    lead_id: str
    probability: float
    low: float
    high: float
    score: int
    grade: Grade
    stage: Stage
    stage_reason: str
    base_probability: float
    dimensions: dict[Dimension, float]
    reasons: tuple[Reason, ...]
