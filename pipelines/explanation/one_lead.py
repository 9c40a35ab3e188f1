"""Why one lead of the imported tables scores as it does, and what has become of it."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from data_contracts.dataset import Dataset
from data_contracts.errors import InputError
from data_contracts.hints import did_you_mean
from data_contracts.wording import counted
from features.arrays import NO_TIME
from features.feature import Language
from features.labels.labels import WON, Deals
from models.score import Score
from models.scorer import Scorer
from models.storage.artifact import Artifact
from pipelines.explanation.profile import Profile, profile_of
from pipelines.scoring.moments import OUTCOMES, DealOutcome, Moments, moments_of_leads
from pipelines.tables.outcomes import load_deals
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources

_COMPARED = 20_000  # ids that are looked through for a similar one


@dataclass(frozen=True)
class LeadScore:
    """The score of a lead and what it stands for.

    ``as_of`` is its moment (None: undated data), ``horizon_days`` how far it looks ahead (None: until the deal closes),
    ``deal_outcome`` what had become of the lead by then, and ``closed_at`` when, where that is known. ``profile`` says
    who the lead is.
    """

    score: Score
    as_of: datetime | None
    model_version: str
    horizon_days: float | None
    deal_outcome: DealOutcome
    closed_at: datetime | None = None
    profile: Profile = field(default_factory=Profile)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        when = {
            "as_of": self.as_of and self.as_of.isoformat(),
            "closed_at": self.closed_at and self.closed_at.isoformat(),
        }
        return self.score.to_json() | {
            "deal_outcome": self.deal_outcome,
            **when,
            "horizon_days": self.horizon_days,
            "model_version": self.model_version,
            "profile": asdict(self.profile),
        }


def score_one(
    artifact: Artifact,
    dataset: Dataset,
    lead_id: str,
    *,
    as_of: datetime | None = None,
    language: Language = "en",
    resources: Resources | None = None,
) -> LeadScore:
    """Score a lead with its reasons at ``as_of``, by default at the moment at which `whylead score` scores it.

    Raises InputError where there is no such lead, or it did not exist then; FileError where a table is absent.
    """
    with Tables(dataset, resources) as tables:
        lead_ids = tables.profiles.lead_ids
        lead = np.flatnonzero(lead_ids == lead_id)
        if not lead.size:
            raise InputError(
                f"{tables.dataset.path('leads')} has {counted(tables.leads, 'lead')},"
                f" none of them with lead_id {lead_id!r}.",
                hint=similar(lead_id, lead_ids.tolist()),
            )
        moments = moments_of_leads(tables, as_of)
        row = np.flatnonzero(moments.lead_index == lead[0])
        if not row.size:
            raise InputError(f"The lead {lead_id!r} did not exist at {moments.as_of}.", hint="Ask for a later --as-of.")
        records, moment = tables.records(lead), moments.of(row)
        closed_at = _closed_at(load_deals(tables), moment)
        profile = profile_of(tables, records, lead, moment.at)
    score = Scorer(artifact).score(records, lead, moment.at, language=language).rows()[0]
    return LeadScore(
        score=score,
        as_of=_moment(int(moment.shown[0])),
        model_version=artifact.version,
        horizon_days=horizon_of(artifact),
        deal_outcome=OUTCOMES[moment.outcome_codes[0]],
        closed_at=closed_at,
        profile=profile,
    )


def horizon_of(artifact: Artifact) -> float | None:
    """How many days ahead the model looks; None where it does until the deal closes."""
    horizon = artifact.facts.get("features", {}).get("horizon_days")
    return float(horizon) if isinstance(horizon, int | float) else None


def _closed_at(deals: Deals, moment: Moments) -> datetime | None:
    """When the lead bought, else when its last deal was lost; None where it is open, or nobody knows."""
    outcome = moment.outcome[0]
    at = deals.closed_at[(deals.lead == moment.lead_index[0]) & (deals.outcome == outcome)]
    known = at[(at != NO_TIME) & ((moment.at[0] == NO_TIME) | (at <= moment.at[0]))]
    return _moment(int(known.min() if outcome == WON else known.max())) if known.size else None


def _moment(at: int) -> datetime | None:
    return None if at == NO_TIME else datetime.fromtimestamp(at / 1e6, UTC)


def similar(lead_id: str, known: Sequence[str]) -> str:
    """A hint with ids that look like the one asked for: by their letters, else those next to it in the alphabet."""
    ordered = sorted(known)
    place = bisect_left(ordered, lead_id)
    neighbours = ordered[max(0, place - 2) : place + 1]
    otherwise = f"Did you mean {' or '.join(neighbours)}?" if neighbours else ""
    return did_you_mean(lead_id, ordered[:_COMPARED], otherwise=otherwise, cutoff=0.75)
