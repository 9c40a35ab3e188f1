"""People: invented names, e-mail addresses and phone numbers, so that an import has personal data to remove."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.simulation.arrays import Flags, Integers
from pipelines.simulation.contacts import EMAIL_KIND, Contacts
from pipelines.simulation.levels import COMPANY, forget

FIRST_NAMES, LAST_NAMES, COMPANY_STEMS = (
    tuple(COMPANY[names]) for names in ("first_names", "last_names", "company_stems")
)
DOMAINS: dict[str, list[str]] = COMPANY["domains"]
NO_NAME_SHARE = 0.02


def draw_people(rng: np.random.Generator, contacts: Contacts, lead: Integers, domains: pa.Array) -> dict[str, pa.Array]:
    """Columns of personal data as Arrow strings.

    ``lead`` (n,) numbers the leads, ``domains`` (n,) are those of their companies, null for none.
    """
    size = lead.size
    first = forget(rng, rng.integers(0, len(FIRST_NAMES), size), NO_NAME_SHARE)
    last = np.where(first < 0, -1, rng.integers(0, len(LAST_NAMES), size))
    number = pa.array(lead).cast(pa.string())
    last_digits = pc.utf8_lpad(pa.array(lead % 100).cast(pa.string()), 2, "0")
    mailbox = pc.binary_join_element_wise("lead", number, "-")
    return {
        "first_name": named(FIRST_NAMES, first),
        "last_name": named(LAST_NAMES, last),
        "email": pc.binary_join_element_wise(mailbox, _domains(rng, contacts, domains), "@"),
        "phone": where(contacts.phone, pc.binary_join_element_wise("+1-202-555-01", last_digits, "")),
        "linkedin_url": where(contacts.social, pc.binary_join_element_wise("https://network.example/in/", mailbox, "")),
    }


def named(names: Sequence[str], codes: Integers) -> pa.Array:
    """Names of codes as Arrow strings, null where the code is -1."""
    return pa.array(names, pa.string()).take(pa.array(codes, mask=codes < 0))


def where(known: Flags, values: pa.Array) -> pa.Array:
    """The values, null where they are not known."""
    return pc.if_else(pa.array(known), values, None)


def company_names(account: Integers) -> pa.Array:
    """Invented names of companies by their number."""
    stems = named(COMPANY_STEMS, account % len(COMPANY_STEMS))
    return pc.binary_join_element_wise(stems, pa.array(account).cast(pa.string()), " ")


def company_domains(account: Integers) -> pa.Array:
    """Domains of companies by their number, below the top-level domain reserved for examples (RFC 2606)."""
    stems = pc.utf8_lower(named(COMPANY_STEMS, account % len(COMPANY_STEMS)))
    numbered = pc.binary_join_element_wise(stems, pa.array(account).cast(pa.string()), "-")
    return pc.binary_join_element_wise(numbered, "example", ".")


def _domains(rng: np.random.Generator, contacts: Contacts, of_company: pa.Array) -> pa.Array:
    domains = of_company
    for kind, names in DOMAINS.items():
        chosen = contacts.email_kind == EMAIL_KIND.code(kind)
        drawn = named(names, rng.integers(0, len(names), int(chosen.sum())))
        domains = pc.replace_with_mask(domains, pa.array(chosen), drawn)
    without = contacts.email_kind == EMAIL_KIND.code("none")
    return where(~without, domains)
