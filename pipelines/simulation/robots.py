"""Robots: mail gateways that open a message and click every link in it within seconds, whatever the lead's class."""

import numpy as np

from pipelines.simulation.arrays import DAY, Flags, Integers
from pipelines.simulation.behaviour import NAMES, Events

BURSTS_A_DAY = 0.08
FIRST_DAYS = 60  # campaigns write to a lead this long
RECOGNISED_SHARE = 0.75  # of the bursts, marked as automated in the export
MAX_CLICKS = 6
SPAN_SECONDS = 3


def draw_robots(rng: np.random.Generator, guarded: Flags, until: Integers) -> Events:
    """One opening and two to six clicks per burst on leads behind a gateway, before an age in seconds."""
    window = np.clip(until, 0, FIRST_DAYS * DAY)
    bursts = np.where(guarded, rng.poisson(BURSTS_A_DAY * window / DAY), 0)
    burst_lead = np.repeat(np.arange(guarded.size), bursts)
    burst_age = (rng.random(burst_lead.size) * window[burst_lead]).astype(np.int64)
    recognised = rng.random(burst_lead.size) < RECOGNISED_SHARE
    clicks = rng.integers(2, MAX_CLICKS + 1, burst_lead.size)
    burst = np.repeat(np.arange(burst_lead.size), clicks + 1)
    opening = np.diff(burst, prepend=-1) != 0
    later = rng.integers(0, SPAN_SECONDS + 1, burst.size)
    return Events(
        lead=burst_lead[burst],
        age=burst_age[burst] + np.where(opening, 0, later),
        type=np.where(opening, NAMES.index("email_open"), NAMES.index("email_click")),
        automated=recognised[burst],
    )
