import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import whylead

pytestmark = [pytest.mark.slow, pytest.mark.real_data]


def run(real_data: Path, mapping: str, split: str, workspace: Path) -> dict[str, Any]:
    """The whole run without tuning, as the README says it."""
    places = ["--source", str(real_data / mapping), "--workspace", str(workspace)]
    chosen = ["--split", split, "--test-share", "0.2", "--seed", "0", "--budget", "0"]
    found: dict[str, Any] = json.loads(whylead("run", "--mapping", mapping, *places, *chosen, "--json"))
    return found


@pytest.mark.parametrize(
    ("mapping", "split", "least_auc", "most_log_loss"),
    [
        ("bank-marketing", "random", 0.800, 0.2725),
        # Its base rate goes from 3 % to 46 %: 0.70 is what is aimed at, and not reached (docs/quality.md).
        ("bank-marketing", "ordered", 0.680, 0.720),
        ("x-education", "ordered", 0.893, 0.398),
        ("bpic2012-loan-funnel", "ordered", 0.555, 0.697),
    ],
)
def test_quality_on_real_leads_holds_without_tuning(
    real_data: Path, tmp_path: Path, mapping: str, split: str, least_auc: float, most_log_loss: float
) -> None:
    found = run(real_data, mapping, split, tmp_path)
    assert found["test"]["roc_auc"]["value"] >= least_auc
    assert found["test"]["log_loss"]["value"] <= most_log_loss
    drifts = any("win rate changes" in warning for warning in found["warnings"])
    assert drifts == (mapping == "bank-marketing" and split == "ordered")


def test_a_funnel_without_signal_is_told_to_have_no_skill(real_data: Path, tmp_path: Path) -> None:
    found = run(real_data, "crm-sales-opportunities", "ordered", tmp_path)
    assert not found["skill"]
    assert found["test"]["log_loss"]["value"] <= 0.680
    report = (tmp_path / "evaluation" / "report.html").read_text(encoding="utf-8")
    assert "No skill" in report
