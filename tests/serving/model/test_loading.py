"""While the model loads the server says so; a model that cannot be loaded ends it."""

import threading
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from data_contracts.errors import ArtifactError
from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import StandInModel, wait_until_ready
from tests.serving.test_problems import check_problem

SETTINGS = Settings(model=Path())


def test_until_the_model_is_loaded_only_healthz_says_yes() -> None:
    loaded = threading.Event()

    def load(directory: Path) -> StandInModel:
        assert loaded.wait(60)
        return StandInModel()

    with TestClient(create_app(SETTINGS, load=load)) as client:
        try:
            assert client.get("/healthz").status_code == 200
            for answer in (client.get("/readyz"), client.get("/v1/model"), client.post("/v1/score", json={"lead": {}})):
                check_problem(answer, 503)
                assert answer.headers["Retry-After"] == "1"
        finally:
            loaded.set()
        wait_until_ready(client)
        assert client.post("/v1/score", json={"lead": {}}).status_code == 200


@pytest.mark.parametrize("error", [ArtifactError("the model is damaged"), MemoryError("no room")])
def test_a_model_that_cannot_be_loaded_asks_the_server_to_end(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    stopped = threading.Event()

    def load(directory: Path) -> StandInModel:
        raise error

    app = create_app(SETTINGS, load=load, stop=stopped.set)
    with TestClient(app) as client:
        assert stopped.wait(60)
        check_problem(client.get("/readyz"), 503)
    assert app.state.loading.failure is error
    assert f"The model cannot be loaded: {error}" in caplog.text
