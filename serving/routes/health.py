"""GET /healthz and /readyz: for load balancers and orchestrators."""

from typing import Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from data_contracts.frozen import Frozen
from serving.model.loading import ready_model

router = APIRouter(tags=["health"])


class Status(Frozen):
    """A yes."""

    status: Literal["ok"] = Field("ok", description="Always ok; anything else is a problem.")


@router.get("/healthz", summary="Is the process alive?", response_description="Yes")
async def healthz() -> Status:
    """Yes, as long as it answers at all."""
    return Status()


@router.get("/readyz", summary="Can it score?", response_description="Yes", dependencies=[Depends(ready_model)])
async def readyz() -> Status:
    """Yes, once the model is loaded and warm; until then a problem with status 503."""
    return Status()
