"""The contracts say what the tables are, in the standard's own format."""

import json
from importlib import resources

import jsonschema
import pyarrow as pa
import pytest
import yaml

from data_contracts.contract import arrow_schema, load_contract, read_document
from data_contracts.dataset import TABLES, Attribute
from data_contracts.errors import TableError
from tests.data_contracts.contract_tables import PAGE, filled_in

STANDARD = json.loads((resources.files("open_data_contract_standard") / "schema.json").read_text("utf-8"))


@pytest.mark.parametrize("table", TABLES)
def test_the_files_are_valid_by_the_standards_json_schema(table: str) -> None:
    document = yaml.safe_load(read_document(table).to_yaml())
    jsonschema.validate(document, STANDARD)


@pytest.mark.parametrize("table", TABLES)
def test_nothing_in_the_files_is_lost_on_reading(table: str) -> None:
    written = yaml.safe_load((resources.files("data_contracts") / "contracts" / f"{table}.yaml").read_text("utf-8"))
    assert yaml.safe_load(read_document(table).to_yaml()) == written


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described(table: str) -> None:
    contract = load_contract(table)
    assert contract.purpose.endswith(".")
    assert all(column.description.endswith(".") for column in contract.columns)
    assert len(set(contract.names)) == len(contract.names)


def test_references_point_at_the_keys_of_other_tables() -> None:
    references = [
        column.reference for table in TABLES for column in load_contract(table).columns if column.reference is not None
    ]
    assert len(references) == 6
    for reference in references:
        assert load_contract(reference.table).key == reference.column


def test_keys_are_required_and_unique() -> None:
    keys = {table: load_contract(table).key for table in TABLES}
    assert keys == {
        "leads": "lead_id",
        "accounts": "account_id",
        "activities": "activity_id",
        "deals": "deal_id",
        "dispositions": "disposition_id",
        "changes": None,
    }
    for table, key in keys.items():
        if key is not None:
            column = load_contract(table).column(key)
            assert column.required
            assert column.unique


def test_closed_vocabularies_are_closed() -> None:
    assert load_contract("leads").column("email_kind").allowed == (
        "business",
        "free",
        "disposable",
        "education",
        "none",
    )
    assert load_contract("deals").column("outcome").allowed == ("won", "lost", "open")
    assert load_contract("dispositions").column("verdict").allowed == ("accepted", "ready", "nurture", "suspect")


def test_types_of_activities_stay_open() -> None:
    column = load_contract("activities").column("type")
    assert column.allowed == ()
    assert "pricing_view" in column.examples


def test_the_parquet_schema_holds_the_columns_then_the_attributes_of_the_table() -> None:
    attributes = (
        Attribute(table="leads", name="score", kind="numeric", label="Score"),
        Attribute(table="accounts", name="tier", kind="categorical", label="Tier"),
        Attribute(table="leads", name="vip", kind="boolean", label="VIP"),
    )
    schema = arrow_schema("leads", attributes)
    assert tuple(schema.names) == (*load_contract("leads").names, "score", "vip")
    assert schema.field("created_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("score").type == pa.float64()
    assert schema.field("vip").type == pa.bool_()
    assert arrow_schema("accounts", attributes).field("tier").type == pa.string()


def test_an_attribute_may_not_take_a_columns_name() -> None:
    attribute = Attribute(table="leads", name="source", kind="categorical", label="Source")
    with pytest.raises(TableError, match="'source' of leads has the name of another column"):
        arrow_schema("leads", (attribute,))


def test_an_unknown_table_is_named_with_those_that_exist() -> None:
    with pytest.raises(TableError, match=r"no table 'contacts'.*leads, accounts"):
        load_contract("contacts")


def test_an_unknown_column_is_named_with_those_that_exist() -> None:
    with pytest.raises(KeyError, match="deals has no column 'stage'; it has deal_id"):
        load_contract("deals").column("stage")


def test_the_page_on_contracts_says_what_the_contracts_and_checks_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert filled_in(page) == page, "run `python -m tests.data_contracts.contract_tables`"
