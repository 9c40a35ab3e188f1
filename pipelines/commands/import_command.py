"""`whylead import`: the files of an export into the canonical tables."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from data_contracts.dataset import TABLES, DatasetManifest
from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.workspace import Workspace


def command(
    mapping: options.Mapping,
    source: options.Source,
    workspace: options.Workspace = Path("workspace"),
    max_rejected: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Largest share of a file's rows that may be rejected; above it the import stops."
        ),
    ] = 0.05,
    params: options.ParamsFile = Path("params.yaml"),
    as_json: options.Json = False,
) -> None:
    """Convert the files of an export into the canonical tables.

    Example: `whylead import --mapping hubspot --source export/ --workspace workspace`
    """
    from data_contracts.mapping.mapping import load_mapping
    from pipelines.importing.importer import import_tables
    from pipelines.workspace.params import read_params
    from pipelines.workspace.resources import Resources

    place = Workspace(workspace)
    with place.writing(), options.stages() as on_stage:
        manifest = import_tables(
            load_mapping(mapping),
            source,
            place.tables,
            place.rejected,
            resources=Resources.of(),
            max_rejected=max_rejected,
            bounds=read_params(params).bounds,
            on_progress=on_stage("import"),
        )
    if as_json:
        print_json({**manifest.model_dump(mode="json"), "tables": str(place.tables), "rejects": str(place.rejected)})
    else:
        _show(manifest, place)


def _show(manifest: DatasetManifest, place: Workspace) -> None:
    from pipelines.importing.rejects import first_rejected

    table = Table("table", "rows", "rejected", title=f"Imported by the mapping {escape(manifest.mapping)}")
    for name in TABLES:
        table.add_row(name, f"{manifest.rows[name]:,}", f"{manifest.rejected[name]:,}")
    console = stdout()
    console.print(table)
    for line in first_rejected(place.rejected):
        console.print(f"- {escape(line)}", highlight=False)
    if manifest.automated:
        by_rule = ", ".join(f"{rule} {count:,}" for rule, count in manifest.automated.items())
        total = sum(manifest.automated.values())
        console.print(f"- Opens and clicks by machines: {total:,} ({by_rule}).", highlight=False)
    for note in manifest.notes:
        console.print(f"- {escape(note)}", highlight=False)
    console.print(f"Tables in {escape(str(place.tables))}, rejected rows in {escape(str(place.rejected))}.")
    console.print(f"Next: [bold]{escape(place.command('validate'))}[/]", highlight=False)
