"""The scorer: leads at moments in, scores with reasons out, whether of records or of live leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats, Times
from features.feature import Dimension, Language
from features.live import LiveView
from features.records.live_lead import LiveLead
from features.records.records import Records
from models.explanation.points import DIMENSIONS, Explanation, dimensions_of, explain_contributions, sum_dimensions
from models.explanation.reasons import Reasons, ReasonTable
from models.policy.fields import Leads, LiveLeads, RecordedLeads
from models.policy.policy import Placement
from models.score import Reason, Score
from models.storage.artifact import Artifact

LeadIds: TypeAlias = NDArray[np.object_] | Sequence[str | None]
MAX_REASONS = 5  # per lead, unless another number is asked for


@dataclass(frozen=True)
class Scores:
    """The scores of n leads as columns. ``X`` (n, features) is what they were computed from.

    ``explanation``, ``dimensions`` and ``reasons`` are None where reasons were not asked for. Reasons are a table in a
    batch, and one tuple per live lead.
    """

    lead_ids: LeadIds
    X: Floats
    probability: Floats
    low: Floats
    high: Floats
    placement: Placement
    explanation: Explanation | None = None
    dimensions: dict[Dimension, Floats] | None = None
    reasons: ReasonTable | Sequence[tuple[Reason, ...]] | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of ``models.score.EXPLAINED`` by name, those of PLAIN where reasons were not asked for.

        ``reasons`` is as in the attribute.
        """
        own = {"lead_id": self.lead_ids, "probability": self.probability, "low": self.low, "high": self.high}
        columns: dict[str, Any] = own | vars(self.placement)
        if self.explanation is not None and self.dimensions is not None:
            columns |= {"base_probability": self.explanation.base_probability, "reasons": self.reasons}
            columns |= dict(self.dimensions.items())
        return columns

    def rows(self) -> list[Score]:
        """One Score per lead.

        Raises ValueError where reasons were not asked for.
        """
        if self.explanation is None or self.dimensions is None or self.reasons is None:
            raise ValueError("scores without reasons have no rows: ask for the table with reasons")
        dimensions = (self.dimensions[name].tolist() for name in DIMENSIONS)
        reasons = self.reasons.by_lead() if isinstance(self.reasons, ReasonTable) else self.reasons
        place = self.placement
        base = self.explanation.base_probability.tolist()
        return list(
            map(
                Score, self.lead_ids, self.probability.tolist(), self.low.tolist(), self.high.tolist(),
                place.score, place.grade, place.stage, place.stage_reason,
                reasons, *dimensions, base,
            )
        )  # fmt: skip


class Scorer:
    """An artifact, ready to score leads of records (``score``) and live ones (``score_live``).

    Both ways share everything from the feature matrix on; tests hold them bit-identical.
    """

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self.policy = artifact.policy
        self.reasons = Reasons(artifact.view.features)
        self._dimensions = dimensions_of(artifact.view.features)
        self._live_view = LiveView(artifact.view)

    def score(
        self,
        records: Records,
        lead_index: NDArray[np.int64],
        snapshot_at: Times,
        *,
        language: Language = "en",
        reasons: int | None = MAX_REASONS,
    ) -> Scores:
        """Scores of leads (n,) at moments (n,), with at most ``reasons`` reasons each.

        ``reasons`` None leaves the explanation out, which takes most of the time.
        """
        observed = self.artifact.view.observe(records, lead_index, snapshot_at)
        leads = RecordedLeads(records, lead_index, snapshot_at)
        return self._scores(records.lead_ids[lead_index], observed, leads, language, reasons)

    def score_live(
        self, leads: Sequence[LiveLead], languages: Sequence[Language], reasons: int = MAX_REASONS
    ) -> list[Score]:
        """The scores of live leads, each in its language, with the bits that ``score`` gives their records."""
        observed = self._live_view.observe(leads)
        lead_ids = [lead.lead_id for lead in leads]
        return self._scores(lead_ids, observed, LiveLeads(leads), languages, reasons).rows()

    def _scores(
        self,
        lead_ids: LeadIds,
        observed: Floats,
        leads: Leads,
        language: Language | Sequence[Language],
        reasons: int | None,
    ) -> Scores:
        """``language`` is one for a batch, and one per live lead."""
        model, X = self.artifact.model, self.artifact.view.filled(observed)
        if reasons is None:
            margin, contributions = model.margin.margin(X), None
        else:
            margin, contributions = model.margin.explain(X)
        probability = model.calibrator.predict(margin)
        low, high = model.interval.predict(margin, probability)
        scored = (lead_ids, X, probability, low, high, self.policy.place(leads, probability))
        if reasons is None or contributions is None:
            return Scores(*scored)
        explanation = explain_contributions(model.calibrator, contributions, probability)
        dimensions = sum_dimensions(explanation.points, self._dimensions)
        return Scores(*scored, explanation, dimensions, self._reasons(observed, X, explanation, language, reasons))

    def _reasons(
        self,
        observed: Floats,
        X: Floats,
        explanation: Explanation,
        language: Language | Sequence[Language],
        size: int,
    ) -> ReasonTable | list[tuple[Reason, ...]]:
        log_odds, points = explanation.log_odds, explanation.points
        if self.artifact.view.fills:
            filled = np.isnan(observed) & ~np.isnan(X)  # no reason from a value that nobody knows
            log_odds, points = np.where(filled, 0.0, log_odds), np.where(filled, 0.0, points)
        if isinstance(language, str):
            return self.reasons.table(X, log_odds, points, language, size)
        return self.reasons.of_leads(X, log_odds, points, language, size)
