"""Duplicated keys: all but the first row of each is found."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.importing.table_file import repeated


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet="ab'\u00e9", max_size=2), min_size=1, max_size=30))
def test_every_row_but_the_first_of_a_key_is_found(tmp_path: Path, keys: list[str]) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"key": keys}), path, row_group_size=7)
    expected = [i for i, key in enumerate(keys) if key in keys[:i]]
    assert repeated(path, "key", threads=2, memory=100_000_000).tolist() == expected
