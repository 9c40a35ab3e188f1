"""People: invented names, e-mail addresses and phone numbers, so that an import has personal data to remove."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.simulation.arrays import Flags, Integers
from pipelines.simulation.contacts import EMAIL_KIND, Contacts
from pipelines.simulation.levels import forget

FIRST_NAMES = (
    "Alba", "Anna", "Bruno", "Carla", "Chiara", "David", "Elena", "Emil", "Femke", "Giulia", "Hanna", "Hugo", "Ines",
    "Jan", "Jonas", "Julia", "Karim", "Laura", "Lena", "Luca", "Marek", "Marta", "Matteo", "Nadia", "Nina", "Oskar",
    "Paul", "Priya", "Rosa", "Sara", "Simon", "Sofia", "Tomas", "Vera", "Wout", "Zofia",
)  # fmt: skip
LAST_NAMES = (
    "Adler", "Baker", "Bianchi", "Conti", "Costa", "de Vries", "Dubois", "Fischer", "Garcia", "Greco", "Huber", "Iyer",
    "Jansen", "Keller", "Kowalski", "Lambert", "Lopez", "Marino", "Martin", "Meyer", "Moreno", "Nowak", "Ortega",
    "Patel", "Petit", "Ricci", "Romero", "Schmidt", "Serra", "Smit", "Torres", "Vidal", "Wagner", "Weber", "Young",
)  # fmt: skip
COMPANY_STEMS = (
    "Albatros", "Birkenau", "Cobalto", "Delfino", "Estrella", "Falke", "Girasol", "Harbour", "Isola", "Juniper",
    "Kiefer", "Lumen", "Meridian", "Nordwind", "Olivo", "Pioneer",
)  # fmt: skip
# The providers are real, since the lists that tell kinds of address know only those; the local parts are invented.
FREE_DOMAINS = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de", "libero.it", "hotmail.es")
DISPOSABLE_DOMAINS = ("mailinator.com", "guerrillamail.com", "yopmail.com", "trashmail.com")
EDUCATION_DOMAINS = ("invented-college-one.edu", "invented-college-two.edu")
NO_NAME_SHARE = 0.02


@dataclass(frozen=True)
class People:
    """Personal data of n contacts as Arrow strings."""

    first_name: pa.Array
    last_name: pa.Array
    email: pa.Array
    phone: pa.Array
    profile: pa.Array


def draw_people(rng: np.random.Generator, contacts: Contacts, lead: Integers, domains: pa.Array) -> People:
    """Personal data; ``lead`` (n,) numbers the leads, ``domains`` (n,) are those of their companies, null for none."""
    size = lead.size
    first = forget(rng, rng.integers(0, len(FIRST_NAMES), size), NO_NAME_SHARE)
    last = np.where(first < 0, -1, rng.integers(0, len(LAST_NAMES), size))
    number = pa.array(lead).cast(pa.string())
    mailbox = pc.binary_join_element_wise("lead", number, "-")
    return People(
        first_name=named(FIRST_NAMES, first),
        last_name=named(LAST_NAMES, last),
        email=pc.binary_join_element_wise(mailbox, _domains(rng, contacts, domains), "@"),
        phone=_where(contacts.phone, pc.binary_join_element_wise("+1-202-555-01", _two_digits(lead), "")),
        profile=_where(contacts.social, pc.binary_join_element_wise("https://network.example/in/", mailbox, "")),
    )


def named(names: tuple[str, ...], codes: Integers) -> pa.Array:
    """Names of codes as Arrow strings, null where the code is -1."""
    return pa.array(names, pa.string()).take(pa.array(codes, mask=codes < 0))


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
    others = (*FREE_DOMAINS, *DISPOSABLE_DOMAINS, *EDUCATION_DOMAINS)
    ends = np.cumsum([len(FREE_DOMAINS), len(DISPOSABLE_DOMAINS), len(EDUCATION_DOMAINS)])
    code = np.full(contacts.email_kind.size, -1, dtype=np.int64)
    for kind, low, high in zip(("free", "disposable", "education"), (0, *ends[:-1]), ends, strict=True):
        chosen = contacts.email_kind == EMAIL_KIND.code(kind)
        code[chosen] = rng.integers(low, high, int(chosen.sum()))
    business = contacts.email_kind == EMAIL_KIND.code("business")
    return pc.if_else(pa.array(business), of_company, named(others, code))


def _two_digits(lead: Integers) -> pa.Array:
    return pc.utf8_lpad(pa.array(lead % 100).cast(pa.string()), 2, "0")


def _where(known: Flags, values: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(known), values, pa.scalar(None, pa.string()))
