"""Attributes of leads and accounts: those that the mapping names, and the types and columns that it leaves open."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from unicodedata import normalize

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.contract import load_contract
from data_contracts.dataset import Attribute, AttributeKind
from data_contracts.languages import said
from data_contracts.mapping.mapping import Block, Mapping, Order
from data_contracts.mapping.rules import AttributeRule
from pipelines.importing.cells import booleans, style_of, text
from pipelines.importing.chunk import filled
from pipelines.importing.given_scores import is_given_score
from pipelines.importing.numerals import PLAINLY, STYLES, Readings, Style, are_codes
from pipelines.importing.personal_columns import mention_people, personal_kind
from pipelines.importing.rule_values import evaluate
from pipelines.importing.sources import Demand, Sources, personal_columns
from pipelines.importing.time_formats import style_of_column
from pipelines.importing.vocabulary import bare

LONG = 1_000  # bytes: of longer texts only the beginning and a checksum are kept
LEVELS = 1000  # a text column with more values than this, and hardly two rows to each, is not a category
KEY_NAME = re.compile(r"(?i)(^|[ _-])(id|ids|uuid|guid|key|number|nr|no)$|[a-z]Id$")


@dataclass
class Observed:
    """What the cells of a column look like, counted over the whole file.

    ``style`` is what the mapping says of its numbers, None where it leaves that open.
    """

    style: Style | None = None
    filled: int = 0
    booleans: int = 0
    codes: bool = False
    personal: bool = False  # does a long text mention an address or a phone number?
    distinct: set[str] = field(default_factory=set)
    _readings: Readings = field(init=False)

    def __post_init__(self) -> None:
        self._readings = Readings(STYLES if self.style is None else (self.style,))

    def add(self, array: pa.Array) -> None:
        """Count a chunk's cells."""
        words = text(array)
        self.filled += int(filled(words).sum())
        self.booleans += int(filled(booleans(array)).sum())
        levels = pc.unique(words.drop_null())
        if _is_number(array):
            self._readings.keep(PLAINLY)
        else:
            self._readings.add(levels)
            self.codes |= are_codes(levels)
        if len(self.distinct) <= 100 * LEVELS:
            self.distinct.update(self._kept(levels))

    def _kept(self, levels: pa.Array) -> list[str]:
        """The levels, long ones as their beginnings, which are as different: all of them would not fit into memory."""
        long = pc.greater(pc.binary_length(levels), LONG)
        if not pc.any(long).as_py():
            return list(levels.to_pylist())
        self.personal |= mention_people(levels.filter(long))
        words: list[str] = levels.to_pylist()
        return [
            f"{word[:LONG]} {blake2b(word.encode()).hexdigest()}" if yes else word
            for word, yes in zip(words, long.to_pylist(), strict=True)
        ]

    @property
    def styles(self) -> tuple[Style, ...]:
        """The ways in which all cells are numbers, the plain one first; where there are several they differ."""
        return () if self.codes else self._readings.styles

    @property
    def kind(self) -> AttributeKind:
        """Boolean, numeric or categorical, whichever all filled cells are.

        Where a comma may be a decimal sign or one of thousands nobody knows the numbers: it is categorical.
        """
        if self.booleans == self.filled and len(self.distinct) <= 2:
            return "boolean"
        known = len(self.styles) == 1 or PLAINLY in self.styles
        return "numeric" if known or not self.filled else "categorical"

    def unfit(self, name: str) -> str:
        """Why a column is not an attribute by itself, or nothing."""
        levels = pa.array(sorted(self.distinct), pa.string())
        if self.personal or personal_kind(name, levels, self.kind) is not None:
            return "looks like personal data"
        if not self.filled:
            return "is empty"
        if style_of_column(name, levels, numeric=self.kind == "numeric") is not None:
            return "holds dates"
        if len(self.styles) > 1 and PLAINLY not in self.styles:
            return "holds numbers with a sign that may be of decimals or of thousands (map it, with `decimal`)"
        distinct = len(self.distinct)
        if self.kind == "categorical" and distinct > 50 and distinct > 0.5 * self.filled:
            return "holds a different text in almost every row"
        if KEY_NAME.search(name) and distinct > 50 and distinct > 0.9 * self.filled:
            return "looks like a key"
        return ""


