from pathlib import Path

import pytest

from data_contracts.agreement import DEFAULT_AGREEMENT, Capacity, load_agreement, parse_agreement
from data_contracts.errors import AgreementError

TEXT = DEFAULT_AGREEMENT.read_text(encoding="utf-8")

# what is replaced, by what, and what the message must say
BROKEN = [
    ("value: disposable", "value: [a]", r"line 14: rule 'disposable e-mail address', .*'is' needs one value"),
    (
        "op: is\n    value: suspect",
        "op: is\n    value: bad",
        r"line 18: rule 'marked as suspect by sales'.*not a verdict",
    ),
    ("op: is\n    value: disposable", "op: '<'\n    value: ten", r"rule 'disposable e-mail address'.*needs a number"),
    ("op: is\n    value: disposable", "op: in\n    value: x", r"rule 'disposable e-mail address'.*needs a list"),
    ("op: is\n    value: disposable", "op: missing\n    value: x", r"'missing' takes no value"),
    ("op: is\n    value: disposable", "op: in\n    value: [NO, DE]", r"rule 'disposable.*with quotes"),
    ("op: is", "op: iz", r"line 16: rule 'disposable e-mail address', disqualify.0.op.*found 'iz'"),
    ("    field: verdict\n", "", r"line 18: rule 'marked as suspect by sales', key 'disqualify.1.field' is missing"),
    ("A: 0.05", "A: 0.9", r"line 25: grades: limits by share grow from A to C, found \[0.9"),
    ("by: share", "by: probability", r"limits by probability fall from A to C"),
    ("A: 0.05", "A: x", r"line 27: grades.A.*found 'x'"),
    ("by: capacity\n  con", "by: capaity\n  con", r"line 35: mql: .*'capacity', 'value', 'probability'"),
    ("contacts_per_week: 25\n  s", "contacts_per_week: 0\n  s", r"line 37: mql.contacts_per_week: .*found 0"),
    ("version: 1", "version: 1\nmagic: 3", r"line 5: unknown key 'magic'"),
    ("within_days: 14", "", r"key 'sql_candidate.within_days' is missing"),
    ("name: marketing and sales", "name: [", r"agreement.yaml, line \d+, column \d+: "),
    (TEXT, "just words", r"line 1: expected keys such as grades and mql"),
    (TEXT, "", r"line 1: expected keys such as grades and mql"),
    (TEXT, "disqualify: [3]", r"disqualify.0"),
]


def test_the_shipped_agreement_is_valid() -> None:
    agreement = load_agreement()
    assert isinstance(agreement.mql, Capacity)
    assert agreement.fields() == ("email_kind",)


@pytest.mark.parametrize(("old", "new", "message"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_agreement_names_the_line_and_the_rule(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(AgreementError, match=message):
        parse_agreement(TEXT.replace(old, new, 1), "agreement.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AgreementError, match=r"mine\.yaml cannot be read"):
        load_agreement(tmp_path / "mine.yaml")


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(AgreementError, match=r"mine\.yaml is not UTF-8 text"):
        load_agreement(tmp_path / "mine.yaml")


@pytest.mark.parametrize(
    "mql",
    [
        "{by: value, deal_value: 12000, margin: 0.6, cost_per_contact: 85}",
        "{by: probability, at_least: 0.3}",
        "{by: capacity, contacts_per_week: 5, leads_per_week: 50}",
    ],
)
def test_each_kind_of_threshold_can_be_written(mql: str) -> None:
    agreement = parse_agreement(f"grades: {{by: probability, A: 0.5, B: 0.2, C: 0.1}}\nmql: {mql}", "agreement.yaml")
    assert agreement.mql.by in mql
