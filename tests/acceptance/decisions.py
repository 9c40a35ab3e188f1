"""What a mapping decides, by the files and columns of the export: to compare a draft with what is right."""

from dataclasses import dataclass, fields

from data_contracts.mapping.mapping import Block, Mapping
from data_contracts.mapping.rules import Rule


@dataclass(frozen=True)
class Decisions:
    """Where leads, deals and what is known of them come from. ``known`` and ``late`` are the columns of attributes."""

    leads: str
    key: tuple[str, ...]
    created: tuple[object, ...]
    deals: str
    lead_of_deal: tuple[str, ...]
    outcome: tuple[str, ...]
    won: frozenset[str]
    lost: frozenset[str]
    closed: tuple[object, ...]
    amount: tuple[object, ...]
    accounts: tuple[str, ...]
    joins: frozenset[tuple[str, ...]]
    known: frozenset[str]
    late: frozenset[str]


def decisions(mapping: Mapping) -> Decisions:
    """The decisions of a mapping."""
    leads, deals = mapping.tables.blocks("leads")[0], mapping.tables.blocks("deals")[0]
    outcome = deals.columns["outcome"]
    values = outcome.values or {}
    owned = [leads, *mapping.tables.blocks("accounts")]
    known = {name for block in owned for name in _attributes(block, late=False)}
    account = leads.columns.get("account_id")
    firms = [_file(mapping, block.source) for block in mapping.tables.blocks("accounts")]
    return Decisions(
        leads=_file(mapping, leads.source),
        key=_named(leads.columns["lead_id"]),
        created=_read(leads.columns.get("created_at")),
        deals=_file(mapping, deals.source),
        lead_of_deal=_looked_up(mapping, deals.source, _named(deals.columns["lead_id"])),
        outcome=tuple(sorted(_named(outcome))),
        won=frozenset(value for value, means in values.items() if means == "won"),
        lost=frozenset(value for value, means in values.items() if means == "lost"),
        closed=_read(deals.columns.get("closed_at")),
        amount=_read(deals.columns.get("amount")),
        accounts=(*_named(account), *firms) if account is not None else (),
        joins=frozenset(
            (source.file[0], *join.on, _file(mapping, join.source), *join.on.values())
            for source in mapping.sources.values()
            for join in source.join
        ),
        known=frozenset(known),
        late=frozenset(name for block in owned for name in _attributes(block, late=True)),
    )


def differences(draft: Decisions, right: Decisions) -> list[str]:
    """What the draft decides otherwise. Columns that the right mapping does not speak of may be left out or unknown."""
    wrong = [
        f"{each.name}: {_shown(getattr(draft, each.name))} for {_shown(getattr(right, each.name))}"
        for each in fields(Decisions)
        if each.name not in ("joins", "known", "late") and getattr(draft, each.name) != getattr(right, each.name)
    ]
    if lacking := right.joins - draft.joins:
        wrong.append(f"joins: without {_shown(lacking)}")
    if lost := right.known - draft.known:
        wrong.append(f"known: without {_shown(lost)}")
    if leaks := right.late & draft.known:
        wrong.append(f"late: {_shown(leaks)} taken for known")
    return wrong


def _attributes(block: Block, *, late: bool) -> list[str]:
    own = [rule for rule in block.attributes.values() if (rule.known_at == "after_outcome") == late]
    named = [column for rule in own for column in _named(rule)]
    keys = ("lead_id", "account_id", "created_at")
    known = [column for name, rule in block.columns.items() if name not in keys for column in _named(rule)]
    return named if late else [*named, *known]


def _looked_up(mapping: Mapping, source: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of columns, those that a join brings by their file and their name in it."""
    joined = {new: f"{old} of {_file(mapping, join.source)}" for join in mapping.sources[source].join
              for new, old in join.columns.items()}  # fmt: skip
    return tuple(joined.get(name, name) for name in names)


def _named(rule: Rule | None) -> tuple[str, ...]:
    return rule.sources_named if rule is not None else ()


def _read(rule: Rule | None) -> tuple[object, ...]:
    """A column with the formats and signs with which it is read."""
    if rule is None:
        return ()
    signs = (rule.decimal, rule.thousands) if (rule.decimal, rule.thousands) != (".", "") else ()
    return (*_named(rule), *sorted(rule.format), *signs)


def _file(mapping: Mapping, source: str) -> str:
    return mapping.sources[source].file[0]


def _shown(value: object) -> str:
    if isinstance(value, tuple | frozenset):
        parts = [str(each) for each in value]
        return ", ".join(sorted(parts) if isinstance(value, frozenset) else parts) or "nothing"
    return str(value)
