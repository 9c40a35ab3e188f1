import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.dataset import Dataset
from features.records.records import Records
from pipelines.tables.block_plan import BlockPlan
from pipelines.tables.blocks import Blocks, opened_blocks
from pipelines.tables.database import connection
from pipelines.tables.events import index_leads
from pipelines.tables.lead_columns import load_profiles
from pipelines.tables.loading import load_records
from tests.features.companies import Company, companies, moments, view_of_everything
from tests.pipelines.tables.test_loading import tables_of

VIEW = view_of_everything()
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@contextmanager
def blocks_of(dataset: Dataset, profiles: Records, bounds: list[int], buckets: int, in_memory: int) -> Iterator[Blocks]:
    accounts = profiles.account_events.starts.size - 1
    plan = BlockPlan(np.array(bounds), profiles.account_of, accounts, buckets)
    with (
        connection(dataset) as database,
        opened_blocks(database, index_leads(dataset), profiles, plan, in_memory) as blocks,
    ):
        yield blocks


@given(companies(), moments, st.data())
@FEW
def test_features_do_not_depend_on_the_blocks(company: Company, as_of: int, data: st.DataObject) -> None:
    """Bit-identical for any bounds and number of buckets, from memory and from disk."""
    leads = len(company.leads)
    inner = data.draw(st.lists(st.integers(0, leads), max_size=4))
    bounds, buckets = sorted({0, leads, *inner}), data.draw(st.integers(1, 3))
    with tempfile.TemporaryDirectory() as directory:
        dataset = tables_of(company, Path(directory))
        whole = VIEW.compute(load_records(dataset), np.arange(leads), np.full(leads, as_of))
        with blocks_of(
            dataset, load_profiles(dataset), bounds, buckets, data.draw(st.sampled_from([0, 1 << 30]))
        ) as cut:
            for number in range(len(cut)):
                block = cut.load(number)
                rows = np.arange(block.end - block.first)
                found = VIEW.compute(block.records, rows, np.full(rows.size, as_of))
                assert found.tobytes() == whole[block.first : block.end].tobytes()


@given(companies(), moments, st.data())
@FEW
def test_features_of_wanted_leads_are_those_of_all(company: Company, as_of: int, data: st.DataObject) -> None:
    leads = len(company.leads)
    wanted = np.array(data.draw(st.lists(st.booleans(), min_size=leads, max_size=leads)), np.bool_)
    rows = np.flatnonzero(wanted)
    with tempfile.TemporaryDirectory() as directory:
        dataset = tables_of(company, Path(directory))
        every, some = load_records(dataset), load_records(dataset, wanted)
    expected = VIEW.compute(every, rows, np.full(rows.size, as_of))
    assert VIEW.compute(some, rows, np.full(rows.size, as_of)).tobytes() == expected.tobytes()
