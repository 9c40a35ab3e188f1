"""params.yaml: whatever changes a result."""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from data_contracts.errors import ParamsError
from data_contracts.frozen import Frozen
from data_contracts.hints import did_you_mean
from data_contracts.located_yaml import read_located
from data_contracts.validation_errors import raising, validated
from pipelines.workspace.bounds import Bounds

SplitStrategy = Literal["auto", "out_of_time", "ordered", "random"]


class SimulateParams(Frozen):
    """How large the simulated company is."""

    leads: int = Field(12_000, ge=1)
    seed: int = 7


class ImportParams(Frozen):
    """Which export is imported: the name of a shipped mapping or a file, and the directory of the files."""

    mapping: str = "simulated"
    source: str = "workspace/source"


class FeaturesParams(Frozen):
    """Snapshots, labels and split."""

    horizon_days: float = Field(90, gt=0)
    ages_days: tuple[float, ...] = (0, 3, 7, 14, 30)
    split: SplitStrategy = "auto"
    test_share: float = Field(0.2, gt=0, lt=1)
    calibrate_share: float = Field(0.2, gt=0, lt=1)
    seed: int = 0


class TrainParams(Frozen):
    """Seconds to learn for (0: no tuning) or tuning trials, seed, and which way alone named features move a score."""

    budget_seconds: float = Field(60, ge=0)
    trials: int | None = Field(None, ge=0)
    seed: int = 0
    monotone: dict[str, Literal["increasing", "decreasing"]] = Field({})


class EvaluateParams(Frozen):
    """Bootstrap replicates and their seed."""

    bootstrap: int = Field(1000, ge=10)
    seed: int = 0


class ExplainParams(Frozen):
    """How many test leads have their SHAP values stored."""

    max_leads: int = Field(20_000, ge=1)


class Params(Frozen):
    """All sections of params.yaml."""

    model_config = ConfigDict(populate_by_name=True)

    simulate: SimulateParams = SimulateParams()
    import_: ImportParams = Field(ImportParams(), alias="import")
    features: FeaturesParams = FeaturesParams()
    train: TrainParams = TrainParams()
    evaluate: EvaluateParams = EvaluateParams()
    explain: ExplainParams = ExplainParams()
    bounds: Bounds = Bounds()


PARAMS_FILE = Path("params.yaml")


def read_params(path: Path) -> Params:
    """Read params.yaml; the defaults where it is absent, which no file of another name may be.

    Raises ParamsError, which names the file, the line, the key and the value.
    """
    if not path.exists():
        if path == PARAMS_FILE:
            return Params()
        near = [each.name for each in path.parent.glob("*.y*ml")] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, near, otherwise="Without --params the settings are those of params.yaml here.")
        raise ParamsError(f"--params: there is no file {path}.", hint=hint)
    with raising(ParamsError):
        located = read_located(path)
        return validated(Params, located) if located.tree is not None else Params()
