"""One chunk of a source into rows of one table: every cell as the contract wants it, or the row is rejected."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.contract import ARROW, KIND_OF, Column, Kind, load_contract
from data_contracts.mapping.checks import MADE_UP
from data_contracts.mapping.mapping import Block, Mapping, Order
from data_contracts.mapping.rules import AttributeRule, Rule
from data_contracts.personal import EMAIL, PERSONAL_CELL, email_kind
from pipelines.importing.cells import convert, expected, numbers, text
from pipelines.importing.chunk import Chunk, as_mask, filled, flat
from pipelines.importing.currencies import AMOUNTS, currencies_in, currencies_of
from pipelines.importing.rejects import Rejects
from pipelines.importing.row_filter import RowFilter
from pipelines.importing.rule_values import built_in, evaluate, holds, link_keys
from pipelines.importing.sources import personal_columns


@dataclass
class Converter:
    """Converts the chunks of one block. ``excluded`` and ``rejected`` collect the ids of leads left out or rejected.

    Cells of ``forgiven`` attributes that cannot be read are missing and cost no row; ``unread`` counts them.
    ``currencies`` are those that were seen in each column of numbers, or ``beside`` it: in columns that name them.
    """

    mapping: Mapping
    table: str
    index: int
    schema: pa.Schema
    attributes: dict[str, AttributeRule]
    forgiven: frozenset[str] = frozenset()
    beside: tuple[str, ...] = ()
    excluded: list[pa.Array] = field(default_factory=list)
    rejected: list[pa.Array] = field(default_factory=list)
    blanked: dict[str, int] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    currencies: dict[str, set[str]] = field(default_factory=dict)
    count: int = 0

    @property
    def block(self) -> Block:
        """The block that is converted."""
        return self.mapping.tables.blocks(self.table)[self.index]

    def needs(self) -> dict[str, str]:
        """The columns to read and where the mapping asks for them; empty for those that may be absent."""
        at = ("tables", self.table, self.index)
        needs: dict[str, str] = {}
        for key, rules in (("columns", self.block.columns), ("attributes", self.attributes)):
            for name, rule in rules.items():
                for column in rule.sources_named:
                    soft = rule.optional or (column in rule.columns and len(rule.columns) > 1)
                    needs[column] = needs.get(column) or ("" if soft else self.mapping.where(*at, key, name))
        for number, condition in enumerate(self.block.where):
            needs[condition.column] = "" if condition.optional else self.mapping.where(*at, "where", number)
        if self.table == "leads" and isinstance(self.mapping.order, Order):
            needs[self.mapping.order.column] = self.mapping.where("order", "column")
        if AMOUNTS.get(self.table) in self.block.columns:
            needs = dict.fromkeys(self.beside, "") | needs
        return needs

    def convert(self, chunk: Chunk, rejects: Rejects) -> tuple[pa.Table, Chunk]:
        """The rows that pass as a table of the schema, and the chunk's rows that they are from."""
        chunk = self._wanted(chunk)
        rejects.considered[self.table, chunk.file] += len(chunk)
        passing = RowFilter(self.table, chunk, personal_columns(self.mapping, self.block.source), rejects)
        arrays = {name: self._column(name, chunk, passing) for name in self.schema.names}
        arrays |= self._across(arrays, passing)
        self.count += len(chunk)
        if self.table == "leads":
            self.rejected.append(flat(arrays["lead_id"].filter(pa.array(~passing.alive))))
        rows = pa.table([arrays[name] for name in self.schema.names], schema=self.schema)
        return rows.filter(pa.array(passing.alive)), chunk.keep(passing.alive)

    def _wanted(self, chunk: Chunk) -> Chunk:
        wanted = holds(self.block.where, chunk)
        if self.table == "leads" and not wanted.all():
            ids, _ = evaluate(self.block.columns["lead_id"], chunk.keep(~wanted))
            self.excluded.append(text(ids))
        return chunk.keep(wanted)

    def _column(self, name: str, chunk: Chunk, passing: RowFilter) -> pa.Array:
        attribute = self.attributes.get(name)
        if attribute is not None:
            assert attribute.type != "auto"
            array = self._cells(name, attribute, KIND_OF[attribute.type], chunk, passing)
            return self._guarded(name, array) if attribute.type == "categorical" else array
        if name not in load_contract(self.table).names:  # an attribute of another block
            return pa.nulls(len(chunk), self.schema.field(name).type)
        column = load_contract(self.table).column(name)
        rule = self.block.columns.get(name)
        if rule is None:
            return self._unmapped(column, chunk, passing)
        array = self._cells(name, rule, column.kind, chunk, passing)
        _check_limits(column, array, passing)
        if column.primary_key or column.reference is not None:
            hint = "Personal data is never stored: write `hash: true` in its rule"
            passing.reject(as_mask(pc.match_substring_regex(array, EMAIL)), name, "an e-mail address", expected=hint)
        elif (self.table, name) == ("activities", "link"):
            array = link_keys(array)
        elif column.kind == "string" and not column.allowed:
            array = self._guarded(name, array)
        needed = column.required or (name == "created_at" and self.mapping.order == "time")
        if needed:
            passing.reject(~filled(array), name, "the cell is empty", expected="a value in every row")
        return array

    def _cells(self, name: str, rule: Rule, kind: Kind, chunk: Chunk, passing: RowFilter) -> pa.Array:
        raw, unknown = evaluate(rule, chunk)
        shown = ", ".join(rule.sources_named) or name
        if unknown.any():
            known = ", ".join(list(rule.values or {})[:10])
            cells, _ = evaluate(rule.model_copy(update={"values": None, "default": None, "present": False}), chunk)
            passing.reject(unknown, shown, "{} is not among the values", cells, expected=known)
        array, bad = convert(raw, kind, rule, excel=chunk.excel)
        if kind == "number":
            self.currencies.setdefault(name, set()).update(self._currencies(name, raw, chunk))
        if name in self.forgiven:
            self.unread[name] = self.unread.get(name, 0) + int((bad & passing.alive).sum())
        else:
            passing.reject(bad, shown, "{} cannot be read", raw, expected=expected(kind, rule))
        return array.cast(ARROW[kind])

    def _currencies(self, name: str, raw: pa.Array, chunk: Chunk) -> tuple[str, ...]:
        """The currencies of numbers: of their own cells, else of a column beside them if they are amounts."""
        own = currencies_of(raw) if pa.types.is_string(raw.type) else ()
        if own or name != AMOUNTS.get(self.table):
            return own
        there = pa.array(filled(raw))
        named = (text(chunk.columns[each]).filter(there) for each in self.beside if each in chunk.columns)
        return next(filter(None, (currencies_in(pc.unique(each.drop_null()).to_pylist()) for each in named)), ())

    def _unmapped(self, column: Column, chunk: Chunk, passing: RowFilter) -> pa.Array:
        if column.name in MADE_UP and column.primary_key:
            start = f"{self.block.source}.{self.index}."
            return pc.binary_join_element_wise(start, text(pa.array(np.arange(len(chunk)) + self.count + 1)), "")
        if self.table == "leads":
            if column.name == "order" and isinstance(self.mapping.order, Order):
                return _order(self.mapping.order, chunk, passing)
            if (profile := _profile(self.block, column.name, chunk)) is not None:
                return profile
        return pa.nulls(len(chunk), ARROW[column.kind])

    def _guarded(self, name: str, array: pa.Array) -> pa.Array:
        """Text without cells that hold an e-mail address or are a phone number."""
        codes = array.dictionary_encode()
        personal = pc.match_substring_regex(codes.dictionary, PERSONAL_CELL)
        if not pc.any(personal).as_py():
            return array
        hit = personal.take(codes.indices)
        self.blanked[name] = self.blanked.get(name, 0) + int(as_mask(hit).sum())
        return pc.if_else(hit.fill_null(False), None, array)

    def _across(self, arrays: dict[str, pa.Array], passing: RowFilter) -> dict[str, pa.Array]:
        """Checks and mends that need several columns of a row."""
        mended: dict[str, pa.Array] = {}
        if self.table == "deals":
            # Systems write the expected date of closing there while a deal is open: a wish, not a fact.
            open_ = pc.equal(arrays["outcome"], "open").fill_null(False)
            mended["closed_at"] = pc.if_else(open_, None, arrays["closed_at"])
            mended["closed_at"] = _after_opening(mended["closed_at"], arrays["opened_at"], passing)
        if self.table == "changes":
            owner = filled(arrays["lead_id"]) | filled(arrays["account_id"])
            passing.reject(~owner, "lead_id", "neither a lead nor an account", expected="one of them")
        tomorrow = pa.scalar(datetime.now(UTC) + timedelta(days=1), ARROW["timestamp"])
        for name in self.schema.names:
            if self.schema.field(name).type == ARROW["timestamp"]:
                late = as_mask(pc.greater(mended.get(name, arrays[name]), tomorrow))
                passing.reject(late, name, "{} lies in the future", arrays[name], expected="a time that has passed")
        return mended


