"""Who a lead is: what its tables say of the job and of the company, for the person who is going to call."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import Attribute
from features.arrays import Times
from features.phrases import Phrasebook, plural
from features.records.records import Categorical, Records
from features.values.attributes import AttributeFeature, candidates
from pipelines.importing.vocabulary import is_all
from pipelines.tables.columns import read_column
from pipelines.tables.tables import Tables

Value: TypeAlias = str | float
JOB = ("job_title", "seniority", "department", "country")
COMPANY = ("industry", "employees", "country")
_SHOWN = frozenset({*(f"leads.{name}" for name in JOB), *(f"accounts.{name}" for name in COMPANY)})


@dataclass(frozen=True)
class Profile:
    """The columns of the contract that say who a lead is and have a value, by their names; all else stays untold.

    ``account`` is the key of the company, empty where the lead has none.
    """

    account: str = ""
    job: Mapping[str, Value] = field(default_factory=dict)
    company: Mapping[str, Value] = field(default_factory=dict)

    def lines(self, book: Phrasebook) -> Iterator[tuple[str, str]]:
        """What to call each part, and what is known of it: ``Company``, ``ACME · software · 250 employees``."""
        job = [book.value(name, str(value)) for name, value in self.job.items()]
        company = [self.account] if self.account else []
        company += [_words(book, name, value) for name, value in self.company.items()]
        for name, parts in (("job", job), ("company", company)):
            if parts:
                yield book.words(name), " · ".join(parts)


def profile_of(tables: Tables, records: Records, lead: NDArray[np.int64], moment: Times) -> Profile:
    """The profile of one lead (1,) at a moment (1,)."""
    known: dict[str, Value] = {}  # the contract's own columns come first
    for each in candidates(tables.manifest.attributes):
        name = _column(each)
        if name in _SHOWN and name not in known and (value := _value(each, records, lead, moment)) is not None:
            known[name] = value
    job, company = (
        {name: known[f"{table}.{name}"] for name in names if f"{table}.{name}" in known}
        for table, names in (("leads", JOB), ("accounts", COMPANY))
    )
    account = read_column(tables.dataset, "leads", "account_id")[int(lead[0])].as_py()
    return Profile("" if account is None else str(account), job, company)


def _column(attribute: Attribute) -> str:
    """What an attribute is here: of what files of leads say of their companies, what the contract says of accounts."""
    if attribute.table == "leads":
        header = attribute.column or attribute.name
        of_company = (name for name in COMPANY if name not in JOB and is_all(header, name))
        return next((f"accounts.{name}" for name in of_company), f"leads.{attribute.name}")
    return f"accounts.{attribute.name}"


def _value(attribute: Attribute, records: Records, lead: NDArray[np.int64], moment: Times) -> Value | None:
    """What an attribute of the lead was at the moment; None where it had no value."""
    column, (row, *_) = AttributeFeature.of(attribute).raw(records, lead, moment)
    if column is None or row < 0:
        return None
    if isinstance(column, Categorical):
        code = int(column.codes[row])
        return None if code < 0 else column.levels[code]
    return float(column[row]) if np.isfinite(column[row]) else None


def _words(book: Phrasebook, name: str, value: Value) -> str:
    if name == "employees":
        form, count = book.words(name), value if isinstance(value, str) else book.number(value)
        return str((form["other"] if isinstance(value, str) else plural(form, value)).format(n=count))
    return book.value(name, str(value))
