"""`whylead import` of an export in HubSpot's layout, against reading the same CSV files once with pandas."""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc
from numpy.random import Generator

from benchmarks.clock import medians
from benchmarks.results import Result
from data_contracts.mapping.mapping import load_mapping
from pipelines.importing.importer import import_tables
from pipelines.workspace.resources import Resources

CONTACTS, SEED, ROUNDS = 1_000_000, 31, 3
BAR = 0.08  # of the speed of pandas, which converts no cell, checks nothing and writes nothing
START = np.datetime64("2022-01-01T00:00", "m")
MINUTES = 3 * 365 * 24 * 60
COUNTRIES = ["Italy", "Spain", "France", "Germany", "United Kingdom", "United States", "Brazil", "India"]
INDUSTRIES = ["MACHINERY", "MINING_METALS", "COMPUTER_SOFTWARE", "RETAIL", "HOSPITAL_HEALTH_CARE"]
SOURCES = ["Organic Search", "Paid Search", "Direct Traffic", "Email Marketing", "Offline Sources", "Referrals"]
TITLES = ["Head of Operations", "Consultant", "CEO", "Buyer", "Plant Manager", "Intern", "VP, Sales", "Engineer"]
STAGES = ["Subscriber", "Lead", "Marketing Qualified Lead", "Opportunity", "Customer"]
LOSSES = ["No budget", "Went with a competitor", "No answer", "Bad timing"]
MESSAGES = [
    "Hello, please call me",
    'We saw your "Pro" plan',
    "Prices?",
    "Two lines\nof text, with a comma",
    "Demo please",
]


def run(scale: float) -> list[Result]:
    """1 million contacts at full scale, with a company for every four and a deal for every three."""
    contacts = int(CONTACTS * scale)
    with tempfile.TemporaryDirectory(prefix="whylead-importing-") as directory:
        source = write_export(contacts, SEED, Path(directory) / "export")
        (ours, peer), _ = medians([lambda: _imported(source, Path(directory)), lambda: _read(source)], ROUNDS)
    note = f"{contacts:,} contacts: {ours:.1f} s, {contacts / ours:,.0f} contacts/s; pandas {peer:.1f} s"
    return [Result("whylead import of HubSpot's layout", "pandas.read_csv of the files", peer / ours, BAR, None, note)]


def write_export(contacts: int, seed: int, directory: Path) -> Path:
    """Write CSV files as HubSpot exports them: every text in quotes, many cells empty, a few that cannot be read."""
    directory.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    companies, deals = contacts // 4, contacts // 3
    tables = {
        "companies": _companies(companies, rng),
        "contacts": _contacts(contacts, companies, rng),
        "deals": _deals(deals, contacts, rng),
    }
    for name, table in tables.items():
        pc.write_csv(table, directory / f"hubspot-crm-exports-all-{name}.csv")
    return directory


def _contacts(n: int, companies: int, rng: Generator) -> pa.Table:
    ids, created = np.arange(n) + 1, _minutes(n, rng)
    names = np.char.add("person", ids.astype(str))
    counters = ["Number of Pageviews", "Number of Sessions", "Marketing emails opened", "Marketing emails clicked"]
    return pa.table({
        "Record ID": ids,
        "First Name": pa.array(names),
        "Last Name": pa.array(np.char.add("family", (ids % 9973).astype(str))),
        "Email": pa.array(np.char.add(names, "@example.com")),
        "Phone Number": _some(pa.array(np.char.add("+39 02 5550 ", (1000 + ids % 9000).astype(str))), 0.5, rng),
        "Job Title": _some(_choice(TITLES, n, rng), 0.8, rng),
        "Country/Region": _choice(COUNTRIES, n, rng),
        "Create Date": _times(created, rng),
        "Original Traffic Source": _choice(SOURCES, n, rng),
        "Lifecycle Stage": _choice(STAGES, n, rng),
        "Lead Status": _some(_choice(["New", "Open", "Connected"], n, rng), 0.6, rng),
        **{name: rng.poisson(3, n) for name in counters},
        "Number of Form Submissions": _some(pa.array(rng.poisson(1, n)), 0.5, rng),
        "Time of First Session": _some(_times(created - rng.integers(0, 60, n)), 0.7, rng),
        "First Conversion Date": _some(_times(created), 0.6, rng),
        "First marketing email open date": _some(_times(created + rng.integers(0, 9999, n)), 0.4, rng),
        "First marketing email click date": _some(_times(created + rng.integers(0, 9999, n)), 0.2, rng),
        "First marketing email reply date": _some(_times(created + rng.integers(0, 9999, n)), 0.05, rng),
        "Associated Company IDs": _some(pa.array(rng.integers(1, companies + 1, n)), 0.8, rng),
        "Preferred language": _some(_choice(["en", "it", "es", "fr", "de"], n, rng), 0.7, rng),
        "Message": _some(_choice(MESSAGES, n, rng), 0.3, rng),
        **{name: _some(_times(created), 0.5, rng) for name in ("Last Activity Date", "Last Modified Date")},
        **{f"Property {i}": _some(_choice(["yes", "no", "maybe"], n, rng), 0.1, rng) for i in range(10)},
    })  # fmt: skip


