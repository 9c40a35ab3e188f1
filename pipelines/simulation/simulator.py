"""The simulator: writes the export of a simulated company and, apart from it, the truth."""

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_contracts.errors import FileError, ParamsError
from data_contracts.progress import Progress, silent
from data_contracts.replacing import replacing
from pipelines.simulation.block import BLOCK_LEADS, draw_block
from pipelines.simulation.export import tables
from pipelines.simulation.timeline import BEGIN, CUTOFF
from pipelines.simulation.truth import HORIZON_DAYS

FILES = ("contacts", "companies", "activities", "deals", "dispositions", "changes", "truth/probabilities")
LEAD_KEY = {"truth/probabilities": "lead_id"}  # contact_id elsewhere
MAX_LEADS = 9_990_000  # ids have seven digits


@dataclass(frozen=True)
class SimulationFacts:
    """What was written: rows by file, deals by outcome, and the span of the data."""

    out: str
    seed: int
    rows: dict[str, int]
    won: int
    lost: int
    open: int
    begin: str
    data_cutoff: str
    horizon_days: float
    truth: str

    def as_dict(self) -> dict[str, Any]:
        """The facts as JSON can hold them."""
        return asdict(self)


def simulate(leads: int, seed: int, out: Path, on_progress: Progress = silent) -> SimulationFacts:
    """Write the export of a company with so many leads into a directory, and ``truth/probabilities.parquet`` below it.

    The same seed gives the same files, and the first leads of a larger simulation. Raises ParamsError for a number that
    cannot be simulated, FileError where the directory holds anything else. Nothing is left behind when it fails.
    """
    _check(leads, seed, out)
    with replacing(out) as (fresh,), _Writer(fresh) as writer:
        for number in range(-(-leads // BLOCK_LEADS)):
            block = draw_block(seed, number)
            wanted = min(leads - number * BLOCK_LEADS, BLOCK_LEADS)
            writer.write(_first_leads(tables(block, seed), wanted))
            on_progress(f"{number * BLOCK_LEADS + wanted:,} leads", (number * BLOCK_LEADS + wanted) / leads)
    return _facts(out, seed, writer)


def _check(leads: int, seed: int, out: Path) -> None:
    if not 1 <= leads <= MAX_LEADS:
        raise ParamsError(f"--leads: expected 1 to {MAX_LEADS:,} leads (found {leads:,}).")
    if seed < 0:
        raise ParamsError(f"--seed: expected a number from 0 (found {seed}).")
    if out.is_file():
        raise FileError(f"{out} is a file, expected a directory.", hint="Name a directory that does not exist yet.")
    ours = {path.split("/")[0] for path in _paths()}
    if out.is_dir() and (other := sorted({each.name for each in out.iterdir()} - ours)):
        raise FileError(
            f"{out} holds {other[0]!r}, which the simulator did not write.", hint="Name a directory of its own."
        )


def _paths() -> tuple[str, ...]:
    return tuple(f"{name}.parquet" for name in FILES)


def _first_leads(block: dict[str, pa.Table], leads: int) -> dict[str, pa.Table]:
    """The rows of the first leads of a block; leads of an account are in the order of their creation, so that what is
    cut off came later than what stays."""
    contacts = block["contacts"].slice(0, leads)
    kept = {"contacts": contacts}
    companies = contacts["company_id"]
    kept["companies"] = _among(block["companies"], "company_id", companies)
    for name in ("activities", "deals", "dispositions", "truth/probabilities"):
        kept[name] = _among(block[name], LEAD_KEY.get(name, "contact_id"), contacts["contact_id"])
    changes = block["changes"]
    ours = pc.or_(
        pc.and_(pc.is_valid(changes["contact_id"]), pc.is_in(changes["contact_id"], contacts["contact_id"])),
        pc.and_(pc.is_valid(changes["company_id"]), pc.is_in(changes["company_id"], companies)),
    )
    return kept | {"changes": changes.filter(ours)}


def _among(table: pa.Table, key: str, wanted: pa.ChunkedArray) -> pa.Table:
    return table.filter(pc.is_in(table[key], wanted))


def _facts(out: Path, seed: int, writer: "_Writer") -> SimulationFacts:
    return SimulationFacts(
        out=str(out),
        seed=seed,
        rows=dict(writer.rows),
        won=writer.outcomes["won"],
        lost=writer.outcomes["lost"],
        open=writer.outcomes["open"],
        begin=BEGIN.isoformat(),
        data_cutoff=CUTOFF.isoformat(),
        horizon_days=HORIZON_DAYS,
        truth=str(out / f"{FILES[-1]}.parquet"),
    )


class _Writer:
    """Parquet files that grow by one row group a block."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.rows: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self._files: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        (self.directory / "truth").mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def write(self, block: dict[str, pa.Table]) -> None:
        """Append the tables of one block."""
        for name in FILES:
            table = block[name]
            if name not in self._files:
                path = self.directory / f"{name}.parquet"
                self._files[name] = pq.ParquetWriter(path, table.schema, compression="zstd")
            self._files[name].write_table(table, row_group_size=max(table.num_rows, 1))
            self.rows[name.split("/")[-1]] += table.num_rows
        self.outcomes.update(block["deals"]["stage"].to_pylist())
