"""What leads say to an agreement: the values of their fields, read from columns or from a live lead, and its rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data_contracts.agreement import VERDICT, VERDICTS, Rule, Value
from features.arrays import DAY, NO_TIME, Flags, Times
from features.records.live_lead import LiveLead
from features.records.machines import is_clear
from features.records.recent import newest_of
from features.records.records import Categorical, Column, Records
from features.texts import normalised
from features.values.attributes import FALSE, TRUE, AttributeFeature, Source, number_of

Cell: TypeAlias = str | float | None
_VERDICT_PREFIX = "verdict_"
_VERDICT_TYPES = tuple(_VERDICT_PREFIX + each for each in VERDICTS)

_COMPARE: dict[str, Callable[[float, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


class Leads(Protocol):
    """n leads at their moments, as an agreement asks about them.

    A field is the lead's own or else its account's; ``account.country`` is the account's country, ``verdict`` what
    sales answered last.
    """

    def __len__(self) -> int: ...

    def which(self, field: str, test: Callable[[Cell], bool]) -> list[int]:
        """The leads (their positions) whose value of a field passes a test; the value is None where it is not known."""
        ...

    def newest(self, types: Sequence[str], within_days: float | None) -> list[str]:
        """The newest event (n,) of some types that a person did, "" for none."""
        ...


@dataclass(frozen=True)
class RecordedLeads:
    """Leads of records (n,) at moments (n,); a test is asked once per distinct value of a column."""

    records: Records
    lead_index: NDArray[np.int64]
    moment: Times

    def __len__(self) -> int:
        return int(self.lead_index.size)

    def which(self, field: str, test: Callable[[Cell], bool]) -> list[int]:
        """See Leads."""
        return np.flatnonzero(_of_column(*self._locate(field), test)).tolist()

    def newest(self, types: Sequence[str], within_days: float | None) -> list[str]:
        """See Leads."""
        events, names = self.records.lead_events, (*types, "")
        newest = newest_of(events, types, self.lead_index, self.moment, within_days=within_days, by_people=True)
        return [names[each] for each in newest.tolist()]  # NONE is the last

    def _locate(self, field: str) -> Source:
        """The column of a field and the row (n,) of it that each lead has at its moment; -1 for none."""
        if field == VERDICT:
            codes = newest_of(self.records.lead_events, _VERDICT_TYPES, self.lead_index, self.moment)
            return Categorical(codes, VERDICTS), np.arange(len(self))
        name = field.removeprefix("account.")
        own = name == field and (name in self.records.leads or name in self.records.lead_history)
        feature = AttributeFeature("leads" if own else "accounts", name, "categorical", "demographic", "", history=True)
        return feature.raw(self.records, self.lead_index, self.moment)


@dataclass(frozen=True)
class LiveLeads:
    """Live leads (n,), read value by value.

    Two ways of reading a field, held equal by tests; the agreement that is applied to what they give is one.
    """

    leads: Sequence[LiveLead]

    def __len__(self) -> int:
        return len(self.leads)

    def which(self, field: str, test: Callable[[Cell], bool]) -> list[int]:
        """See Leads."""
        return [position for position, lead in enumerate(self.leads) if test(_cell(field, lead))]

    def newest(self, types: Sequence[str], within_days: float | None) -> list[str]:
        """See Leads."""
        return [_newest(lead, types, within_days, by_people=True) for lead in self.leads]


def _cell(field: str, lead: LiveLead) -> Cell:
    """A field's value, numbers and flags as a column would hold them."""
    if field == VERDICT:
        return _newest(lead, _VERDICT_TYPES).removeprefix(_VERDICT_PREFIX) or None
    part = lead.lead if field in lead.lead else lead.account
    value: Cell = part.get(field.removeprefix("account."))
    return value if value is None or isinstance(value, str) else float(value)


def _newest(lead: LiveLead, types: Sequence[str], within_days: float | None = None, *, by_people: bool = False) -> str:
    """What ``newest_of`` finds, "" for none."""
    since = NO_TIME if within_days is None or lead.as_of == NO_TIME else lead.as_of - round(within_days * DAY)
    for at, kind, _, _, _, automated in reversed(lead.events):
        if at < since:
            break
        if at < lead.as_of and kind in types and not (by_people and is_clear(automated, at, lead.as_of)):
            return kind
    return ""


def lacks(field: str, cell: Cell) -> bool:
    """Whether one value of a required field is nothing: empty, ``none``, or a false flag."""
    return _absent(cell) or cell == "none" or (field.startswith("has_") and _same(cell, False))


def is_true(rule: Rule, cell: Cell) -> bool:
    """Whether the rule is true of one value; None is a missing one."""
    if rule.op == "missing" or _absent(cell):
        return rule.op == "missing" and _absent(cell)
    if rule.op in _COMPARE:
        return _COMPARE[rule.op](_number(cell), rule.value)  # a number: agreements are checked
    values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    same = any(_same(cell, value) for value in values)
    return same if rule.op in ("is", "in") else not same


def _of_column(column: Column | None, row: NDArray[np.int64], test: Callable[[Cell], bool]) -> Flags:
    """The test's answer (n,) for the column's value at each row; asked once per distinct value."""
    if column is None:
        return np.full(row.size, test(None))
    if isinstance(column, Categorical):
        answers = np.array([*(test(level) for level in column.levels), test(None)])
        codes = np.append(column.codes, np.int32(-1))  # row -1 is the value appended
        result: Flags = answers[codes[row]]
        return result
    values, place = np.unique(np.append(column, np.nan)[row], return_inverse=True)
    return np.array([test(float(value)) for value in values], dtype=np.bool_)[place]


def _absent(cell: Cell) -> bool:
    if isinstance(cell, str):
        return not normalised(cell)
    return cell is None or cell != cell


def _same(cell: Cell, value: Value) -> bool:
    if isinstance(value, bool):
        words = TRUE if value else FALSE
        return normalised(cell) in words if isinstance(cell, str) else cell == float(value)
    if isinstance(value, int | float):
        return _number(cell) == value
    return _text(cell) == normalised(str(value))


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return normalised(cell)
    return "" if cell is None else f"{cell:g}"


def _number(cell: Cell) -> float:
    return number_of(cell) if isinstance(cell, str) else float("nan") if cell is None else cell
