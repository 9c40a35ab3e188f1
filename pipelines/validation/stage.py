"""Validation: runs the expectations and the checks over the tables, and keeps what they came to."""

from pathlib import Path

import pyarrow.parquet as pq

from data_contracts.checks.columns import STRUCTURE
from data_contracts.checks.expectations import findings, run_suite
from data_contracts.checks.finding import Finding
from data_contracts.checks.run import check_specs, run_checks
from data_contracts.dataset import TABLES, Dataset
from data_contracts.progress import Progress, silent
from data_contracts.replacing import replacing
from features.feature import Language
from pipelines.validation.currencies import currency_findings
from pipelines.validation.data_docs import write_data_docs
from pipelines.validation.outcomes import outcome_findings
from pipelines.validation.result import RESULT, Examined, Validation
from pipelines.validation.sample import read_sample
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.resources import Resources

SAMPLE_ROWS, SEED = 2_000_000, 0
DATA_DOCS = "data_docs"


def validate_dataset(
    dataset: Dataset,
    directory: Path,
    *,
    resources: Resources,
    params: FeaturesParams | None = None,
    sample_rows: int = SAMPLE_ROWS,
    language: Language = "en",
    on_progress: Progress = silent,
) -> Validation:
    """Validate all tables; writes ``validation.json`` and ``data_docs/`` (HTML) into the directory.

    The checks see every row. The expectations run on pandas and see at most ``sample_rows`` of a table, drawn at
    random; the result says where. ``params`` are those with which the features stage will take snapshots, ``language``
    is that of the pages. Whether to go on is for the caller: see Validation.require. Raises FileError where a table
    cannot be read.
    """
    checked = run_checks(
        dataset,
        threads=resources.threads,
        memory=resources.database,
        advance=lambda table: on_progress(f"checking {table}", _share(table, 0.0)),
    )
    if all(finding.passed for finding in checked if finding.name == STRUCTURE):
        checked += outcome_findings(dataset, params or FeaturesParams(), resources)
    checked += currency_findings(dataset.manifest)
    specs = {table: check_specs(table, dataset.manifest) for table in TABLES}
    expected: list[Finding] = []
    sampled_rows: dict[str, int] = {}
    for table in TABLES:
        on_progress(f"expectations of {table}", _share(table, 0.5))
        frame = read_sample(dataset.path(table), sample_rows, SEED)
        sampled_rows[table] = len(frame)
        expected += findings(specs[table], run_suite(frame, table, specs[table]))
    validation = _summed_up(dataset, _merged(checked, expected), sampled_rows)
    with replacing(directory) as (fresh,):
        (fresh / RESULT).write_text(validation.model_dump_json(indent=2) + "\n", encoding="utf-8")
        write_data_docs(validation, fresh / DATA_DOCS, language)
    return validation


def _merged(checked: list[Finding], expected: list[Finding]) -> list[Finding]:
    """Checks and expectations; where both make a claim the check stands, which has seen every row."""
    claims = {(each.table, each.name): each for each in expected}
    claims |= {(each.table, each.name): each for each in checked}
    return sorted(claims.values(), key=_order)


def _order(finding: Finding) -> tuple[bool, bool, int]:
    return finding.passed, finding.level == "warning", TABLES.index(finding.table)


def _summed_up(dataset: Dataset, findings: list[Finding], sampled_rows: dict[str, int]) -> Validation:
    errors = sum(each.level == "error" and not each.passed for each in findings)
    return Validation(
        passed=errors == 0,
        errors=errors,
        warnings=sum(each.level == "warning" and not each.passed for each in findings),
        tables={
            table: Examined(
                rows=pq.read_metadata(dataset.path(table)).num_rows,
                sampled_rows=sampled_rows[table],
                claims=sum(each.table == table for each in findings),
            )
            for table in TABLES
        },
        findings=tuple(findings),
    )


def _share(table: str, base: float) -> float:
    return base + 0.5 * TABLES.index(table) / len(TABLES)
