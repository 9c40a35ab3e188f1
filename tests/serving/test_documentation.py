"""docs/http.md shows what the server really takes and gives."""

import json
import re
from pathlib import Path

from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from serving.problems import Problem
from serving.schemas import examples
from serving.schemas.answers import ScoreAnswer

TEXT = (Path(__file__).parents[2] / "docs" / "http.md").read_text("utf-8")
ANSWER, PROBLEM = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL))


def test_the_request_that_is_shown_scores_and_the_answer_that_is_shown_has_its_form(live: TestClient) -> None:
    shown = re.search(r"curl .* -d '(.*?)'\n```", TEXT, re.DOTALL)
    assert shown is not None
    answer = live.post("/v1/score", json=json.loads(shown[1])).json()
    TypeAdapter(ScoreAnswer).validate_python(ANSWER)
    assert examples.ANSWER == ANSWER
    assert answer.keys() == ANSWER.keys()
    assert answer["lead_id"] == ANSWER["lead_id"]
    assert answer["ignored"] == []


def test_the_problem_that_is_shown_is_what_a_time_without_zone_gives(client: TestClient) -> None:
    times = ["2026-01-01T00:00:00Z"] * 3 + ["2026-01-01T00:00:00"]
    activities = [{"type": "call", "occurred_at": time} for time in times]
    problem = client.post("/v1/score", json={"lead": {}, "activities": activities}).json()
    Problem.model_validate(PROBLEM)
    assert problem | {"instance": PROBLEM["instance"]} == PROBLEM


def test_every_address_is_listed(client: TestClient) -> None:
    addresses = {
        (method.upper(), path)
        for path, operations in client.get("/openapi.json").json()["paths"].items()
        for method in operations
    }
    assert set(re.findall(r"^\| `(\w+) (/\S+)` \|", TEXT, re.MULTILINE)) == addresses
