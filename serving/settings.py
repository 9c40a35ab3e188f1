"""Settings of the server: environment variables only; whatever changes a result belongs to the model."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from data_contracts.errors import ParamsError
from data_contracts.validation_errors import complaint

PREFIX = "WHYLEAD_"


class Settings(BaseSettings):
    """What an operator may set, each as WHYLEAD_ and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    model: Path = Field(description="Directory of the model artifact that is served.")
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for every network of the machine.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one and logs it.")
    workers: int = Field(1, ge=1, le=64, description="Processes that answer; each loads the model.")
    max_body_bytes: int = Field(16 * 1024 * 1024, ge=1024, description="Largest request body that is read.")
    max_head_bytes: int = Field(
        32 * 1024, ge=1024, description="Largest head of a request (address and headers) that is read."
    )
    request_seconds: float = Field(20, gt=0, description="Longest that a client may take to send a request.")
    idle_seconds: float = Field(5, gt=0, description="Longest that a connection may wait for its next request.")
    drain_seconds: float = Field(8, gt=0, description="Longest that a server which was asked to end goes on answering.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")


def read_settings() -> Settings:
    """Read the settings from the environment.

    Raises ParamsError, which names the variable and what was expected.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        variable = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        if first["type"] == "missing":
            raise ParamsError(
                f"{variable} is not set: the server does not know which model to load.",
                hint="`whylead serve` sets it to the champion of the workspace, or set it to an artifact directory.",
            ) from error
        raise ParamsError(f"{variable}: {complaint(error)}.") from error