def _companies(n: int, rng: Generator) -> pa.Table:
    ids = np.arange(n) + 1
    return pa.table({
        "Record ID": ids,
        "Company name": pa.array(np.char.add("Firm ", ids.astype(str))),
        "Industry": _some(_choice(INDUSTRIES, n, rng), 0.8, rng),
        "Number of Employees": _some(pa.array(rng.integers(1, 5000, n)), 0.7, rng),
        "Annual Revenue": _some(pa.array(rng.integers(1, 5000, n) * 10_000), 0.5, rng),
        "Year Founded": _some(pa.array(rng.integers(1900, 2022, n)), 0.5, rng),
        "Country/Region": _choice(COUNTRIES, n, rng),
        "Type": _some(_choice(["Prospect", "Partner", "Customer"], n, rng), 0.5, rng),
    })  # fmt: skip


def _deals(n: int, contacts: int, rng: Generator) -> pa.Table:
    opened, stage = _minutes(n, rng), rng.choice(["Closed won", "Closed lost", "Contract sent"], n)
    pairs = np.char.add(rng.integers(1, contacts + 1, n).astype(str), rng.choice(["", ";7", ""], n))
    return pa.table({
        "Record ID": np.arange(n) + 1,
        "Deal Name": pa.array(np.char.add("Deal ", np.arange(n).astype(str))),
        "Deal Stage": pa.array(stage),
        "Amount": _some(pa.array(rng.integers(1, 1000, n) * 100), 0.8, rng),
        "Create Date": _times(opened),
        "Close Date": _times(opened + rng.integers(60, 99_999, n)),
        "Closed Lost Reason": _choice(LOSSES, n, rng),
        "Associated Contact IDs": _some(pa.array(pairs), 0.95, rng),
    })  # fmt: skip


def _minutes(n: int, rng: Generator) -> np.ndarray:
    return START + rng.integers(0, MINUTES, n)


def _times(minutes: np.ndarray, rng: Generator | None = None) -> pa.Array:
    """Times as HubSpot writes them; with ``rng`` one in a thousand cannot be read."""
    words = np.char.replace(minutes.astype(str), "T", " ")
    if rng is not None:
        words = np.where(rng.random(len(words)) < 0.001, "soon", words)
    return pa.array(words)


def _choice(levels: list[str], n: int, rng: Generator) -> pa.Array:
    return pa.array(levels).take(pa.array(rng.integers(0, len(levels), n)))


def _some(cells: pa.Array, share: float, rng: Generator) -> pa.Array:
    """The cells with all but about a share of them empty."""
    return pa.array(cells.to_pandas().where(rng.random(len(cells)) < share), cells.type, from_pandas=True)


def _imported(source: Path, directory: Path) -> None:
    import_tables(
        load_mapping("hubspot"), source, directory / "tables", directory / "rejected", resources=Resources.of()
    )


def _read(source: Path) -> int:
    return sum(len(pd.read_csv(path)) for path in source.glob("*.csv"))


def main() -> None:
    """Write an export, to time commits on the same files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description=main.__doc__)
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    started = time.perf_counter()
    write_export(options.contacts, SEED, options.out)
    print(f"{options.contacts:,} contacts written in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
