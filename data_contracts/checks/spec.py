"""A check as data: what is measured, from when on it fails and how badly, and every word said about it.

Engines compile it: ``checks`` to SQL over all rows (DuckDB), ``expectations`` to a Great Expectations suite.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from data_contracts.checks.finding import Finding, Level

TOLERATED_SHARE = 0.05  # a few odd rows are an export's dirt, many are a wrong mapping
ANY_SHARE = 1.0


class Verdict(NamedTuple):
    """What one measurement came to; without a ``level`` that of the check holds."""

    passed: bool
    found: str
    rows: int = 0
    level: Level | None = None


@dataclass(frozen=True)
class BrokenRows:
    """The rows of the table for which a SQL condition holds; up to a share of them is only a warning."""

    condition: str
    tolerated: float = TOLERATED_SHARE


@dataclass(frozen=True)
class Measurement:
    """The one row that a SQL query gives, and how it is judged; a verdict of None: there is nothing to say."""

    query: str
    judge: Callable[..., Verdict | None]


@dataclass(frozen=True)
class Expectation:
    """A class of great_expectations.expectations, by name, and its arguments."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckSpec:
    """One check of one table: ``name`` is a claim that holds or not, ``advice`` what to do where it does not."""

    table: str
    name: str
    expected: str
    advice: str
    level: Level = "error"
    metric: BrokenRows | Measurement | None = None  # for DuckDB
    expectation: Expectation | None = None  # for Great Expectations

    def finding(self, level: Level, passed: bool, found: str, rows: int = 0, examples: tuple[str, ...] = ()) -> Finding:
        """What the check came to, in its words."""
        return Finding(
            name=self.name,
            table=self.table,
            level=level,
            passed=passed,
            found=found,
            expected=self.expected,
            rows=rows,
            examples=examples,
            advice=self.advice,
        )


def quoted(name: str) -> str:
    """A column's name as SQL writes it.

    >>> quoted("order")
    '"order"'
    """
    return '"' + name.replace('"', '""') + '"'
