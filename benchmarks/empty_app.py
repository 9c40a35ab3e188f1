"""The least that FastAPI can do with the same body: the request model of ours, and a handler that does nothing."""

from fastapi import FastAPI

from serving.schemas.requests import ScoreRequest

ANSWER = {"probability": 0.5}
app = FastAPI()


@app.post("/v1/score")
async def score(body: ScoreRequest) -> dict[str, float]:  # noqa: ARG001 - read, checked, and left alone
    return ANSWER
