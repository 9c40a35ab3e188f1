"""An evaluation of a model of leads whose true probabilities are known."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from data_contracts.agreement import load_agreement
from features.arrays import Floats
from models.evaluation.calibration import calibration_line
from models.evaluation.comparison import Contender, paired_difference
from models.evaluation.gains import gains, lift
from models.evaluation.intervals import Estimate
from models.evaluation.metrics import evaluate
from models.evaluation.reliability import reliability, summarise_intervals
from models.evaluation.scored import Scored
from models.policy.policy import Policy
from models.policy.reference import reference_quantiles
from pipelines.evaluation.about import About
from pipelines.evaluation.drift import base_rates
from pipelines.evaluation.handover import handover
from pipelines.evaluation.quality import Evaluation
from pipelines.evaluation.segments import segment_quality
from pipelines.pages.origin import Origin


def measure(scored: Scored) -> dict[str, Estimate]:
    """The metrics with few replicates."""
    return evaluate(scored, bootstrap=20)


def snapshots_of(scored: Scored, seed: int = 0) -> pd.DataFrame:
    """The columns of snapshots.parquet for test leads, after as many training leads that bought half as often."""
    generator = np.random.default_rng(seed)
    n = len(scored)
    test = pd.DataFrame(
        {
            "lead_id": [f"L{code}" for code in scored.lead],
            "label": scored.outcome,
            "weight": scored.weight,
            "part": "test",
            "position": np.arange(n) + n,
            "snapshot_at": pd.date_range("2025-06-01", periods=n, freq="1h", tz="UTC"),
            "source": generator.choice(["website", "referral <b>", "event"], n, p=[0.6, 0.3, 0.1]),
            "industry": generator.choice(["software", "retail", None], n),  # type: ignore[arg-type]
            "country": None,
            "channel": "email",
        }
    )
    train = test.assign(part="train", position=np.arange(n), lead_id="T" + test["lead_id"].str[1:])
    train["snapshot_at"] = train["snapshot_at"] - pd.Timedelta(days=400)
    train["label"] = train["label"] * (generator.random(n) < 0.5)
    return pd.concat([train, test], ignore_index=True)


def _policy(scored: Scored) -> Policy:
    return Policy(load_agreement(), reference_quantiles(scored.probability, leads_per_week=120))


def evaluation_of(scored: Scored, model: Floats | None = None) -> Evaluation:
    """An evaluation of the probabilities ``model`` (default: the true ones) for the leads."""
    scored = scored if model is None else scored.predicted(model)
    snapshots = snapshots_of(scored)
    curve = gains(scored)
    alternatives = {
        "base_rate": np.full(len(scored), scored.won_rate),
        "naive_bayes": np.clip(scored.probability * 1.5, 0.001, 0.999),
        "scorecard": np.clip(0.5 * scored.won_rate + 0.5 * scored.probability, 0.001, 0.999),
    }
    baselines = tuple(
        Contender(name, measure(scored.predicted(p)), paired_difference(scored, p, replicates=100, seed=0))
        for name, p in alternatives.items()
    )
    return Evaluation(
        test=scored,
        split="out_of_time",
        model=Contender("model", measure(scored)),
        baselines=baselines,
        calibration=calibration_line(scored),
        intervals=summarise_intervals(scored, scored.probability * 0.9, scored.probability * 1.1),
        reliability=reliability(scored),
        gains=curve,
        lift=lift(curve, scored.won_rate),
        handover=handover(scored, curve, _policy(scored), seed=0),
        segments=segment_quality(scored, snapshots[snapshots["part"] == "test"], measure),
        rates=base_rates(snapshots, ordered=True),
        quarantined=("Tags <script>",),
        warnings=("Fewer than 300 won leads: a regularised logistic model was learned.",),
        about=About(
            mapping="made up",
            horizon_days=90,
            training_leads=2000,
            training_snapshots=6000,
            components=("lightgbm", "lightgbm", "logistic"),
            calibrator="beta",
            features=42,
            scorecard="ours",
        ),
        origin=Origin("0123456789ab", datetime(2025, 9, 1, tzinfo=UTC), datetime(2025, 9, 2, tzinfo=UTC)),
    )
