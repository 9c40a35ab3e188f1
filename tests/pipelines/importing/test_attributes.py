"""Attributes: their names in any script, and types that a model has fixed."""

import unicodedata
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.dataset import Attribute, Dataset
from data_contracts.errors import MappingError
from data_contracts.located_yaml import parse_located
from data_contracts.mapping.mapping import check_mapping
from pipelines.drafting.draft import draft_mapping
from pipelines.importing.attributes import new_name, slug
from pipelines.importing.importer import import_tables
from pipelines.workspace.resources import Resources
from tests.pipelines.export import as_csv, write_export

MAPPING = """\
name: test
sources: {leads: {file: leads.csv}}
tables:
  leads:
    from: leads
    columns: {lead_id: id, created_at: created}
    other_columns: {known_at: created}
"""
SCRIPTS = {
    "Cyrillic": ["Город", "Отрасль", "Источник"],
    "Greek": ["Πόλη", "Κλάδος", "Πηγή"],
    "Arabic": ["المدينة", "القطاع", "المصدر"],
    "Hebrew": ["עיר", "ענף", "מקור"],
    "Chinese": ["城市", "行业", "来源"],
    "Japanese": ["業種", "ソース", "ｼﾃｨ"],
    "Hindi": ["शहर", "उद्योग", "स्रोत"],
    "Latin": ["Opt in", "Opt-in", "Opt_in?"],
    "signs": ["#", "№", "%"],
}  # fmt: skip


def imported(directory: Path, rows: list[list[str]], known: tuple[Attribute, ...] = ()) -> Dataset:
    directory.mkdir(exist_ok=True)
    source = write_export(directory, {"leads.csv": as_csv(rows)})
    mapping = check_mapping(parse_located(MAPPING, "m.yaml"))
    tables = directory / "tables"
    import_tables(mapping, source, tables, directory / "rejected", resources=Resources.of(), known=known)
    return Dataset(tables)


def leads(columns: dict[str, list[str]]) -> list[list[str]]:
    count = len(next(iter(columns.values())))
    start = [["id", "created"], *([f"L{i}", "2025-01-01"] for i in range(count))]
    return [[*row, *(([name, *cells])[i] for name, cells in columns.items())] for i, row in enumerate(start)]


@pytest.mark.parametrize("written", ["%d.%m.%Y %H:%M", "%m/%d/%Y, %I:%M %p", "%d de %b de %Y", "%Y/%m/%d", "%b %d, %Y"])
def test_other_columns_leave_dates_out_however_they_are_written(written: str, tmp_path: Path) -> None:
    days = [(datetime(2025, 1, 1) + timedelta(days=7 * n)).strftime(written) for n in range(30)]
    dataset = imported(tmp_path, leads({"visited": days, "plan": ["a", "b"] * 15}))
    assert [each.name for each in dataset.manifest.attributes] == ["plan"]
    assert "Column 'visited' of leads is left out: it holds dates." in dataset.manifest.notes


PEOPLE = ["Anna Muster", "Ben Beispiel", "Cara Probe"] * 10


@pytest.mark.parametrize("rule", ["{}", "{type: categorical}", "{type: categorical, lower: false}"])
def test_a_category_of_people_is_refused_where_a_mapping_names_it(rule: str, tmp_path: Path) -> None:
    text = MAPPING.replace("other_columns: {known_at: created}", f"attributes: {{caller: {rule}}}")
    source = write_export(tmp_path, {"leads.csv": as_csv(leads({"caller": PEOPLE}))})
    with pytest.raises(MappingError, match="column 'caller' holds names of people, which are not stored") as caught:
        import_tables(
            check_mapping(parse_located(text, "m.yaml")),
            source, tmp_path / "tables", tmp_path / "rejected", resources=Resources.of(),
        )  # fmt: skip
    assert "m.yaml, line 7" in str(caught.value)
    assert "Anna" not in str(caught.value)


@pytest.mark.parametrize("rule", ["{hash: true}", "{values: {Anna Muster: a, Ben Beispiel: b, Cara Probe: a}}"])
def test_digests_and_listed_values_of_people_are_kept(rule: str, tmp_path: Path) -> None:
    text = MAPPING.replace("other_columns: {known_at: created}", f"attributes: {{caller: {rule}}}")
    source = write_export(tmp_path, {"leads.csv": as_csv(leads({"caller": PEOPLE}))})
    mapping = check_mapping(parse_located(text, "m.yaml"))
    manifest = import_tables(mapping, source, tmp_path / "t", tmp_path / "r", resources=Resources.of())
    assert [each.name for each in manifest.attributes] == ["caller"]


