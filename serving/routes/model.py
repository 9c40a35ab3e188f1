"""GET /v1/model."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from serving.model.loading import ready_model
from serving.model.served_model import ServedModel
from serving.schemas.answers import ModelAnswer

router = APIRouter(prefix="/v1", tags=["model"])


@router.get("/model", summary="The model that answers", response_model=ModelAnswer, response_description="The model")
async def describe(model: Annotated[ServedModel, Depends(ready_model)]) -> dict[str, Any]:
    """What the model is, when and from what it was learned, how good it was on held-out leads, what it looks at."""
    return model.describe()
