import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.records.grouping import NOWHERE
from pipelines.tables.block_plan import BYTES_PER_EVENT, EVENTS_PER_BUCKET, BlockPlan, one_block, plan_blocks


def accounts(*of_leads: int) -> np.ndarray:
    return np.array(of_leads, np.int32)


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=30), st.integers(1, 6), st.integers(1, 4), st.data())
def test_every_lead_has_one_bucket_and_every_shared_account_one_per_block_that_needs_it(
    of_leads: list[int], blocks: int, buckets: int, data: st.DataObject
) -> None:
    inner = data.draw(st.lists(st.integers(0, len(of_leads)), max_size=blocks))
    bounds = np.array(sorted({0, len(of_leads), *inner}))
    plan = BlockPlan(bounds, accounts(*of_leads), 4, buckets)
    for block in range(len(plan)):
        first, end = bounds[block], bounds[block + 1]
        inside = range(block * buckets, (block + 1) * buckets)
        assert set(plan.bucket_of_lead[first:end].tolist()) <= set(inside)
    targets = plan.targets()
    for account in range(4):
        found = slice(targets.starts[account], targets.starts[account + 1])
        needing = [
            block
            for block in range(len(plan))
            if account in of_leads[bounds[block] : bounds[block + 1]] or len(plan) == 1
        ]
        expected = needing if of_leads.count(account) > 1 else []
        assert (targets.bucket[found] // buckets).tolist() == expected
        for block, owner in zip(expected, targets.owner[found].tolist(), strict=True):
            assert plan.accounts_of(block)[owner] == account


def test_leads_that_are_not_wanted_go_nowhere_and_so_do_their_accounts() -> None:
    wanted = np.array([True, False, False, False])
    plan = BlockPlan(np.array([0, 4]), accounts(0, 0, 1, 1), 2, 1, wanted)
    assert plan.bucket_of_lead.tolist() == [0, NOWHERE, NOWHERE, NOWHERE]
    assert plan.targets().starts.tolist() == [0, 1, 1]


def test_what_fits_is_one_block_where_accounts_are_shared() -> None:
    whole = one_block(accounts(0, 0, 1, 1), 2, 1_000_000)
    assert len(plan_blocks(whole, np.arange(4), 1_000_000, 10 * BYTES_PER_EVENT * 1_000_000)) == 1
    assert len(plan_blocks(whole, np.arange(4), 1_000_000, BYTES_PER_EVENT * 1_000_000)) == 2


def test_without_shared_accounts_blocks_are_as_small_as_the_cache() -> None:
    whole = one_block(np.full(1000, -1, np.int32), 0, 10 * EVENTS_PER_BUCKET)
    plan = plan_blocks(whole, np.arange(1000), 10 * EVENTS_PER_BUCKET, 1 << 40)
    assert len(plan) == 10
    assert plan.buckets_per_block == 1


def test_blocks_begin_where_they_may() -> None:
    whole = one_block(np.full(1000, -1, np.int32), 0, 10 * EVENTS_PER_BUCKET)
    plan = plan_blocks(whole, np.array([0, 300, 700]), 10 * EVENTS_PER_BUCKET, 1)
    assert plan.bounds.tolist() == [0, 300, 700, 1000]


def test_no_leads_are_one_empty_block() -> None:
    whole = one_block(accounts(), 0, 0)
    assert len(plan_blocks(whole, np.array([0]), 0, 1000)) == 1
    assert whole.bucket_of_lead.size == 0
