"""Whether the test leads buy as often as the training leads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.labels.base_rates import row_blocks
from models.evaluation.intervals import UNDEFINED, Estimate, wilson

BLOCKS = 10
_MATERIAL = 0.2  # relative change of the base rate that a plan would feel
_SURELY = 1e-4  # probability that blocks of one base rate look as different by chance


@dataclass(frozen=True)
class Block:
    """Leads that follow each other in time; ``part`` is the part of the split that most of them are in."""

    number: int
    start: str
    end: str
    leads: float
    won_rate: Estimate
    part: str


@dataclass(frozen=True)
class BaseRates:
    """The share of won leads in the training and in the test split, and in blocks of equal size along time.

    ``blocks`` is empty where nothing orders the leads; ``mixed`` says that test leads are of all times.
    """

    trained: Estimate
    tested: Estimate
    blocks: tuple[Block, ...]
    mixed: bool = False

    @property
    def drifts(self) -> bool:
        """Whether the two parts differ by more than noise and by enough to matter."""
        apart = self.trained.high < self.tested.low or self.tested.high < self.trained.low
        return apart and _matters(self.trained.value, self.tested.value)

    @property
    def hidden(self) -> bool:
        """Whether blocks along time differ and the test split cannot show it, as after a random split."""
        if self.drifts or not self.mixed or len(self.blocks) < 2:
            return False
        rates = [block.won_rate.value for block in self.blocks]
        return _matters(min(rates), max(rates)) and _chance(self.blocks) < _SURELY

    def frame(self) -> pd.DataFrame:
        """The blocks as a table."""
        rows = [(b.number, b.start, b.end, b.leads, b.part, *b.won_rate) for b in self.blocks]
        return pd.DataFrame(rows, columns=["block", "start", "end", "leads", "part", "won_rate", "low", "high"])


def base_rates(snapshots: pd.DataFrame, *, ordered: bool, mixed: bool = False) -> BaseRates:
    """Base rates of the labelled snapshots (columns of snapshots.parquet), each lead weighing 1.

    ``ordered`` says that positions are an order in time, ``mixed`` that the test leads were drawn at random.
    """
    labelled = snapshots[snapshots["label"].notna() & snapshots["part"].isin(["train", "calibrate", "test"])]
    labelled = labelled.assign(label=labelled["label"].astype("float64"))
    test = labelled["part"] == "test"
    blocks = _blocks(labelled) if ordered else ()
    return BaseRates(_rate(labelled[~test]), _rate(labelled[test]), blocks, mixed)


def _rate(rows: pd.DataFrame) -> Estimate:
    weight = float(rows["weight"].sum())
    if weight == 0:
        return UNDEFINED
    return wilson(float((rows["label"] * rows["weight"]).sum()) / weight, weight)


def _blocks(labelled: pd.DataFrame) -> tuple[Block, ...]:
    pieces = row_blocks(labelled["position"].to_numpy(np.int64), BLOCKS)
    return tuple(_block(number, labelled.iloc[rows]) for number, rows in enumerate(pieces, start=1))


def _block(number: int, rows: pd.DataFrame) -> Block:
    part = str(rows.groupby("part", observed=True)["weight"].sum().idxmax())
    start, end = _moment(rows.iloc[0]), _moment(rows.iloc[-1])
    return Block(number, start, end, float(rows["weight"].sum()), _rate(rows), part)


def _moment(row: pd.Series) -> str:
    """The day, or the place in the order where days are not known."""
    at = row["snapshot_at"]
    return str(row["position"] + 1) if pd.isna(at) else f"{at:%Y-%m-%d}"


def _chance(blocks: Sequence[Block]) -> float:
    """The probability of blocks at least so different if all had one base rate (chi-squared test)."""
    from scipy.stats import chi2

    leads = np.array([block.leads for block in blocks])
    rates = np.array([block.won_rate.value for block in blocks])
    rate = float(np.average(rates, weights=leads))
    if rate in (0.0, 1.0):
        return 1.0
    statistic = float((leads * (rates - rate) ** 2).sum() / (rate * (1 - rate)))
    return float(chi2.sf(statistic, len(blocks) - 1))


def _matters(one: float, other: float) -> bool:
    smaller, larger = sorted((one, other))
    return larger > smaller * (1 + _MATERIAL)
