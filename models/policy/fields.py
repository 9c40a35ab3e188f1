"""What a lead's profile says to the agreement: its fields, and which rules are true of it."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from data_contracts.agreement import VERDICT, VERDICTS, Rule, Value
from data_contracts.dataset import Attribute
from features.arrays import Times
from features.records.recent import newest_of
from features.records.records import Categorical, Column, Records
from features.values.attributes import FALSE, TRUE, AttributeFeature, normalised, number_of

Mask: TypeAlias = NDArray[np.bool_]
Cell: TypeAlias = str | float | None
Located: TypeAlias = tuple[Column | None, NDArray[np.int64]]

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda cell, value: cell < value,
    "<=": lambda cell, value: cell <= value,
    ">": lambda cell, value: cell > value,
    ">=": lambda cell, value: cell >= value,
}


def matches(rule: Rule, records: Records, lead_index: NDArray[np.int64], moment: Times) -> Mask:
    """Whether the rule is true (n,) of leads at moments. What is not known makes no rule true but ``missing``."""
    column, row = locate(rule.field, records, lead_index, moment)
    return _of_cells(column, row, lambda cell: is_true(rule, cell))


def is_there(field: str, records: Records, lead_index: NDArray[np.int64], moment: Times) -> Mask:
    """Whether a required field (n,) holds something."""
    column, row = locate(field, records, lead_index, moment)
    return _of_cells(column, row, partial(holds, field))


def holds(field: str, cell: Cell) -> bool:
    """Whether one value of a required field is something: not empty, no ``none``, and no false flag."""
    flag = field.startswith("has_")
    return not (_absent(cell) or cell == "none" or (flag and _same(cell, False)))


def locate(field: str, records: Records, lead_index: NDArray[np.int64], moment: Times) -> Located:
    """The column of a field and the row (n,) of it that each lead has at its moment; -1 for none.

    A field is the lead's own or else its account's; ``account.country`` is the account's country.
    """
    if field == VERDICT:
        codes = newest_of(records.lead_events, [f"verdict_{each}" for each in VERDICTS], lead_index, moment)
        return Categorical(codes, VERDICTS), np.arange(lead_index.size)
    of_account = field.startswith("account.")
    name = field.removeprefix("account.")
    own = not of_account and (name in records.leads or name in records.lead_history)
    attribute = Attribute(
        table="leads" if own else "accounts", name=name, kind="categorical", known_at="changes", label=name
    )
    return AttributeFeature.of(attribute).raw(records, lead_index, moment)


def is_true(rule: Rule, cell: Cell) -> bool:
    """Whether the rule is true of one value; None is a missing one."""
    if rule.op == "missing" or _absent(cell):
        return rule.op == "missing" and _absent(cell)
    if rule.op in _COMPARE:
        return _COMPARE[rule.op](_number(cell), _number_of_value(rule.value))
    values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    found = any(_same(cell, value) for value in values)
    return found if rule.op in ("is", "in") else not found


def _of_cells(column: Column | None, row: NDArray[np.int64], test: Callable[[Cell], bool]) -> Mask:
    """The test's answer (n,) for the column's value at each row; asked once per distinct value."""
    if column is None:
        return np.full(row.size, test(None))
    if isinstance(column, Categorical):
        answers = np.array([*(test(level) for level in column.levels), test(None)])
        codes = np.append(column.codes, np.int32(-1))  # row -1 is the value appended
        result: Mask = answers[codes[row]]
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


def _number_of_value(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
