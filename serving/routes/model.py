"""GET /v1/model."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from serving.answers import ModelAnswer
from serving.loading import ready_model
from serving.served_model import ServedModel

router = APIRouter(prefix="/v1", tags=["model"])


@router.get("/model", summary="The model that answers", response_model=ModelAnswer, response_description="The model")
async def describe(model: Annotated[ServedModel, Depends(ready_model)]) -> dict[str, Any]:
    """What the model is, when and from what it was learned, how good it was on held-out leads, what it looks at."""
    return model.describe()
