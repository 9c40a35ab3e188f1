import numpy as np
import pandas as pd
import pytest

from pipelines.evaluation.segments import segment_quality
from tests.models.honest_leads import honest_leads
from tests.pipelines.evaluation.synthetic import measure


def test_levels_are_measured_on_their_own_leads() -> None:
    scored = honest_leads()
    likely = scored.probability > 0.3
    table = segment_quality(scored, pd.DataFrame({"source": np.where(likely, "good", "bad")}), measure)
    assert table["level"].tolist() == ["bad", "good"]
    good = table.set_index("level").loc["good"]
    assert good["won_rate"] == pytest.approx(scored.outcome[likely].mean())
    assert good["predicted"] == pytest.approx(scored.probability[likely].mean())
    assert good["won_rate_low"] < good["won_rate"] < good["won_rate_high"]
    assert good["roc_auc"] == measure(scored.where(likely))["roc_auc"].value


def test_levels_with_few_leads_are_left_out_and_missing_is_a_level() -> None:
    scored = honest_leads()
    column = np.array([None] * 3000 + ["many"] * 2850 + ["few"] * 150, dtype=object)
    table = segment_quality(scored, pd.DataFrame({"country": column}), measure)
    assert set(table["level"]) == {"(unknown)", "many"}


@pytest.mark.parametrize("column", [["one"] * 6000, [None] * 6000])
def test_a_column_of_one_level_says_nothing_new(column: list[str | None]) -> None:
    assert segment_quality(honest_leads(), pd.DataFrame({"industry": column}), measure).empty
