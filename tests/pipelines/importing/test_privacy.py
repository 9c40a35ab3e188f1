"""Names, e-mail addresses and phone numbers of an export occur nowhere in what an import leaves or says."""

import csv
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.cli import main

FIXTURES = Path(__file__).parents[2] / "fixtures"
PERSONAL = {
    "hubspot": (
        "hubspot-crm-exports-all-contacts.csv",
        ["First Name", "Last Name", "Email", "Phone Number", "Mobile Phone Number"],
    ),
    "salesforce": ("Lead.csv", ["FirstName", "LastName", "Email", "Phone", "MobilePhone"]),
}
TIMES = {"hubspot": "Create Date", "salesforce": "CreatedDate"}


def secrets(name: str) -> set[str]:
    file, columns = PERSONAL[name]
    with (FIXTURES / name / file).open(encoding="utf-8") as stream:
        return {row[column] for row in csv.DictReader(stream) for column in columns if row[column]}


def spoiled(name: str, directory: Path) -> Path:
    """The fixture with rows whose cells moved, so that personal data stands where a time belongs."""
    source = directory / "source"
    shutil.copytree(FIXTURES / name, source)
    file, columns = PERSONAL[name]
    with (source / file).open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row, column in zip(rows[:-1], columns, strict=False):
        row[TIMES[name]] = f"{row[column] or row[columns[1]]}, really"
    with (source / file).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return source


def everything_written(directory: Path) -> str:
    words = []
    for path in directory.rglob("*"):
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            words += [json.dumps(table.to_pylist(), default=str), str(table.schema)]
        if path.is_file():
            words.append(path.read_bytes().decode("latin-1"))
    return "\n".join(words)


@pytest.mark.parametrize("name", PERSONAL)
@pytest.mark.parametrize("spoil", [False, True])
def test_no_personal_data_is_stored_or_shown(
    name: str, spoil: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    source = spoiled(name, tmp_path) if spoil else FIXTURES / name
    options = ["--max-rejected", "1", "--json"]
    with pytest.raises(SystemExit) as caught:
        main(["import", "--mapping", name, "--source", str(source), "--workspace", str(tmp_path / "ws"), *options])
    assert caught.value.code in (0, None)
    shown = capsys.readouterr()
    left = everything_written(tmp_path / "ws") + shown.out + shown.err + caplog.text
    assert "leads" in left
    assert [secret for secret in secrets(name) if secret.lower() in left.lower()] == []
    if spoil:
        assert "***" in everything_written(tmp_path / "ws" / "rejected")


@pytest.mark.parametrize("name", PERSONAL)
def test_errors_do_not_show_personal_data(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = spoiled(name, tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["import", "--mapping", name, "--source", str(source), "--workspace", str(tmp_path / "ws")])
    assert caught.value.code == 2
    told = capsys.readouterr().err
    assert "***" in told
    assert [secret for secret in secrets(name) if secret.lower() in told.lower()] == []


def test_drafts_do_not_show_personal_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in PERSONAL:
        with pytest.raises(SystemExit) as caught:
            main(["map", str(FIXTURES / name)])
        assert caught.value.code in (0, None)
        draft = capsys.readouterr().out
        assert [secret for secret in secrets(name) if secret.lower() in draft.lower()] == []


def test_addresses_in_columns_that_nobody_declared_are_blanked_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "f.csv").write_text("id,town,team\n1,Rome,x\n2,anna@acme.com,y\n3,+39 02 5550 1234,z\n")
    (tmp_path / "m.yaml").write_text(
        "name: m\nsources: {f: {file: f.csv}}\norder: none\ntables:\n"
        "  leads: {from: f, columns: {lead_id: id, campaign: team}, attributes: {town: {type: categorical}}}\n"
    )
    with pytest.raises(SystemExit):
        main(
            [
                "import",
                "--mapping",
                str(tmp_path / "m.yaml"),
                "--source",
                str(source),
                "--workspace",
                str(tmp_path / "ws"),
            ]
        )
    table: pa.Table = pq.read_table(tmp_path / "ws" / "tables" / "leads.parquet")
    assert table.column("town").to_pylist() == ["Rome", None, None]
    assert "leads.town: 2 cells with an e-mail address or phone were blanked" in capsys.readouterr().out
