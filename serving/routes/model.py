"""GET /v1/model."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Depends, Request

from serving.model.loading import Loading, ready_model
from serving.model.served_model import ServedModel
from serving.schemas.answers import ModelAnswer

router = APIRouter(prefix="/v1", tags=["model"])


@router.get("/model", summary="The model that answers", response_model=ModelAnswer, response_description="The model")
async def describe(model: Annotated[ServedModel, Depends(ready_model)], request: Request) -> dict[str, Any]:
    """What the model is, when and from what it was learned, how good it was on held-out leads, what it looks at."""
    loading: Loading = request.app.state.loading
    on_disk = await anyio.to_thread.run_sync(loading.on_disk.state)
    return {**model.describe(), "on_disk": on_disk}
