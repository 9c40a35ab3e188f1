"""Where generated files live: one directory per company (default ``workspace/``), never inside the packages."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workspace:
    """The paths below a workspace."""

    root: Path

    @property
    def source(self) -> Path:
        """Simulated export files."""
        return self.root / "source"

    @property
    def tables(self) -> Path:
        """The canonical tables (`whylead import`)."""
        return self.root / "tables"

    @property
    def rejected(self) -> Path:
        """Rows rejected by the import, with file, row and reason."""
        return self.root / "rejected"

    @property
    def validation(self) -> Path:
        """Validation result and Data Docs (`whylead validate`)."""
        return self.root / "validation"

    @property
    def features(self) -> Path:
        """Snapshots, labels, split and feature matrix (`whylead features`)."""
        return self.root / "features"

    @property
    def model(self) -> Path:
        """Model artifact and the id of its run (`whylead train`)."""
        return self.root / "model"

    @property
    def run_file(self) -> Path:
        """The MLflow run that training opened, as JSON."""
        return self.root / "run.json"

    @property
    def evaluation(self) -> Path:
        """Metrics, plots and report (`whylead evaluate`)."""
        return self.root / "evaluation"

    @property
    def explanation(self) -> Path:
        """SHAP values, importance and their reports (`whylead explain`)."""
        return self.root / "explanation"

    @property
    def champion(self) -> Path:
        """The champion's artifact as it was last promoted, so that serving need not ask the registry."""
        return self.root / "champion"
