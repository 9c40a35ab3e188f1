"""Blocks: the records of consecutive leads, one block at a time, so that no step holds all events.

The events of leads are read block by block, as they are grouped by lead already. One pass over them routes those of
shared accounts to each block that needs them; what exceeds the memory set waits on disk. A block's features are
bit-identical to those of all leads at once.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data_contracts.threads import each_of, in_order
from features.arrays import Codes, Floats, Times
from features.records.grouping import NOWHERE, ROW, Rows, copies, route_to_accounts
from features.records.ids import Ids
from features.records.records import Categorical, Column, Events, Records
from features.records.related import Related
from pipelines.tables.block_plan import BlockPlan, Targets
from pipelines.tables.events import OUTCOMES, columns_of, stream
from pipelines.tables.events_file import EventRows, EventsFile, together
from pipelines.tables.grouped_events import GroupedEvents
from pipelines.tables.spilled_events import SpilledEvents
from pipelines.workspace.resources import Resources

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Blocks:
    """The blocks of a plan; any number of threads may load them, in any order.

    ``profiles`` are all leads without events, ``own`` the events of leads and ``shared`` those of accounts by bucket.
    """

    profiles: Records
    plan: BlockPlan
    own: EventsFile
    shared: GroupedEvents
    threads: int

    def __len__(self) -> int:
        return len(self.plan)

    def bounds(self, block: int) -> tuple[int, int]:
        """The first lead of a block, and its end."""
        return int(self.plan.bounds[block]), int(self.plan.bounds[block + 1])

    def load(self, block: int) -> Records:
        """The records of a block, numbered from 0, with everything that happened to its leads and their accounts."""
        first, end = self.bounds(block)
        records = self.profiles
        if len(self) > 1:
            records = part_of(records, first, end, self.plan.accounts_of(block))
        buckets = range(block * self.plan.buckets_per_block, (block + 1) * self.plan.buckets_per_block)
        shared = self.shared.load(buckets, self.plan.account_bounds(block), self.threads)
        local = shared.lead - np.int32(first)
        inside = (local >= 0) & (local < end - first)
        return replace(
            records,
            lead_events=self._own(first, end),
            account_events=replace(shared, lead=np.where(inside, local, np.int32(-1))),
        )

    def _own(self, first: int, end: int) -> Events:
        read = partial(self._rows, first, end)
        return together(each_of(read, self.own.groups(first, end), self.threads), first, end, self.own.words)

    def _rows(self, first: int, end: int, group: int) -> EventRows:
        """The events of a group that are of the block's leads, of those that are wanted."""
        rows, wanted = self.own.rows(group), self.plan.wanted
        begin, stop = np.searchsorted(rows.lead, [first, end])
        if wanted is not None:
            return rows.only(slice(begin, stop)).only(wanted[rows.lead[begin:stop]])
        return rows if stop - begin == rows.lead.size else rows.only(slice(begin, stop))


@contextmanager
def open_blocks(
    database: Callable[[], "DuckDBPyConnection"],
    leads: Callable[[], Ids],
    profiles: Records,
    own: EventsFile,
    plan: BlockPlan,
    resources: Resources,
) -> Iterator[Blocks]:
    """The blocks of a plan; the events of accounts are read in one pass over those of leads and the tables.

    ``profiles`` are the records of all leads without events. The database and the ids of the leads are asked for only
    where accounts are shared.
    """
    with closing(SpilledEvents(len(plan) * plan.buckets_per_block, resources.spill)) as shared:
        if plan.shared.any():
            route = partial(_route, plan, plan.targets(), shared.sizes.size)
            for rows, bounds in in_order(_batches(database(), leads(), own, route), resources.threads):
                shared.add(rows, bounds)
        yield Blocks(profiles, plan, own, GroupedEvents(shared, own.words), resources.threads)


Batch: TypeAlias = tuple[Codes, Times, Floats, Codes, Codes]  # see ``columns_of``
Routed: TypeAlias = tuple[Rows, NDArray[np.int64]]


def _batches(
    database: "DuckDBPyConnection", leads: Ids, own: EventsFile, route: Callable[[Batch], Routed]
) -> Iterator[Callable[[], Routed]]:
    """What the leads of accounts did, and what became of them."""
    for group in range(len(own)):
        yield partial(_routed, route, partial(_activities, own, group))
    for batch in stream(database, OUTCOMES, own.words):
        yield partial(_routed, route, partial(columns_of, batch, leads))


def _routed(route: Callable[[Batch], Routed], batch: Callable[[], Batch]) -> Routed:
    return route(batch())


def _activities(own: EventsFile, group: int) -> Batch:
    """A group without what sales answered, which is in a lead's own timeline only."""
    rows = own.rows(group)
    lead = np.where(own.answers(group), np.int32(NOWHERE), rows.lead)
    return lead, rows.at, rows.value, rows.kind, 256 * rows.related + rows.automated


def _route(plan: BlockPlan, targets: Targets, buckets: int, batch: Batch) -> Routed:
    """The rows of a batch by bucket."""
    out = np.empty(copies(batch[0], plan.account_of, targets.starts), ROW)
    wanted = (plan.account_of, targets.starts, targets.bucket, targets.owner)
    return out, route_to_accounts(*batch, *wanted, buckets, out)


def part_of(records: Records, first: int, end: int, accounts: NDArray[np.int64]) -> Records:
    """The leads ``first`` to ``end`` and these accounts, numbered anew; without events."""
    account = records.account_of[first:end]
    return replace(
        records,
        lead_ids=records.lead_ids[first:end],
        created_at=records.created_at[first:end],
        leads=_rows_of(records.leads, slice(first, end)),
        account_of=np.where(account < 0, -1, np.searchsorted(accounts, account)).astype(np.int32),
        accounts=_rows_of(records.accounts, accounts),
        lead_history={name: _chosen(events, np.arange(first, end)) for name, events in records.lead_history.items()},
        account_history={name: _chosen(events, accounts) for name, events in records.account_history.items()},
    )


def _rows_of(columns: Mapping[str, Column], rows: "slice | NDArray[np.int64]") -> dict[str, Column]:
    return {
        name: Categorical(column.codes[rows], column.levels) if isinstance(column, Categorical) else column[rows]
        for name, column in columns.items()
    }


def _chosen(events: Events, owners: NDArray[np.int64]) -> Events:
    """The events of some owners, numbered anew in the order given."""
    sizes = events.starts[owners + 1] - events.starts[owners]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    rows = np.arange(starts[-1]) + np.repeat(events.starts[owners] - starts[:-1], sizes)
    return Events(
        starts=starts,
        at=events.at[rows],
        type=Categorical(events.type.codes[rows], events.type.levels),
        related=Related(events.related.codes[rows], events.related.things),
        value=events.value[rows],
        automated=events.automated[rows],
        lead=np.repeat(np.arange(owners.size, dtype=np.int32), sizes),
    )
