"""Drafts of mappings: they load, and where the guesses suffice they import."""

import shlex
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml
from ruamel.yaml.comments import CommentedMap

from data_contracts.dataset import DatasetManifest
from data_contracts.errors import FileError
from data_contracts.located_yaml import parse_located
from data_contracts.mapping.mapping import check_mapping
from pipelines.cli import main
from pipelines.commands.console import stdout
from pipelines.demonstration import show_next_steps
from pipelines.drafting.draft import draft_mapping
from pipelines.drafting.leaks import leak_reason, time_between
from pipelines.drafting.profile import ColumnProfile, profile_directory
from pipelines.drafting.render import flow, listing, put, remark_above, text_of
from pipelines.importing.importer import import_tables
from pipelines.importing.time_formats import TimeStyle
from pipelines.workspace.resources import Resources
from pipelines.workspace.workspace import Workspace
from tests.pipelines.export import as_csv, healthy, spoil, write_export

FIXTURES = Path(__file__).parents[2] / "fixtures"


def drafted(source: Path, directory: Path) -> tuple[str, DatasetManifest]:
    text = draft_mapping(source).text
    mapping = check_mapping(parse_located(text, "draft"))
    return text, import_tables(mapping, source, directory / "tables", directory / "rejected", resources=Resources.of())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_plain_export_is_guessed_whole(delimiter: str, encoding: str, tmp_path: Path) -> None:
    rows = healthy()
    for row in rows[1:]:
        row[8] = row[8].replace("Madrid", "Málaga")
    source = write_export(tmp_path, {"leads.csv": as_csv(rows, delimiter, encoding)})
    text, manifest = drafted(source, tmp_path)
    tree = yaml.safe_load(text)
    leads, deals = tree["tables"]["leads"], tree["tables"]["deals"]
    assert (manifest.rows["leads"], manifest.rows["deals"], tree["order"]) == (100, 100, "time")
    assert leads["columns"] == {"lead_id": "id", "created_at": "created", "channel": "channel"}
    assert leads["personal"] == {"name": ["name"], "email": ["email"]}
    assert deals["columns"]["outcome"] == {
        "column": "stage", "values": {"Won": "won", "Lost": "lost"}, "other": "reject"
    }  # fmt: skip
    assert (deals["columns"]["closed_at"], deals["columns"]["amount"]) == ("closed", "amount")
    kinds = {attribute.name: attribute.kind for attribute in manifest.attributes}
    assert kinds["score"] == "numeric"
    assert kinds["city"] == "categorical"
    assert kinds["active"] == "boolean"


def test_the_signs_of_numbers_are_guessed(tmp_path: Path) -> None:
    rows = healthy()
    for i, row in enumerate(rows[1:]):
        row[4], row[7] = f"1.{100 + i},00 €", f"{i},5"
    text, manifest = drafted(write_export(tmp_path, {"leads.csv": as_csv(rows)}), tmp_path)
    tables = yaml.safe_load(text)["tables"]
    assert tables["deals"]["columns"]["amount"] == {"column": "amount", "decimal": ",", "thousands": "."}
    assert (tables["leads"]["attributes"]["score"]["type"], manifest.rejected["deals"]) == ("numeric", 0)


def test_dates_are_guessed_with_their_format(tmp_path: Path) -> None:
    rows = healthy()
    for row in rows[1:]:
        for i in (1, 3):
            year, month, day = row[i].split("-")
            row[i] = f"{day}/{month}/{year} 10:30"
    source = write_export(tmp_path, {"leads.csv": as_csv(rows)})
    text, manifest = drafted(source, tmp_path)
    assert "created_at: {column: created, format: '%d/%m/%Y %H:%M'}" in text
    assert manifest.rows["leads"] == 100


@pytest.mark.parametrize(("name", "leads", "deals"), [("hubspot", 6, 4), ("salesforce", 5, 2)])
def test_fixtures_of_known_systems_are_guessed(name: str, leads: int, deals: int, tmp_path: Path) -> None:
    text, manifest = drafted(FIXTURES / name, tmp_path)
    assert (manifest.rows["leads"], manifest.rows["deals"]) == (leads, deals)
    assert "CHECK" in text


def test_a_column_that_separates_is_suspected_with_the_reason(tmp_path: Path) -> None:
    rows = healthy()
    rows[0].append("signed")
    for row in rows[1:]:
        row.append("yes" if row[2] == "Won" else "no")
    source = write_export(tmp_path, {"leads.csv": as_csv(rows)})
    text, manifest = drafted(source, tmp_path)
    late = [attribute.name for attribute in manifest.attributes if attribute.known_at == "after_outcome"]
    assert "signed" in late
    assert "alone it tells won from lost (AUC 1.00)" in text


