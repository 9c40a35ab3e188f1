import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from data_contracts.contract import arrow_schema
from data_contracts.errors import MappingError
from data_contracts.located_yaml import parse_located
from data_contracts.mapping.mapping import check_mapping
from features.records.automation import RULES, Clue, codes_of
from features.records.machines import code_of
from pipelines.cli import build_app
from pipelines.importing import verdicts
from pipelines.importing.verdicts import judge_activities
from pipelines.workspace.resources import Resources

SECOND = 1_000_000
START = 1_700_000_007 * SECOND
SMALL = Resources(threads=1, memory=200_000_000)


@dataclass(frozen=True)
class Done:
    """An activity of a lead."""

    lead: str
    clue: Clue


def write(directory: Path, done: Sequence[Done]) -> Path:
    schema = arrow_schema("activities")
    rows = [
        {
            "activity_id": str(number),
            "lead_id": each.lead,
            "occurred_at": each.clue.at,
            "type": each.clue.kind,
            "message_id": each.clue.mail,
            "link": each.clue.link,
            "is_automated": each.clue.given,
        }
        for number, each in enumerate(done)
    ]
    columns = {name: pa.array([row.get(name) for row in rows], schema.field(name).type) for name in schema.names}
    path = directory / "activities.parquet"
    pq.write_table(pa.table(columns, schema=schema), path, row_group_size=7)
    pq.write_table(pa.table({"lead_id": sorted({each.lead for each in done} | {"z"})}), directory / "leads.parquet")
    return path


def judged(directory: Path, done: Sequence[Done]) -> tuple[list[int], dict[str, int]]:
    """The code of each activity as its events are loaded, and the counts by rule."""
    path = write(directory, done)
    counts = judge_activities(path, directory / "leads.parquet", SMALL)
    rows = pq.read_table(path).to_pylist()
    assert [row["activity_id"] for row in rows] == [str(number) for number in range(len(done))]
    codes = [code_of(bool(row["is_automated"]), int(row["automated_after"] or 0) * SECOND) for row in rows]
    return codes, counts


def burst(lead: str, *, given: bool | None = None) -> list[Done]:
    return [Done(lead, Clue(START + k * SECOND, "email_click", "m", f"l{k}", given)) for k in range(3)]


