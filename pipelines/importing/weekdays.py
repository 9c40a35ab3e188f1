"""Days of the week beside a date, which say nothing that the date does not: found by their names in CLDR."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

LOCALES = ("en", "es", "it", "de", "fr", "pt", "pt_PT", "nl", "pl", "ru", "tr", "ja", "cs", "hu")
LONGEST = 100  # characters: a longer cell is no date, and to look through it takes long
AFTER = ("tr", "ja", "hu")  # languages that write the day of the week after the date
_IN_BRACKETS = "[(\uff08][日月火水木金土]曜?[)\uff09]"


def without_weekday(cell: str, pattern: str = "") -> str:
    """A date without its day of the week; ``pattern`` is how the rest is written, where that is known.

    >>> without_weekday("Sun, Jan 3, 2021"), without_weekday("dom 03/01/2021"), without_weekday("2021/1/3(日)")
    ('Jan 3, 2021', '03/01/2021', '2021/1/3')
    >>> without_weekday("Mar 3, 2021", "%b %d, %Y"), without_weekday("mar 3 2021", "%d %m %Y")
    ('Mar 3, 2021', '3 2021')
    """
    if len(cell) > LONGEST:
        return cell
    before, after = _patterns()
    rest = before.sub("", cell)
    if rest != cell and pattern and rest[:1].isalpha() != pattern.startswith(("%b", "%B")):
        rest = cell  # the name of a month, which some languages shorten as others do a day of the week
    return after.sub(r"\1", rest)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    first, last = _alternatives(_names(LOCALES)), _alternatives(_names(AFTER, shortest=3))
    return (
        re.compile(rf"^(?:{first})\.?,? +(?=\d|[^\W\d_]{{3,}}\.? \d)", re.IGNORECASE),
        re.compile(rf"([\d日.])(?:,? ?(?:{last})|{_IN_BRACKETS})(?=$|,? \d)", re.IGNORECASE),
    )


def _alternatives(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(set(names), key=len, reverse=True)))


def _names(languages: Iterable[str], shortest: int = 1) -> Iterator[str]:
    from babel import Locale  # takes a tenth of a second, and most dates have no day of the week

    for language in languages:
        for widths in Locale.parse(language).days.values():
            for width in ("wide", "abbreviated", "short"):
                names = (name.rstrip(".") for name in widths.get(width, {}).values())
                yield from (name for name in names if len(name) >= shortest)
