import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.tables.block_plan import BlockPlan
from pipelines.tables.blocks import Blocks, open_blocks
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources
from tests.datasets import load_records
from tests.features.companies import Company, companies, moments, view_of_everything
from tests.pipelines.tables.test_tables import tables_of

VIEW = view_of_everything()
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@contextmanager
def blocks_of(tables: Tables, bounds: list[int], buckets: int, in_memory: int) -> Iterator[Blocks]:
    accounts = tables.profiles.account_events.starts.size - 1
    plan = BlockPlan(np.array(bounds), tables.profiles.account_of, accounts, buckets)
    resources = Resources(threads=2, memory=4 * in_memory)
    with open_blocks(
        lambda: tables.database, lambda: tables.index, tables.profiles, tables.events, plan, resources
    ) as blocks:
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
        in_memory = data.draw(st.sampled_from([0, 1 << 30]))
        whole = VIEW.compute(load_records(dataset), np.arange(leads), np.full(leads, as_of))
        with Tables(dataset) as tables, blocks_of(tables, bounds, buckets, in_memory) as cut:
            for number in range(len(cut)):
                first, end = cut.bounds(number)
                found = VIEW.compute(cut.load(number), np.arange(end - first), np.full(end - first, as_of))
                assert found.tobytes() == whole[first:end].tobytes()


@given(companies(), moments, st.data())
@FEW
def test_features_of_wanted_leads_are_those_of_all(company: Company, as_of: int, data: st.DataObject) -> None:
    leads = len(company.leads)
    rows = np.array(data.draw(st.lists(st.integers(0, leads - 1), unique=True, max_size=leads)), np.int64)
    moment = np.full(rows.size, as_of)
    with tempfile.TemporaryDirectory() as directory, Tables(tables_of(company, Path(directory))) as tables:
        expected = VIEW.compute(tables.records(), rows, moment)
        assert VIEW.compute(tables.records(rows), rows, moment).tobytes() == expected.tobytes()
