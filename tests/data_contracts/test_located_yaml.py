"""YAML with lines: every key knows where it stands, every scalar is the text of the file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.errors import MappingError
from data_contracts.located_yaml import parse_located, read_located

TEXT = "a: 1\nb:\n  - x\n  - c: yes\n    d: 007\n"


def test_scalars_are_the_text_of_the_file() -> None:
    located = parse_located("a: No\nb: 007\nc: 1.50\nd: 2024-01-31\ne: ~\nf: ''\ng:\n1: true\n", "m.yaml")
    assert located.tree == {
        "a": "No", "b": "007", "c": "1.50", "d": "2024-01-31", "e": None, "f": "", "g": None, "1": "true",
    }  # fmt: skip


def test_every_key_knows_its_line() -> None:
    located = parse_located(TEXT, "m.yaml")
    assert [located.line(path) for path in (("a",), ("b",), ("b", 0), ("b", 1, "c"), ("b", 1, "d"))] == [1, 2, 3, 4, 5]


def test_a_step_that_is_not_in_the_file_is_skipped() -> None:
    located = parse_located("tables:\n  leads:\n    from: x\n", "m.yaml")
    assert located.line(("tables", "leads", 0, "from")) == 3
    assert located.line(("tables", "leads", "columns", "lead_id")) == 2
    assert located.line(("nothing",)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", r"m.yaml, line 2: key 'a' is duplicated \(first on line 1\)"),
        ("a:\n\tb: 1\n", r"m.yaml, line 2, column 1: .* with spaces, never with tabs"),
        ("a: [1\n", r"m.yaml, line 2, column 1: "),
        ("a: &x 1\nb: *x\n", r"m.yaml, line 2: aliases \(\*x\) are not read"),
        ("? [a, b]\n: 1\n", r"m.yaml, line 1: a key must be text"),
        ("a: " + "[" * 40, r"m.yaml, line 1, column 33: nested deeper than 30"),
        ("a: " + "[" * 900_000, r"m.yaml, line 1, column 33: nested deeper than 30"),
        ("".join(f"{' ' * depth}a:\n" for depth in range(40)), r"m.yaml, line 31, column 31: nested deeper than 30"),
        ("a: \x07", r"m.yaml is not YAML text"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        parse_located(text, "m.yaml")


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"a: caf\xe9\n")
    with pytest.raises(MappingError, match=r"latin.yaml is not UTF-8 text \(byte 6\)"):
        read_located(tmp_path / "latin.yaml")
    (tmp_path / "large.yaml").write_text("a: " + "x" * 1_000_000)
    with pytest.raises(MappingError, match=r"large\.yaml is larger than the 1,000,000 bytes"):
        read_located(tmp_path / "large.yaml")
    with pytest.raises(MappingError, match="cannot be read: No such file"):
        read_located(tmp_path / "none.yaml")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_as_a_mapping_error(text: str) -> None:
    try:
        parse_located(text, "m.yaml")
    except MappingError as error:
        assert str(error).startswith("m.yaml")  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("value", ["=", "2024-13-45", "9" * 5000, "0x", "!!binary a", "1:" + "9" * 5000])
def test_a_value_that_yaml_takes_for_something_else_is_read_or_refused_with_its_place(value: str) -> None:
    try:
        parse_located(f"a:\n  b: {value}\n", "m.yaml", typed=True)
    except MappingError as error:
        assert "m.yaml, line 2" in str(error)  # noqa: PT017
        assert len(str(error)) < 300  # noqa: PT017


def test_what_is_no_date_is_refused_with_its_place() -> None:
    with pytest.raises(MappingError, match=r"m.yaml, line 2, column 6: '2024-13-45' cannot be read.*quotes"):
        parse_located("a:\n  b: 2024-13-45\n", "m.yaml", typed=True)