@pytest.mark.parametrize("headers", SCRIPTS.values(), ids=SCRIPTS)
def test_no_two_columns_share_a_name_in_any_script(headers: list[str], tmp_path: Path) -> None:
    columns = {header: ["a", "b"] * 10 for header in headers}
    attributes = imported(tmp_path, leads(columns)).manifest.attributes
    assert [each.label for each in attributes] == [unicodedata.normalize("NFC", each) for each in headers]
    assert len({each.name for each in attributes}) == len(headers)
    check_mapping(parse_located(draft_mapping(tmp_path / "source").text, "draft"))


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=6, unique=True))
def test_any_headers_have_names_of_their_own_that_a_mapping_accepts(headers: list[str]) -> None:
    names: Counter[str] = Counter()
    given_ = [new_name(header, "leads", names) for header in headers]
    assert len(set(given_)) == len(headers)
    assert all(name.isidentifier() for name in given_)


@given(st.text(max_size=12))
def test_a_name_does_not_depend_on_how_accents_are_written(header: str) -> None:
    assert slug(unicodedata.normalize("NFD", header)) == slug(unicodedata.normalize("NFC", header))


def test_a_column_without_a_name_is_told(tmp_path: Path) -> None:
    dataset = imported(tmp_path, leads({"": ["1", "2"], "plan": ["a", "b"]}))
    assert [each.name for each in dataset.manifest.attributes] == ["plan"]
    assert dataset.manifest.notes == ("A column of leads is left out: it has no name.",)


def test_letters_with_accents_are_the_same_however_a_file_writes_them(tmp_path: Path) -> None:
    header, level = "Población", "Málaga"
    cells = [unicodedata.normalize(form, level) for form in ("NFC", "NFD")]
    dataset = imported(tmp_path, leads({unicodedata.normalize("NFD", header): cells}))
    assert dataset.frame("leads")["población"].tolist() == [level, level]


TRAINED = {
    "budget": ["97.31", "12", "1e3"],
    "price": ["1.250,00", "900", "0,5"],
    "zip": ["04101", "4101", "00501"],
    "agreed": ["yes", "no", "yes"],
    "Город": ["Омск", "Москва", "Омск"],
    "Сумма": ["1", "2", "3"],
}
CELLS = st.one_of(
    st.sampled_from(["tbd", "", "1", "0", "yes", "no", "1.200", "04101", "Омск"]), st.text("12,.$%a é", max_size=5)
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), columns=st.sets(st.sampled_from(sorted(TRAINED)), min_size=1))
def test_a_scored_file_changes_no_name_and_no_type_and_costs_no_lead(
    data: st.DataObject, columns: set[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    trained = imported(tmp_path_factory.mktemp("trained"), leads(TRAINED)).manifest.attributes
    cells = {name: data.draw(st.lists(CELLS, min_size=8, max_size=8)) for name in sorted(columns)}
    scored = imported(tmp_path_factory.mktemp("scored"), leads(cells), trained)
    known = {each.column: (each.name, each.kind, each.decimal, each.thousands) for each in trained}
    found = {each.column: (each.name, each.kind, each.decimal, each.thousands) for each in scored.manifest.attributes}
    assert found == {column: known[column] for column in columns}
    assert scored.manifest.rows["leads"] == 8


def test_a_cell_that_is_not_of_the_trained_type_is_missing_and_told(tmp_path: Path) -> None:
    trained = imported(tmp_path / "trained", leads(TRAINED)).manifest.attributes
    cells = {"budget": ["tbd", *(str(i) for i in range(60))], "price": ["1.200"] * 61, "new": ["x"] * 61}
    scored = imported(tmp_path / "scored", leads(cells), trained)
    frame = scored.frame("leads")
    assert frame["budget"].isna().tolist() == [True] + [False] * 60
    assert set(frame["price"]) == {1200.0}
    assert "new" not in frame
    assert scored.manifest.notes == ("leads.budget: 1 cell counts as missing: it is not numeric, as in training.",)