clues = st.builds(
    Clue,
    at=st.integers(0, 100).map(lambda half: START + half * SECOND // 2),
    kind=st.sampled_from(["email_delivered", "email_open", "email_click", "email_click", "page_view", "call", "ü"]),
    mail=st.sampled_from([None, "", "m", "Ü"]),
    link=st.sampled_from([None, "", "a", "é", "https://x.org/Unsubscribe"]),
    given=st.sampled_from([None, None, None, True, False]),
)


@given(st.lists(st.builds(Done, st.sampled_from("abc"), clues), min_size=1, max_size=30), st.sampled_from([1, 4, 1000]))
@settings(max_examples=100, deadline=None)
def test_the_import_judges_as_a_request_does(done: list[Done], at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as directory:
        patch.setattr(verdicts, "AT_ONCE", at_once)
        codes, _ = judged(Path(directory), done)
    for lead in "abc":
        own = [number for number, each in enumerate(done) if each.lead == lead]
        assert [codes[number] for number in own] == codes_of([done[number].clue for number in own])


def test_rules_are_named_and_counted(tmp_path: Path) -> None:
    _, counts = judged(tmp_path, [*burst("a"), *burst("b"), Done("b", Clue(START, "page_view", None, None, None))])
    rows = pq.read_table(tmp_path / "activities.parquet").to_pylist()
    assert counts == {"several_links": 6}
    assert [row["automated_by"] for row in rows] == [*["several_links"] * 6, None]
    assert [row["is_automated"] for row in rows] == [*[True] * 6, None]
    assert [row["automated_after"] for row in rows[:3]] == [1, 0, 0]


def test_what_the_export_says_stays(tmp_path: Path) -> None:
    done = [*burst("a", given=False), *burst("b", given=True), *burst("c")]
    codes, counts = judged(tmp_path, done)
    assert codes[:6] == [0, 0, 0, 1, 1, 1]
    assert counts == {"several_links": 3}
    assert set(pq.read_table(tmp_path / "activities.parquet")["automated_by"][:6].to_pylist()) == {None}


def test_what_is_judged_and_not_automated_was_done_by_a_person(tmp_path: Path) -> None:
    judged(tmp_path, [Done("a", Clue(START, "email_click", "m", "l", None))])
    assert pq.read_table(tmp_path / "activities.parquet")["is_automated"].to_pylist() == [False]


def test_a_table_that_says_everything_is_left_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, burst("a", given=True))
    before = path.read_bytes()
    assert judge_activities(path, tmp_path / "leads.parquet", SMALL) == {}
    assert path.read_bytes() == before


MAPPING = """
name: mails
sources:
  people: {file: people.csv}
  mails: {file: mails.csv}
order: time
tables:
  leads:
    from: people
    columns: {lead_id: id, created_at: added}
  activities:
    from: mails
    columns:
      lead_id: person
      occurred_at: at
      type: {column: event, values: {sent: email_delivered, click: email_click}, other: keep}
      message_id: mail
      link: url
      is_automated: {column: bot, optional: true}
"""


def export(directory: Path, mails: str) -> Path:
    (directory / "people.csv").write_text("id,added\na,2024-05-01\nb,2024-05-01\n")
    (directory / "mails.csv").write_text(mails)
    (directory / "mails.yaml").write_text(MAPPING)
    return directory


CLICKS = """person,at,event,mail,url
a,2024-05-02T10:00:05,sent,1,
a,2024-05-02T10:00:09,click,1,https://x.org/?to=ann@example.org&p=1
b,2024-05-02T10:00:05,sent,1,
b,2024-05-02T10:21:09,click,1,https://x.org/?to=bob@example.org&p=1
"""


def test_an_import_reports_what_machines_did(tmp_path: Path) -> None:
    source = export(tmp_path, CLICKS)
    options = ["import", "--mapping", str(source / "mails.yaml"), "--source", str(source), "--workspace"]
    told = CliRunner().invoke(build_app(), [*options, str(tmp_path / "w")])
    assert "Opens and clicks by machines: 1 (click_at_delivery 1)." in " ".join(told.output.split())
    as_json = CliRunner().invoke(build_app(), [*options, str(tmp_path / "w"), "--json"])
    assert json.loads(as_json.stdout)["automated"] == {"click_at_delivery": 1}
    rows = pq.read_table(tmp_path / "w" / "tables" / "activities.parquet").to_pylist()
    assert [row["automated_by"] for row in rows] == [None, "click_at_delivery", None, None]


def test_links_are_digests_that_still_say_which_unsubscribes(tmp_path: Path) -> None:
    address = "https://x.org/{}?to=ann@example.org"
    times = [f"a,2024-05-02T10:00:{second},click,1,{address.format(page)}" for second, page in SLOW.items()]
    source = export(tmp_path, "\n".join(["person,at,event,mail,url", *times]))
    options = ["import", "--mapping", str(source / "mails.yaml"), "--source", str(source), "--workspace"]
    assert CliRunner().invoke(build_app(), [*options, str(tmp_path / "w")]).exit_code == 0
    rows = pq.read_table(tmp_path / "w" / "tables" / "activities.parquet").to_pylist()
    assert [row["automated_by"] for row in rows] == ["every_link"] * 3
    assert [row["link"].startswith("unsubscribe-") for row in rows] == [False, False, True]
    assert len({row["link"] for row in rows}) == 3
    assert not any("ann" in row["link"] or "/" in row["link"] for row in rows)


SLOW = {10: "prices", 25: "demo", 40: "Unsubscribe"}


def test_a_column_overrules_the_evidence(tmp_path: Path) -> None:
    lines = CLICKS.splitlines()
    bots = ["bot", "", "no", "", "yes"]
    source = export(tmp_path, "\n".join(f"{line},{bot}" for line, bot in zip(lines, bots, strict=True)))
    options = ["import", "--mapping", str(source / "mails.yaml"), "--source", str(source), "--workspace"]
    assert CliRunner().invoke(build_app(), [*options, str(tmp_path / "w")]).exit_code == 0
    rows = pq.read_table(tmp_path / "w" / "tables" / "activities.parquet").to_pylist()
    assert [row["is_automated"] for row in rows] == [None, False, None, True]


def test_the_page_names_every_rule() -> None:
    page = (Path(__file__).parents[3] / "docs" / "automated.md").read_text(encoding="utf-8")
    assert [rule for rule in RULES if f"| `{rule}` |" not in page] == []


@pytest.mark.parametrize("column", ["automated_by", "automated_after"])
def test_a_mapping_cannot_set_a_verdict(column: str) -> None:
    text = MAPPING.replace("message_id: mail", f"{column}: mail")
    with pytest.raises(MappingError, match=rf"line 17: .*{column}: is set by the import"):
        check_mapping(parse_located(text, "mails.yaml"))
