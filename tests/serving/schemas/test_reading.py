"""Long bodies are read as short ones are, and what is too much is refused before anything is made of it."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from serving.schemas.reading import WrongBodyError, read_batch, read_score
from serving.schemas.requests import BatchRequest, ScoreRequest

WHEN = "2026-01-01T00:00:00Z"
CALL = {"type": "call", "occurred_at": WHEN}
BATCHES = [
    '{"items":[]}', '{"items" : [ ] }', '{"items":[', '{"items":[1', '{"items":[{"lead":{}},]}',
    '{"items":[,{"lead":{}}]}', '{"items":[{"lead":{}}}', '{"items":[{"lead":{}}]', '{"items":[{"lead":{}}',
    '{"items":[{"lead":{}]}', '{"items":{}}', '{"items":{"items":[]}}', "[]", "x", "", '"', '"items":[]', "}}]]",
    '{"items":[{"lead":{}}],"x":1}', '{"items":[{"lead":1},{"lead":{}},{"x":1}]}', '{"a":{"items":[1]},"items":[1]}',
    '{"items":[{"lead":{}} {"lead":{}}]}', '{"items":[{"lead":{}}]}]}', '{"items":[{"lead":{}}]} x',
    '{"b":"items","items":[{"lead":{}}]}', '{"it\\u0065ms":[{"lead":{}}]}', '{"items":"[1,2]"}',
    '{"items":[{"lead":{"a":"],[\\"}"}},{"lead":{"b\\\\":1}}]}', '{"items":[{"lead":{}}],"items":[{"lead":{}}]}',
]  # fmt: skip


def outcome(read: Callable[[bytes], BaseModel], body: bytes) -> BaseModel | None:
    try:
        return read(body)
    except (WrongBodyError, ValidationError):
        return None


@pytest.mark.parametrize("body", BATCHES)
def test_a_batch_cut_into_items_is_what_the_parser_makes_of_the_whole(body: str) -> None:
    assert outcome(read_batch, body.encode()) == outcome(BatchRequest.model_validate_json, body.encode())


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3), max_size=4), st.integers(0, 3))
def test_any_texts_may_be_in_it(leads: list[dict[str, str]], indent: int) -> None:
    items = [{"lead": lead, "activities": [CALL]} for lead in leads]
    body = json.dumps({"items": items}, indent=indent, ensure_ascii=False).encode()
    assert outcome(read_batch, body) == outcome(BatchRequest.model_validate_json, body)


@given(st.text(alphabet='{}[]",:\\ 1items', max_size=60))
def test_no_bytes_make_it_fail_in_another_way(text: str) -> None:
    outcome(read_batch, b'{"items":[' + text.encode())
    outcome(read_score, text.encode())


def test_an_error_names_item_and_field() -> None:
    body = json.dumps({"items": [{"lead": {}}, {"lead": {"source": 1}}, {}]}).encode()
    with pytest.raises(WrongBodyError) as raised:
        read_batch(body)
    assert [each["loc"] for each in raised.value.errors] == [
        ("body", "items", 1, "lead", "source"), ("body", "items", 2, "lead"),
    ]  # fmt: skip
    assert (raised.value.count, raised.value.at_least) == (2, False)


def test_after_a_thousand_errors_nobody_looks_further() -> None:
    body = json.dumps({"items": [{"lead": {f"a{number}": [] for number in range(600)}}] * 1000}).encode()
    with pytest.raises(WrongBodyError) as raised:
        read_batch(body)
    assert (raised.value.count, raised.value.at_least) == (1200, True)


SIZE = 8_000_000


def around(begin: str, end: str, middle: str) -> str:
    return begin + middle + end


def many(what: str) -> str:
    return ",".join([what] * (SIZE // (len(what) + 1)))


def fields(value: str, count: int = SIZE // 10) -> str:
    return ",".join(f'"{number:x}":{value}' for number in range(count))


HOSTILE: dict[str, Callable[[], str]] = {
    "a million wrong fields": lambda: around('{"lead":{', '}}', fields("[]")),
    "a million fields beside the lead": lambda: around('{"lead":{},', '}', fields("1")),
    "a million fields of an activity": lambda: around('{"lead":{},"activities":[{', '}]}', fields("1")),
    "a million activities": lambda: around('{"lead":{},"activities":[', ']}', many("{}")),
    "a million numbers": lambda: around('{"lead":{},"activities":[', ']}', many("1")),
    "lists in lists": lambda: around('{"lead":{', '}}', fields(f"[{many('[]')[:7799]}]", 1000)),
    "depth": lambda: "[" * SIZE,
    "a batch of nothing": lambda: around('{"items":[', ']}', many("1")),
    "a batch of wrong fields": lambda: json.dumps({"items": [{"lead": {f"{n:x}": [] for n in range(900)}}] * 800}),
    "wrong fields in all activities": lambda: json.dumps(
        {"lead": {}, "activities": [{f"{number:x}": 1 for number in range(80)}] * 9_999}
    ),
    "one long text": lambda: around('{"lead":{"source":"', '"}}', ("x" * SIZE)),
    "long names": lambda: json.dumps({"lead": {f"{n}{'x' * (SIZE // 500)}": [] for n in range(500)}}),
}  # fmt: skip


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_of_eight_megabytes_is_refused_in_a_moment(make: Callable[[], str]) -> None:
    body = make()
    encoded = body.encode()
    started = time.process_time()
    with pytest.raises(WrongBodyError):
        (read_batch if body.startswith('{"items"') else read_score)(encoded)
    assert time.process_time() - started < 2  # two hundredths to three tenths on a quiet machine, once 8 to 13 s


def test_the_largest_lead_that_the_reference_allows_is_read() -> None:
    body: dict[str, Any] = {
        "lead": {f"a{number}": 1 for number in range(1000)},
        "activities": [CALL] * 10_000,
        "account": {"activities": [CALL] * 10_000},
        "dispositions": [{"at": WHEN, "verdict": "ready"}] * 10_000,
    }
    assert read_score(json.dumps(body).encode()) == ScoreRequest.model_validate(body)
