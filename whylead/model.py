"""A trained model: how good it is, what it says of leads, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import ValidationError

from data_contracts.errors import ParamsError
from data_contracts.validation_errors import complaint
from features.feature import Language
from models.score import Score
from models.storage.artifact import Artifact
from pipelines.registry.model_source import open_model
from pipelines.workspace.params import Params
from pipelines.workspace.workspace import Workspace
from whylead.data import Data

if TYPE_CHECKING:
    from pipelines.evaluation.quality import Evaluation
    from pipelines.explanation.importance import Importance


@dataclass(frozen=True)
class Model:
    """A model that was trained in a workspace; ``artifact`` is what `whylead serve` would answer with."""

    artifact: Artifact
    workspace: Workspace

    def evaluate(self, *, bootstrap: int = 1000, seed: int = 0, language: Language = "en") -> "Evaluation":
        """How good the model is on the test leads, against the baselines; writes ``evaluation/report.html`` as well.

        ``bootstrap`` is the number of replicates behind each 95% interval, ``language`` that of the report. Raises
        DataFallsShort where all test leads have one outcome, FileError where the workspace holds no features.
        """
        from pipelines.evaluation.stage import evaluate_model

        params = _params(evaluate={"bootstrap": bootstrap, "seed": seed})
        with self.workspace.writing():
            return evaluate_model(self.workspace, params.evaluate, artifact=self.artifact, language=language)

    def importance(self, *, max_leads: int = 20_000, language: Language = "en") -> "Importance":
        """What drives conversion on the test leads: tables of signals, families and channels.

        Writes ``explanation/`` as well, with SHAP values and ``importance.html``, all in the words of ``language``.
        """
        from pipelines.explanation.stage import explain_model

        params = _params(explain={"max_leads": max_leads})
        with self.workspace.writing():
            explained = explain_model(self.workspace, params.explain, artifact=self.artifact, language=language)
        return explained.importance

    def score(
        self,
        data: Data,
        *,
        as_of: datetime | None = None,
        include_closed: bool = False,
        reasons: int | None = 8,
        language: Language = "en",
    ) -> pd.DataFrame:
        """One row per open lead: probability, interval (low, high), score, grade, stage, and the strongest reasons.

        ``as_of`` is the moment of the scores, by default the end of the data; ``include_closed`` scores leads that were
        won or lost by then as well (column ``deal_outcome``); ``reasons`` None leaves them out, which is much faster.
        Raises DataFallsShort where there is no lead at that moment.
        """
        from pipelines.scoring.stage import score_dataset

        with TemporaryDirectory(prefix="whylead-scores-") as directory:
            out = Path(directory) / "scores.parquet"
            score_dataset(
                self.artifact,
                data.dataset,
                out,
                as_of=as_of,
                include_closed=include_closed,
                reasons=reasons,
                language=language,
                resources=data.resources,
            )
            return pd.read_parquet(out)

    def explain(self, data: Data, lead_id: str, *, as_of: datetime | None = None, language: Language = "en") -> Score:
        """The score of one lead with its reasons.

        Raises InputError where there is no such lead at that moment.
        """
        from pipelines.explanation.one_lead import score_one

        return score_one(
            self.artifact, data.dataset, lead_id, resources=data.resources, as_of=as_of, language=language
        ).score


def fit(
    data: Data,
    *,
    budget_seconds: float = 60,
    trials: int | None = None,
    seed: int = 0,
    split: str = "auto",
    test_share: float = 0.2,
    horizon_days: float = 90,
    monotone: Mapping[str, str] | None = None,
) -> Model:
    """Learn from the closed deals of the data, as ``whylead features`` and ``whylead train`` do in its workspace.

    The parameters are those of params.yaml (docs/python.md); with ``trials`` in place of a budget the same data give
    the same model. Raises DataFallsShort with fewer than 5 won or 5 lost leads, ParamsError where a parameter is not
    valid or does not fit the data.
    """
    from pipelines.featurization.stage import featurize
    from pipelines.training.stage import train_model

    params = _params(
        features={"split": split, "test_share": test_share, "horizon_days": horizon_days, "seed": seed},
        train={"budget_seconds": budget_seconds, "trials": trials, "seed": seed, "monotone": monotone or {}},
    )
    with data.workspace.writing():
        featurize(data.dataset, data.workspace.features, params.features, resources=data.resources)
        train_model(data.workspace, params.train)
    return load(data.workspace.model, data.workspace.root)


def load(model: str | Path | None = None, workspace: str | Path = "workspace") -> Model:
    """A model by its directory or its name in the registry, such as ``models:/whylead@champion``.

    None: the champion of the workspace, else the model that was last trained there. Raises ArtifactError where there is
    none, or it does not load.
    """
    place = Workspace(Path(workspace))
    return Model(open_model(None if model is None else str(model), place), place)


def _params(**sections: Mapping[str, Any]) -> Params:
    try:
        return Params.model_validate(sections)
    except ValidationError as error:
        raise ParamsError(f"{error.errors()[0]['loc'][-1]}: {complaint(error)}.") from error
