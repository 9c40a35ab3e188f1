"""The real process: it starts, answers, says what it is missing, and carries no batch libraries."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest

from models.scorer import Scorer
from models.storage.artifact import load_artifact
from serving.model.lead_request import EPOCH, MICROSECOND
from serving.schemas.examples import BATCHES, SCORES
from tests.datasets import load_records
from tests.serving.company import moments_of_leads
from tests.serving.conftest import Company
from tests.serving.test_parity import body_of
from tests.serving.test_problems import check_problem

REPOSITORY = Path(__file__).parents[2]
BATCH_LIBRARIES = (
    "mlflow", "great_expectations", "shap", "optuna", "matplotlib", "pandas", "sklearn", "duckdb", "pyarrow",
    "lightgbm", "pipelines",
)  # fmt: skip
PATIENCE = 120.0


class Server:
    """A server process on a free port of the loopback device, and what it wrote."""

    def __init__(self, log: Path, *command: str, **settings: str) -> None:
        self.log = log
        self.started = time.monotonic()
        with log.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-P", *command],
                stderr=stderr,
                env=os.environ | {f"WHYLEAD_{name}": value for name, value in settings.items()},
                cwd=log.parent,
            )

    def wait_for(self, pattern: str) -> str:
        """The first group of the pattern, once the log has it."""
        deadline = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.log.read_text())) is None:
            assert time.monotonic() < deadline, self.log.read_text()
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)
        return found.group(1)

    def client(self) -> httpx.Client:
        """A client of it, as soon as it listens."""
        return httpx.Client(base_url=self.wait_for(r"running on (http://127\.0\.0\.1:\d+)"), timeout=PATIENCE)

    def stop(self) -> int:
        """Its exit code after it was asked to end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def server(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the company's model, ready."""
    log = tmp_path_factory.mktemp("server") / "log"
    server = Server(log, "-m", "serving", MODEL=str(company.artifact), PORT="0")
    try:
        server.wait_for("(Ready) after")
        sys.stderr.write(f"the server was ready after {time.monotonic() - server.started:.2f} s\n")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    """A client of the server."""
    with server.client() as client:
        yield client


def test_the_process_answers_what_it_documents(http: httpx.Client) -> None:
    assert http.get("/readyz").json() == {"status": "ok"}
    for example in SCORES.values():
        assert http.post("/v1/score", json=example["value"]).status_code == 200
    for example in BATCHES.values():
        assert http.post("/v1/score/batch", json=example["value"]).status_code == 200
    version = http.get("/v1/model").json()["model"]["version"]
    assert http.post("/v1/score", json={"lead": {}}).json()["model_version"] == version
    check_problem(http.post("/v1/score", json={"lead": {"source": 1}}), 422)
    check_problem(http.get("/v2/score"), 404)


def test_a_thousand_leads_score_over_the_wire_as_in_a_batch_while_the_server_stays_reachable(
    http: httpx.Client, company: Company
) -> None:
    moments = moments_of_leads(company.tables)
    rows = np.arange(1000) % len(moments)
    items = [body_of(company.tables, row, EPOCH + int(moments[row]) * MICROSECOND) for row in rows.tolist()]
    body = json.dumps({"items": items}, default=lambda moment: moment.isoformat())
    with ThreadPoolExecutor(1) as pool:
        batch = pool.submit(http.post, "/v1/score/batch", content=body, headers={"Content-Type": "application/json"})
        answered_meanwhile = 0
        while not batch.done():
            answered_meanwhile += http.get("/healthz").status_code == 200 and not batch.done()
    table = Scorer(load_artifact(company.artifact)).score(
        load_records(company.dataset), rows, moments[rows], reasons=None
    )
    results = batch.result().json()["results"]
    assert [each["probability"] for each in results] == table.probability.tolist()
    assert answered_meanwhile > 3


def test_the_process_carries_no_batch_libraries(company: Company) -> None:
    program = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
import serving.app, serving.__main__
from serving.schemas.examples import EVERYTHING
from serving.schemas.requests import ScoreRequest
from serving.model.artifact_model import load_model
model = load_model(Path({str(company.artifact)!r}))
model.score([ScoreRequest.model_validate(EVERYTHING)], ["body"], datetime.now(UTC))
print(sorted({{name.partition(".")[0] for name in sys.modules}} & set({BATCH_LIBRARIES})))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert ran.stdout.strip() == "[]"


def test_what_is_loaded_is_not_looked_through_for_garbage_and_what_comes_later_is(company: Company) -> None:
    program = """
import asyncio, gc
import uvicorn
from serving.__main__ import serve
from serving.settings import read_settings
uvicorn.Server.run = lambda self: asyncio.run(self.config.app.state.loading.run())
serve(read_settings())
print(gc.isenabled(), gc.get_freeze_count() > 10 * len(gc.get_objects()))
"""
    settings = os.environ | {"WHYLEAD_MODEL": str(company.artifact)}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=settings, capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    assert ran.stdout.strip() == "True True"


def test_the_log_of_the_process_holds_no_personal_data(http: httpx.Client, server: Server) -> None:
    http.post("/v1/score?email=query@example.com", json={"lead": {"email": "body@example.com", "name": "Zebulon"}})
    http.post("/v1/score", json={"lead": {"email": ["wrong@example.com"]}})
    http.get("/v1/leads/path@example.com")
    log = server.log.read_text()
    assert "POST /v1/score 422" in log
    assert not re.search("@example.com|Zebulon", log)


@pytest.mark.slow
def test_a_model_that_cannot_be_loaded_ends_the_process_with_a_message(tmp_path: Path) -> None:
    for settings, message in (
        ({"MODEL": str(tmp_path / "nothing")}, "holds no model artifact"),
        ({"MODEL": str(tmp_path), "WORKERS": "2"}, "holds no model artifact"),
        ({"MODEL": str(tmp_path), "PORT": "high"}, "WHYLEAD_PORT: expected a whole number"),
    ):
        server = Server(tmp_path / "log", "-m", "serving", **{"PORT": "0", **settings})
        assert server.process.wait(PATIENCE) == 2
        log = server.log.read_text()
        assert message in log
        assert "Traceback" not in log


@pytest.mark.slow
def test_the_command_hands_over_to_a_server_that_ends_when_asked(company: Company, tmp_path: Path) -> None:
    # The command alone: the whole command line belongs to other tests.
    program = "from pipelines.commands.serve_command import command; import typer; typer.run(command)"
    server = Server(tmp_path / "log", "-c", program, "--model", str(company.artifact), "--port", "0")
    try:
        server.wait_for("(Ready) after")
        with server.client() as client:
            assert client.get("/readyz").status_code == 200
    finally:
        assert server.stop() in (0, -signal.SIGTERM)


@pytest.mark.slow
def test_several_workers_answer_behind_one_port(company: Company, tmp_path: Path) -> None:
    server = Server(tmp_path / "log", "-m", "serving", MODEL=str(company.artifact), PORT="0", WORKERS="2")
    try:
        server.wait_for("(?s)(Ready after.*Ready after.*startup complete)")
        workers = [int(found) for found in re.findall(r"Started server process \[(\d+)\]", server.log.read_text())]
        assert len(set(workers)) == 2
        for _ in range(20):  # each on a connection of its own
            with server.client() as client:
                assert client.get("/readyz").status_code == 200
                assert client.post("/v1/score", json={"lead": {}}).status_code == 200
    finally:
        assert server.stop() == 0
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
