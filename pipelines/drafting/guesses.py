"""Guesses at the part that files and columns play: keys and joins, what happened to a lead."""

import re
from dataclasses import dataclass

from pipelines.drafting.profile import ColumnProfile, FileProfile
from pipelines.importing.vocabulary import bare, folded

TYPE = re.compile(r"(?i)^(type|activity|activity[ _]?type|event|event[ _]?(type|name)|action|channel|subject|kind)$")
# Columns of a file of what happened that tell which opens and clicks a machine made (docs/automated.md).
OF_MAILS = {
    "message_id": re.compile(r"(?i)^(message|e-?mail|mail(ing)?|campaign|newsletter)([ _-]?(id|key|guid))?$"),
    "link": re.compile(r"(?i)^(clicked[ _-]?)?(url|link|href)([ _-]?(url|id|clicked))?$"),
    "is_automated": re.compile(r"(?i)^(is[ _-]?)?(bot|automated|machine|non[ _-]?human)([ _-]?(click|open|event))?$"),
}
MAIL_WORDS = {
    "delivered": "email_delivered", "delivery": "email_delivered", "sent": "email_sent", "send": "email_sent",
    "open": "email_open", "opened": "email_open", "click": "email_click", "clicked": "email_click",
    "bounced": "bounce", "unsubscribed": "unsubscribe", "replied": "email_reply", "reply": "email_reply",
}  # fmt: skip
# Columns that say what a lead or an activity is about, if both files have one with the same values.
OF_THINGS = {
    "related_to": re.compile(r"(?i)^(offer|product|promotion|voucher|coupon|course|plan)([ _-]?(id|key|code|name))?$"),
    "related_kind": re.compile(r"(?i)^(offer|product|promotion|voucher|coupon|course|plan)[ _-]?(type|kind|category)$"),
}
SHARED = 0.5  # of the values in the activities, which must be among those of the leads
VALUE = re.compile(r"(?i)^(amount|value|price|revenue|spent|minutes|duration)$")
PERSON_FILE = re.compile(r"(?i)lead|contact|prospect|person|people|customer|client|case|application")


@dataclass(frozen=True)
class Reference:
    """Column ``column`` of ``file`` names rows of ``target`` by its key ``key``."""

    file: FileProfile
    column: str
    target: FileProfile
    key: str


def key_of(file: FileProfile) -> str | None:
    """The column that identifies a row: unique, and named like a key or the first."""
    unique = [column for column in file.columns.values() if column.unique and column.time_style is None]
    named = [column.name for column in unique if column.named_like_key and column.kind != "boolean"]
    if named:
        numeric = [name for name in named if file.columns[name].kind == "numeric"]
        return (numeric or named)[0]
    first = next(iter(file.columns.values()))
    measured = first.kind == "numeric" and not first.whole
    return first.name if first in unique and file.rows > 1 and not measured else None


def references(files: list[FileProfile]) -> list[Reference]:
    """Columns whose values are nearly all keys of another file (joins), the best target for each column."""
    links: list[Reference] = []
    keys = {file.name: key for file in files if (key := key_of(file)) is not None}
    values = {file.name: set(file.columns[keys[file.name]].counts.index) for file in files if file.name in keys}
    for file in files:
        for column in file.columns.values():
            if column.name == keys.get(file.name):
                continue
            others = [each for each in files if each is not file and each.name in keys]
            levels = _levels(column)
            hits = {each.name: len(levels & values[each.name]) / max(len(levels), 1) for each in others}
            near = [each for each in others if hits[each.name] > 0.7 and _alike(column, each, keys[each.name])]
            if near:
                best = max(near, key=lambda each: hits[each.name])
                links.append(Reference(file, column.name, best, keys[best.name]))
    return links


