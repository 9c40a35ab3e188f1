"""The fast path gives what the framework gives, also to requests that arrive together and to those that are wrong."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from serving.app import Application
from serving.schemas.examples import KEEN, LEAST, QUIET
from tests.serving.conftest import StandInModel

BODIES = [{**body, "as_of": "2026-03-01T00:00:00Z"} for body in (KEEN, QUIET, LEAST)]


def ask(app: Application, bodies: list[Any], headers: dict[str, str] | None = None) -> list[httpx.Response]:
    """All bodies at once."""

    async def ask_all() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://whylead") as client:
            asked = (client.post("/v1/score", json=body, headers=headers) for body in bodies)
            return await asyncio.gather(*asked)

    return asyncio.run(ask_all())


def app_of(client: TestClient) -> Application:
    assert isinstance(client.app, Application)
    return client.app


def test_the_fast_path_answers_as_the_framework(live: TestClient) -> None:
    fast = ask(app_of(live), BODIES)
    framework = ask(app_of(live), BODIES, {"Content-Type": "application/json; charset=us-ascii"})
    assert [answer.json() for answer in fast] == [answer.json() for answer in framework]
    for answer in (*fast, *framework):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-request-id"].startswith("urn:uuid:")


def test_requests_that_arrive_together_are_answered_as_alone(live: TestClient) -> None:
    together = ask(app_of(live), BODIES * 20)
    alone = [ask(app_of(live), [body])[0].json() for body in BODIES]
    assert [answer.json() for answer in together] == alone * 20
    assert len({answer.headers["x-request-id"] for answer in together}) == 60


def test_a_wrong_one_spoils_no_other(live: TestClient) -> None:
    wrong = {"lead": {"seats": "many"}}
    answers = ask(app_of(live), [BODIES[0], wrong, BODIES[1], {"lead": 3}, BODIES[2]])
    assert [answer.status_code for answer in answers] == [200, 422, 200, 422, 200]
    assert answers[1].json()["errors"][0]["field"] == "body.lead.seats"
    assert [answers[k].json() for k in (0, 2, 4)] == [ask(app_of(live), [body])[0].json() for body in BODIES]


def test_what_together_fails_is_answered_by_the_framework(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    bodies = [{"lead": {"lead_id": name}, "as_of": "2026-03-01T00:00:00Z"} for name in ("a", "secret-lead", "b")]
    answers = ask(app_of(client), bodies)
    assert [answer.status_code for answer in answers] == [200, 500, 200]
    assert "secret-lead" not in caplog.text
    assert isinstance(app_of(client).state.loading.model, StandInModel)
