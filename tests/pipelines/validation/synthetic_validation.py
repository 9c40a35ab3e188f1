"""Validations in which every check that there is has failed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from data_contracts.checks.finding import Finding
from data_contracts.checks.run import check_specs
from data_contracts.dataset import TABLES, DatasetManifest
from pipelines.validation.result import Examined, Validation
from tests.data_contracts.broken import MANIFEST

MANIFESTS = (
    MANIFEST.model_copy(update={"rejected": dict.fromkeys(TABLES, 3)}),
    DatasetManifest(mapping="test", order="column", horizon_days=90),
    DatasetManifest(
        mapping="test", order="none", horizon_days="until_closed", data_cutoff=datetime(2025, 1, 2, tzinfo=UTC)
    ),
)


def failed(manifest: DatasetManifest) -> Iterator[Finding]:
    """All checks of a dataset, each broken by the same number of rows."""
    for table in TABLES:
        for spec in check_specs(table, manifest):
            yield spec.finding(spec.level, False, "1,234 of 12,340 rows break this", 1234, ("L1",))


def failed_validation(manifests: Sequence[DatasetManifest] = MANIFESTS) -> Validation:
    """A validation of which every check failed, those of several kinds of data."""
    findings = tuple(each for manifest in manifests for each in failed(manifest))
    examined = dict.fromkeys(TABLES, Examined(rows=12_340, sampled_rows=5_000, claims=40))
    return Validation(passed=False, errors=len(findings), warnings=0, tables=examined, findings=findings)
