"""Personal data: kinds of mailboxes, and what is blotted out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.personal import EMAIL, PHONE, email_kind, mask


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("anna@acme-metal.com", "business"),
        ("Anna@GMAIL.com", "free"),
        ("anna@orange.fr", "free"),
        ("x@mailinator.com", "disposable"),
        ("x@sub.mailinator.com", "disposable"),
        ("a@mit.edu", "education"),
        ("a@cs.unam.edu.mx", "education"),
        ("a@ox.ac.uk", "education"),
        ("a@education.com", "business"),
        ("a@mac.com.example.org", "business"),
        (" a@acme.io ", "business"),
        ("not an address", "none"),
        ("a@b", "none"),
        ("", "none"),
        (None, "none"),
    ],
)
def test_kinds_of_mailboxes(address: str | None, kind: str) -> None:
    assert email_kind(address) == kind


@pytest.mark.parametrize(
    "phone",
    ["+39 02 5550 1234", "+15551234567", "0039 06 1234567", "(555) 010-9988", "555-010-9988", "600 123 456",
     "+49 (30) 555-7788"],
)  # fmt: skip
def test_phone_numbers_are_seen(phone: str) -> None:
    assert re.fullmatch(PHONE, phone)


@pytest.mark.parametrize(
    "other",
    ["2024-01-31", "2024-01-31 09:30:00", "2024-01-31T09:30:00Z", "579533", "00Q000000000001", "001000000000001",
     "1234567890123", "12.50", "1,200.00", "GTX Plus 2", "10-20", "192.168.1.10"],
)  # fmt: skip
def test_dates_ids_and_numbers_are_no_phone_numbers(other: str) -> None:
    assert not re.fullmatch(PHONE, other)


def test_what_is_personal_is_blotted_out() -> None:
    text = "'Anna Rossi <anna.rossi@acme.com>' (+39 02 5550 1234) cannot be read"
    assert mask(text, ["Anna Rossi"]) == "'*** <***>' (***) cannot be read"


def test_parts_of_a_name_are_blotted_out_in_any_case() -> None:
    assert mask("call ROSSI, anna", ["Anna Rossi"]) == "call ***, ***"


@given(st.from_regex(EMAIL, fullmatch=True), st.text(alphabet=st.characters(categories=["Ll"]), max_size=20))
def test_no_address_outlives_the_mask(address: str, around: str) -> None:
    assert address not in mask(f"{around} {address} {around}")
