"""The thin pyfunc that lets ``mlflow models serve`` answer; MLflow stores this file, the artifact stays data.

Input: one string column ``request``, each the JSON body of ``POST /v1/score``. Output: ``Score.row`` per request. What
is wrong with a request is told by its fields, never with what was sent: MLflow's server repeats the whole body in
answers and logs, so its errors are told in other words. ``whylead serve`` does not use any of this.
"""

import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import PythonModel, PythonModelContext

if TYPE_CHECKING:
    from serving.problems import ProblemError
    from serving.schemas.requests import ScoreRequest

COLUMN = "request"
EXPECTED = (
    'Send {"dataframe_records": [{"request": "..."}]} as application/json, each request being the body of POST'
    " /v1/score as text."
)


class WhyleadModel(PythonModel):  # type: ignore[misc] # MLflow is not typed
    """Scores requests with the artifact that was logged beside this file."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the artifact; whylead itself comes from the environment."""
        from serving.model.artifact_model import load_model

        self.model = load_model(Path(context.artifacts["artifact"]))
        _keep_bodies_secret()

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ANN401, ARG002
        """Scores (n rows) of a frame with the column ``request``.

        Raises RequestError, which names the fields that are wrong.
        """
        from serving.problems import ProblemError, RequestError

        if COLUMN not in model_input:
            raise RequestError(f"The column {COLUMN!r} is missing. {EXPECTED}")
        requests = [_read(text, row) for row, text in enumerate(model_input[COLUMN])]
        places = [f"{COLUMN}[{row}]" for row in range(len(requests))]
        try:
            answers = self.model.score(requests, places, datetime.now(UTC))
        except ProblemError as problem:
            raise RequestError(_said(problem)) from None
        return pd.DataFrame([answer.row() for answer in answers])


def _read(text: object, row: int) -> "ScoreRequest":
    from serving.exception_handlers import problem_of
    from serving.problems import RequestError
    from serving.schemas.reading import WrongBodyError, read_score

    if not isinstance(text, str):
        raise RequestError(f"{COLUMN}[{row}]: Expected a string. {EXPECTED}")
    try:
        return read_score(text.encode(errors="replace"), (COLUMN, row))
    except WrongBodyError as error:
        problem = problem_of(error.errors, error.count, at_least=error.at_least)
    raise RequestError(_said(problem))


def _said(problem: "ProblemError") -> str:
    return " ".join(
        [problem.detail.replace(": see errors.", ":"), *(f"{each.field}: {each.message}." for each in problem.errors)]
    )


def _keep_bodies_secret() -> None:
    """Let MLflow's scoring server, where this process is one, tell errors without the body that they are about."""
    server = sys.modules.get("mlflow.pyfunc.scoring_server")
    score = getattr(server, "invocations", None)
    if score is None or hasattr(score, "__wrapped__"):
        return

    @wraps(score)
    def score_in_secret(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MLflow's own
        try:
            return score(*arguments, **named)
        except MlflowException as error:
            said, status = _without_body(error), error.error_code
        except Exception:  # noqa: BLE001 - whatever MLflow's parsers stumble on, they say with the body
            said, status = f"The body could not be read. {EXPECTED}", "BAD_REQUEST"
        raise MlflowException(said, error_code=_code(status))

    logging.getLogger("mlflow").setLevel(logging.ERROR)  # its warnings name columns: in a CSV without header, values
    server.invocations = score_in_secret  # type: ignore[union-attr]


def _without_body(error: MlflowException) -> str:
    """What a request is told: our own words where they are ours."""
    from serving.problems import RequestError  # one class, however often MLflow loads this file

    for each in _causes(error):
        if isinstance(each, RequestError):
            return str(each)
    return f"The body is not as expected. {EXPECTED}"


def _causes(error: BaseException) -> Sequence[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _code(name: str) -> int:
    from mlflow.protos.databricks_pb2 import ErrorCode

    return int(ErrorCode.Value(name))


mlflow.models.set_model(WhyleadModel())
