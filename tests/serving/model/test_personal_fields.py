"""Personal data that arrive are turned into flags at the door."""

import pytest

from data_contracts import personal
from serving.model import personal_fields
from serving.model.personal_fields import flags_of, is_personal


@pytest.mark.parametrize(
    "name", ["email", "E-Mail", "emailAddress", "First Name", "last_name", "PHONE", "LinkedIn_URL"]
)
def test_personal_fields_are_known_however_they_are_written(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize("name", ["email_kind", "campaign_name", "phone_calls", "employees", "has_name"])
def test_fields_that_only_sound_like_it_are_left_alone(name: str) -> None:
    assert not is_personal(name)


@pytest.mark.parametrize(
    ("personal", "flags"),
    [
        ({"email": "ann@example-company.com"}, {"email_kind": "business"}),
        ({"email": "ann@gmail.com"}, {"email_kind": "free"}),
        ({"email": "ann@uni.edu", "phone": "+34 600 000 000"}, {"email_kind": "education", "has_phone": True}),
        ({"email": None}, {"email_kind": "none"}),
        ({"email": "", "work_email": "ann@example-company.com"}, {"email_kind": "business"}),
        ({"first_name": " ", "last_name": None}, {"has_name": False}),
        ({"first_name": "", "last_name": "Lee"}, {"has_name": True}),
        ({"linkedin": "in/ann"}, {"has_social": True}),
        ({}, {}),
    ],
)
def test_what_remains_of_personal_data_are_flags(personal: dict[str, object], flags: dict[str, object]) -> None:
    assert flags_of(personal) == flags


def test_long_names_and_domains_are_none_of_these_and_are_not_remembered() -> None:
    before = personal_fields._key.cache_info().currsize, personal._domain_kind.cache_info().currsize
    for number in range(100):
        assert not is_personal(f"{number} email" * 1000)
        assert flags_of({"email": f"ann@{number}.{'a.' * 200}com"}) == {"email_kind": "none"}
    after = personal_fields._key.cache_info().currsize, personal._domain_kind.cache_info().currsize
    assert after[0] <= before[0] + 1
    assert after[1] == before[1]
