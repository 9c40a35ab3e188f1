"""Why one lead of the imported tables scores as it does."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from data_contracts.dataset import Dataset
from data_contracts.errors import InputError
from data_contracts.hints import did_you_mean
from features.feature import Language
from models.score import Score
from models.scorer import Scorer
from models.storage.artifact import Artifact
from pipelines.scoring.moments import moments_of_leads
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources

REASONS = 10
_COMPARED = 20_000  # ids that are looked through for a similar one


def score_one(
    artifact: Artifact,
    dataset: Dataset,
    lead_id: str,
    *,
    as_of: datetime | None = None,
    language: Language = "en",
    resources: Resources | None = None,
) -> Score:
    """Score a lead with its reasons at ``as_of``, by default at the moment at which `whylead score` scores it.

    Raises InputError where there is no such lead, or it did not exist then; FileError where a table is absent.
    """
    with Tables(dataset, resources) as tables:
        lead_ids = tables.profiles.lead_ids
        lead = np.flatnonzero(lead_ids == lead_id)
        if not lead.size:
            raise InputError(
                f"The {tables.leads:,} leads of {tables.dataset.path('leads')} do not include lead_id {lead_id!r}.",
                hint=similar(lead_id, lead_ids.tolist()),
            )
        moments = moments_of_leads(tables, as_of)
        row = np.flatnonzero(moments.lead_index == lead[0])
        if not row.size:
            raise InputError(f"The lead {lead_id!r} did not exist at {moments.as_of}.", hint="Ask for a later --as-of.")
        records = tables.records(lead)
    return Scorer(artifact).score(records, lead, moments.at[row], language=language, reasons=REASONS).rows()[0]


def similar(lead_id: str, known: Sequence[str]) -> str:
    """A hint with ids that look like the one asked for: by their letters, else those next to it in the alphabet."""
    ordered = sorted(known)
    place = bisect_left(ordered, lead_id)
    neighbours = ordered[max(0, place - 2) : place + 1]
    otherwise = f"Did you mean {' or '.join(neighbours)}?" if neighbours else ""
    return did_you_mean(lead_id, ordered[:_COMPARED], otherwise=otherwise, cutoff=0.75)
