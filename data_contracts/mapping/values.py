"""What a mapping makes of the texts in the columns of an export."""

from collections.abc import Iterator

from data_contracts.mapping.language import Block, Mapping
from data_contracts.mapping.rules import Rule

Values = dict[str, dict[str, str | None]]


def values_of(mapping: Mapping) -> Values:
    """By column (``leads.source``), what the mapping makes of a text in the file; None is missing.

    Of activities only the type. Where several blocks feed a column, the first that names a text decides.
    """
    found: Values = {}
    for table in ("leads", "accounts", "activities"):
        for block in mapping.tables.blocks(table):
            for name, rule in _rules(block):
                if table != "activities" or name == "type":
                    codes = (*rule.missing, *mapping.sources[block.source].missing)
                    column = found.setdefault(f"{table}.{name}", {})
                    for text, value in (*(rule.values or {}).items(), *((code, None) for code in codes if code)):
                        column.setdefault(text, value)
    return {column: values for column, values in found.items() if values}


def _rules(block: Block) -> Iterator[tuple[str, Rule]]:
    yield from block.columns.items()
    yield from block.attributes.items()
