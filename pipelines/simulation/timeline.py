"""The two years that are simulated: when leads come, and how season and drift move their chance."""

from datetime import UTC, datetime

import numpy as np

from pipelines.simulation.arrays import DAY, Floats, Integers

BEGIN = datetime(2023, 9, 1, tzinfo=UTC)
CUTOFF = datetime(2025, 9, 1, tzinfo=UTC)
BEGIN_SECOND = int(BEGIN.timestamp())
CUTOFF_SECOND = int(CUTOFF.timestamp())
DAYS = (CUTOFF - BEGIN).days
YEAR = 365.25

# Leads per day, relative: quiet in August and December, strong in autumn and spring; weekends are quiet.
MONTH_VOLUME = (0.95, 1.0, 1.15, 1.05, 1.05, 0.95, 0.85, 0.65, 1.2, 1.25, 1.15, 0.75)
WEEKDAY_VOLUME = (1.1, 1.2, 1.2, 1.15, 0.95, 0.35, 0.3)
GROWTH = 0.2  # more leads per day at the end than at the beginning

SEASON_LOG_ODDS = 0.1  # half the swing between the best month (November) and the worst (May)
SEASON_PEAK_DAY = 320
DRIFT_LOG_ODDS = -0.06  # a year


def volume_by_day() -> Floats:
    """Share of the leads that come on each simulated day, (DAYS,), adding up to 1."""
    days = np.datetime64(BEGIN.date(), "D") + np.arange(DAYS)
    months = days.astype("datetime64[M]").astype(np.int64) % 12
    weekdays = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    volume = np.array(MONTH_VOLUME)[months] * np.array(WEEKDAY_VOLUME)[weekdays]
    volume *= 1 + GROWTH * np.arange(DAYS) / DAYS
    return np.asarray(volume / volume.sum(), dtype=np.float64)


def draw_creation(rng: np.random.Generator, size: int) -> Integers:
    """Moments at which leads come, mostly around noon, (size,) seconds since 1970."""
    day = np.searchsorted(np.cumsum(volume_by_day())[:-1], rng.random(size))
    second = rng.beta(4, 4, size) * DAY
    return np.asarray(BEGIN_SECOND + day * DAY + second.astype(np.int64), dtype=np.int64)


def years_since_begin(at: Integers) -> Floats:
    """Years since the beginning, (n,), from 0 to 2."""
    return np.asarray((at - BEGIN_SECOND) / (DAY * YEAR), dtype=np.float64)


def season(at: Integers) -> Floats:
    """Log-odds that the time of the year adds, (n,)."""
    day_of_year = (at / DAY) % YEAR
    return np.asarray(SEASON_LOG_ODDS * np.cos(2 * np.pi * (day_of_year - SEASON_PEAK_DAY) / YEAR), dtype=np.float64)


def drift(at: Integers) -> Floats:
    """Log-odds that the slow change of the market adds, (n,), 0 in the middle of the two years."""
    return np.asarray(DRIFT_LOG_ODDS * (years_since_begin(at) - 1), dtype=np.float64)
