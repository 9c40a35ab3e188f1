"""``whylead features``."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pipelines.featurization.stage import MatrixMetadata


def command(
    workspace: options.Workspace = Path("workspace"),
    split: options.Split = None,
    test_share: options.TestShare = None,
    seed: options.Seed = None,
    params: options.ParamsFile = Path("params.yaml"),
    memory: options.Memory = None,
    as_json: options.Json = False,
) -> None:
    """Compute snapshots, labels, the split and the feature matrix from the tables.

    Example: `whylead features --split ordered --test-share 0.2`
    """
    from data_contracts.dataset import Dataset
    from pipelines.featurization.stage import featurize
    from pipelines.workspace.resources import Resources

    chosen = options.load_params(params, split=split, test_share=test_share, seed=seed).features
    places = Workspace(workspace)
    with places.writing(), options.stages() as on_stage:
        metadata = featurize(
            Dataset(places.tables), places.features, chosen, on_stage("features"), resources=Resources.of(memory)
        )
    if as_json:
        print_json(metadata)
    else:
        _show(metadata, places)


def _show(metadata: "MatrixMetadata", workspace: Workspace) -> None:
    console = stdout()
    table = Table("part", "snapshots", "leads", "won", "win rate")
    for name, counts in metadata.parts.items():
        share = f"{counts['positives'] / counts['rows']:.1%}" if counts["rows"] and name != "unlabelled" else ""
        table.add_row(name, f"{counts['rows']:,}", f"{counts['leads']:,}", f"{counts['positives']:,}", share)
    console.print(table)
    console.print(f"Split: {metadata.split['strategy']} ({metadata.split['why']}). {metadata.features} features.")
    for assumption in metadata.assumptions:
        console.print(f"[yellow]Note:[/] {assumption}.", highlight=False)
    for entry in metadata.quarantined:
        console.print(
            f"[yellow]Quarantined:[/] {entry['column']} (AUC {entry['auc']:.2f}): {entry['why']}. "
            "If it was known at the snapshot, say `known_at: created` or `confirmed: true` in the mapping."
        )
    console.print(f"Written to {escape(str(workspace.features))}.", highlight=False)
    console.print(f"Next: [bold]{escape(workspace.command('train'))}[/]", highlight=False)