def same_rows(file: FileProfile, target: FileProfile) -> Reference | None:
    """The link of files that have a row each for the same things, under the same name of their key, or None."""
    key, theirs = key_of(file), key_of(target)
    if key is None or theirs is None or file is target or folded(key) != folded(theirs):
        return None
    values = [each.columns[name].counts.index for each, name in ((file, key), (target, theirs))]
    shared = len(values[0].intersection(values[1]))
    return Reference(file, key, target, theirs) if shared > 0.7 * min(map(len, values)) else None


def listed(column: ColumnProfile) -> str | None:
    """The separator where cells list several values, or None."""
    share = sum(";" in str(value) for value in column.counts.index) / max(len(column.counts), 1)
    return ";" if share > 0 and column.kind == "categorical" and column.time_style is None else None


def type_of(file: FileProfile) -> str | None:
    """The column that says what happened, in a file of things that happened."""
    few = [c for c in file.columns.values() if c.kind == "categorical" and not c.time_style and len(c.counts) <= 200]
    return next((c.name for c in few if TYPE.search(bare(c.name)) and not c.personal), None)


def of_mails(file: FileProfile) -> dict[str, ColumnProfile]:
    """The columns of a file of what happened that tell of mails, by their column in the activities."""
    found = {
        name: [c for c in file.columns.values() if pattern.search(bare(c.name)) and c.filled and not c.time_style]
        for name, pattern in OF_MAILS.items()
    }
    return {
        name: columns[0]
        for name, columns in found.items()
        if columns and (name != "is_automated" or columns[0].kind == "boolean")
    }


def of_things(leads: FileProfile, happened: FileProfile) -> dict[str, tuple[ColumnProfile, ColumnProfile]]:
    """The columns of leads and of what happened that say what they are about, by their column in the tables."""
    return {
        name: both
        for name, pattern in OF_THINGS.items()
        if (both := _with_the_same_values(_named(leads, pattern), _named(happened, pattern))) is not None
    }


def _named(file: FileProfile, pattern: re.Pattern[str]) -> list[ColumnProfile]:
    return [
        c
        for c in file.columns.values()
        if pattern.search(bare(c.name)) and c.filled and not c.unique and not c.personal
    ]


def _with_the_same_values(
    ours: list[ColumnProfile], theirs: list[ColumnProfile]
) -> tuple[ColumnProfile, ColumnProfile] | None:
    pairs = ((one, other) for one in ours for other in theirs)
    return next((pair for pair in pairs if pair[1].counts.index.isin(pair[0].counts.index).mean() >= SHARED), None)


def value_of(file: FileProfile) -> ColumnProfile | None:
    """The column of a file of what happened that holds an amount."""
    return next(
        (c for c in file.columns.values() if VALUE.search(bare(c.name)) and c.filled and c.kind == "numeric"), None
    )


def mail_words(kind: ColumnProfile) -> dict[str, str]:
    """What the values of a column of types (in lower case) mean, where it speaks of mails as mail systems do."""
    said = {str(value).lower() for value in kind.counts.index}
    words = {word: means for word, means in MAIL_WORDS.items() if word in said}
    return words if {"email_open", "email_click"} & set(words.values()) else {}


def _levels(column: ColumnProfile) -> set[str]:
    """The different values; of cells that list several, the first ones."""
    separator = listed(column)
    words = (str(value) for value in column.counts.index)
    return {word.split(separator)[0].strip() if separator else word for word in words}


def _alike(column: ColumnProfile, target: FileProfile, key: str) -> bool:
    """Numbers from 1 match each other by chance: they must share a name, or the name of the file."""
    if column.kind == "boolean" or not column.filled:
        return False
    if column.kind != "numeric":
        return len(column.counts) > 1
    return column.name == key or bool(_words(f"{key} {target.name}") & _words(column.name))


def _words(name: str) -> set[str]:
    """The words of a name in the singular, without those that are in every key."""
    split = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()
    words = {re.sub(r"ies$", "y", word).rstrip("s") for word in re.findall(r"[a-z]+", split)}
    return words - {"id", "the", "of", "record", "number", "key", "all", "export", "crm"}
