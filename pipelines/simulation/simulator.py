"""The simulator: writes the export of a simulated company and, apart from it, the truth."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_contracts.errors import FileError, ParamsError
from data_contracts.progress import Progress, silent
from data_contracts.replacing import replacing
from data_contracts.wording import counted
from pipelines.simulation.block import BLOCK_LEADS, draw_block
from pipelines.simulation.export import tables
from pipelines.simulation.mail import MailTraffic
from pipelines.simulation.timeline import BEGIN, CUTOFF
from pipelines.simulation.truth import HORIZON_DAYS

FILES = ("contacts", "companies", "activities", "deals", "dispositions", "changes", "truth/probabilities")
MAX_LEADS = 9_990_000  # ids have seven digits


@dataclass(frozen=True, kw_only=True)
class SimulationReport:
    """What was written: rows by file, deals by outcome, and the span of the data."""

    out: str
    seed: int
    rows: dict[str, int]
    won: int
    lost: int
    open: int
    begin: str = BEGIN.isoformat()
    data_cutoff: str = CUTOFF.isoformat()
    horizon_days: float = HORIZON_DAYS
    truth: str

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON can hold it."""
        return asdict(self)


def simulate(
    leads: int, seed: int, out: Path, on_progress: Progress = silent, *, traffic: MailTraffic | None = None
) -> SimulationReport:
    """Write the export of a company with so many leads into a directory, and ``truth/probabilities.parquet`` below it.

    The same seed gives the same files, and the first leads of a larger simulation. With mail ``traffic`` the company is
    the same, its activities have mails, and which were automated is in ``truth/automated.parquet``. Raises ParamsError
    for a number that cannot be simulated, FileError where the directory holds anything else. Nothing is left behind
    when it fails.
    """
    _check(leads, seed, out)
    with replacing(out) as (fresh,), _Writer(fresh) as writer:
        for number in range(-(-leads // BLOCK_LEADS)):
            block = draw_block(seed, number, traffic)
            wanted = min(leads - number * BLOCK_LEADS, BLOCK_LEADS)
            writer.write(_first_leads(tables(block, seed, traffic), wanted))
            on_progress(counted(number * BLOCK_LEADS + wanted, "lead"), (number * BLOCK_LEADS + wanted) / leads)
    return SimulationReport(
        out=str(out),
        seed=seed,
        rows=dict(writer.rows),
        won=writer.outcomes["won"],
        lost=writer.outcomes["lost"],
        open=writer.outcomes["open"],
        truth=str(out / f"{FILES[-1]}.parquet"),
    )


def _check(leads: int, seed: int, out: Path) -> None:
    if not 1 <= leads <= MAX_LEADS:
        raise ParamsError(f"--leads: expected 1 to {MAX_LEADS:,} leads (found {leads:,}).")
    if seed < 0:
        raise ParamsError(f"--seed: expected a number from 0 (found {seed}).")
    if out.is_file():
        raise FileError(f"{out} is a file, expected a directory.", hint="Name a directory that does not exist yet.")
    ours = {f"{name}.parquet".split("/")[0] for name in FILES}
    if out.is_dir() and (other := sorted({each.name for each in out.iterdir()} - ours)):
        raise FileError(
            f"{out} holds {other[0]!r}, which the simulator did not write.", hint="Name a directory of its own."
        )


def _first_leads(block: dict[str, pa.Table], leads: int) -> dict[str, pa.Table]:
    """The rows of the first leads of a block; leads of an account are in the order of their creation, so that what is
    cut off came later than what stays."""
    first = block["contacts"].slice(0, leads)
    owners = pa.chunked_array([*first["contact_id"].chunks, *first["company_id"].drop_null().chunks])
    return {name: table.filter(pc.is_in(_owner(table), owners)) for name, table in block.items()}


def _owner(table: pa.Table) -> pa.ChunkedArray:
    """The id of the lead, else of the company, that each row is about."""
    keys = [key for key in ("lead_id", "contact_id", "company_id") if key in table.column_names]
    return pc.coalesce(*(table[key] for key in keys))


class _Writer(ExitStack):
    """Parquet files that grow by one row group a block."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.directory = directory
        self.rows: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self._files: dict[str, pq.ParquetWriter] = {}

    def write(self, block: dict[str, pa.Table]) -> None:
        """Append the tables of one block."""
        for name, table in block.items():
            if name not in self._files:
                path = self.directory / f"{name}.parquet"
                path.parent.mkdir(exist_ok=True)
                file = pq.ParquetWriter(path, table.schema, compression="zstd")
                self._files[name] = self.enter_context(file)
            self._files[name].write_table(table, row_group_size=max(table.num_rows, 1))
            self.rows[name.split("/")[-1]] += table.num_rows
        self.outcomes.update(block["deals"]["stage"].to_pylist())
