"""Personal data in a workspace is found wherever it is stored, and told without being shown."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.personal import EMAIL
from pipelines.importing.personal_scan import addresses_in, scan


def workspace(root: Path, contact: str) -> Path:
    for name in ("tables", "model"):
        (root / name).mkdir(parents=True)
    pq.write_table(
        pa.table({"lead_id": ["L1", "L2"], "contact": [contact, "Ben Beispiel"]}), root / "tables/leads.parquet"
    )
    (root / "model/vocabulary.json").write_text(
        json.dumps({"columns": [{"name": "by", "levels": [contact, "Ben Probe"]}]})
    )
    (root / "model/card.md").write_text("Trained on 40 leads.")
    with closing(sqlite3.connect(root / "mlflow.db")) as store:
        store.execute("create table tags (value text)")
        store.execute("insert into tags values (?)", [f"asked {contact.split()[0].lower()}@example.com"])
        store.commit()
    return root


def test_names_and_addresses_are_found_in_tables_artifacts_and_the_tracking_store(tmp_path: Path) -> None:
    files, found = scan(workspace(tmp_path / "w", "Anna Muster"))
    assert files == 4
    assert [str(each) for each in found] == [
        "tables/leads.parquet, column 'contact': names of people",
        "model/vocabulary.json, columns.levels: names of people",
        "mlflow.db, tags.value: texts with an e-mail address or a phone number",
    ]


def test_a_workspace_without_them_is_clean(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    pq.write_table(pa.table({"lead_id": ["L1", "L2"], "city": ["Madrid", "Lyon"]}), tmp_path / "tables/leads.parquet")
    assert scan(tmp_path) == (1, [])


@given(st.text(alphabet="a.@ <'\n-é", max_size=60))
def test_addresses_are_found_piece_by_piece_as_in_the_whole_text(text: str) -> None:
    assert addresses_in(text) == set(re.findall(EMAIL, text))
