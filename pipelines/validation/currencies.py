"""Findings about amounts in several currencies: as numbers they are not comparable."""

from data_contracts.checks.finding import Finding
from data_contracts.dataset import DatasetManifest


def currency_findings(manifest: DatasetManifest) -> list[Finding]:
    """A warning for each column whose cells were in several currencies."""
    return [
        Finding(
            name=f"{column} is in one currency",
            table=table,
            level="warning",
            passed=False,
            found=f"cells in {', '.join(currencies)}",
            expected="one currency: numbers do not tell it",
            advice="Export the amount in the company's currency, or keep one currency by `where`.",
        )
        for (table, column), currencies in ((name.split("."), found) for name, found in manifest.currencies.items())
    ]
