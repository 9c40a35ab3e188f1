"""POST /v1/score and /v1/score/batch."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import anyio
import anyio.to_thread
import orjson
from fastapi import APIRouter, Body, Depends, Request, Response

from serving.model.loading import ready_model
from serving.model.served_model import ServedModel
from serving.routes.json_route import JsonRoute, ReadRequest
from serving.schemas.answers import BatchAnswer, ScoreAnswer
from serving.schemas.examples import ANSWER, BATCHES, SCORES
from serving.schemas.requests import BatchRequest, ScoreRequest

router = APIRouter(prefix="/v1", tags=["scores"], route_class=JsonRoute)
Model = Annotated[ServedModel, Depends(ready_model)]


@router.post(
    "/score",
    summary="Score one lead",
    response_model=ScoreAnswer,
    response_description="The score",
    responses={200: {"content": {"application/json": {"example": ANSWER}}}},
)
async def score(
    body: Annotated[ScoreRequest, Body(openapi_examples=SCORES)], model: Model, request: Request
) -> Response:
    """The probability that the lead buys, its place in the agreement of marketing and sales, and the reasons.

    Only what happened strictly before `as_of` counts. Fields that the model does not know are listed in `ignored`.
    """
    if isinstance(request, ReadRequest):  # a long one
        return _json((await _beside(request, model, [body], ["body"]))[0])
    return _json(model.score([body], ["body"], datetime.now(UTC))[0])


@router.post(
    "/score/batch",
    summary="Score up to 1,000 leads",
    response_model=BatchAnswer,
    response_description="The scores",
    responses={200: {"content": {"application/json": {"example": {"results": [ANSWER]}}}}},
)
async def score_batch(
    body: Annotated[BatchRequest, Body(openapi_examples=BATCHES)], model: Model, request: Request
) -> Response:
    """The scores of many leads in the order of the items, each exactly as `/v1/score` would answer it alone.

    All items are scored or none: one wrong field refuses the batch, and the problem names the item.
    """
    places = [f"body.items[{index}]" for index in range(len(body.items))]
    return _json({"results": await _beside(request, model, body.items, places)})


async def _beside(
    request: Request, model: ServedModel, requests: Sequence[ScoreRequest], places: Sequence[str]
) -> list[ScoreAnswer]:
    """Score in a thread, so that others are answered; one at a time, as more would only share the processor."""
    limiter: anyio.CapacityLimiter = request.app.state.long_limiter
    return await anyio.to_thread.run_sync(model.score, requests, places, datetime.now(UTC), limiter=limiter)


def _json(value: object) -> Response:
    """orjson writes each float64 so that it reads back as the same number."""
    return Response(orjson.dumps(value), media_type="application/json")
