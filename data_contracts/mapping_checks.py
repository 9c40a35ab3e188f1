"""What pydantic cannot say about a mapping: names that must exist, agree or not collide."""

from collections.abc import Iterable

from data_contracts.contract import load_contract
from data_contracts.dataset import TABLES
from data_contracts.errors import MappingError
from data_contracts.hints import did_you_mean
from data_contracts.located_yaml import Located, Step
from data_contracts.mapping_language import Block, Mapping, Order
from data_contracts.rules import BUILT_IN, AttributeRule, Rule

# Keys that the importer makes up where the mapping does not say them, from source and row.
MADE_UP = ("activity_id", "deal_id", "disposition_id")


def check(mapping: Mapping, located: Located) -> None:
    """Raise MappingError for the first thing that does not fit, with its line."""
    for name in mapping.sources:
        _check_source(mapping, name, located)
    for table in TABLES:
        for index, block in enumerate(mapping.tables.blocks(table)):
            _check_block(mapping, table, block, ("tables", table, index), located)
    _check_attributes_agree(mapping, located)
    _check_order(mapping, located)
    _check_snapshot(mapping, located)


def _fail(located: Located, path: tuple[Step, ...], message: str, hint: str = "") -> MappingError:
    key = ".".join(str(step) for step in path)
    return MappingError(f"{located.file}, line {located.line(path)}: {key}: {message}.", hint=hint)


def _known(located: Located, path: tuple[Step, ...], name: str, what: str, known: Iterable[str]) -> None:
    if name not in (words := tuple(known)):
        raise _fail(located, path, f"there is no {what} {name!r}", did_you_mean(name, words))


def _check_source(mapping: Mapping, name: str, located: Located) -> None:
    source = mapping.sources[name]
    path: tuple[Step, ...] = ("sources", name)
    for pattern in source.file:
        if pattern.startswith("/") or ".." in pattern.split("/"):
            raise _fail(located, (*path, "file"), f"{pattern!r} must lie below the source directory")
    for index, join in enumerate(source.join):
        at = (*path, "join", index)
        _known(located, (*at, "source"), join.source, "source", mapping.sources)
        if mapping.sources[join.source].join or join.source == name:
            raise _fail(located, (*at, "source"), f"{join.source!r} joins another source itself; join both here")
        if personal := set(join.columns.values()) & set(mapping.sources[join.source].personal):
            raise _fail(located, (*at, "columns"), f"{sorted(personal)[0]!r} is declared as personal data")


def _check_block(mapping: Mapping, table: str, block: Block, path: tuple[Step, ...], located: Located) -> None:
    _known(located, (*path, "from"), block.source, "source", mapping.sources)
    contract = load_contract(table)
    for name, rule in block.columns.items():
        _known(located, (*path, "columns", name), name, f"column of {table}", contract.names)
        if table == "leads" and name == "order":
            raise _fail(located, (*path, "columns", name), "is set by the key `order` of the mapping")
        _check_rule(mapping, block, rule, (*path, "columns", name), located)
    for column in contract.columns:
        if column.required and column.name not in block.columns and column.name not in MADE_UP:
            raise _fail(located, (*path, "columns"), f"{table} needs the column {column.name!r}")
    if table == "changes" and not {"lead_id", "account_id"} & set(block.columns):
        raise _fail(located, (*path, "columns"), "changes need lead_id or account_id")
    _check_attributes(mapping, table, block, path, located)
    if table != "leads" and block.personal.columns:
        raise _fail(located, (*path, "personal"), "only leads have flags for personal data")


def _check_attributes(mapping: Mapping, table: str, block: Block, path: tuple[Step, ...], located: Located) -> None:
    if (block.attributes or block.other_columns) and table not in ("leads", "accounts"):
        key = "attributes" if block.attributes else "other_columns"
        raise _fail(located, (*path, key), "only leads and accounts have attributes")
    reserved = load_contract(table).names
    for name, rule in block.attributes.items():
        at = (*path, "attributes", name)
        if name in reserved:
            raise _fail(located, at, f"{name!r} is a column of {table}", "Give it under `columns`, or rename it.")
        if not name.isidentifier():
            raise _fail(
                located, at, f"{name!r} is not a name", "Use letters, digits and underscores; the text goes to label."
            )
        _check_rule(mapping, block, rule, at, located)


def _check_rule(mapping: Mapping, block: Block, rule: Rule, path: tuple[Step, ...], located: Located) -> None:
    if rule.ways != 1:
        ways = "none of them" if rule.ways == 0 else "more than one"
        raise _fail(located, path, f"expected exactly one of column, columns, template, constant; found {ways}")
    if rule.template is not None and not rule.sources_named:
        raise _fail(located, path, f"the template {rule.template!r} names no column", "Write such as '{case}-{index}'.")
    for name in rule.sources_named:
        if name.startswith("$"):
            _known(located, path, name, "built-in column", BUILT_IN)
    personal = {*mapping.sources[block.source].personal, *block.personal.columns} & set(rule.sources_named)
    if personal and not (rule.hash or rule.present):
        hint = "Personal data is never stored: add `hash: true` (a digest) or `present: true` (a flag)."
        raise _fail(located, path, f"{sorted(personal)[0]!r} is declared as personal data", hint)


def _check_attributes_agree(mapping: Mapping, located: Located) -> None:
    for table in ("leads", "accounts"):
        seen: dict[str, AttributeRule] = {}
        for index, block in enumerate(mapping.tables.blocks(table)):
            for name, rule in block.attributes.items():
                first = seen.setdefault(name, rule)
                if (first.type, first.known_at) != (rule.type, rule.known_at):
                    path = ("tables", table, index, "attributes", name)
                    raise _fail(located, path, "stands in another block with another type or known_at")


def _check_order(mapping: Mapping, located: Located) -> None:
    if isinstance(mapping.order, Order) and mapping.order.column.startswith("$"):
        _known(located, ("order", "column"), mapping.order.column, "built-in column", BUILT_IN[:1])
    if mapping.order == "time" and not any("created_at" in block.columns for block in mapping.tables.leads):
        hint = "Map leads.created_at, or write `order: {column: ...}` or `order: none`."
        raise _fail(located, ("order",), "time orders the leads, but no block of leads maps created_at", hint)


def _check_snapshot(mapping: Mapping, located: Located) -> None:
    if mapping.snapshot.at == "first_activity" and not mapping.snapshot.types:
        raise _fail(located, ("snapshot",), "first_activity needs `types`")
    if mapping.snapshot.at == "first_activity" and not mapping.tables.activities:
        raise _fail(located, ("snapshot",), "first_activity needs the table activities")
