"""Keys that stand twice: found in memory and by DuckDB alike."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.importing.table_file import repeated


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet="ab'\u00e9", max_size=2), min_size=1, max_size=30))
def test_memory_and_duckdb_find_the_same_rows(tmp_path: Path, keys: list[str]) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"key": keys}), path, row_group_size=7)
    expected = [i for i, key in enumerate(keys) if key in keys[:i]]
    assert repeated(path, "key").tolist() == expected
    assert repeated(path, "key", in_memory=0).tolist() == expected
