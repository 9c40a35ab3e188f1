"""MLflow's scoring server around the pyfunc, in this process: what is wrong is told without what was sent."""

import importlib.util
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest

from pipelines.registry.tracking import EXAMPLE_REQUEST, _pyfunc_file, _signature
from tests.serving.conftest import Company

with warnings.catch_warnings():  # starlette would rather have httpx2, MLflow warns of types of its own
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient
    from mlflow.pyfunc import scoring_server

pytestmark = pytest.mark.filterwarnings("ignore")
SECRET = "jane.doe@example.org"


@pytest.fixture(scope="module")
def server(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The model as training logs it, in MLflow's own application."""
    directory = tmp_path_factory.mktemp("pyfunc") / "model"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scoring_server, "invocations", scoring_server.invocations)
        patched.setattr(logging.getLogger("mlflow"), "level", logging.getLogger("mlflow").level)
        mlflow.pyfunc.save_model(
            directory,
            python_model=str(_pyfunc_file()),
            artifacts={"artifact": str(company.artifact)},
            signature=_signature(),
            pip_requirements=["whylead"],
        )
        mlflow.pyfunc.load_model(str(directory))  # MLflow runs the file anew each time
        with TestClient(scoring_server.init(mlflow.pyfunc.load_model(str(directory)))) as client:
            yield client


def body(request: Any) -> str:
    return json.dumps({"dataframe_records": [{"request": EXAMPLE_REQUEST}, {"request": request}]})


def ask(server: TestClient, content: str | bytes, kind: str = "application/json") -> Any:
    return server.post("/invocations", content=content, headers={"Content-Type": kind})


def test_a_right_request_is_scored(server: TestClient) -> None:
    answer = ask(server, body(EXAMPLE_REQUEST))
    assert answer.status_code == 200
    assert [0 < each["probability"] < 1 for each in answer.json()["predictions"]] == [True, True]


@pytest.mark.parametrize(
    ("request_body", "said"),
    [
        (json.dumps({"lead": {"source": ["x", SECRET]}, "activities": []}), "request[1].lead.source"),
        (json.dumps({"lead": {"has_phone": SECRET}, "activities": []}), "request[1].lead.has_phone"),
        (json.dumps({"lead": {"created_at": SECRET}, "activities": []}), "request[1].lead.created_at"),
        (json.dumps({"lead": {"created_at": "2099-01-01T00:00:00Z", "job_title": SECRET}}), "created_at"),
        (json.dumps({"lead": {}, "activities": [{"type": SECRET, "occurred_at": 5}]}), "activities[0].occurred_at"),
        (json.dumps({"lead": {}, "as_of": SECRET}), "request[1].as_of"),
        (f'{{"lead": {{"job_title": "{SECRET}"', "The body is not JSON"),
        (SECRET, "The body is not JSON"),
        (5, "Send"),
        (None, "Send"),
        ({"lead": {"job_title": SECRET}}, "Send"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_sent_is_not_repeated(
    server: TestClient,
    request_body: Any,
    said: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level(logging.INFO):
        answer = ask(server, body(request_body))
    assert answer.status_code == 400, answer.text
    assert said in answer.json()["message"]
    written = capfd.readouterr()
    for text in (answer.text, caplog.text, written.out, written.err):
        assert SECRET not in text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (f'{{"dataframe_records": [{{"request": "{SECRET}', "application/json"),
        (json.dumps([SECRET]), "application/json"),
        (json.dumps({"dataframe_records": SECRET}), "application/json"),
        (json.dumps({"dataframe_records": [{"mail": SECRET}]}), "application/json"),
        (json.dumps({"dataframe_split": {"columns": ["request"], "data": [[SECRET, SECRET]]}}), "application/json"),
        (json.dumps({"inputs": [SECRET]}), "application/json"),
        (json.dumps({"instances": {"request": SECRET}}), "application/json"),
        (json.dumps({SECRET: SECRET}), "application/json"),
        (json.dumps({"dataframe_records": [{"request": "{}"}], "params": {"a": SECRET}}), "application/json"),
        (f"request,{SECRET}\n1,2,3,{SECRET}", "text/csv"),
        (f"mail\n{SECRET}", "text/csv"),
        (f"\xff{SECRET}".encode("latin-1"), "text/csv"),
        (SECRET, "application/x-parquet"),
    ],
)
def test_a_body_that_mlflow_cannot_read_is_not_repeated(
    server: TestClient,
    content: str | bytes,
    kind: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level(logging.INFO):
        answer = ask(server, content, kind)
    assert 400 <= answer.status_code < 500, answer.text
    written = capfd.readouterr()
    for text in (answer.text, caplog.text, written.out, written.err):
        assert SECRET not in text


def test_without_a_server_the_error_names_the_field_too(company: Company) -> None:
    spec = importlib.util.spec_from_file_location("pyfunc_alone", Path(_pyfunc_file()))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.WhyleadModel()

    class Context:
        artifacts = {"artifact": str(company.artifact)}  # noqa: RUF012

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scoring_server, "invocations", scoring_server.invocations)
        model.load_context(Context())
    frame = pd.DataFrame({"request": [json.dumps({"lead": {"has_name": SECRET}})]})
    with pytest.raises(ValueError, match=r"request\[0\]\.lead\.has_name: Expected") as refused:
        model.predict(None, frame)
    assert SECRET not in str(refused.value)
