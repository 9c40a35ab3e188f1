"""Columns of personal data are told by their names and by their cells, and other columns are left alone."""

import pyarrow as pa
import pytest

from pipelines.importing.personal_columns import personal_kind

PERSONAL = [
    ("x", ["Anna Muster", "Ben Beispiel", "Cara Probe"], "person"),
    ("x", ["Giulia De Santis", "Rossi, Marco", "María José García"], "person"),
    ("x", ["Иван Петров", "Анна Иванова"], "person"),
    ("owner", ["Eva Vertrieb", "Jon Sales"], "person"),
    ("Assigned User Name", ["will", "chris", "sally"], "person"),
    ("Ответственный", ["Иванов И.", "Петрова Д."], "person"),
    ("担当者", ["佐藤 健", "鈴木一郎"], "person"),
    ("contact", ["Anna Muster", "Ben Beispiel"], "name"),
    ("lead_firstname", ["Anna", "Zzyzx"], "name"),
    ("Vorname", ["Anna", "Ben"], "name"),
    ("Nome", ["Zyx Qwert", "Plok Mnju"], "name"),
    ("Cognome", ["Rossi", "Bianchi"], "name"),
    ("Фамилия", ["Иванов", "Петрова"], "name"),
    ("Correo electrónico", ["n/d 1", "n/d 2"], "email"),
    ("Telefonnummer", ["intern", "extern"], "phone"),
    ("Indirizzo", ["nessuno", "altro"], "address"),
    ("x", ["Hauptstr. 12", "Calle Mayor 3", "12 Main Street"], "address"),
    ("Fecha de nacimiento", ["enero", "marzo"], "birth"),
    ("x", ["12345678Z", "X1234567L"], "tax"),
    ("x", ["RSSMRA85T10A562S", "BNCGLI90A41H501X"], "tax"),
    ("x", ["123.456.789-09", "987.654.321-00"], "tax"),
    ("CPF", ["a", "b"], "tax"),
    ("x", ["ask anna@example.com", "later"], "text"),
]  # fmt: skip
OTHER = [
    ("city", ["Madrid", "London", "Paris", "Berlin", "Florence", "Austin"]),
    ("country", ["Germany", "Georgia", "Jordan", "Chad", "Spain"]),
    ("company", ["Acme Corp", "Globex Inc", "Thomas Inc", "Initech"]),
    ("plan", ["Basic", "Pro", "Max", "Enterprise"]),
    ("product", ["GTX Pro", "MG Special", "GTK 500"]),
    ("contact", ["cellular", "telephone"]),
    ("Owner role", ["Account Executive", "Sales Rep"]),
    ("manager", ["yes", "maybe", "none"]),
    ("Prospect ID", ["7927b2df-8bba-4136-86fa-b6e0beafe620", "2a272436-5132-4136-8012-dcc88c88f482"]),
    ("campaign name", ["Spring Webinar", "Autumn Fair"]),
    ("Contact Name.id", ["zcrm_1", "zcrm_2"]),
    ("primary_address_country", ["Spain", "Italy"]),
    ("Nome", ["Site novo 12", "Implantação ERP - fase 2", "#77 Renovação anual de licenças para a matriz"]),
    ("Month", ["April", "May", "June", "August", "January", "March"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "cells", "kind"), PERSONAL)
def test_personal_data_are_told(name: str, cells: list[str], kind: str) -> None:
    assert personal_kind(name, pa.array(cells)) == kind


@pytest.mark.parametrize(("name", "cells"), OTHER)
def test_what_names_nobody_is_kept(name: str, cells: list[str]) -> None:
    assert personal_kind(name, pa.array(cells)) is None
