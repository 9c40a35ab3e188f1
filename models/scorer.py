"""The scorer: leads at moments in, scores with reasons out, whether of records or of live leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats, Integers, Times
from features.feature import LANGUAGES, Dimension, Language
from features.live import LiveView
from features.records.live_lead import LiveLead
from features.records.records import Records
from models.explanation.points import DIMENSIONS, Explanation, dimensions_of, explain_contributions, sum_dimensions
from models.explanation.reasons import MOST, Reasons, ReasonTable
from models.policy.fields import Leads, LiveLeads, RecordedLeads
from models.policy.policy import Placement
from models.policy.stage_words import StageWords
from models.score import Reason, Score
from models.storage.artifact import Artifact

LeadIds: TypeAlias = NDArray[np.object_] | Sequence[str | None]


@dataclass(frozen=True)
class Scores:
    """The scores of n leads as columns. ``X`` (n, features) is what they were computed from.

    ``explanation``, ``dimensions`` and all that follows are None where reasons were not asked for. Reasons are a table
    in a batch, and one tuple per live lead; ``rest`` and ``rest_signals`` (n,) are what they leave unsaid.
    """

    lead_ids: LeadIds
    X: Floats
    probability: Floats
    low: Floats
    high: Floats
    placement: Placement
    stage_text: Sequence[str]
    explanation: Explanation | None = None
    dimensions: dict[Dimension, Floats] | None = None
    reasons: ReasonTable | Sequence[tuple[Reason, ...]] | None = None
    rest: Floats | None = None
    rest_signals: Integers | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of ``models.score.EXPLAINED`` by name, those of PLAIN where reasons were not asked for.

        ``reasons`` is as in the attribute.
        """
        own = {"lead_id": self.lead_ids, "probability": self.probability, "low": self.low, "high": self.high}
        columns: dict[str, Any] = own | vars(self.placement) | {"stage_text": self.stage_text}
        if self.explanation is not None and self.dimensions is not None:
            columns |= {"base_probability": self.explanation.base_probability, "reasons": self.reasons}
            columns |= dict(self.dimensions.items())
            columns |= {"rest": self.rest, "rest_signals": self.rest_signals}
        return columns

    def rows(self) -> list[Score]:
        """One Score per lead.

        Raises ValueError where reasons were not asked for.
        """
        if self.explanation is None or self.dimensions is None or self.rest is None or self.rest_signals is None:
            raise ValueError("scores without reasons have no rows: ask for the table with reasons")
        dimensions = (self.dimensions[name].tolist() for name in DIMENSIONS)
        reasons = self.reasons.by_lead() if isinstance(self.reasons, ReasonTable) else self.reasons or ()
        place = self.placement
        base = self.explanation.base_probability.tolist()
        return list(
            map(
                Score, self.lead_ids, self.probability.tolist(), self.low.tolist(), self.high.tolist(),
                place.score, place.grade, place.stage, place.stage_reason, self.stage_text,
                reasons, self.rest.tolist(), self.rest_signals.tolist(), *dimensions, base,
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
        self._stage_words = {each: StageWords(artifact.agreement, artifact.attributes, each) for each in LANGUAGES}
        self._dimensions = dimensions_of(artifact.view.features)
        self._live_view = LiveView(artifact.view)

    def score(
        self,
        records: Records,
        lead_index: NDArray[np.int64],
        snapshot_at: Times,
        *,
        language: Language = "en",
        reasons: int | None = MOST,
    ) -> Scores:
        """Scores of leads (n,) at moments (n,), with at most ``reasons`` reasons each.

        ``reasons`` None leaves the explanation out, which takes most of the time.
        """
        observed = self.artifact.view.observe(records, lead_index, snapshot_at)
        leads = RecordedLeads(records, lead_index, snapshot_at)
        return self._scores(records.lead_ids[lead_index], observed, leads, language, reasons)

    def score_live(
        self, leads: Sequence[LiveLead], languages: Sequence[Language], reasons: int | Sequence[int] = MOST
    ) -> list[Score]:
        """The scores of live leads, each in its language, with the bits that ``score`` gives their records.

        ``reasons`` is how many there are at most, for all leads or for each.
        """
        observed = self._live_view.observe(leads)
        lead_ids = [lead.lead_id for lead in leads]
        return self._scores(lead_ids, observed, LiveLeads(leads), languages, reasons).rows()

    def _scores(
        self,
        lead_ids: LeadIds,
        observed: Floats,
        leads: Leads,
        language: Language | Sequence[Language],
        reasons: int | Sequence[int] | None,
    ) -> Scores:
        """``language`` is one for a batch, and one per live lead."""
        model, X = self.artifact.model, self.artifact.view.filled(observed)
        if reasons is None:
            margin, contributions = model.margin.margin(X), None
        else:
            margin, contributions = model.margin.explain(X)
        probability = model.calibrator.predict(margin)
        low, high = model.interval.predict(margin, probability)
        placement = self.policy.place(leads, probability)
        scored = (lead_ids, X, probability, low, high, placement, self._stage_texts(placement, language))
        if reasons is None or contributions is None:
            return Scores(*scored)
        explanation = explain_contributions(model.calibrator, contributions, probability)
        dimensions = sum_dimensions(explanation.points, self._dimensions)
        most = np.full(probability.shape, reasons, np.int64)
        strong = self.reasons.strongest(observed, explanation.log_odds, explanation.points, most)
        told = (
            self.reasons.table(observed, strong, language)
            if isinstance(language, str)
            else self.reasons.of_leads(observed, strong, language)
        )
        return Scores(*scored, explanation, dimensions, told, strong.rest, strong.rest_signals)

    def _stage_texts(self, placement: Placement, language: Language | Sequence[Language]) -> list[str]:
        each = [language] * len(placement.stage) if isinstance(language, str) else language
        words = (self._stage_words[one] for one in each)
        asked = zip(words, placement.stage, placement.stage_reason, strict=True)
        return [one.text(stage, reason) for one, stage, reason in asked]
