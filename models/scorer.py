"""The scorer: leads at moments in, scores with reasons out. One path for one lead and for a million."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats, Times
from features.feature import Dimension, Language
from features.live import LiveView, has_changes
from features.records.records import Records
from features.records.request import LeadRequest, lead_events, moments_of, records_of
from models.explanation.points import Explanation, dimensions_of, explain_contributions, sum_dimensions
from models.explanation.reasons import Reasons, ReasonTable
from models.policy.live import LivePolicy
from models.policy.policy import Placement
from models.policy.reference import Reference, reference_quantiles
from models.score import Score
from models.storage.artifact import Artifact

Place: TypeAlias = Callable[[Floats], Placement]


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
    reasons: ReasonTable | None = None

    def rows(self) -> list[Score]:
        """One Score per lead.

        Raises ValueError where reasons were not asked for.
        """
        return [self.row(index) for index in range(len(self.probability))]

    def row(self, index: int) -> Score:
        """The Score of one lead.

        Raises ValueError where reasons were not asked for.
        """
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
            reasons=self.reasons.of_lead(index),
        )


class Scorer:
    """An artifact, ready to score."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self.policy = artifact.policy
        self.reasons = Reasons(artifact.view.features)
        self._dimensions = dimensions_of(artifact.view.features)
        self._live_view = LiveView(artifact.view)
        self._live_policy = LivePolicy(self.policy)

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
        observed = self.artifact.view.observe(records, lead_index, snapshot_at)
        place = partial(self.policy.place, records, lead_index, snapshot_at)
        return self._scores(records.lead_ids[lead_index], observed, place, [language] * len(observed), reasons)

    def score_requests(
        self, requests: Sequence[LeadRequest], languages: Sequence[Language], *, reasons: int = 5
    ) -> list[Score]:
        """The scores of requests, each in its language, with the bits of ``score`` and without its columns."""
        if any(map(has_changes, requests)):
            records, moments = records_of(requests), moments_of(requests)
            rows = np.arange(len(requests))
            observed = self.artifact.view.observe(records, rows, moments)
            place: Place = partial(self.policy.place, records, rows, moments)
        else:
            events = [lead_events(request) for request in requests]
            observed = self._live_view.observe(requests, events)
            place = partial(self._live_policy.place, requests, events)
        lead_ids = np.array([request["lead"].get("lead_id", "") for request in requests], dtype=object)
        return self._scores(lead_ids, observed, place, languages, reasons).rows()

    def _scores(
        self,
        lead_ids: NDArray[np.object_],
        observed: Floats,
        place: Place,
        languages: Sequence[Language],
        reasons: int | None,
    ) -> Scores:
        model, X = self.artifact.model, self.artifact.view.filled(observed)
        if reasons is None:
            margin, contributions = model.margin.margin(X), None
        else:
            margin, contributions = model.margin.explain(X)
        probability = model.calibrator.predict(margin)
        low, high = model.interval.predict(margin, probability)
        scored = (lead_ids, X, probability, low, high, place(probability))
        if reasons is None or contributions is None:
            return Scores(*scored)
        explanation = explain_contributions(model.calibrator, contributions, probability)
        dimensions = sum_dimensions(explanation.points, self._dimensions)
        return Scores(*scored, explanation, dimensions, self._reasons(observed, X, explanation, languages, reasons))

    def _reasons(
        self, observed: Floats, X: Floats, explanation: Explanation, languages: Sequence[Language], most: int
    ) -> ReasonTable:
        log_odds, points = explanation.log_odds, explanation.points
        if self.artifact.view.fills:
            filled = np.isnan(observed) & ~np.isnan(X)  # no reason from a value that nobody knows
            log_odds, points = np.where(filled, 0.0, log_odds), np.where(filled, 0.0, points)
        return self.reasons.of_leads(X, log_odds, points, languages, most)


__all__ = ["Reference", "Scorer", "Scores", "reference_quantiles"]
