"""What a benchmark gives, and the table of all."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """One comparison. ``ratio`` is ours over the peer's, larger is better; ``at_least`` is the bar.

    ``max_abs_diff`` is the largest difference between the two results, None where they are not the same quantity.
    """

    name: str
    against: str
    ratio: float
    at_least: float
    max_abs_diff: float | None = None
    note: str = ""

    @property
    def reached(self) -> bool:
        return self.ratio >= self.at_least


def write_results(results: list[Result], directory: Path) -> None:
    """results.json and results.md."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "results.json").write_text(json.dumps([asdict(each) for each in results], indent=2) + "\n")
    (directory / "results.md").write_text(markdown(results))


def markdown(results: list[Result]) -> str:
    lines = [
        "| work | against | ratio | at least | largest difference | note |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for each in results:
        mark = "" if each.reached else " (not reached)"
        difference = "-" if each.max_abs_diff is None else f"{each.max_abs_diff:.1e}"
        figures = f"{each.ratio:.3f}{mark} | {each.at_least:g} | {difference}"
        lines.append(f"| {each.name} | {each.against} | {figures} | {each.note} |")
    return "\n".join(lines) + "\n"
