"""Names, e-mail addresses and phone numbers that callers send although nobody asked: flags at the door, then gone."""

import re
from collections.abc import Mapping
from functools import lru_cache

from data_contracts.personal import email_kind

_NAMES = frozenset({"name", "firstname", "lastname", "fullname", "middlename", "surname", "givenname", "familyname"})
_ADDRESSES = frozenset({"email", "emailaddress", "workemail", "businessemail", "mail"})
_NUMBERS = frozenset({"phone", "phonenumber", "mobile", "mobilephone", "workphone", "telephone", "fax"})
_PROFILES = frozenset({"linkedin", "linkedinurl", "linkedinprofile", "twitter", "twitterhandle", "facebook"})
_PERSONAL = _NAMES | _ADDRESSES | _NUMBERS | _PROFILES
_LONGEST = 64  # characters of a name; more than that is none of these, and would fill the memory of names
_FLAGS = {"has_name": _NAMES, "has_phone": _NUMBERS, "has_social": _PROFILES}


def is_personal(name: str) -> bool:
    """Whether a field of this name holds personal data."""
    return len(name) <= _LONGEST and _key(name) in _PERSONAL


def flags_of(personal: Mapping[str, object]) -> dict[str, object]:
    """The flags has_name, has_phone, has_social and the email_kind that personal fields give; nothing of their text."""
    if not personal:
        return {}
    sent = {_key(name): value.strip() for name, value in personal.items() if isinstance(value, str)}
    flags: dict[str, object] = {
        flag: any(sent.get(key) for key in keys)
        for flag, keys in _FLAGS.items()
        if any(_key(name) in keys for name in personal)
    }
    addresses = sorted(name for name in personal if _key(name) in _ADDRESSES)
    if addresses:
        kinds = [email_kind(sent.get(_key(name))) for name in addresses]
        flags["email_kind"] = next((kind for kind in kinds if kind != "none"), "none")
    return flags


@lru_cache(maxsize=1_024)
def _key(name: str) -> str:
    """A field's name without case and punctuation: First_Name, firstName and "first name" are one."""
    return re.sub(r"[\W_]", "", name).lower()
