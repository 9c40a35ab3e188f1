"""Servers in this process: around a stand-in for what does not depend on the model, and around a real one."""

import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from data_contracts.dataset import Dataset
from serving.app import create_app
from serving.schemas.answers import ModelName
from serving.schemas.requests import ScoreRequest
from serving.settings import Settings
from tests.serving.company import learn_artifact, make_tables, write_tables

with warnings.catch_warnings():  # starlette would rather have httpx2, which nothing else here needs
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

BODY_LIMIT = 200_000


class StandInModel:
    """Answers with what it was asked, and fails if a lead is called so."""

    def __init__(self) -> None:
        self.name = ModelName("stand-in", "1", "none")

    def score(self, requests: Sequence[ScoreRequest], places: Sequence[str], now: datetime) -> list[Any]:
        """The lead's key and the moment."""
        for request in requests:
            if request.lead.lead_id == "secret-lead":
                raise ZeroDivisionError("secret-lead cannot be scored")
        return [{"lead_id": each.lead.lead_id, "as_of": each.as_of or now} for each in requests]

    def describe(self) -> dict[str, Any]:
        """Not needed by these tests."""
        raise NotImplementedError


def wait_until_ready(client: TestClient, seconds: float = 60) -> None:
    """Ask /readyz until it says yes."""
    deadline = time.monotonic() + seconds
    while client.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline, "the model was not ready in time"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """The application around the stand-in model."""
    app = create_app(Settings(model=Path(), max_body_bytes=BODY_LIMIT), load=lambda directory: StandInModel())
    with TestClient(app) as client:
        wait_until_ready(client)
        yield client


@dataclass(frozen=True)
class Company:
    """The tables of a small company, and the artifact that was learned from them."""

    tables: dict[str, list[dict[str, Any]]]
    dataset: Dataset
    artifact: Path


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Made once for all tests of a session."""
    directory = tmp_path_factory.mktemp("company")
    tables = make_tables(leads=500, seed=1)
    dataset = write_tables(directory / "tables", tables)
    learn_artifact(dataset, tables, directory / "model", seed=1)
    return Company(tables, dataset, directory / "model")


@pytest.fixture(scope="session")
def live(company: Company) -> Iterator[TestClient]:
    """The application around the company's model."""
    with TestClient(create_app(Settings(model=company.artifact))) as client:
        wait_until_ready(client)
        yield client
