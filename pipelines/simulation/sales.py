"""Sales: what salespeople report about leads that they looked at; noisy, and part of what the truth knows."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulation.arrays import DAY, Flags, Floats, Integers
from pipelines.simulation.levels import MISSING, forget, pick

HANDLED_SHARE = 0.5
DELAY_DAYS, DELAY_SPREAD = 5.0, 1.0  # median and log standard deviation
VERDICTS = ("accepted", "ready", "nurture", "suspect")
VERDICT = np.array([[0.38, 0.08, 0.36, 0.18], [0.50, 0.22, 0.23, 0.05]])  # [class, verdict]
QUESTIONS = ("budget", "authority", "need", "timeline")
ASKED_SHARE = 0.6
YES = np.array([[0.35, 0.50, 0.50, 0.40], [0.65, 0.50, 0.80, 0.40]])  # [class, question]
MOODS = (-1.0, -0.5, 0.0, 0.5, 1.0)
MOOD_SHARE = 0.4
MOOD = np.array([[0.07, 0.20, 0.36, 0.24, 0.13]] * 2)  # [class, mood]
REASONS = ("spoke on the phone", "answered by e-mail", "looked at the website", "met at an event")
SELLERS = tuple(f"seller-{number:02d}" for number in range(1, 25))


@dataclass(frozen=True)
class Reports:
    """q reports: the lead's row, its age in seconds, codes; answers are (q, 4): 1 yes, 0 no, -1 not asked."""

    lead: Integers
    age: Integers
    verdict: Integers
    answers: Integers
    mood: Integers
    reason: Integers
    seller: Integers


def draw_reports(rng: np.random.Generator, won: Flags, until: Integers) -> Reports:
    """Reports on half of the leads, days after their creation, unless decided (or the data's end) before.

    Whether and when sales looks does not depend on the class; what it says does.
    """
    age = (np.exp(rng.normal(np.log(DELAY_DAYS), DELAY_SPREAD, won.size)) * DAY).astype(np.int64)
    lead = np.flatnonzero((rng.random(won.size) < HANDLED_SHARE) & (age < until))
    of_class = won[lead].astype(np.int64)
    yes = (rng.random((lead.size, len(QUESTIONS))) < YES[of_class]).astype(np.int64)
    asked = rng.random(yes.shape) < ASKED_SHARE
    return Reports(
        lead=lead,
        age=age[lead],
        verdict=pick(rng, VERDICT[of_class], lead.size),
        answers=np.where(asked, yes, MISSING),
        mood=forget(rng, pick(rng, MOOD[of_class], lead.size), 1 - MOOD_SHARE),
        reason=rng.integers(0, len(REASONS), lead.size),
        seller=rng.integers(0, len(SELLERS), lead.size),
    )


def log_ratio(reports: Reports, leads: int, age_days: float) -> Floats:
    """Log-likelihood ratio of won to lost of all reports before an age, (leads,)."""
    seen = reports.age < age_days * DAY
    verdict = np.log(VERDICT[1] / VERDICT[0])[reports.verdict]
    mood = np.append(np.log(MOOD[1] / MOOD[0]), 0.0)[reports.mood]
    of_answer = np.stack([np.log((1 - YES[1]) / (1 - YES[0])), np.log(YES[1] / YES[0]), np.zeros(len(QUESTIONS))])
    answers = of_answer[reports.answers, np.arange(len(QUESTIONS))].sum(axis=1)
    weights = (verdict + mood + answers)[seen]
    return np.asarray(np.bincount(reports.lead[seen], weights=weights, minlength=leads), dtype=np.float64)
