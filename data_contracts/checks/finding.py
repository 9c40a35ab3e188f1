"""A finding: what one check of the data came to."""

from collections.abc import Iterable
from typing import Literal

from data_contracts.frozen import Frozen
from data_contracts.wording import counted

Level = Literal["error", "warning"]
EXAMPLES = 5


class Finding(Frozen):
    """The verdict of one check on one table.

    ``name`` is a claim that holds or not; ``found`` and ``expected`` say what was seen and what should have been;
    ``rows`` counts the rows that break the claim (0 where it is about the whole table); ``examples`` holds up to five
    ids; ``advice`` says what to do. An error means that the data checks fail, a warning does not.
    """

    name: str
    table: str
    level: Level
    passed: bool
    found: str
    expected: str
    rows: int = 0
    examples: tuple[str, ...] = ()
    advice: str = ""


def breaking(rows: int, total: int) -> str:
    """How many rows break a claim.

    >>> breaking(1, 1200), breaking(3, 1200)
    ('1 of 1,200 rows breaks this', '3 of 1,200 rows break this')
    """
    return f"{rows:,} of {counted(total, 'row')} {'breaks' if rows == 1 else 'break'} this"


def examples(ids: Iterable[object]) -> tuple[str, ...]:
    """The first few distinct ids as text; an id that is an e-mail address is personal data and is not shown."""
    shown = ("(an e-mail address)" if "@" in str(each) else str(each) for each in ids)
    return tuple(dict.fromkeys(shown))[:EXAMPLES]
