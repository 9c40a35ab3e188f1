"""Curves over the test leads with their 95 % intervals: reliability, gains and lift."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.arrays import Floats
from models.evaluation import curves
from models.evaluation.intervals import wilson
from models.evaluation.metrics import Estimate
from pipelines.evaluation.scored import Scored

REPLICATES = 200  # enough for a 95 % band that is drawn or given to two digits


def reliability(scored: Scored, bins: int = 10) -> pd.DataFrame:
    """Mean predicted probability and observed share of buyers per bin of equal mass, one row per bin that has leads.

    ``low`` and ``high`` are the 95 % interval of the observed share, each lead counting once.
    """
    rows = []
    found = curves.reliability(scored.outcome, scored.probability, scored.weight, bins)
    for number, each in enumerate(found, start=1):
        observed = wilson(each.won_share, each.weight)
        rows.append((number, each.weight, each.mean_probability, observed.value, observed.low, observed.high))
    return pd.DataFrame(rows, columns=["bin", "leads", "predicted", "observed", "low", "high"])


@dataclass(frozen=True)
class Gains:
    """What contacting the best-scored leads first finds.

    ``contacted`` (k,) is the share of leads contacted, 0 to 1; ``found`` (k,) the share of all buyers among them, with
    the 95 % band ``low`` to ``high`` (bootstrap over leads).
    """

    contacted: Floats
    found: Floats
    low: Floats
    high: Floats

    def at(self, share: float) -> Estimate:
        """The share of all buyers found when ``share`` of the leads is contacted."""
        values = [float(np.interp(share, self.contacted, curve)) for curve in (self.found, self.low, self.high)]
        return Estimate(*values)

    def lift_at(self, share: float) -> Estimate:
        """How many times as many buyers as with leads in random order."""
        found = self.at(share)
        return Estimate(found.value / share, found.low / share, found.high / share)

    def frame(self) -> pd.DataFrame:
        """The curve as a table."""
        return pd.DataFrame(
            {
                "contacted": self.contacted,
                "found": self.found,
                "low": self.low,
                "high": self.high,
                "random": self.contacted,
            }
        )


def gains(scored: Scored, *, points: int = 101, replicates: int = REPLICATES, seed: int = 0) -> Gains:
    """The gains curve; within equal probabilities the leads come in random order (their expectation is exact)."""
    grid = np.linspace(0.0, 1.0, points)
    draws = [_found(drawn, grid) for drawn in _redrawn(scored, replicates, seed)]
    low, high = np.percentile(draws, (2.5, 97.5), axis=0)
    return Gains(grid, _found(scored, grid), low, high)


def precision_at(scored: Scored, share: float, *, replicates: int = REPLICATES, seed: int = 0) -> Estimate:
    """The share of buyers among the best-scored ``share`` of the leads."""
    draws = [_precision(drawn, share) for drawn in _redrawn(scored, replicates, seed)]
    low, high = np.percentile(draws, (2.5, 97.5))
    return Estimate(_precision(scored, share), float(low), float(high))


def _found(scored: Scored, grid: Floats) -> Floats:
    curve = curves.gains(scored.outcome, scored.probability, scored.weight)
    found: Floats = np.interp(grid, np.append(0.0, curve.contacted), np.append(0.0, curve.won))
    return found


def _precision(scored: Scored, share: float) -> float:
    top = share * float(scored.weight.sum())
    return curves.precision_at(scored.outcome, scored.probability, top, scored.weight)


def _redrawn(scored: Scored, replicates: int, seed: int) -> Iterator[Scored]:
    """Test parts of leads drawn with replacement; a lead drawn twice weighs 2."""
    generator = np.random.default_rng(seed)
    leads = scored.leads
    for _ in range(replicates):
        times = np.bincount(generator.integers(0, leads, leads), minlength=leads)[scored.lead]
        drawn = times > 0
        weight = scored.weight[drawn] * times[drawn]
        yield Scored(scored.outcome[drawn], scored.probability[drawn], weight, scored.lead[drawn])


def lift_table(scored: Scored, curve: Gains, groups: int = 10) -> pd.DataFrame:
    """Tenths of the leads from the best-scored down: share of buyers found, won rate and lift of each and so far."""
    edges = np.linspace(0.0, 1.0, groups + 1)
    found = np.interp(edges, curve.contacted, curve.found)
    width = 1.0 / groups
    return pd.DataFrame(
        {
            "tenth": np.arange(1, groups + 1),
            "contacted": edges[1:],
            "found": np.diff(found),
            "found_so_far": found[1:],
            "won_rate": np.diff(found) / width * scored.won_rate,
            "lift": np.diff(found) / width,
            "lift_so_far": found[1:] / edges[1:],
        }
    )
