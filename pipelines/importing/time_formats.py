"""How the dates of a column are written: the shapes of its cells, and which of two numbers is the day."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.mapping.rules import Rule
from pipelines.importing.cells import ISO, numbers, times
from pipelines.importing.chunk import as_mask, filled
from pipelines.importing.date_words import NUMBER, ZONE, plainer
from pipelines.importing.vocabulary import folded, says
from pipelines.importing.weekdays import without_weekday

LOOKED_AT = 2_000  # different cells of a column
FITTING = 0.95  # of the cells: the import sets a few rows aside (--max-rejected)
SHAPES = 6  # that a column has at most
RARE = 0.005  # of the cells: another way of writing that fewer have is a slip and not a format
# Numbers that are dates, from 2000 to 2040 or so.
NUMERIC = {"unix": (9e8, 2.3e9), "unix_ms": (9e11, 2.3e12), "%Y%m%d": (19900101, 20991231), "excel": (32874, 54789)}
# Day and month are told apart last: they are {a} and {b} in the order in which they stand.
DATES = (
    (re.compile(r"(?P<y>\d{4})(?P<s>[-/.]|\. )(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?P<t>\.?)"), "%Y{s}%m{s}%d{t}"),
    (
        re.compile(r"(?P<a>\d{1,2})(?P<s>[-/ ]|\. ?)(?P<b>\d{1,2})(?P=s)(?P<y>\d{4})(?P<t>\.| \u0433\.?|)"),
        "{{a}}{s}{{b}}{s}%Y{t}",
    ),
    (re.compile(r"(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>\d{2})(?!\d)"), "{{a}}{s}{{b}}{s}%y"),
    (re.compile(r"(?P<y>\d{4})年 ?(?P<m>\d{1,2})月 ?(?P<d>\d{1,2})日"), None),
    (
        re.compile(
            r"(?P<d>\d{1,2})(?P<s>\.? |-|/)(?:de )?(?P<M>[^\W\d_]{3,}\.?)(?P<t>[ /-]|, )(?:del? )?"
            r"(?P<y>\d{4}|\d{2})(?!\d)(?: \u0433\.?)?"
        ),
        None,
    ),
    (re.compile(r"(?P<M>[^\W\d_]{3,}\.?)(?P<s>[ -])(?P<d>\d{1,2})(?P<t>, ?| |-)(?P<y>\d{4})"), None),
    (re.compile(r"(?P<y>\d{4})(?:\.? |-|/)(?P<M>[^\W\d_]{3,}\.?)(?: |-|/)(?P<d>\d{1,2})\b\.?"), None),
)
# What stands between a date and its time, after it, and after a time.
AT = "at|um|à|às|as|a las?|alle|alle ore|ore|om|o|o godz\\.|godz\\.|в|saat"
OCLOCK = "Uhr|uur|hr?s?\\.?|\u0447\\.?"
TIME = re.compile(
    rf"(?:,? (?:[-\u2013] )?(?:(?:{AT}) )?|T)(?:(?P<before>午前|午後) ?)?"
    r"(?P<h>\d{1,2})(?P<c>[:.]| ?[hH] ?|時)(?P<min>\d{2})(?: ?min\b\.?|分)?"
    r"(?:(?:(?P=c)|:|(?<=min) ?|(?<=min\.) ?|(?<=分))(?P<s>\d{2})(?:[.,](?P<frac>\d+))?(?: ?s\b\.?|秒)?)?"
    rf"(?: ?(?P<half>[AaPp]\.? ?[Mm]\b\.?))?(?: (?:{OCLOCK}))?(?: ?(?P<zone>{ZONE}))?"
)


@dataclass(frozen=True)
class TimeStyle:
    """The formats of a column, in the order to be tried; ``unsure``: day and month could be the other way round."""

    formats: tuple[str, ...]
    misfits: int = 0  # cells that none of them reads
    unsure: bool = False


def order_seen(cells: Sequence[str]) -> bool | None:
    """Whether the day stands before the month; None where no cell tells."""
    first, second = _larger_than_twelve(cells)
    return None if first == second else first > second


def style_of_column(name: str, cells: pa.Array, *, numeric: bool, day_first: bool | None = None) -> TimeStyle | None:
    """The way in which the cells of a column are dates, or None; numbers only where its name says that they are."""
    if not numeric:
        return time_style(cells, day_first=day_first)
    named = any(says(name, meaning) for meaning in ("dated", "created", "closed_at"))
    return numeric_time_style(cells) if named and not says(name, "amount") else None


def time_style(cells: pa.Array, *, day_first: bool | None = None) -> TimeStyle | None:
    """The way in which nearly all filled cells are dates, or None. ``day_first`` says what cells leave open."""
    known = cells.drop_null()
    sample = _sample(known)
    shapes = Counter(shape for cell in sample if (shape := shape_of(cell)) is not None)
    if not sample or sum(shapes.values()) < FITTING * len(sample):
        return None
    order = order_seen(sample)
    enough = (1 - FITTING) * len(sample)
    frequent = [
        shape
        for shape, count in shapes.most_common(SHAPES)
        if count > RARE * len(sample) and (count > enough or order is not None or "{a}" not in shape)
    ]
    unsure = order is None and any("{a}" in shape for shape in frequent)
    day = order if order is not None else day_first if day_first is not None else _usual(shapes)
    formats = tuple(_filled_in(shape, day_first=day) for shape in frequent)
    misfits = int((~filled(times(known, Rule(format=formats)))).sum())
    return TimeStyle(formats, misfits, unsure) if misfits <= (1 - FITTING) * len(known) else None


def numeric_time_style(cells: pa.Array) -> TimeStyle | None:
    """The way in which all cells of a column of numbers that is named like a date are dates, or None."""
    known = cells.drop_null()
    values = numbers(known, Rule())
    for name, (low, high) in NUMERIC.items():
        within = pc.and_(pc.greater_equal(values, low), pc.less(values, high))
        if len(known) and filled(values).all() and as_mask(within).all():
            rule = Rule(format=(name,))
            return TimeStyle((name,)) if filled(times(known, rule)).all() else None
    return None


def shape_of(cell: str) -> str | None:
    """The format of one date, with {a} and {b} for what may be day and month, or None.

    >>> shape_of("1/13/2025, 9:05 AM"), shape_of("2025-01-13T09:05:00Z"), shape_of("13. Januar 2025")
    ('{a}/{b}/%Y, %I:%M %p', 'iso', '%d. %b %Y')
    """
    cell = plainer(cell)
    if re.match(ISO, cell):
        return "iso"
    return _shape(cell) or _shape(without_weekday(cell))


def _shape(cell: str) -> str | None:
    for date, form in DATES:
        if found := date.match(cell):
            day = _date(found, form)
            rest = cell[found.end() :]
            return day if not rest or day is None else _with_time(day, rest)
    return None


def _date(found: re.Match[str], form: str | None) -> str | None:
    parts = found.groupdict()
    if form is not None:
        return form.format_map(parts)
    if "M" in parts and folded(parts["M"]) not in NUMBER:
        return None
    year = "%Y" if len(parts["y"]) == 4 else "%y"
    return _with_directives(found, {"M": "%b", "m": "%m", "d": "%d", "y": year})


def _with_time(day: str, rest: str) -> str | None:
    found = TIME.fullmatch(rest)
    if found is None:
        return None
    hour = "%I" if found["half"] or found["before"] else "%H"
    zone = "%Z" if found["zone"] in ("UTC", "GMT") else "%z"
    directives = {"before": "%p", "h": hour, "min": "%M", "s": "%S", "frac": "%f", "half": "%p", "zone": zone}
    return day + _with_directives(found, directives)


def _with_directives(found: re.Match[str], directives: Mapping[str, str]) -> str:
    """What was found with directives in place of the groups that they stand for."""
    there = [name for name in directives if name in found.re.groupindex and found[name] is not None]
    text, start = found[0], found.start()
    for name in sorted(there, key=found.start, reverse=True):
        begin, end = found.span(name)
        text = text[: begin - start] + directives[name] + text[end - start :]
    return text


def _sample(known: pa.Array) -> list[str]:
    """Cells from all over the column."""
    step = max(1, len(known) // LOOKED_AT)
    return [str(cell) for cell in known[::step].to_pylist()] if len(known) else []


def _larger_than_twelve(cells: Sequence[str]) -> tuple[int, int]:
    first = second = 0
    for cell in cells:
        bare = without_weekday(plainer(cell))
        found = next((found for date, form in DATES[1:3] if (found := date.match(bare))), None)
        if found is not None:
            first, second = first + (int(found["a"]) > 12), second + (int(found["b"]) > 12)
    return first, second


def _usual(shapes: Counter[str]) -> bool:
    """Where nothing tells: points and hyphens are between a day and a month, twelve hours go with a month first."""
    return not any("%p" in shape and "/" in shape for shape in shapes)


def _filled_in(shape: str, *, day_first: bool) -> str:
    return shape.replace("{a}", "%d" if day_first else "%m").replace("{b}", "%m" if day_first else "%d")
