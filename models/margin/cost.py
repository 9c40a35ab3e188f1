"""What a model costs whoever serves it."""

import re
import time
from dataclasses import dataclass

from features.arrays import Floats
from models.margin.margin import Margin
from models.trees.booster import Booster

_ROWS = 2_000  # leads that are timed
_LEAVES = re.compile(r"^num_leaves=(\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class ServingCost:
    """Trees and leaves of a model, the megabytes of their text, and microseconds of the processor for each lead.

    The time is that of the margin with its explanation, in a batch.
    """

    trees: int
    leaves: int
    megabytes: float
    microseconds_per_lead: float

    @classmethod
    def of(cls, margin: Margin, X: Floats) -> "ServingCost":
        """The cost of a margin, timed on the first rows of X (n, features)."""
        texts = [component.text for component in margin.components if isinstance(component, Booster)]
        leaves = [int(count) for text in texts for count in _LEAVES.findall(text)]
        rows = X[:_ROWS]
        margin.explain(rows[:1])  # tables are made, and kernels loaded, with the first lead
        started = time.process_time()
        margin.explain(rows)
        seconds = time.process_time() - started
        return cls(
            len(leaves), sum(leaves), round(sum(map(len, texts)) / 1e6, 2), round(1e6 * seconds / max(1, len(rows)), 1)
        )