@dataclass
class Attributes:
    """The attributes of every block, settled, and notes on columns left out.

    ``learned`` are those whose type is a model's: a cell that does not fit it is missing and costs no row.
    """

    rules: dict[tuple[str, int], dict[str, AttributeRule]] = field(default_factory=dict)
    learned: set[tuple[str, str]] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def manifest(self) -> tuple[Attribute, ...]:
        """The attributes of both tables, in the order of the mapping."""
        attributes: dict[tuple[str, str], Attribute] = {}
        for (table, _), rules in self.rules.items():
            for name, rule in rules.items():
                attributes.setdefault((table, name), _attribute(table, name, rule))
        return tuple(attributes.values())


def settle(mapping: Mapping, sources: Sources, known: Sequence[Attribute] = ()) -> Attributes:
    """Read the types that the mapping leaves open off the values, and turn other columns into attributes.

    ``known`` are the attributes of a model that is to score the rows: what they say is not guessed again.
    """
    settled = Attributes()
    for table in ("leads", "accounts"):
        trained = {each.name: each for each in known if each.table == table}
        for index, block in enumerate(mapping.tables.blocks(table)):
            rules = _present(block, sources)
            if block.other_columns is not None:
                rules |= _others(mapping, sources, table, block, rules, trained, settled.notes)
            open_ = {name for name, rule in rules.items() if rule.type == "auto"}
            settled.learned |= {(table, name) for name in open_ & set(trained)}
            rules = {name: _as_trained(rule, trained.get(name)) for name, rule in rules.items()}
            rules = _typed(mapping, sources, (table, index), rules, settled.notes)
            settled.rules[table, index] = {name: _silenced(name, rule, settled.notes) for name, rule in rules.items()}
    return _agreed(settled)


def new_name(column: str, table: str, names: Counter[str]) -> str:
    """A name for the attribute of a column that is not among ``names`` yet, where it is counted."""
    name = slug(column)
    name = f"{name}_attribute" if name in load_contract(table).names else name
    names[name] += 1
    if names[name] == 1:
        return name
    while f"{name}_{names[name]}" in names:
        names[name] += 1
    numbered = f"{name}_{names[name]}"
    names[numbered] += 1
    return numbered


def slug(text_: str) -> str:
    """A name for a column: letters of any script in lower case, digits and underscores."""
    letters = normalize("NFKC", normalize("NFKC", text_).lower())
    words = "".join(letter if f"_{letter}".isidentifier() else " " for letter in letters).replace("_", " ").split()
    name = "_".join(words) or "column"
    return name if name.isidentifier() else f"_{name}"


def _present(block: Block, sources: Sources) -> dict[str, AttributeRule]:
    """The block's attributes without the optional ones whose columns no file has."""
    if not any(rule.optional for rule in block.attributes.values()):
        return dict(block.attributes)
    columns = set(sources.names(block.source))
    return {
        name: rule
        for name, rule in block.attributes.items()
        if not rule.optional or not rule.sources_named or columns & set(rule.sources_named)
    }


def _others(
    mapping: Mapping,
    sources: Sources,
    table: str,
    block: Block,
    taken: dict[str, AttributeRule],
    trained: dict[str, Attribute],
    notes: list[str],
) -> dict[str, AttributeRule]:
    """The columns that no rule uses; with a model only those that it was trained with, by the names they had then."""
    others = block.other_columns
    assert others is not None
    used = used_columns(mapping, block.source) | set(others.except_)
    names = Counter(taken.keys())
    name_of = {each.column: name for name, each in trained.items() if name not in names}
    rules = {}
    for column in sources.names(block.source):
        if not column:
            notes.append(f"A column of {block.source} is left out: it has no name.")
        elif column not in used and (not trained or column in name_of):
            name = name_of[column] if trained else new_name(column, table, names)
            rules[name] = AttributeRule(
                column=column, known_at=others.known_at, missing=others.missing, label={"en": bare(column)}
            )
    return rules


def _as_trained(rule: AttributeRule, attribute: Attribute | None) -> AttributeRule:
    """The rule with the type and the signs that a model knows, where it leaves them open."""
    if attribute is None or rule.type != "auto":
        return rule
    signs = {"decimal": attribute.decimal, "thousands": attribute.thousands}
    return rule.model_copy(update={"type": attribute.kind, **signs})


