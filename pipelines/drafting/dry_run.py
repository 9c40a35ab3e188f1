"""What a draft would read: a trial of its import, of the first rows of each file, whose tables are thrown away."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_contracts.dataset import TABLES, Dataset
from data_contracts.errors import WhyleadError
from data_contracts.mapping.mapping import Mapping
from data_contracts.progress import Progress, silent
from data_contracts.wording import counted
from pipelines.importing.importer import import_tables
from pipelines.importing.rejects import first_rejected
from pipelines.validation.outcomes import outcome_findings
from pipelines.workspace.bounds import USUAL, Bounds
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.resources import Resources

AT_MOST = 200_000  # rows of each file
ALLOWED = 0.05  # of the rows of a table: as the import does
OUTCOMES = ("won", "lost", "open")
_SINGULAR = {table: "activity" if table == "activities" else table.removesuffix("s") for table in TABLES}


@dataclass(frozen=True)
class DryRun:
    """Rows that a draft reads and sets aside per table, how its deals ended, and what stands in the way."""

    read: dict[str, int] = field(default_factory=dict)
    set_aside: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()  # of the first rows that are set aside
    refused: tuple[str, ...] = ()  # what `whylead validate` would refuse of the outcomes
    assumed: tuple[str, ...] = ()  # and what it would warn of
    failure: str = ""

    @property
    def obstacles(self) -> list[str]:
        """Why the draft cannot work as it stands."""
        if self.failure:
            return [f"the import stops: {self.failure}"]
        bad = [
            f"of {counted(count + self.set_aside[table], 'row')} for {table} {self.set_aside[table]:,} would be set"
            f" aside, more than the {ALLOWED:.0%} allowed"
            for table, count in self.read.items()
            if self.set_aside[table] > ALLOWED * (count + self.set_aside[table])
        ]
        if not self.ends.get("won"):
            return [*bad, "no deal is won: look at `outcome`"]
        return [*bad, *self.refused]

    def lines(self) -> list[str]:
        """The result, for the head of the draft."""
        if self.failure:
            return [f"Dry run: CHECK: {each}" for each in self.obstacles]
        rows = ", ".join(counted(count, _SINGULAR[table], table) for table, count in self.read.items() if count)
        ends = ", ".join(f"{self.ends[end]:,} {end}" for end in OUTCOMES)
        lines = [
            f"Dry run: {rows} would be read, {counted(sum(self.set_aside.values()), 'row')} set aside; deals: {ends}."
        ]
        lines += [f"Set aside: {reason}" for reason in self.reasons]
        lines += [f"CHECK: {each}." for each in self.assumed]
        return lines + [f"CHECK: this draft cannot work yet: {each}." for each in self.obstacles]


def dry_run(mapping: Mapping, source: Path, bounds: Bounds = USUAL, on_progress: Progress = silent) -> DryRun:
    """Import the first rows of each file into a directory that is removed again, and ask what a model can learn from.

    What is decided and can be learned from is what `whylead validate` says it is.
    """
    resources = Resources.of()
    with TemporaryDirectory(prefix="whylead-map-") as directory:
        tables, rejected = Path(directory) / "tables", Path(directory) / "rejected"
        try:
            manifest = import_tables(
                mapping,
                source,
                tables,
                rejected,
                resources=resources,
                max_rejected=1.0,
                at_most=AT_MOST,
                bounds=bounds,
                on_progress=on_progress,
            )
            findings = outcome_findings(Dataset(tables), FeaturesParams(), resources)
        except WhyleadError as error:
            return DryRun(failure=" ".join(str(error).split()))
        ends = pq.read_table(tables / "deals.parquet", columns=["outcome"]).column("outcome")
        counts = {end: int(pc.sum(pc.equal(ends, end)).as_py() or 0) for end in OUTCOMES}
        failed = [each for each in findings if not each.passed]
        return DryRun(
            dict(manifest.rows),
            dict(manifest.rejected),
            counts,
            tuple(first_rejected(rejected)),
            refused=tuple(
                _said(f"{each.found.rstrip('.')}. {each.advice}") for each in failed if each.level == "error"
            ),
            assumed=(
                *(_said(each.found) for each in failed if each.level == "warning"),
                *(f"{name} is in several currencies: {', '.join(each)}" for name, each in manifest.currencies.items()),
            ),
        )


def _said(words: str) -> str:
    """Without the full stop, and without lines of the draft, which its own head moves."""
    return re.sub(r"draft, line \d+: ", "", words).rstrip(".")
