"""What a validation came to: every finding, and how much of the tables was looked at."""

from data_contracts.checks.finding import Finding
from data_contracts.errors import DataFallsShort
from data_contracts.frozen import Frozen

RESULT = "validation.json"


class Examined(Frozen):
    """How much of a table was looked at: its rows, those that the expectations saw, and what was claimed of them."""

    rows: int
    sampled_rows: int
    claims: int

    @property
    def sampled(self) -> bool:
        """Whether the expectations saw a sample only; the checks always see every row."""
        return self.sampled_rows < self.rows


class Validation(Frozen):
    """Whether the data checks passed, and every finding: errors first, then warnings, then what passed."""

    passed: bool
    errors: int
    warnings: int
    tables: dict[str, Examined]
    findings: tuple[Finding, ...]

    def broken(self, table: str | None = None) -> list[Finding]:
        """The failed checks, of one table or of all."""
        return [each for each in self.findings if not each.passed and table in (None, each.table)]

    def require(self) -> None:
        """Raise DataFallsShort where a check of level error fails."""
        if not self.passed:
            names = "; ".join(f"{each.table}: {each.name} ({each.found})" for each in self.broken()[: self.errors][:3])
            more = f"; and {self.errors - 3} more" if self.errors > 3 else ""
            raise DataFallsShort(
                f"Data checks failed: {names}{more}.", hint="The Data Docs list every finding with what to do."
            )
