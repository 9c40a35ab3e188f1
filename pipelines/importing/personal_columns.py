"""Which columns hold personal data, told by their names and by what their cells look like."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.dataset import AttributeKind
from data_contracts.personal import EMAIL, PERSONAL_CELL, PHONE
from pipelines.importing.vocabulary import ends_in, folded, is_all, says

# `name`, `email`, `phone` and `social` are of the person that a row is about; `text` mentions such.
PersonalKind: TypeAlias = Literal["name", "email", "phone", "social", "person", "address", "birth", "tax", "text"]

LOOKED_AT, LONGEST = 2_000, 200  # different cells of a column; longer ones are texts
OWN = ("contact", "part_of_name")  # the person that a row is about
MOST = 0.5  # of the different cells: from here on they are what the column holds
FEW = 0.2  # of the different cells
SINGLE, SINGLES = 0.6, 5  # first names alone, which are words too: more of them, and several
LOCALES = (
    "en_US", "en_GB", "es_ES", "es_MX", "it_IT", "de_DE", "fr_FR", "pt_BR", "pt_PT", "nl_NL", "pl_PL", "ru_RU", "tr_TR",
    "ja_JP",
)  # fmt: skip
PARTICLE = r"(?:de|del|della|da|dos|van|von|der|den|di|la|le|bin|al|y|e)"
# A capital letter begins each word; one that has no case counts.
WORD = r"[^\W\d_a-z][^\W\d_]*[.'\u2019-]?[^\W\d_]*"
PERSON = re.compile(rf"{WORD}(?:,? (?:{PARTICLE} )*{WORD}){{1,3}}")
WORDS_ONLY = re.compile(r"(?:[^\W\d_][\w.'\u2019-]*,? ?){1,5}")
IDEOGRAMS = re.compile("[\u3400-\u9fff\u3040-\u30ff]{1,4}[ \u3000]?[\u3400-\u9fff\u3040-\u30ff]{1,5}")
STREET = re.compile(
    r"(?i)\b(?:street|avenue|ave|road|rd|lane|boulevard|calle|avenida|plaza|via|viale|corso|piazza|rue|rua|ulica|ul|"
    r"улица|ул|проспект|sokak|cadde(?:si)?)\b.*\d|\d.*\b(?:street|st|avenue|ave|road|rd|lane|drive|rue)\b"
    r"|\w(?:strasse|straße|str\.?|weg|platz|allee|gasse|straat|laan|plein)\s+\d"
)  # fmt: skip
UUID = "^(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$"  # digits between hyphens, and no phone number
TAX = re.compile(  # Spain, Italy, Brazil, the United States, bank accounts
    r"[0-9XYZ][0-9]{7}-?[A-Z]|[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]|[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}"
    r"|[0-9]{3}-[0-9]{2}-[0-9]{4}|[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?"
)


def personal_kind(
    name: str, levels: pa.Array, kind: AttributeKind = "categorical", *, with_contact: bool = False
) -> PersonalKind | None:
    """What personal data a column with this name and these different cells (text) holds, or None.

    ``with_contact`` says that another column beside it holds the names of contacts, so that `name` may be a title.
    """
    if not len(levels):
        return None
    cells = _cells(levels)
    title = is_all(name, "title_too") and are_titles(cells, with_contact=with_contact)
    found = kind_of_cells(levels) or (None if title else _kind_of_name(name, cells, kind))
    own = is_all(name, "person_name") or (any(says(name, each) for each in OWN) and not says(name, "staff"))
    return "name" if found == "person" and own else found


def kind_of_cells(levels: pa.Array) -> PersonalKind | None:
    """What personal data the different cells (text) of a column are, whatever its name."""
    for kind, form in (("email", EMAIL), ("phone", PHONE)):
        whole = pc.sum(pc.match_substring_regex(levels, f"^(?:{form})$")).as_py() or 0
        if whole > MOST * len(levels):
            return "email" if kind == "email" else "phone"
    cells = _cells(levels)
    if _share(cells, TAX.fullmatch) > MOST:
        return "tax"
    if _share(cells, STREET.search) > MOST:
        return "address"
    if are_names(cells):
        return "person"
    return "text" if mention_people(levels) else None


def mention_people(levels: pa.Array) -> bool:
    """Does an e-mail address or a phone number stand in any of these texts?"""
    mentions = pc.match_substring_regex(levels, f"{PERSONAL_CELL}|[^0-9](?:{PHONE})")
    made_up = pc.match_substring_regex(levels, UUID)
    return bool(pc.any(pc.and_not(mentions, made_up)).as_py())


def _cells(levels: pa.Array) -> list[str]:
    """The first cells; of a long one nothing, which is no name, address or id, and costs the square of its length."""
    return [cell if len(cell) <= LONGEST else "" for cell in levels[:LOOKED_AT].to_pylist()]


def are_names(cells: Sequence[str]) -> bool:
    """Are most of these first names, alone or in names of persons?"""
    whole = [bool(PERSON.fullmatch(cell)) and _has_first_name(cell) for cell in cells]
    single = [" " not in cell and cell[:1].isupper() and _has_first_name(cell) for cell in cells]
    alone = sum(single)
    return (sum(whole) > 1 and sum(whole) + alone >= MOST * len(cells)) or (
        alone >= SINGLES and alone >= SINGLE * len(cells)
    )


def are_titles(cells: Sequence[str], *, with_contact: bool) -> bool:
    """Are most of these, such as "Website, 2nd phase", no names of persons, and hardly any with a first name?"""
    plain = 0 if with_contact else sum(bool(WORDS_ONLY.fullmatch(cell)) for cell in cells)
    return plain < MOST * len(cells) and sum(map(_has_first_name, cells)) < FEW * len(cells)


def _kind_of_name(name: str, cells: list[str], kind: AttributeKind) -> PersonalKind | None:
    if kind == "boolean":
        return None
    for each in ("tax_id", "birth"):
        if says(name, each):
            return "tax" if each == "tax_id" else "birth"
    if says(name, "phone"):
        return "phone"
    if kind == "numeric":
        return None
    if says(name, "social"):
        return "social"
    if ends_in(name, "email"):
        return "email"
    if is_all(name, "person_name") or (says(name, "part_of_name") and not ends_in(name, "key")):
        return "name"
    if says(name, "address") and not says(name, "aspect"):
        return "address"
    return _kind_of_people(name, cells)


def _kind_of_people(name: str, cells: list[str]) -> PersonalKind | None:
    """Contacts and staff, where what stands there looks like names of persons."""
    who = next((each for each in ("staff", "contact") if says(name, each)), None)
    if who is None or says(name, "aspect"):
        return None
    named = sum(bool(PERSON.fullmatch(cell) or IDEOGRAMS.fullmatch(cell) or _has_first_name(cell)) for cell in cells)
    if named < MOST * len(cells):
        return None
    return "person" if who == "staff" else "name"


def _share(cells: Sequence[str], test: Callable[[str], re.Match[str] | None]) -> float:
    return sum(test(cell) is not None for cell in cells) / max(len(cells), 1)


def _has_first_name(cell: str) -> bool:
    words = folded(cell).split()
    return bool(words) and any(word in first_names() for word in (words[0], words[-1]))


@cache
def first_names() -> frozenset[str]:
    """First names of a dozen countries, folded (lists of Faker)."""
    providers = [import_module(f"faker.providers.person.{locale}").Provider for locale in LOCALES]
    lists = [getattr(each, f"first_names{sex}", ()) for each in providers for sex in ("", "_male", "_female")]
    return frozenset(folded(name) for names in lists for name in names if len(name) > 1)
