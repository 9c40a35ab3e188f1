"""What is known of a number of leads, as columns of NumPy arrays; one live request is a table of one row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from features.arrays import Bytes, Codes, Floats, Times
from features.records.related import Related


@dataclass(frozen=True)
class Categorical:
    """Strings as int32 codes (n,) into ``levels``; -1 is missing."""

    codes: Codes
    levels: tuple[str, ...]


Column: TypeAlias = Floats | Categorical


@dataclass(frozen=True)
class Events:
    """What happened, grouped by owner and ordered by time within it.

    The events of owner i are the slice ``starts[i]:starts[i + 1]``. ``at`` is microseconds since 1970 UTC. ``lead`` is
    the index of the lead that did it. Deals closed, leads created and dispositions are events too (types ``deal_won``,
    ``deal_lost``, ``lead_created``, ``verdict_accepted`` ..., ``bant_budget`` ... with the answer as value).
    """

    starts: NDArray[np.int64]  # (owners + 1,)
    at: Times  # (m,)
    type: Categorical  # (m,)
    related: Related  # (m,)
    value: Floats  # (m,), NaN where there is none
    automated: Bytes  # (m,), 0: by a person; k: by a machine, which is clear k - 1 seconds later
    lead: Codes  # (m,)


@dataclass(frozen=True)
class Records:
    """n leads, the k accounts that they belong to, and everything that happened to either.

    ``leads`` and ``accounts`` hold one column per canonical column or attribute, of n and k rows. ``account_of`` (n,)
    is the row of the lead's account, -1 for none. ``lead_events`` has n owners and holds activities and dispositions;
    ``account_events`` has k owners and holds the activities, closed deals and creations of all leads of the account
    (the kernel leaves out the lead's own). ``lead_history`` and ``account_history`` hold the attributes with a history
    (known_at: changes): per column, events with n (or k) owners whose type is the new value as text, -1 for cleared.
    """

    lead_ids: NDArray[np.object_]  # (n,)
    created_at: Times  # (n,), NO_TIME where unknown
    leads: Mapping[str, Column]
    account_of: Codes
    accounts: Mapping[str, Column]
    lead_events: Events
    account_events: Events
    lead_history: Mapping[str, Events]
    account_history: Mapping[str, Events]
