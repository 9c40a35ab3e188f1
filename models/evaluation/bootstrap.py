"""The bootstrap over leads: replicates draw leads with replacement, each with all its snapshots.

Percentile intervals (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13). The same seed draws
the same leads, however many replicates are held in memory at once.
"""

from collections.abc import Iterator

import numpy as np

from features.arrays import Floats, Integers
from models.evaluation.intervals import Estimate

MAX_CELLS = 4_000_000  # numbers held at once


def draw_leads(leads: int, replicates: int, seed: int, *, width: int = 0, cells: int = MAX_CELLS) -> Iterator[Integers]:
    """Blocks of replicates (block, leads), each the leads that it draws.

    A block has at most about ``cells`` numbers; ``width`` is how many the caller needs per replicate beside them.
    """
    generator = np.random.default_rng(seed)
    block = max(1, cells // max(leads, width))
    for start in range(0, replicates, block):
        yield generator.integers(leads, size=(min(block, replicates - start), leads))


def draw_counts(lead: Integers, replicates: int, seed: int) -> Iterator[Integers]:
    """Blocks of replicates (block, n): how often each draws the lead, codes from 0, of every snapshot (n,)."""
    leads = int(lead.max()) + 1
    for drawn in draw_leads(leads, replicates, seed, width=len(lead)):
        numbered = drawn + np.arange(len(drawn))[:, None] * leads
        counts = np.bincount(numbered.ravel(), minlength=drawn.size).reshape(drawn.shape)
        yield counts[:, lead]


def interval(drawn: Floats) -> Floats:
    """Low and high end (2, ...) of the 95% interval of what the replicates (replicates, ...) gave."""
    ends: Floats = np.quantile(drawn, (0.025, 0.975), axis=0)
    return ends


def mean_estimate(total: Floats, mass: Floats, replicates: int, seed: int) -> Estimate:
    """The mean over leads, ``total`` (leads,) over ``mass`` (leads,), with its interval.

    >>> mean_estimate(np.array([1.0, 0.0, 2.0, 1.0]), np.ones(4), replicates=1000, seed=0)
    Estimate(value=1.0, low=0.25, high=1.75)
    """
    blocks = draw_leads(len(total), replicates, seed)
    means = np.concatenate([total[drawn].sum(axis=1) / mass[drawn].sum(axis=1) for drawn in blocks])
    low, high = interval(means)
    return Estimate(float(total.sum() / mass.sum()), float(low), float(high))
