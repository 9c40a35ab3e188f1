"""The thin pyfunc that lets ``mlflow models serve`` answer; MLflow stores this file, the artifact stays data.

Input: one string column ``request``, each the JSON body of ``POST /v1/score``. Output: ``Score.row`` per request.
The serving process of ``whylead serve`` does not use it: MLflow loads it in its own.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel, PythonModelContext


class WhyleadModel(PythonModel):  # type: ignore[misc] # MLflow is not typed
    """Scores requests with the artifact that was logged beside this file."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the artifact; whylead itself comes from the environment."""
        from serving.model.artifact_model import load_model

        self.model = load_model(Path(context.artifacts["artifact"]))

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ANN401, ARG002
        """Scores (n rows) of a frame with the column ``request``."""
        from serving.schemas.requests import ScoreRequest

        requests = [ScoreRequest.model_validate_json(text) for text in model_input["request"]]
        places = [f"request[{row}]" for row in range(len(requests))]
        answers = self.model.score(requests, places, datetime.now(UTC))
        return pd.DataFrame([answer.row() for answer in answers])


mlflow.models.set_model(WhyleadModel())