def column(name: str, cells: list[str | None]) -> ColumnProfile:
    return ColumnProfile(name, pa.array(cells, pa.string()))


def test_reasons_to_suspect_a_leak() -> None:
    rng = np.random.default_rng(0)
    won = rng.random(400) < 0.5
    lost = ~won & (rng.random(400) < 0.5)
    closed = won | lost
    only_closed = column("x", ["1" if done else None for done in closed])
    only_won = column("x", [str(i) if yes else None for i, yes in enumerate(won)])
    fair = column("x", [str(value) for value in rng.integers(0, 4, 400)])
    assert leak_reason(only_closed, won, lost) == "filled only where the outcome is known"
    assert leak_reason(only_won, won, lost).startswith("whether it is filled tells the outcome")
    assert leak_reason(fair, won, lost) == ""
    assert leak_reason(column("Loss reason", [str(i % 3) for i in range(400)]), won, lost).startswith("its name")


def test_what_tells_that_a_deal_is_over_is_a_leak_in_any_language() -> None:
    won, lost = np.arange(300) % 3 == 0, np.arange(300) % 3 == 1
    over = column("Сделка закрыта", ["да" if done else "нет" for done in won | lost])
    assert leak_reason(over, won, lost) == "it tells whether the outcome is known"
    assert leak_reason(column("Тип", ["a" if n % 2 else "b" for n in range(300)]), won, lost) == ""


def test_the_age_of_a_deal_is_the_time_between_its_dates() -> None:
    number, closed = np.arange(60), np.arange(60) < 45
    start = column("Created", ["2024-01-01"] * 60)
    end = column("Closed", [f"2024-02-{day % 28 + 1:02d}" for day in number])
    age = column("Alter", [str(31 + day % 28 if day < 45 else 2) for day in number])
    assert time_between(age, start, end, closed) == "it is the days between Created and Closed"
    assert time_between(column("seats", [str(day) for day in number]), start, end, closed) == ""


def test_a_rare_level_does_not_tell_on_itself() -> None:
    won = np.arange(300) % 2 == 0
    each_its_own = column("x", [f"level {i}" for i in range(300)])
    assert leak_reason(each_its_own, won, ~won) == ""


def test_three_closed_leads_with_a_level_each_tell_nothing() -> None:
    won = np.array([True, False, True])
    assert leak_reason(column("x", ["7", "1", "4"]), won, ~won) == ""


@pytest.mark.parametrize("text", ["a: b", "yes", "null", "x # y", "{a}", "'", '"', "a, b", "é", "-", "12", "[x]", ""])
def test_what_is_written_is_read_back(text: str) -> None:
    page = text_of(CommentedMap(k=text, m=listing([text]), n=flow({text: text})))
    assert parse_located(page, "m").tree == {"k": text, "m": [text], "n": {text: text}}


def test_remarks_stand_above_their_key_and_at_the_end_of_its_line() -> None:
    node = CommentedMap()
    put(node, "order", "none", "CHECK: no dates")
    remark_above(node, "order", ["first", "second"], indent=0)
    assert text_of(node) == "# first\n# second\norder: none # CHECK: no dates\n"


def test_columns_left_out_are_named_with_the_reason(tmp_path: Path) -> None:
    text = draft_mapping(write_export(tmp_path, {"leads.csv": as_csv(spoil("active", "yes", range(100)))})).text
    assert "    # left out: active: the same in every row\n" in text
    assert text.index("# left out: active") < text.index("    attributes:")


def test_files_that_cannot_be_read_are_left_out_with_a_note(tmp_path: Path) -> None:
    files = {"leads.csv": as_csv(healthy()), "old.xlsx": b"broken", "empty.csv": b"", "readme.md": b"hello"}
    text = draft_mapping(write_export(tmp_path, files)).text
    assert "# old.xlsx is left out: old.xlsx cannot be read as a workbook" in text
    assert "# empty.csv is left out" in text
    assert "readme" not in text


def test_a_directory_without_files_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="holds no file that can be read"):
        draft_mapping(tmp_path)
    with pytest.raises(FileError, match="is not a directory"):
        draft_mapping(tmp_path / "none")


def test_the_command_writes_a_file_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_export(tmp_path, {"leads.csv": as_csv(healthy())})
    out = tmp_path / "crm.yaml"
    codes = []
    for _ in range(2):
        with pytest.raises(SystemExit) as caught:
            main(["map", str(source), "--out", str(out)])
        codes.append(caught.value.code or 0)
    assert codes == [0, 2]
    assert "exists" in capsys.readouterr().err
    assert check_mapping(parse_located(out.read_text(), "crm.yaml")).name == "source"


