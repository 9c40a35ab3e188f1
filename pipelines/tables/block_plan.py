"""Which leads are loaded together, and where the events of each lead and account go."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.arrays import Codes
from features.records.grouping import NOWHERE, ROW

EVENTS_PER_BUCKET = 100_000  # as many as are grouped inside the processor's cache
MAX_BUCKETS = 512
MAX_BLOCKS = 256
BYTES_PER_EVENT = 2 * ROW.itemsize  # a row and its columns


@dataclass(frozen=True)
class Targets:
    """Where the events of account a go: to the buckets ``bucket[starts[a]:starts[a + 1]]``, there called ``owner``."""

    starts: NDArray[np.int64]
    bucket: Codes
    owner: Codes


@dataclass(frozen=True)
class BlockPlan:
    """Blocks of consecutive leads: block b holds the leads ``bounds[b]:bounds[b + 1]``, and what their accounts need.

    ``account_of`` (n,) is the account of each lead, of ``accounts`` in all; ``wanted`` (n,) are the leads whose events
    are loaded, None for all. Buckets are ranges of the leads, or of the accounts, of one block.
    """

    bounds: NDArray[np.int64]
    account_of: Codes
    accounts: int
    buckets_per_block: int
    wanted: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return self.bounds.size - 1

    @property
    def leads(self) -> int:
        """How many leads there are in all blocks."""
        return int(self.account_of.size)

    def lead_bounds(self, block: int) -> NDArray[np.int64]:
        """The first lead of each bucket of the block, and its end."""
        return _split(int(self.bounds[block]), int(self.bounds[block + 1]), self.buckets_per_block)

    def account_bounds(self, block: int) -> NDArray[np.int64]:
        """The first of the block's accounts in each bucket, and their number."""
        return _split(0, self.accounts_of(block).size, self.buckets_per_block)

    def accounts_of(self, block: int) -> NDArray[np.int64]:
        """The accounts of the block, rising; a lead's place in them is its account in the block's records."""
        if len(self) == 1:
            return np.arange(self.accounts)
        accounts = np.unique(self.account_of[self.bounds[block] : self.bounds[block + 1]])
        return accounts[accounts >= 0].astype(np.int64)

    @cached_property
    def bucket_of_lead(self) -> Codes:
        """The bucket (leads,) of each lead's own events, NOWHERE for those that are not wanted."""
        sizes = np.concatenate([np.diff(self.lead_bounds(block)) for block in range(len(self))])
        bucket = np.repeat(np.arange(sizes.size, dtype=np.int32), sizes)
        return bucket if self.wanted is None else np.where(self.wanted, bucket, np.int32(NOWHERE))

    @cached_property
    def members(self) -> NDArray[np.int64]:
        """How many leads each account (accounts,) has."""
        return np.bincount(self.account_of[self.account_of >= 0], minlength=self.accounts)

    @cached_property
    def shared(self) -> NDArray[np.bool_]:
        """Whether each account (accounts,) has several leads: where there is one, no other could have done anything."""
        return self.members > 1

    def targets(self) -> Targets:
        """Where the events of the shared accounts go."""
        account, bucket, owner = (np.concatenate(column) for column in zip(*self._targets(), strict=True))
        order = np.argsort(account, kind="stable")
        starts = np.searchsorted(account[order], np.arange(self.accounts + 1))
        return Targets(starts.astype(np.int64), bucket[order], owner[order])

    def _targets(self) -> Iterator[tuple[NDArray[np.int64], Codes, Codes]]:
        needed = self._needed()
        for block in range(len(self)):
            accounts, bounds = self.accounts_of(block), self.account_bounds(block)
            owner = np.flatnonzero(needed[accounts]).astype(np.int32)
            bucket = np.searchsorted(bounds, owner, side="right") - 1 + block * self.buckets_per_block
            yield accounts[owner], bucket.astype(np.int32), owner

    def _needed(self) -> NDArray[np.bool_]:
        if self.wanted is None:
            return self.shared
        asked = np.zeros(self.accounts + 1, np.bool_)
        asked[self.account_of[self.wanted]] = True  # without an account: the last entry
        return self.shared & asked[:-1]


def _split(begin: int, end: int, parts: int) -> NDArray[np.int64]:
    return begin + np.arange(parts + 1, dtype=np.int64) * (end - begin) // parts


def one_block(account_of: Codes, accounts: int, events: int) -> BlockPlan:
    """All leads (n,) in one block, in buckets for about so many events."""
    buckets = min(MAX_BUCKETS, max(1, -(-events // EVENTS_PER_BUCKET)))
    return BlockPlan(np.array([0, account_of.size]), account_of, accounts, buckets)


def plan_blocks(whole: BlockPlan, starts: NDArray[np.int64], events: int, in_block: int) -> BlockPlan:
    """Blocks of leads, each beginning at one of ``starts`` (rising, the first 0), so that their events fit.

    ``events`` is how many there are about, ``in_block`` the bytes for those of one block. Where accounts are shared,
    events of an account go to every block that holds one of its leads, so blocks are as large as fits; else as small as
    the processor's cache. The events of one account are never divided, however many they are.
    """
    if not whole.shared.any():
        return _divided(whole, starts, max(whole.buckets_per_block, int(events * BYTES_PER_EVENT // in_block)))
    plan, each = whole, events * BYTES_PER_EVENT / max(1, whole.leads)
    while _leads_loaded(plan, len(plan) // 2) * each > in_block and len(plan) < min(MAX_BLOCKS, starts.size):
        plan = _divided(whole, starts, 2 * len(plan))
    return plan


def _divided(plan: BlockPlan, starts: NDArray[np.int64], blocks: int) -> BlockPlan:
    blocks = min(blocks, starts.size)
    chosen = starts[np.arange(blocks) * starts.size // blocks]
    bounds = np.append(chosen, plan.leads).astype(np.int64)
    return replace(plan, bounds=bounds, buckets_per_block=max(1, plan.buckets_per_block // blocks))


def _leads_loaded(plan: BlockPlan, block: int) -> int:
    """How many leads' events the block holds: its own leads', and once more those of all leads of its accounts."""
    accounts = plan.accounts_of(block)
    accounts = accounts[plan.shared[accounts]]
    return int(plan.bounds[block + 1] - plan.bounds[block] + plan.members[accounts].sum())
