"""The language of mappings: what may be written, and that the shipped mappings are written in it."""

import pytest

from data_contracts.errors import MappingError
from data_contracts.located_yaml import parse_located
from data_contracts.mapping.mapping import Mapping, Order, check_mapping, load_mapping, shipped_mappings

LEADS = """\
name: t
sources: {s: {file: f.csv}}
order: none
tables:
  leads: {from: s, columns: {lead_id: Id}}
"""


def read(text: str) -> Mapping:
    return check_mapping(parse_located(text, "m.yaml"))


def test_every_shipped_mapping_loads_under_its_own_name() -> None:
    expected = {
        "bank-marketing", "bpic2012-loan-funnel", "crm-sales-opportunities", "hubspot", "salesforce", "simulated",
        "x-education",
    }  # fmt: skip
    assert set(shipped_mappings()) == expected
    assert {load_mapping(name).name for name in expected} == expected


def test_an_unknown_name_is_answered_with_the_shipped_ones() -> None:
    with pytest.raises(MappingError, match=r"no file 'hubspott'.*Did you mean hubspot"):
        load_mapping("hubspott")


def test_a_text_is_short_for_a_column_and_a_block_for_a_list_of_one() -> None:
    mapping = read(LEADS)
    assert mapping.tables.leads[0].columns["lead_id"].column == "Id"
    assert len(mapping.tables.leads) == 1


def test_an_attribute_without_a_source_reads_the_column_of_its_name() -> None:
    mapping = read(LEADS.replace("{lead_id: Id}}", "{lead_id: Id}, attributes: {city: , job: {column: Job}}}"))
    attributes = mapping.tables.leads[0].attributes
    assert (attributes["city"].column, attributes["job"].column) == ("city", "Job")


def test_yes_and_no_stay_words_in_value_maps() -> None:
    deals = "  deals: {from: s, columns: {lead_id: Id, outcome: {column: y, values: {Yes: won, No: lost, 1: won}}}}\n"
    mapping = read(LEADS + deals)
    assert mapping.tables.deals[0].columns["outcome"].values == {"Yes": "won", "No": "lost", "1": "won"}


def test_order_is_a_word_or_a_column() -> None:
    assert read(LEADS).order == "none"
    ordered = read(LEADS.replace("order: none", "order: {column: $row, ascending: no}"))
    assert ordered.order == Order(column="$row", ascending=False)


def test_horizon_is_a_number_or_a_word() -> None:
    assert read(LEADS + "horizon_days: until_closed\n").horizon_days == "until_closed"
    assert read(LEADS + "horizon_days: 90\n").horizon_days == 90


def test_tab_can_be_written_as_a_word() -> None:
    assert read(LEADS.replace("file: f.csv", "file: f.csv, delimiter: tab")).sources["s"].delimiter == "\t"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("order: none", "orders: none", r"m.yaml, line 3: unknown key 'orders'. Did you mean order\?"),
        (
            "columns: {",
            "colums: {",
            r"line 5: unknown key 'tables.leads.0.colums'. Did you mean columns or other_columns\?",
        ),
        ("lead_id: Id", "leadid: Id", r"line 5: tables.leads.0.columns.leadid: there is no column of leads 'leadid'"),
        ("from: s", "from: z", r"line 5: tables.leads.0.from: there is no source 'z'. Known here: s."),
        ("name: t", "name: t\nsnapshot: {at: never}", r"line 2: snapshot.at: expected 'created' or"),
        ("order: none", "order: {colum: x}", r"line 3: order: expected \{column: ..., ascending: ...\}, but column"),
    ],
)
def test_errors_name_file_line_key_and_what_was_meant(old: str, new: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        read(LEADS.replace(old, new))
