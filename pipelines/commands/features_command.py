"""``whylead features``."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from pipelines.commands.console import print_json, stdout
from pipelines.commands.options import (
    JsonOption,
    MemoryOption,
    ParamsOption,
    SeedOption,
    SplitOption,
    TestShareOption,
    WorkspaceOption,
    load_params,
    stages,
)
from pipelines.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pipelines.featurization.stage import FeaturizationFacts


def command(
    workspace: WorkspaceOption = Path("workspace"),
    split: SplitOption = None,
    test_share: TestShareOption = None,
    seed: SeedOption = None,
    params: ParamsOption = Path("params.yaml"),
    memory: MemoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute snapshots, labels, the split and the feature matrix from the tables.

    Example: `whylead features --split ordered --test-share 0.2`
    """
    from data_contracts.dataset import Dataset
    from pipelines.featurization.stage import featurize
    from pipelines.workspace.resources import Resources

    chosen = load_params(params, split=split, test_share=test_share, seed=seed).features
    places = Workspace(workspace)
    with stages() as on_stage:
        facts = featurize(
            Dataset(places.tables), places.features, chosen, on_stage("features"), resources=Resources.of(memory)
        )
    if as_json:
        print_json(facts.to_json())
        return
    _show(facts, places.features)


def _show(facts: "FeaturizationFacts", directory: Path) -> None:
    console = stdout()
    table = Table("part", "snapshots", "leads", "won", "win rate")
    for name, counts in facts.parts.items():
        share = f"{counts['positives'] / counts['rows']:.1%}" if counts["rows"] and name != "unlabelled" else ""
        table.add_row(name, f"{counts['rows']:,}", f"{counts['leads']:,}", f"{counts['positives']:,}", share)
    console.print(table)
    console.print(f"Split: {facts.split['strategy']} ({facts.split['why']}). {facts.features} features.")
    for entry in facts.quarantined:
        console.print(
            f"[yellow]Quarantined:[/] {entry['column']} (AUC {entry['auc']:.2f}): {entry['why']}. "
            "If it was known at the snapshot, say `known_at: created` or `confirmed: true` in the mapping."
        )
    console.print(f"Written to {directory}. Next: [bold]whylead train[/]")
