"""``whylead simulate``."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands import options
from pipelines.commands.console import print_json, stdout
from pipelines.workspace.params import SimulateParams

DEFAULT = SimulateParams()


def command(
    leads: Annotated[int, typer.Option(help="Number of leads.")] = DEFAULT.leads,
    seed: Annotated[int, typer.Option(help="Random seed; the same seed gives the same company.")] = DEFAULT.seed,
    out: Annotated[Path, typer.Option(help="Directory for the export's files.")] = Path("workspace/source"),
    mail: Annotated[
        bool, typer.Option("--mail", help="Add mails, gateways and bots, without saying which clicks are automated.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Simulate a B2B company: a CRM-style export, plus the true win probabilities in a separate file.

    Example: `whylead simulate --leads 12000 --seed 7 --out workspace/source`
    """
    from pipelines.simulation.mail import MailTraffic
    from pipelines.simulation.report import report_table
    from pipelines.simulation.simulator import simulate

    with options.stages() as on_stage:
        traffic = MailTraffic() if mail else None
        report = simulate(leads, seed, out, on_progress=on_stage("simulate"), traffic=traffic)
    if as_json:
        print_json(report.as_dict())
    else:
        stdout().print(report_table(report))
