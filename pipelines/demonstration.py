"""What the demo shows after the quality table: five leads with their reasons, and what to type next."""

import numpy as np
from rich.console import Console
from rich.markup import escape

from features.phrases import phrasebook
from models.score import Score
from models.scorer import Scorer
from models.storage.artifact import Artifact
from pipelines.featurization.matrix import Matrix
from pipelines.tables.tables import Tables
from pipelines.workspace.workspace import Workspace

SHOWN = 5


def show_leads(console: Console, matrix: Matrix, artifact: Artifact, tables: Tables) -> None:
    """Five of the test leads, from the likeliest to the least likely buyer."""
    console.print("\n[bold]Five of the test leads, and why[/]")
    book = phrasebook("en")
    for score in pick_scores(matrix, artifact, tables):
        probability, low, high = (book.chance(each) for each in (score.probability, score.low, score.high))
        console.print(
            f"\n{score.lead_id}: [bold]{probability}[/] ({low} to {high}), "
            f"score {score.score}, grade {score.grade}, {score.stage.replace('_', ' ')}"
        )
        for reason in score.reasons:
            console.print(f"  {escape(reason.text)}", highlight=False)


def pick_scores(matrix: Matrix, artifact: Artifact, tables: Tables) -> list[Score]:
    """Scores at evenly spaced ranks of the test leads, best first; one snapshot (the latest) per lead."""
    test = matrix.rows("test")
    latest = test.snapshots.drop_duplicates("lead_id", keep="last").index.to_numpy()
    ranked = latest[np.argsort(-artifact.model.probability(test.X[latest]), kind="stable")]
    chosen = ranked[np.linspace(0, len(ranked) - 1, SHOWN).round().astype(int)]
    leads = tables.positions(test.snapshots["lead_id"].iloc[chosen].tolist())
    return Scorer(artifact).score(tables.records(leads), leads, test.at[chosen]).rows()


def show_next_steps(console: Console, workspace: Workspace) -> None:
    """Where the reports are and what to type next."""
    console.print(
        f"""
[bold]Look at[/]
  {workspace.evaluation / "report.html"}        how good the model is, against hand-picked points and others
  {workspace.explanation / "importance.html"}   what drives conversion
  {workspace.validation / "data_docs"}          what was checked of the data

[bold]Type next[/]
  {workspace.command("explain --lead ID")}     why this lead
  {workspace.command("serve")}                 scores over HTTP
  whylead map DIR                               draft a mapping for your own export
  whylead run --mapping FILE --source DIR --workspace mine
""",
        highlight=False,
    )
