"""What was tested and learned from: the head of the report."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from models.storage.artifact import Artifact
from pipelines.featurization.matrix import Matrix
from pipelines.pages.texts import Texts


@dataclass(frozen=True)
class About:
    """A model and what it was learned from.

    ``horizon_days`` is None where a deal won at any time counts. ``components`` are the kinds of its parts; ``period``
    the first and the last day of the test snapshots, where days are known. ``scorecard`` is the name of the hand-picked
    points, ``scorecard_file`` the file that they were given in.
    """

    mapping: str
    horizon_days: float | None
    training_leads: int
    training_snapshots: int
    components: tuple[str, ...]
    calibrator: str
    features: int
    period: tuple[datetime, datetime] | None = None
    scorecard: str = ""
    scorecard_file: str = ""

    def facts(self, say: Texts) -> dict[str, str]:
        """Lines for the report, as label and text."""
        facts = {
            "mapping": self.mapping,
            "bought": self._bought(say),
            "training": say(
                "evaluation.about.training_text",
                leads=say.number(self.training_leads, 0),
                snapshots=say.number(self.training_snapshots, 0),
            ),
            "model": self._model(say),
            "calibration": say.get("evaluation.about.calibrators", self.calibrator, self.calibrator.replace("_", "-")),
            "features": say.number(self.features, 0),
        }
        if self.scorecard_file:
            facts["scorecard"] = say("evaluation.about.scorecard_text", name=self.scorecard, file=self.scorecard_file)
        return {say(f"evaluation.about.{key}"): text for key, text in facts.items()}

    def _bought(self, say: Texts) -> str:
        if self.horizon_days is None:
            return say("evaluation.about.ever")
        return say("evaluation.about.within", self.horizon_days)

    def _model(self, say: Texts) -> str:
        if not self.components:
            return say("evaluation.about.components.none")
        counts = Counter(say.get("evaluation.about.components", kind, kind) for kind in self.components)
        return " + ".join(
            name if count == 1 else f"{count} \N{MULTIPLICATION SIGN} {name}" for name, count in counts.items()
        )


def about_model(artifact: Artifact, matrix: Matrix, scorecard: str) -> About:
    """What is to say of an artifact and the matrix that it was learned from."""
    horizon, rows = matrix.metadata["horizon_days"], matrix.snapshots
    training = rows[rows["part"].isin(["train", "calibrate"]) & rows["label"].notna()]
    return About(
        mapping=str(matrix.metadata["mapping"]),
        horizon_days=None if horizon == "until_closed" else float(horizon),
        training_leads=training["lead_id"].nunique(),
        training_snapshots=len(training),
        components=tuple(component.kind for component in artifact.model.margin.components),
        calibrator=artifact.model.calibrator.kind,
        features=len(artifact.view.features),
        period=period_of(rows[(rows["part"] == "test") & rows["label"].notna()]),
        scorecard=scorecard,
    )


def period_of(snapshots: pd.DataFrame) -> tuple[datetime, datetime] | None:
    """The first and the last day of the snapshots; None where days are not known."""
    at = snapshots["snapshot_at"]
    return None if at.isna().all() else (at.min().to_pydatetime(), at.max().to_pydatetime())
