"""Leads whose true probabilities are known."""

import numpy as np

from models.evaluation.scored import Scored


def honest_leads(leads: int = 2000, ages: int = 3, seed: int = 0) -> Scored:
    """Leads that buy with exactly the probability predicted; each has several snapshots and one outcome."""
    generator = np.random.default_rng(seed)
    p = generator.beta(1, 4, leads)
    y = (generator.random(leads) < p).astype(np.float64)
    lead = np.repeat(np.arange(leads, dtype=np.int64), ages)
    return Scored(np.repeat(y, ages), np.repeat(p, ages), np.full(leads * ages, 1 / ages), lead)
