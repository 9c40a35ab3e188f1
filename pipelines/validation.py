"""Validation: runs the expectations and the checks over the tables, and keeps what they came to."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from data_contracts.checks import run_checks
from data_contracts.contract import load_contract
from data_contracts.dataset import TABLES, Dataset
from data_contracts.errors import DataFallsShort, FileError
from data_contracts.expectations import findings, run_suite
from data_contracts.finding import Finding
from data_contracts.progress import Progress, silent

SAMPLE_ROWS = 2_000_000
RESULT = "validation.json"
DATA_DOCS = "data_docs"


class Examined(BaseModel):
    """How much of a table was looked at: its rows, those that the expectations saw, and what was claimed of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    sampled_rows: int
    claims: int

    @property
    def sampled(self) -> bool:
        """Whether the expectations saw a sample only; the checks always see every row."""
        return self.sampled_rows < self.rows


class Validation(BaseModel):
    """Whether the data will do, and every finding: errors first, then warnings, then what holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    passed: bool
    errors: int
    warnings: int
    tables: dict[str, Examined]
    findings: tuple[Finding, ...]

    def broken(self, table: str | None = None) -> list[Finding]:
        """The findings that do not hold, of one table or of all."""
        return [each for each in self.findings if not each.passed and table in (None, each.table)]

    def require(self) -> None:
        """Raise DataFallsShort where a check of level error fails."""
        if not self.passed:
            names = "; ".join(f"{each.table}: {each.name} ({each.found})" for each in self.broken()[: self.errors][:3])
            more = f"; and {self.errors - 3} more" if self.errors > 3 else ""
            raise DataFallsShort(
                f"The data fall short: {names}{more}.", hint="The Data Docs list every finding with what to do."
            )


def validate_dataset(
    dataset: Dataset,
    directory: Path,
    *,
    sample_rows: int = SAMPLE_ROWS,
    seed: int = 0,
    now: datetime | None = None,
    on_progress: Progress = silent,
) -> Validation:
    """Validate all tables; writes ``validation.json`` and ``data_docs/`` (HTML) into the directory.

    The checks see every row. The expectations run on pandas and see at most ``sample_rows`` of a table, drawn with
    ``seed``; the result says where. Whether the data will do is for the caller: see Validation.require. Raises
    FileError where a table cannot be read.
    """
    from pipelines.data_docs import write_data_docs

    checked = run_checks(dataset, now, lambda table: on_progress(f"checking {table}", _share(table, 0.0)))
    results: dict[str, Any] = {}
    sampled_rows: dict[str, int] = {}
    for table in TABLES:
        on_progress(f"expectations of {table}", _share(table, 0.5))
        frame = read_sample(dataset.path(table), sample_rows, seed)
        sampled_rows[table] = len(frame)
        results[table] = run_suite(frame, load_contract(table), dataset.manifest.attributes)
    expected = [each for table in TABLES for each in findings(load_contract(table), results[table])]
    validation = _summed_up(dataset, _merged(checked, expected), sampled_rows)
    partial = _emptied(directory.with_name(directory.name + ".partial"))
    (partial / RESULT).write_text(validation.model_dump_json(indent=2) + "\n", encoding="utf-8")
    write_data_docs(validation, results, partial / DATA_DOCS)
    _emptied(directory).rmdir()
    partial.rename(directory)
    return validation


def read_validation(directory: Path) -> Validation:
    """What `whylead validate` left in a directory. Raises FileError where there is nothing."""
    path = directory / RESULT
    if not path.exists():
        raise FileError(f"{path} does not exist.", hint="Run `whylead validate` first.")
    return Validation.model_validate_json(path.read_text(encoding="utf-8"))


def read_sample(path: Path, limit: int, seed: int) -> pd.DataFrame:
    """A Parquet file as a frame of at most ``limit`` rows, drawn without replacement, in the file's order.

    Memory follows the limit, not the file. Raises FileError where the file cannot be read.
    """
    try:
        with pq.ParquetFile(path) as file:
            rows = file.metadata.num_rows
            if rows <= limit:
                return _frame(file.read())
            chosen = np.sort(np.random.default_rng(seed).choice(rows, limit, replace=False, shuffle=False))
            return _frame(pa.Table.from_batches(_taken(file, chosen), file.schema_arrow))
    except (pa.ArrowInvalid, OSError) as error:
        raise FileError(f"{path} cannot be read: {error}.", hint="Run `whylead import` again.") from error


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _taken(file: pq.ParquetFile, chosen: np.ndarray) -> list[pa.RecordBatch]:
    taken, start = [], 0
    for batch in file.iter_batches():
        low, high = np.searchsorted(chosen, [start, start + batch.num_rows])
        taken.append(batch.take(pa.array(chosen[low:high] - start)))
        start += batch.num_rows
    return taken


def _merged(checked: list[Finding], expected: list[Finding]) -> list[Finding]:
    """Checks and expectations; where both make a claim the check stands, which has seen every row."""
    claims = {(each.table, each.name): each for each in expected}
    claims |= {(each.table, each.name): each for each in checked}
    return sorted(claims.values(), key=_order)


def _order(finding: Finding) -> tuple[bool, bool, int]:
    return finding.passed, finding.level == "warning", TABLES.index(finding.table)


def _summed_up(dataset: Dataset, found: list[Finding], sampled_rows: dict[str, int]) -> Validation:
    errors = sum(each.level == "error" and not each.passed for each in found)
    return Validation(
        passed=errors == 0,
        errors=errors,
        warnings=sum(each.level == "warning" and not each.passed for each in found),
        tables={
            table: Examined(
                rows=pq.read_metadata(dataset.path(table)).num_rows,
                sampled_rows=sampled_rows[table],
                claims=sum(each.table == table for each in found),
            )
            for table in TABLES
        },
        findings=tuple(found),
    )


def _share(table: str, base: float) -> float:
    return base + 0.5 * TABLES.index(table) / len(TABLES)


def _emptied(directory: Path) -> Path:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory
