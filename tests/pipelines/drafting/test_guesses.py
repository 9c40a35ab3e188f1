"""What a person would guess of an export: outcome and dates in many languages, histories, title rows, sheets."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from pipelines.drafting.draft import draft_mapping
from pipelines.drafting.outcomes import meaning_of
from tests.pipelines.export import Rows, as_csv, write_export

# won, lost, open; created, closed, planned, stage
LANGUAGES = {
    "en": ("Closed Won (Enterprise)", "Closed - Lost", "Demo", "Create Date", "Close Date", "Expected Close", "Stage"),
    "es": ("Ganada", "Perdida", "Propuesta", "Fecha de creación", "Fecha de cierre", "Cierre previsto", "Etapa"),
    "it": ("Chiusa - Vinta", "Persa", "Proposta", "Data creazione", "Data chiusura", "Chiusura prevista", "Fase"),
    "de": ("Gewonnen", "Verloren", "Angebot", "Erstellt am", "Abschlussdatum", "Geplanter Abschluss", "Phase"),
    "fr": ("Gagnée", "Perdue", "Devis", "Date de création", "Date de clôture", "Clôture prévue", "Étape"),
    "pt": ("Vendida", "Perdida", "Proposta", "Data de criação", "Data de fechamento", "Fechamento previsto", "Estado"),
    "nl": ("Gewonnen", "Verloren", "Offerte", "Aangemaakt op", "Sluitingsdatum", "Verwachte sluiting", "Fase"),
    "pl": ("Wygrana", "Przegrana", "Oferta", "Data utworzenia", "Data zamknięcia", "Planowane zamknięcie", "Etap"),
    "ru": (
        "Успешно реализовано", "Закрыто и не реализовано", "Переговоры",
        "Дата создания", "Дата закрытия", "Ожидаемая дата закрытия", "Этап сделки",
    ),
    "tr": ("Kazanıldı", "Kaybedildi", "Teklif", "Oluşturma tarihi", "Kapanış tarihi", "Tahmini kapanış", "Aşama"),  # noqa: RUF001
    "ja": ("受注", "失注", "提案", "作成日", "完了日", "完了予定日", "フェーズ"),
}  # fmt: skip


def deals(won: str, lost: str, still: str, *columns: str) -> Rows:
    """Rows with a key, a planned, a creation and a closing date, and a stage."""
    created, closed, planned, stage = columns
    rows = [["ID", planned, created, closed, stage]]
    for n in range(60):
        end = (won, lost, still)[n % 3]
        day, year = f"{n % 28 + 1:02d}", 2024 if n < 50 else 2025
        closing = "" if end == still else f"{day}/03/{year}"
        rows.append([f"K{n}", f"{day}/05/{year}", f"{day}/01/{year}", closing, end])
    return rows


def drafted(directory: Path, files: dict[str, bytes]) -> tuple[str, dict[str, Any]]:
    text = draft_mapping(write_export(directory, files)).text
    return text, yaml.safe_load(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_outcome_and_dates_are_guessed_in_each_language(language: str, tmp_path: Path) -> None:
    words = LANGUAGES[language]
    _, tree = drafted(tmp_path, {"deals.csv": as_csv(deals(*words), ";")})
    leads, block = tree["tables"]["leads"]["columns"], tree["tables"]["deals"]["columns"]
    assert block["outcome"]["values"] == {words[0]: "won", words[1]: "lost", words[2]: "open"}
    assert leads["created_at"] == {"column": words[3], "format": "%d/%m/%Y"}
    assert block["closed_at"] == {"column": words[4], "format": "%d/%m/%Y"}
    assert "horizon_days" not in tree


def closing(*names: str, of_open: str) -> Rows:
    """Deals with closing dates, which ``of_open`` has for open deals as well."""
    rows = [["ID", "Created", *names, "Stage"]]
    for n in range(60):
        end, day = ("Won", "Lost", "Demo")[n % 3], f"{n % 28 + 1:02d}"
        dates = [f"2024-03-{day}" if end != "Demo" or name == of_open else "" for name in names]
        rows.append([f"K{n}", f"2024-01-{day}", *dates, end])
    return rows


@pytest.mark.parametrize("name", ["CLOSEDATE", "Close date", "Fecha de cierre", "Дата завершения"])
def test_a_closing_date_that_open_deals_have_too_is_to_be_checked(name: str, tmp_path: Path) -> None:
    text, _ = drafted(tmp_path, {"deals.csv": as_csv(closing(name, of_open=name))})
    (line,) = (line for line in text.splitlines() if "closed_at" in line)
    assert "# CHECK: open deals have it too: is it a plan" in line


def test_of_two_closing_dates_the_one_is_taken_that_open_deals_lack(tmp_path: Path) -> None:
    rows = closing("CLOSEDATE", "Date closed", of_open="CLOSEDATE")
    text, tree = drafted(tmp_path, {"deals.csv": as_csv(rows)})
    assert tree["tables"]["deals"]["columns"]["closed_at"] == "Date closed"
    assert "open deals have it too" not in text


@pytest.mark.parametrize(
    "name", ["Expected close", "Fecha prevista de cierre", "Voraussichtlicher Abschluss", "Date de clôture estimée"]
)
def test_a_planned_date_is_taken_for_the_closing_date_only_to_be_checked(name: str, tmp_path: Path) -> None:
    text, _ = drafted(tmp_path, {"deals.csv": as_csv(closing(name, of_open=name))})
    assert f"closed_at: {name} # CHECK: named as a plan: is it when the deal was decided?" in text


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("Closed Won (Sales Pipeline)", "won"), ("6 - Closed_Won", "won"), ("closedwon", "won"), ("C2:WON", "won"),
        ("C2:LOSE", "lost"), ("Not won", "lost"), ("Nicht gewonnen", "lost"), ("Closed Lost to Competition", "lost"),
        ("Closed - Converted", "won"), ("Closed - Not Converted", "lost"), ("Negocio ganado", "won"),
        ("Fechado e ganho", "won"), ("不成立", "lost"), ("商談成立", "won"), ("Customer contacted", "open"),
        ("Win-back campaign", "open"), ("Persona found", "open"), ("New", "open"), ("Неуспешно", "lost"),
    ],
)  # fmt: skip
def test_what_values_of_stages_mean(value: str, meaning: str) -> None:
    assert meaning_of(value) == meaning


def test_a_count_is_not_an_outcome(tmp_path: Path) -> None:
    rows = [["id", "created", "conversions"], *[[f"L{n}", f"2025-01-{n % 28 + 1:02d}", str(n % 4)] for n in range(60)]]
    text, _ = drafted(tmp_path, {"leads.csv": as_csv(rows)})
    assert "no outcome was found" in text


def test_rows_without_a_key_are_keyed_by_their_number_and_never_by_a_time(tmp_path: Path) -> None:
    rows = [["created", "stage"], *[[f"2025-01-01T00:{n:02d}:00", "Won" if n % 2 else "Lost"] for n in range(60)]]
    _, tree = drafted(tmp_path, {"leads.csv": as_csv(rows)})
    assert tree["tables"]["leads"]["columns"]["lead_id"] == "$row"
    assert tree["tables"]["deals"]["columns"]["lead_id"] == "$row"


def history() -> Rows:
    ends = [(f"L{n}", end) for n in range(60) for end in ("New", "Offer", "Closed Won" if n % 3 else "Closed Lost")]
    return [
        ["lead_id", "stage", "entered_at"],
        *[[lead, end, f"2025-0{1 + i % 3}-10"] for i, (lead, end) in enumerate(ends)],
    ]


LEADS = [["lead_id", "created", "source"], *[[f"L{n}", "2025-01-05", "web" if n % 2 else "fair"] for n in range(60)]]


def test_deals_are_in_the_file_with_a_row_for_each_and_their_steps_happen(tmp_path: Path) -> None:
    each = [[f"D{n}", f"L{n}", "2025-01-10", "2025-03-10", "Won" if n % 3 else "Lost"] for n in range(60)]
    files = {"leads.csv": LEADS, "deals.csv": [["deal_id", "lead_id", "opened", "closed", "status"], *each],
             "stage_history.csv": history()}  # fmt: skip
    _, tree = drafted(tmp_path, {name: as_csv(rows) for name, rows in files.items()})
    assert tree["tables"]["deals"]["from"] == "deals"
    (steps,) = tree["tables"]["activities"]
    assert steps["columns"]["type"] == {"column": "stage", "lower": True}
    assert steps["where"][1] == {"column": "stage", "is_not": ["Closed Won", "Closed Lost"]}


def test_without_such_a_file_the_last_steps_are_the_deals(tmp_path: Path) -> None:
    _, tree = drafted(tmp_path, {"leads.csv": as_csv(LEADS), "stage_history.csv": as_csv(history())})
    block = tree["tables"]["deals"]
    assert {"column": "stage", "is": ["Closed Won", "Closed Lost"]} in [block["where"], *block["where"]]
    assert block["columns"]["closed_at"] == "entered_at"
    assert block["columns"]["outcome"]["values"] == {"Closed Won": "won", "Closed Lost": "lost"}


def test_lines_above_the_header_are_skipped(tmp_path: Path) -> None:
    above = [["Deals of the year", "", "", "", ""], ["As of 2025-10-01", "", "", "", ""], []]
    _, tree = drafted(tmp_path, {"deals.csv": as_csv([*above, *deals(*LANGUAGES["en"])])})
    assert tree["sources"]["deals"]["skip"] == 3
    assert tree["tables"]["leads"]["columns"]["lead_id"] == "ID"


def test_a_line_that_names_the_delimiter_is_followed(tmp_path: Path) -> None:
    _, tree = drafted(tmp_path, {"deals.csv": b"sep=|\r\n" + as_csv(deals(*LANGUAGES["en"]), "|")})
    assert (tree["sources"]["deals"]["skip"], tree["sources"]["deals"]["delimiter"]) == (1, "|")


def test_each_sheet_with_a_table_is_a_source(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Exported on 1 October"])
    for name, rows in (("People", LEADS), ("Steps", history())):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    _, tree = drafted(tmp_path, {"crm.xlsx": stream.getvalue()})
    assert {source["sheet"] for source in tree["sources"].values()} == {"People", "Steps"}
    assert tree["tables"]["leads"]["from"] == "people"


@pytest.mark.parametrize("encoding", ["cp1251", "cp932", "cp1250", "cp1254"])
def test_encodings_of_other_scripts_are_told(encoding: str, tmp_path: Path) -> None:
    language = {"cp1251": "ru", "cp932": "ja", "cp1250": "pl", "cp1254": "tr"}[encoding]
    words = [word.replace("Oferta", "Wysłana oferta") for word in LANGUAGES[language]]
    text, tree = drafted(tmp_path, {"deals.csv": as_csv(deals(*words), ";", encoding)})
    assert tree["sources"]["deals"]["encoding"] == encoding
    assert f"encoding: {encoding} # CHECK: told by its letters" in text
    assert tree["tables"]["deals"]["columns"]["outcome"]["column"] == words[6]


def test_signs_of_decimals_and_thousands_are_told_by_the_other_columns_and_doubts_are_said(tmp_path: Path) -> None:
    rows = [["id", "created", "stage", "Importe", "price", "seats"]]
    for n in range(60):
        seats = "tbd" if n == 7 else str(n % 30)
        end = "Won" if n % 2 else "Lost"
        rows.append([f"L{n}", "2025-01-10", end, f"{1 + n % 7}.{200 + n}", f"{n},{n % 7}5 €", seats])
    text, tree = drafted(tmp_path, {"leads.csv": as_csv(rows)})
    attributes = tree["tables"]["leads"]["attributes"]
    assert attributes["price"] | {"type": "numeric", "decimal": ","} == attributes["price"]
    assert tree["tables"]["deals"]["columns"]["amount"] == {"column": "Importe", "decimal": ",", "thousands": "."}
    assert "CHECK: is 1.200 written with decimals or with thousands?" in text
    assert attributes["seats"] | {"type": "numeric", "missing": ["tbd"]} == attributes["seats"]


def test_a_dry_run_says_what_would_be_read(tmp_path: Path) -> None:
    words = LANGUAGES["en"]
    table = deals(*words)
    table[5][2] = "31/12/2025"  # created after it was closed
    text, _ = drafted(tmp_path, {"deals.csv": as_csv(table)})
    assert "# Dry run: 60 leads, 59 deals would be read, 1 row set aside; deals: 20 won, 19 lost, 20 open." in text
    assert "# Set aside: deals.csv for deals: Row 6" in text
    assert "cannot work" not in text


def test_a_draft_leaves_out_a_date_that_keeps_it_from_working(tmp_path: Path) -> None:
    table = deals(*LANGUAGES["en"])
    table = [[*row[:2], "28/02/2024", "27/02/2024", row[4]] if n % 10 == 1 else row for n, row in enumerate(table)]
    text, tree = drafted(tmp_path, {"deals.csv": as_csv(table)})
    assert "opened_at" not in tree["tables"]["deals"]["columns"]
    assert "CHECK: opened_at is left out. With it" in text
    assert "cannot work" not in text


def test_a_draft_that_cannot_work_says_so(tmp_path: Path) -> None:
    rows = [["id", "created"], *[[f"L{n}", f"2025-01-{n % 28 + 1:02d}"] for n in range(60)]]
    text, _ = drafted(tmp_path, {"leads.csv": as_csv(rows)})
    assert "# CHECK: this draft cannot work yet: no deal is won: look at `outcome`." in text


def test_names_of_people_are_never_drafted_as_categories(tmp_path: Path) -> None:
    first, last = ["Anna", "Ben", "Cara"], ["Muster", "Beispiel", "Probe", "Test"]
    rows = [["id", "created", "stage", "contact", "owner", "notes by", "lead_firstname"]]
    for n in range(60):
        name = f"{first[n % 3]} {last[n % 4]}"
        seller = f"{first[n % 2]} Sales"
        rows.append([f"L{n}", "2025-01-10", "Won" if n % 7 > 3 else "Lost", name, seller, seller, first[n % 3]])
    _, tree = drafted(tmp_path, {"leads.csv": as_csv(rows)})
    assert tree["sources"]["leads"]["personal"] == ["owner", "notes by"]
    assert tree["tables"]["leads"]["personal"] == {"name": ["contact", "lead_firstname"]}
    assert "attributes" not in tree["tables"]["leads"]


def test_files_with_a_row_for_each_lead_are_joined_by_its_key(tmp_path: Path) -> None:
    survey = [["lead_id", "seats"], *[[f"L{n}", str(n % 9)] for n in range(50)]]
    sales = [["lead_id", "closed", "status"], *[[f"L{n}", "2025-03-10", "Won" if n % 3 else "Lost"] for n in range(60)]]
    files = {"leads.csv": LEADS, "survey.csv": survey, "sales.csv": sales}
    text, tree = drafted(tmp_path, {name: as_csv(rows) for name, rows in files.items()})
    assert "{source: survey, on: {lead_id: lead_id}, columns: [seats]}" in text
    assert tree["tables"]["deals"]["from"] == "sales"
    assert "seats" in tree["tables"]["leads"]["attributes"]
    assert "60 leads, 60 deals would be read, 0 rows set aside" in text


@pytest.mark.parametrize(("yes", "no"), [("Y", "N"), ("true", "false"), ("1", "0"), ("Ja", "Nein")])
def test_a_flag_is_an_outcome_where_its_name_says_so(yes: str, no: str, tmp_path: Path) -> None:
    rows = [["id", "created", "converted", "lost"]]
    rows += [[f"L{n}", "2024-01-10", yes if n % 2 else no, no if n % 2 else yes] for n in range(60)]
    _, tree = drafted(tmp_path, {"leads.csv": as_csv(rows)})
    rule = tree["tables"]["deals"]["columns"]["outcome"]
    assert (rule["column"], rule["values"]) == ("converted", {yes: "won", no: "lost"})


def test_when_deals_were_won_and_lost_may_stand_in_two_columns(tmp_path: Path) -> None:
    rows = [["ID", "Creado", "Estado", "Fecha de ganado", "Fecha de perdido", "Cierre previsto"]]
    for n in range(60):
        day, year = f"{n % 28 + 1:02d}", 2024 if n < 50 else 2025
        ends = [f"{year}-03-{day}", ""][:: 1 if n % 2 else -1]
        rows.append([f"T{n}", f"{year}-01-{day}", "Ganado" if n % 2 else "Perdido", *ends, f"{year}-05-{day}"])
    _, tree = drafted(tmp_path, {"tratos.csv": as_csv(rows)})
    assert tree["tables"]["deals"]["columns"]["closed_at"] == {"columns": ["Fecha de ganado", "Fecha de perdido"]}


def test_an_outcome_may_take_two_columns(tmp_path: Path) -> None:
    rows = [["Id", "CreatedDate", "CloseDate", "IsClosed", "IsWon"]]
    for n in range(60):
        closed, won = str(n % 3 > 0).lower(), str(n % 3 == 1).lower()
        rows.append([f"D{n}", "2024-01-10" if n < 50 else "2025-01-10", "2024-03-10", closed, won])
    _, tree = drafted(tmp_path, {"Opportunity.csv": as_csv(rows)})
    rule = tree["tables"]["deals"]["columns"]["outcome"]
    assert rule["template"] == "{IsWon}/{IsClosed}"
    assert rule["values"] == {"true/true": "won", "true/false": "won", "false/true": "lost", "false/false": "open"}


def test_an_export_of_sales_alone_is_drafted_and_says_what_it_rests_on(tmp_path: Path) -> None:
    leads = [["lead_id", "created", "source"]]
    sales = [["sale_id", "lead_id", "sold_at", "status"]]
    for n in range(90):
        leads.append([f"L{n}", f"2024-0{1 + n // 15}-05", "web" if n % 2 else "fair"])
        if n % 3 == 0:
            sales.append([f"S{n}", f"L{n}", f"2024-0{1 + n // 15}-25", "won" if n else "lost"])
    leads.append(["L90", "2025-01-05", "web"])
    text, _ = drafted(tmp_path, {"leads.csv": as_csv(leads), "sales.csv": as_csv(sales)})
    assert "cannot work" not in text
    assert "leads that no deal calls lost count as lost: they were not won in 90 days" in text


@pytest.mark.parametrize("apart", [True, False])
def test_dates_of_sales_are_an_outcome_where_nothing_else_is(apart: bool, tmp_path: Path) -> None:
    leads, sales = [["lead_id", "created", "source"]], [["lead_id", "sold_on"]]
    for n in range(90):
        leads.append([f"L{n}", f"2024-0{1 + n // 15}-05", "web" if n % 2 else "fair"])
        sales += [[f"L{n}", f"2024-0{1 + n // 15}-25"]] if n % 3 == 0 else []
    leads.append(["L90", "2025-01-05", "web"])
    dates = dict(sales)
    whole = [[*row, "sold_on" if row[0] == "lead_id" else dates.get(row[0], "")] for row in leads]
    files = {"leads.csv": leads, "sales.csv": sales} if apart else {"leads.csv": whole}
    text, tree = drafted(tmp_path, {name: as_csv(rows) for name, rows in files.items()})
    block = tree["tables"]["deals"]
    assert (block["columns"]["outcome"], block["columns"]["closed_at"]) == ({"constant": "won"}, "sold_on")
    assert "91 leads, 30 deals would be read, 0 rows set aside; deals: 30 won, 0 lost, 0 open" in text
    assert "cannot work" not in text


def test_the_leads_of_a_history_are_its_first_steps_however_it_is_sorted(tmp_path: Path) -> None:
    header, *steps = history()
    for name, rows in (("first", steps), ("last", [*reversed(steps)])):
        (tmp_path / name).mkdir()
        _, tree = drafted(tmp_path / name, {"steps.csv": as_csv([header, *rows])})
        leads = tree["tables"]["leads"]
        assert leads["columns"] == {"lead_id": "lead_id", "created_at": "entered_at"}
        assert (leads["duplicates"], "where" in leads) == ("keep_first", name == "last")
    assert leads["where"] == {"column": "stage", "is": "New"}


def test_a_log_of_changes_is_no_activity(tmp_path: Path) -> None:
    changes = [["lead_id", "field", "changed_at"], *[[f"L{n % 60}", "points", "2025-02-01"] for n in range(120)]]
    _, tree = drafted(tmp_path, {"leads.csv": as_csv(LEADS), "changes.csv": as_csv(changes)})
    assert "activities" not in tree["tables"]


@pytest.mark.parametrize(
    ("amounts", "currencies", "doubt"),
    [
        (["$10", "€20"], ["", ""], "in several currencies (EUR, USD), which numbers do not tell apart"),
        (
            ["10", "20"],
            ["EUR", "PLN"],
            "in several currencies (Currency: EUR, PLN): convert it, or keep one by `where`",
        ),
        (
            ["10", "20"],
            ["Euro", "Zloty"],
            "in several currencies (Currency: Euro, Zloty): convert it, or keep one by `where`",
        ),
        (["$10", "$20"], ["USD", "USD"], ""),
    ],
)
def test_amounts_in_several_currencies_are_remarked(
    amounts: list[str], currencies: list[str], doubt: str, tmp_path: Path
) -> None:
    rows = closing("Closed", of_open="")
    rows[0] += ["Amount", "Currency"]
    for number, row in enumerate(rows[1:]):
        row += [amounts[number % 2], currencies[number % 2]]
    text, _ = drafted(tmp_path, {"deals.csv": as_csv(rows)})
    line = next(line for line in reversed(text.splitlines()) if "amount: " in line)
    assert line.partition("# CHECK: ")[2] == doubt
    assert ("CHECK: deals.amount is in several currencies: " in text) == bool(doubt)


def wrapped_deals(wrapping: str, *, bare_too: bool = False) -> Rows:
    """Deals whose columns a program has wrapped; ``bare_too``: beside others with the bare names and other cells."""
    names = ["Created", "Closed", "Stage", "Amount", "Source", "Owner", "Job title"]
    rows = [["ID", *(wrapping.format(name) for name in names), *(names if bare_too else [])]]
    for n in range(60):
        end, day = ("Won", "Lost", "Demo")[n % 3], f"{n % 28 + 1:02d}"
        closed = "" if end == "Demo" else f"2024-03-{day}"
        cells = [f"2024-01-{day}", closed, end, str(100 + n), ("web", "fair")[n % 2], ("Ann", "Bob")[n % 2], "CTO"]
        rows.append([f"K{n}", *cells, *(cells if bare_too else [])])
    return rows


@pytest.mark.parametrize(
    "wrapping",
    [
        "custom.{}",
        "properties.{}",
        "fields__{}",
        "properties.{}.value",
        "custom_fields[{}]",
        "data.attributes.{}",
        "{}__c",
    ],
)
@pytest.mark.parametrize("bare_too", [False, True])
def test_what_a_program_puts_around_a_name_changes_no_role(wrapping: str, bare_too: bool, tmp_path: Path) -> None:
    _, tree = drafted(tmp_path, {"deals.csv": as_csv(wrapped_deals(wrapping, bare_too=bare_too))})
    read = "{}" if bare_too else wrapping
    leads, block = tree["tables"]["leads"], tree["tables"]["deals"]["columns"]
    assert leads["columns"]["created_at"] == read.format("Created")
    assert leads["columns"]["source"] == read.format("Source")
    assert leads["columns"]["job_title"] == read.format("Job title")
    assert (block["closed_at"], block["amount"]) == (read.format("Closed"), read.format("Amount"))
    assert block["outcome"]["column"] == read.format("Stage")
    owner = read.format("Owner")
    assert not any(rule["column"] == owner for rule in leads.get("attributes", {}).values()), "owners are people"