def _check_limits(column: Column, array: pa.Array, passing: RowFilter) -> None:
    if column.allowed:
        bad = filled(array) & ~as_mask(pc.is_in(array, pa.array(column.allowed)))
        passing.reject(bad, column.name, "{} is unknown", array, expected=f"{', '.join(column.allowed)}; see `values`")
    if column.minimum is not None:
        low = as_mask(pc.less(array, column.minimum))
        passing.reject(low, column.name, "{} is too small", array, expected=f"{column.minimum:g} or more")
    if column.maximum is not None:
        high = as_mask(pc.greater(array, column.maximum))
        passing.reject(high, column.name, "{} is too large", array, expected=f"{column.maximum:g} or less")


def _after_opening(closed: pa.Array, opened: pa.Array, passing: RowFilter) -> pa.Array:
    """Closing times that are not before the opening.

    Many systems keep the day of closing only: midnight of the day on which the deal was opened counts as the opening.
    """
    early = as_mask(pc.less(closed, opened))
    hours = pc.divide(pc.subtract(opened, closed).cast(pa.int64()), 3_600_000_000)
    same_day = early & as_mask(pc.less(hours, 24))
    passing.reject(early & ~same_day, "closed_at", "closed {} before it was opened", closed)
    return pc.if_else(pa.array(same_day), opened, closed)


def _order(order: Order, chunk: Chunk, passing: RowFilter) -> pa.Array:
    raw = built_in(order.column, chunk)
    values = raw.cast(pa.int64()).cast(pa.float64()) if pa.types.is_timestamp(raw.type) else numbers(raw, Rule())
    passing.reject(~filled(values), order.column, "{} cannot order the leads", raw, expected="a number in every row")
    return values if order.ascending else pc.negate(values)


def _profile(block: Block, name: str, chunk: Chunk) -> pa.Array | None:
    personal = block.personal
    flags = {"has_name": personal.name, "has_phone": personal.phone, "has_social": personal.social}
    columns = personal.email if name == "email_kind" else flags.get(name, ())
    arrays = [text(chunk.columns[column]) for column in columns if column in chunk.columns]
    if not arrays:
        return None
    first = flat(pc.coalesce(*arrays))
    if name != "email_kind":
        return first.is_valid()
    codes = pc.fill_null(first, "").dictionary_encode()
    kinds = pa.array([email_kind(address) for address in codes.dictionary.to_pylist()], pa.string())
    return kinds.take(codes.indices)