def test_what_to_type_next_can_be_pasted_where_paths_hold_spaces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mi CRM").mkdir()
    source, out = write_export(tmp_path / "mi CRM", {"leads.csv": as_csv(healthy())}), tmp_path / "my draft.yaml"
    with pytest.raises(SystemExit) as ended:
        main(["map", str(source), "--out", str(out)])
    assert ended.value.code in (0, None)
    *_, wrote, typed = capsys.readouterr().err.splitlines()
    assert shlex.split(typed) == ["whylead", "import", "--mapping", str(out), "--source", str(source)]
    assert "marked CHECK, then run" in wrote
    show_next_steps(stdout(), Workspace(Path("mi espacio")))
    assert "whylead serve --workspace 'mi espacio'" in capsys.readouterr().out


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "leads", "deals", "late"),
    [
        ("bank-marketing", 41_188, 41_188, {"duration"}),
        ("x-education", 9_240, 9_240, {"tags", "lead_quality", "last_activity", "last_notable_activity"}),
        ("crm-sales-opportunities", 8_300, 8_300, {"close_value"}),
        ("bpic2012-loan-funnel", 13_087, 0, set()),  # its outcome hides among the events: the draft asks for it
    ],
)
def test_real_data_sets_are_guessed(
    name: str, leads: int, deals: int, late: set[str], real_data: Path, tmp_path: Path
) -> None:
    text, manifest = drafted(real_data / name, tmp_path)
    assert (manifest.rows["leads"], manifest.rows["deals"]) == (leads, deals)
    assert late <= {each.name for each in manifest.attributes if each.known_at == "after_outcome"}
    assert ("no outcome was found" in text) == (deals == 0)
    if name == "crm-sales-opportunities":
        assert "product: {GTXPro: GTX Pro}" in text


def test_profiles_see_keys_times_and_missing_codes(tmp_path: Path) -> None:
    rows = [
        ["id", "when", "job"],
        *[[f"K{i}", f"{i % 28 + 1:02d}.03.2024", "unknown" if i % 3 else "clerk"] for i in range(60)],
    ]
    source = write_export(tmp_path, {"f.csv": as_csv(rows)})
    columns = profile_directory(source)[0][0].columns
    assert columns["id"].unique
    assert columns["when"].time_style == TimeStyle(("%d.%m.%Y",))
    assert columns["job"].missing_codes == ("unknown",)


def test_an_export_of_mails_is_guessed_with_what_tells_machines_from_people(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    people = [f"p{n},2024-01-{n % 28 + 1:02d},{'Won' if n % 3 else 'Lost'}" for n in range(60)]
    (source / "contacts.csv").write_text("\n".join(["contact_id,created_at,stage", *people]))
    mails = [
        f"p{n},2024-02-01T10:00:0{second},{event},m1,{url},"
        for n in range(60)
        for second, event, url in ((0, "Delivered", ""), (3, "Click", f"https://x.org/?to=a{n}@example.org"))
    ]
    (source / "mail_events.csv").write_text(
        "\n".join(["contact_id,time,event,campaign_id,url,is_bot", *mails]) + "no\n"
    )
    text, manifest = drafted(source, tmp_path)
    assert "values: {delivered: email_delivered, click: email_click}" in text
    assert "link: url" in text
    assert "personal: [url]" in text  # and yet it may be read: the tables have digests of links
    assert "message_id: campaign_id" in text
    assert manifest.rows["activities"] == 120
    assert manifest.automated == {"click_at_delivery": 59}  # the last is said to be a person's


def test_what_leads_and_activities_are_about_is_guessed_where_both_say_it(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    people = [f"p{n},2024-01-{n % 28 + 1:02d},{'Won' if n % 3 else 'Lost'},o{n % 4},bogo" for n in range(60)]
    (source / "contacts.csv").write_text("\n".join(["contact_id,created_at,stage,offer_id,offer_type", *people]))
    events = [f"p{n % 60},2024-02-{n % 9 + 1:02d},viewed,o{n % 3},{n}.5,plan {n % 2}" for n in range(120)]
    (source / "events.csv").write_text("\n".join(["contact_id,time,event,offer,amount,plan_type", *events]))
    text, _ = drafted(source, tmp_path)
    leads, activities = yaml.safe_load(text)["tables"]["leads"], yaml.safe_load(text)["tables"]["activities"]
    assert leads["columns"]["related_to"] == "offer_id"
    assert "offer_id" not in leads.get("attributes", {})
    assert "related_kind" not in leads["columns"]  # their values have nothing in common
    (block,) = activities if isinstance(activities, list) else [activities]
    assert block["columns"] | {"related_to": "offer", "value": "amount"} == block["columns"]
    assert "related_kind" not in block["columns"]
