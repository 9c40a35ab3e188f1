"""Blocks: the records of consecutive leads, one block at a time, so that no step holds all events.

One pass over the tables routes every event to the block of its lead and to each block that needs its account; what
exceeds the memory set waits on disk. A block's features are bit-identical to those of all leads at once.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from data_contracts.threads import each_of, in_order
from features.records.grouping import ROW, Rows, copies, group, route_to_accounts, route_to_leads
from features.records.ids import Ids
from features.records.records import Categorical, Column, Events, Records
from features.records.related import Related
from pipelines.tables.block_plan import BlockPlan, Targets
from pipelines.tables.events import ACTIVITIES, ANSWERS, OUTCOMES, Vocabulary, columns_of, stream
from pipelines.tables.spilled_events import SpilledEvents
from pipelines.workspace.resources import Resources

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyarrow import RecordBatch


class _Scratch(threading.local):
    """Two arrays per thread, kept from bucket to bucket: new memory costs more than what is done in it."""

    def __init__(self) -> None:
        self._arrays = np.empty(0, ROW), np.empty(0, ROW)

    def of_size(self, rows: int) -> tuple[Rows, Rows]:
        """The arrays, at least so many rows long."""
        if self._arrays[0].size < rows:
            self._arrays = np.empty(rows * 5 // 4, ROW), np.empty(rows * 5 // 4, ROW)
        return self._arrays


@dataclass(frozen=True)
class Blocks:
    """The blocks of a plan; any number of threads may load them, in any order.

    ``profiles`` are all leads without events, ``own`` the events of leads and ``shared`` those of accounts by bucket.
    """

    profiles: Records
    plan: BlockPlan
    words: Vocabulary
    own: SpilledEvents
    shared: SpilledEvents
    threads: int
    scratch: _Scratch = field(default_factory=_Scratch)

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
        own = self._events(self.own, block, self.plan.lead_bounds(block))
        shared = self._events(self.shared, block, self.plan.account_bounds(block))
        local = shared.lead - np.int32(first)
        inside = (local >= 0) & (local < end - first)
        return replace(
            records,
            lead_events=replace(own, lead=own.lead - np.int32(first)),
            account_events=replace(shared, lead=np.where(inside, local, np.int32(-1))),
        )

    def _events(self, events: SpilledEvents, block: int, bounds: NDArray[np.int64]) -> Events:
        buckets = np.arange(bounds.size - 1) + block * self.plan.buckets_per_block
        places = np.concatenate([[0], np.cumsum(events.sizes[buckets])])
        total = int(places[-1])
        starts = np.empty(bounds[-1] - bounds[0] + 1, np.int64)
        at, value = np.empty(total, np.int64), np.empty(total)
        kind, related, lead = (np.empty(total, np.int32) for _ in range(3))
        automated = np.empty(total, np.uint8)

        def fill(number: int) -> None:
            inside = slice(places[number], places[number + 1])
            owners = slice(bounds[number] - bounds[0], bounds[number + 1] - bounds[0])
            rows, spare = self.scratch.of_size(int(places[number + 1] - places[number]))
            group(
                events.rows(int(buckets[number]), rows), spare, int(bounds[number]), starts[owners],
                at[inside], kind[inside], related[inside], value[inside], automated[inside], lead[inside],
            )  # fmt: skip
            starts[owners] += places[number]

        each_of(fill, range(buckets.size), self.threads)
        starts[-1] = total
        words = self.words
        return Events(
            starts, at, Categorical(kind, words.kinds), Related(related, words.things), value, automated, lead
        )


@contextmanager
def open_blocks(
    database: "DuckDBPyConnection",
    leads: Ids,
    profiles: Records,
    words: Vocabulary,
    plan: BlockPlan,
    resources: Resources,
) -> Iterator[Blocks]:
    """The blocks of a plan, their events read in one pass over the tables.

    ``profiles`` are the records of all leads without events, ``words`` what the database has codes for.
    """
    buckets = len(plan) * plan.buckets_per_block
    targets = plan.targets() if plan.shared.any() else None
    limit, threads = resources.spill // (1 if targets is None else 2), resources.threads
    with closing(SpilledEvents(buckets, limit)) as own, closing(SpilledEvents(buckets, limit)) as shared:
        for query, of_lead, of_account in ((ACTIVITIES, True, True), (ANSWERS, True, False), (OUTCOMES, False, True)):
            to_leads, to_accounts = own if of_lead else None, shared if of_account and targets is not None else None
            if to_leads or to_accounts:
                route = partial(_route, leads, plan, targets, to_leads, to_accounts)
                for parts in in_order((partial(route, batch) for batch in stream(database, query, words)), threads):
                    for events, rows, bounds in parts:
                        events.add(rows, bounds)
        yield Blocks(profiles, plan, words, own, shared, threads)


def _route(
    leads: Ids,
    plan: BlockPlan,
    targets: Targets | None,
    own: SpilledEvents | None,
    shared: SpilledEvents | None,
    batch: "RecordBatch",
) -> list[tuple[SpilledEvents, Rows, NDArray[np.int64]]]:
    """The rows of a batch by bucket, for those of leads and for those of accounts."""
    columns = columns_of(batch, leads)
    lead = columns[0]
    parts = []
    if own is not None:
        out = np.empty(lead.size, ROW)
        parts.append((own, out, route_to_leads(*columns, plan.bucket_of_lead, own.sizes.size, out)))
    if shared is not None and targets is not None:
        out = np.empty(copies(lead, plan.account_of, targets.starts), ROW)
        wanted = (plan.account_of, targets.starts, targets.bucket, targets.owner)
        parts.append((shared, out, route_to_accounts(*columns, *wanted, shared.sizes.size, out)))
    return parts


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
