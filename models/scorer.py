"""The scorer: leads at moments in, scores with reasons out. One path for one lead and for a million."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.feature import Dimension, Language
from features.records import Floats, Records, Times
from models.artifact import Artifact
from models.explanation import Explanation, by_dimension, explain_contributions
from models.policy import Placement
from models.reasons import Reasons
from models.reference import Reference, reference_quantiles
from models.score import Reason, Score


@dataclass(frozen=True)
class Scores:
    """The scores of n leads as columns. ``X`` (n, features) is what they were computed from.

    ``explanation``, ``dimensions`` and ``reasons`` are None where reasons were not asked for.
    """

    lead_ids: NDArray[np.object_]
    X: Floats
    probability: Floats
    low: Floats
    high: Floats
    placement: Placement
    explanation: Explanation | None = None
    dimensions: dict[Dimension, Floats] | None = None
    reasons: tuple[tuple[Reason, ...], ...] | None = None

    def rows(self) -> list[Score]:
        """One Score per lead.

        Raises ValueError where reasons were not asked for.
        """
        return [self._row(index) for index in range(len(self.probability))]

    def _row(self, index: int) -> Score:
        if self.explanation is None or self.dimensions is None or self.reasons is None:
            raise ValueError("scores without reasons have no rows: ask for the table with reasons")
        return Score(
            lead_id=str(self.lead_ids[index]),
            probability=float(self.probability[index]),
            low=float(self.low[index]),
            high=float(self.high[index]),
            score=int(self.placement.score[index]),
            grade=self.placement.grade[index],
            stage=self.placement.stage[index],
            stage_reason=self.placement.stage_reason[index],
            base_probability=float(self.explanation.base_probability[index]),
            dimensions={name: float(points[index]) for name, points in self.dimensions.items()},
            reasons=self.reasons[index],
        )


class Scorer:
    """An artifact, ready to score."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self.policy = artifact.policy
        self.reasons = Reasons(artifact.view.features)

    def score(
        self,
        records: Records,
        lead_index: NDArray[np.int64],
        snapshot_at: Times,
        *,
        language: Language = "en",
        reasons: int = 5,
    ) -> list[Score]:
        """Scores of leads (n,) at moments (n,), with at most so many reasons each."""
        return self.table(records, lead_index, snapshot_at, language=language, reasons=reasons).rows()

    def table(
        self,
        records: Records,
        lead_index: NDArray[np.int64],
        snapshot_at: Times,
        *,
        language: Language = "en",
        reasons: int | None = 5,
    ) -> Scores:
        """The same as columns; ``reasons`` None leaves the explanation out, which takes most of the time."""
        model = self.artifact.model
        observed = self.artifact.view.observe(records, lead_index, snapshot_at)
        X = self.artifact.view.filled(observed)
        margin = model.margin.margin(X)
        probability = model.calibrator.predict(margin)
        low, high = model.interval.predict(margin)
        placement = self.policy.place(records, lead_index, snapshot_at, probability)
        scores = Scores(records.lead_ids[lead_index], X, probability, low, high, placement)
        return scores if reasons is None else self._explained(scores, observed, language, reasons)

    def _explained(self, scores: Scores, observed: Floats, language: Language, most: int) -> Scores:
        model = self.artifact.model
        explanation = explain_contributions(model.calibrator, model.margin.contributions(scores.X), scores.probability)
        filled = np.isnan(observed) & ~np.isnan(scores.X)  # no reason from a value that nobody knows
        log_odds, points = np.where(filled, 0.0, (explanation.log_odds, explanation.points))
        found = self.reasons.of_leads(scores.X, log_odds, points, language=language, most=most)
        dimensions = by_dimension(explanation.points, self.artifact.view.features)
        return Scores(
            scores.lead_ids, scores.X, scores.probability, scores.low, scores.high, scores.placement,
            explanation, dimensions, found,
        )  # fmt: skip


__all__ = ["Reference", "Scorer", "Scores", "reference_quantiles"]
