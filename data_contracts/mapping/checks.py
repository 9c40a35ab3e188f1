"""What pydantic cannot say about a mapping: names that must exist, agree or not collide."""

from collections.abc import Iterable

from data_contracts.contract import load_contract
from data_contracts.dataset import TABLES
from data_contracts.errors import MappingError
from data_contracts.hints import did_you_mean
from data_contracts.located_yaml import Step
from data_contracts.mapping.language import Block, Mapping, Order
from data_contracts.mapping.rules import BUILT_IN, AttributeRule, Rule

# Keys that the importer makes up where the mapping does not say them, from source and row.
MADE_UP = ("activity_id", "deal_id", "disposition_id")


def check(mapping: Mapping) -> None:
    """Raise MappingError for the first thing that does not fit, with its line."""
    for name in mapping.sources:
        _check_source(mapping, name)
    for table in TABLES:
        for index, block in enumerate(mapping.tables.blocks(table)):
            _check_block(mapping, table, block, ("tables", table, index))
    _check_attributes_agree(mapping)
    _check_order(mapping)
    _check_snapshot(mapping)


def _fail(mapping: Mapping, path: tuple[Step, ...], message: str, hint: str = "") -> MappingError:
    return MappingError(f"{mapping.where(*path)}: {message}.", hint=hint)


def _known(mapping: Mapping, path: tuple[Step, ...], name: str, what: str, known: Iterable[str]) -> None:
    if name not in (words := tuple(known)):
        raise _fail(mapping, path, f"there is no {what} {name!r}", did_you_mean(name, words))


def _check_source(mapping: Mapping, name: str) -> None:
    source = mapping.sources[name]
    path: tuple[Step, ...] = ("sources", name)
    for pattern in source.file:
        if pattern.startswith("/") or ".." in pattern.split("/"):
            raise _fail(mapping, (*path, "file"), f"{pattern!r} must lie below the source directory")
    for index, join in enumerate(source.join):
        at = (*path, "join", index)
        _known(mapping, (*at, "source"), join.source, "source", mapping.sources)
        if mapping.sources[join.source].join or join.source == name:
            raise _fail(mapping, (*at, "source"), f"{join.source!r} joins another source itself; join both here")
        if personal := set(join.columns.values()) & set(mapping.sources[join.source].personal):
            raise _fail(mapping, (*at, "columns"), f"{sorted(personal)[0]!r} is declared as personal data")


def _check_block(mapping: Mapping, table: str, block: Block, path: tuple[Step, ...]) -> None:
    _known(mapping, (*path, "from"), block.source, "source", mapping.sources)
    contract = load_contract(table)
    for name, rule in block.columns.items():
        _known(mapping, (*path, "columns", name), name, f"column of {table}", contract.names)
        if table == "leads" and name == "order":
            raise _fail(mapping, (*path, "columns", name), "is set by the key `order` of the mapping")
        if table == "activities" and name in ("automated_by", "automated_after"):
            raise _fail(mapping, (*path, "columns", name), "is set by the import", "Map `is_automated` in its place.")
        _check_rule(mapping, block, rule, (*path, "columns", name))
    for column in contract.columns:
        if column.required and column.name not in block.columns and column.name not in MADE_UP:
            raise _fail(mapping, (*path, "columns"), f"{table} needs the column {column.name!r}")
    if table == "changes" and not {"lead_id", "account_id"} & set(block.columns):
        raise _fail(mapping, (*path, "columns"), "changes need lead_id or account_id")
    _check_attributes(mapping, table, block, path)
    if table != "leads" and block.personal.columns:
        raise _fail(mapping, (*path, "personal"), "only leads have flags for personal data")


def _check_attributes(mapping: Mapping, table: str, block: Block, path: tuple[Step, ...]) -> None:
    if (block.attributes or block.other_columns) and table not in ("leads", "accounts"):
        key = "attributes" if block.attributes else "other_columns"
        raise _fail(mapping, (*path, key), "only leads and accounts have attributes")
    reserved = load_contract(table).names
    for name, rule in block.attributes.items():
        at = (*path, "attributes", name)
        if name in reserved:
            raise _fail(mapping, at, f"{name!r} is a column of {table}", "Give it under `columns`, or rename it.")
        if not name.isidentifier():
            raise _fail(
                mapping, at, f"{name!r} is not a name", "Use letters, digits and underscores; the text goes to label."
            )
        _check_rule(mapping, block, rule, at)


def _check_rule(mapping: Mapping, block: Block, rule: Rule, path: tuple[Step, ...]) -> None:
    if rule.ways != 1:
        ways = "none of them" if rule.ways == 0 else "more than one"
        raise _fail(mapping, path, f"expected exactly one of column, columns, template, constant; found {ways}")
    if rule.template is not None and not rule.sources_named:
        raise _fail(mapping, path, f"the template {rule.template!r} names no column", "Write such as '{case}-{index}'.")
    for name in rule.sources_named:
        if name.startswith("$"):
            _known(mapping, path, name, "built-in column", BUILT_IN)
    personal = {*mapping.sources[block.source].personal, *block.personal.columns} & set(rule.sources_named)
    digested = path[:2] == ("tables", "activities") and path[-1] == "link"  # whatever the rule says
    if personal and not (rule.hash or rule.present or digested):
        hint = "Personal data is never stored: add `hash: true` (a digest) or `present: true` (a flag)."
        raise _fail(mapping, path, f"{sorted(personal)[0]!r} is declared as personal data", hint)


def _check_attributes_agree(mapping: Mapping) -> None:
    for table in ("leads", "accounts"):
        seen: dict[str, AttributeRule] = {}
        for index, block in enumerate(mapping.tables.blocks(table)):
            for name, rule in block.attributes.items():
                first = seen.setdefault(name, rule)
                if (first.type, first.known_at) != (rule.type, rule.known_at):
                    path = ("tables", table, index, "attributes", name)
                    raise _fail(mapping, path, "appears in another block with a different type or known_at")


def _check_order(mapping: Mapping) -> None:
    if isinstance(mapping.order, Order) and mapping.order.column.startswith("$"):
        _known(mapping, ("order", "column"), mapping.order.column, "built-in column", BUILT_IN[:1])
    if mapping.order == "time" and not any("created_at" in block.columns for block in mapping.tables.leads):
        hint = "Map leads.created_at, or write `order: {column: ...}` or `order: none`."
        raise _fail(mapping, ("order",), "time orders the leads, but no block of leads maps created_at", hint)


def _check_snapshot(mapping: Mapping) -> None:
    if mapping.snapshot.at == "first_activity" and not mapping.snapshot.types:
        raise _fail(mapping, ("snapshot",), "first_activity needs `types`")
    if mapping.snapshot.at == "first_activity" and not mapping.tables.activities:
        raise _fail(mapping, ("snapshot",), "first_activity needs the table activities")