def used_columns(mapping: Mapping, source: str) -> set[str]:
    """The columns of a source that any rule of any table reads, that keys a join, or that holds personal data."""
    used = {*personal_columns(mapping, source)}
    if isinstance(mapping.order, Order):
        used.add(mapping.order.column)
    for join in mapping.sources[source].join:
        used.update(join.on)
    for table in type(mapping.tables).model_fields:
        for block in mapping.tables.blocks(table):
            if block.source == source:
                rules = (*block.columns.values(), *block.attributes.values())
                used.update(name for rule in rules for name in rule.sources_named)
    return used


def _typed(
    mapping: Mapping, sources: Sources, at: tuple[str, int], rules: dict[str, AttributeRule], notes: list[str]
) -> dict[str, AttributeRule]:
    block = mapping.tables.blocks(at[0])[at[1]]
    open_ = {name: rule for name, rule in rules.items() if rule.type == "auto"}
    if not open_:
        return rules
    seen = _observe(mapping, sources, at, open_)
    typed = {}
    for name, rule in rules.items():
        if rule.type != "auto":
            typed[name] = rule
            continue
        if name not in block.attributes and (why := seen[name].unfit(rule.column or name)):
            notes.append(f"Column {rule.column!r} of {block.source} is left out: it {why}.")
            continue
        typed[name] = _as_seen(rule, seen[name])
        notes += _doubts(rule, seen[name])
    return typed


def _silenced(name: str, rule: AttributeRule, notes: list[str]) -> AttributeRule:
    """A score that the CRM gave counts, but says nothing: it would explain one score by another."""
    if rule.speaks is not None or rule.type != "numeric" or not is_given_score(rule.column or name):
        return rule
    notes.append(
        f"Column {rule.column or name!r} looks like a score of the CRM: it counts, and is no reason "
        "(`speaks: true` in the mapping makes it one)."
    )
    return rule.model_copy(update={"speaks": False})


def _as_seen(rule: AttributeRule, seen: Observed) -> AttributeRule:
    """The rule with the type of its values, and the signs of their numbers."""
    signs = seen.styles[0]._asdict() if seen.kind == "numeric" and seen.styles else {}
    return rule.model_copy(update={"type": seen.kind, **signs})


def _doubts(rule: AttributeRule, seen: Observed) -> list[str]:
    """What a person should know of numbers that may be others."""
    if len(seen.styles) < 2:
        return []
    how = "numbers with a decimal point" if seen.kind == "numeric" else "text"
    hint = "say which in the mapping (`decimal`, `thousands`)"
    return [f"Column {rule.column!r} is read as {how}: a sign in it may be of decimals or of thousands; {hint}."]


def _observe(
    mapping: Mapping, sources: Sources, at: tuple[str, int], rules: dict[str, AttributeRule]
) -> dict[str, Observed]:
    block = mapping.tables.blocks(at[0])[at[1]]
    needs = {
        column: "" if rule.optional else mapping.where("tables", *at, "attributes", name)
        for name, rule in rules.items()
        for column in rule.sources_named
    }
    seen = {name: Observed(None if (style := style_of(rule)) == PLAINLY else style) for name, rule in rules.items()}
    for _, chunk, rejects in sources.read(block.source, [Demand(needs)]):
        sources.rejects.merge(rejects)
        for name, rule in rules.items():
            seen[name].add(evaluate(rule, chunk)[0])
    return seen


def _agreed(settled: Attributes) -> Attributes:
    """Blocks of one table give one attribute one type; where they differ it is a category."""
    kinds: dict[tuple[str, str], set[str]] = {}
    for (table, _), rules in settled.rules.items():
        for name, rule in rules.items():
            kinds.setdefault((table, name), set()).add(rule.type)
    for (table, _), rules in settled.rules.items():
        for name, rule in rules.items():
            if len(kinds[table, name]) > 1:
                rules[name] = rule.model_copy(update={"type": "categorical"})
    return settled


def _attribute(table: str, name: str, rule: AttributeRule) -> Attribute:
    labels = rule.label or {"en": bare(rule.column or name)}
    return Attribute.model_validate({
        "table": table, "name": name, "kind": rule.type, "known_at": rule.known_at,
        "label": said(labels), "labels": labels if len(labels) > 1 else {}, "speaks": rule.speaks is not False,
        "confirmed": rule.confirmed, "family": rule.family,
        "column": rule.column, "decimal": rule.decimal, "thousands": rule.thousands,
    })  # fmt: skip


def _is_number(array: pa.Array) -> bool:
    return bool(pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_boolean(array.type))
