"""Consent: what is recorded only of leads that consented to tracking is unknown of the others, which is not none."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.arrays import UNTRACKED, Floats
from features.event_types import TRACKED_TYPES
from features.records.live_lead import LiveLead
from features.records.records import Categorical, Records
from features.values.windows import Window

CONSENT = "tracking_consent"
_TRACKED = frozenset(TRACKED_TYPES)


def needs_consent(window: Window) -> bool:
    """Whether a window counts anything that is recorded with consent only.

    What other people of the company did is another matter, and so is how much of what is known machines did.
    """
    if window.scope != "lead" or window.aggregate == "automated":
        return False
    rhythm = window.aggregate == "relative_recency"  # of all activities
    return rhythm or not window.types or not _TRACKED.isdisjoint((*window.types, *window.per_types))


def forget(out: Floats, columns: NDArray[np.int64], records: Records, lead_index: NDArray[np.int64]) -> None:
    """Make the columns of out (n, features) UNTRACKED for the leads (n,) that refused consent."""
    consent = records.leads.get(CONSENT)
    if consent is None or isinstance(consent, Categorical):
        return
    refused = np.flatnonzero(consent[lead_index] == 0)
    out[refused[:, None], columns] = UNTRACKED


def forget_live(out: Floats, columns: NDArray[np.int64], leads: Sequence[LiveLead]) -> None:
    """The same for live leads."""
    for row, lead in zip(out, leads, strict=True):
        if lead.lead.get(CONSENT) is False:
            row[columns] = UNTRACKED
