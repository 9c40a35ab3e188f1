"""Which dates say when a lead became known and when a deal was decided."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_contracts.mapping.rules import Rule
from pipelines.drafting.profile import ColumnProfile, FileProfile
from pipelines.importing.cells import times
from pipelines.importing.chunk import as_mask, filled
from pipelines.importing.vocabulary import says

DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Closing:
    """The columns of which the first that is filled says when a deal was decided.

    ``planned``: or should be, by its name; ``of_open``: most open deals have such a date as well.
    """

    columns: tuple[str, ...]
    planned: bool = False
    of_open: bool = False

    @property
    def doubt(self) -> str:
        """What is to be checked, or nothing."""
        if self.planned:
            return "named as a plan: is it when the deal was decided?"
        return (
            "open deals have it too: is it a plan, and once a deal is decided the date of that?" if self.of_open else ""
        )


def closing_of(file: FileProfile, still_open: NDArray[np.bool_] | None = None) -> Closing | None:
    """When deals were decided: of several dates the real ones, not the planned, nor those of ``still_open`` (rows,)."""
    ending = ("closed_at", "won", "lost")
    dates = [c for c in dates_of(file) if any(says(c.name, each) for each in ending) and not says(c.name, "changed")]
    real = [c for c in dates if not says(c.name, "planned")]
    if not real:
        return Closing((max(dates, key=lambda c: c.filled).name,), planned=True) if dates else None
    ends = {meaning: [c for c in real if says(c.name, meaning)] for meaning in ("won", "lost")}
    general = [c for c in real if c not in ends["won"] and c not in ends["lost"]]
    if not general and ends["won"] and ends["lost"]:
        return Closing((ends["won"][0].name, ends["lost"][0].name))
    best = max(general or real, key=lambda c: _of_ends(c, still_open))
    return Closing((best.name,), of_open=_has(best, still_open))


def created_of(file: FileProfile, closing: Closing | None) -> str | None:
    """The date from which a lead exists: named so, filled in most rows, and not after the closing."""
    taken = closing.columns if closing is not None else ()
    free = [c for c in dates_of(file) if c.name not in taken]
    dates = [c for c in free if not any(says(c.name, meaning) for meaning in ("changed", "planned"))]
    best = max(dates, key=lambda c: _likelihood(file, c, closing), default=None)
    return best.name if best is not None else None


def step_of(file: FileProfile, key: str) -> str | None:
    """The date of a step in a history of the deals that ``key`` names: the one that changes from row to row."""
    groups = file.columns[key].cells.to_pandas()
    real = [c for c in dates_of(file) if not says(c.name, "planned") and c.filled > file.rows / 2]
    moving = [c for c in real if _moves(c, groups)]
    best = max(moving, key=lambda c: (says(c.name, "begun"), says(c.name, "created"), c.filled), default=None)
    return best.name if best is not None else None


def begun_of(file: FileProfile, key: str) -> str | None:
    """The date in a history that says when the deals that ``key`` names began: named so, the same in all their rows."""
    groups = file.columns[key].cells.to_pandas()
    named = [c for c in dates_of(file) if says(c.name, "created") or says(c.name, "begun")]
    return next((c.name for c in named if c.filled == file.rows and not _moves(c, groups)), None)


def in_order(file: FileProfile, key: str, when: str) -> bool:
    """Do the rows of nearly each deal stand in the order of time?"""
    at = pd.Series(read_times(file.columns[when]).to_pandas())
    rising = at.groupby(file.columns[key].cells.to_pandas()).apply(lambda each: each.is_monotonic_increasing)
    return bool(rising.mean() > 0.99)


def first_step(file: FileProfile, key: str, when: str, stage: str) -> str | None:
    """The stage in which nearly each deal began, and was once, or None."""
    at = read_times(file.columns[when]).to_pandas()
    steps = pd.DataFrame({name: file.columns[name].cells.to_pandas() for name in (key, stage)}).assign(at=at)
    first = steps.sort_values("at", kind="stable").groupby(key)[stage].first()
    usual = first.mode()
    if usual.empty:
        return None
    times_ = (steps[stage] == usual[0]).groupby(steps[key]).sum()
    return str(usual[0]) if ((first == usual[0]) & (times_ == 1)).mean() > 0.95 else None


def dates_of(file: FileProfile) -> list[ColumnProfile]:
    """The columns that hold dates."""
    return [column for column in file.columns.values() if column.time_style is not None]


def _of_ends(column: ColumnProfile, still_open: NDArray[np.bool_] | None) -> tuple[bool, bool, bool, bool, int]:
    name = says(column.name, "actual"), not says(column.name, "created")
    return *name, not _has(column, still_open), not column.wrapped, column.filled


def _has(column: ColumnProfile, rows: NDArray[np.bool_] | None) -> bool:
    """Is it filled in most of these rows (n,)?"""
    return rows is not None and bool(rows.any()) and float(filled(column.cells)[rows].mean()) > 0.5


def _likelihood(file: FileProfile, column: ColumnProfile, closing: Closing | None) -> tuple[bool, bool, int, bool, int]:
    early = closing is None or _comes_before(column, file.columns[closing.columns[0]])
    name = 0 if says(column.name, "closed_at") else 1 if says(column.name, "dated") else 0
    name = 2 if says(column.name, "begun") else name
    name = 3 if says(column.name, "created") else name
    return early, column.filled > file.rows / 2, name, not column.wrapped, column.filled


def _moves(column: ColumnProfile, groups: "pd.Series[str]") -> bool:
    """Has it more than one value for most of the groups that have several rows?"""
    values = pd.Series(column.cells.to_pandas(), dtype=object).groupby(groups)
    return bool((values.nunique()[values.size() > 1] > 1).mean() > 0.5)


def _comes_before(column: ColumnProfile, other: ColumnProfile) -> bool:
    """Is it, in most rows that have both, not after the other?"""
    ours, theirs = (read_times(each) for each in (column, other))
    gap = pc.subtract(ours, theirs).cast("int64")
    known = as_mask(gap.is_valid())
    return not known.any() or float(np.mean(as_mask(pc.less(gap, DAY))[known])) > 0.7


def read_times(column: ColumnProfile) -> pa.Array:
    """The cells of a column as times."""
    style = column.time_style
    return times(column.cells, Rule(format=style.formats if style else ()))
