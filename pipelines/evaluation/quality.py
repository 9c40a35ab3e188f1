"""All that was measured on the test split."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from models.evaluation.calibration import CalibrationLine
from models.evaluation.comparison import Contender
from models.evaluation.curves import precision_recall, roc, spread
from models.evaluation.gains import Gains, Lift
from models.evaluation.intervals import Estimate
from models.evaluation.reliability import IntervalSummary, ReliabilityBin
from models.evaluation.scored import Scored
from pipelines.evaluation.about import About
from pipelines.evaluation.drift import BaseRates
from pipelines.evaluation.handover import Handover
from pipelines.evaluation.time_proxies import TimeProxy
from pipelines.evaluation.truth import TruthCheck
from pipelines.evaluation.verdict import BASE_RATE, beaten_sentence, drift_sentence, has_skill, verdict
from pipelines.pages.origin import Origin
from pipelines.pages.texts import ENGLISH, Texts
from pipelines.registry.chain import MADE_FROM
from pipelines.registry.comparison import Comparison


@dataclass(frozen=True)
class Evaluation:
    """The quality of one model, ready to be printed, stored and shown.

    ``test`` are the leads that it was measured on, chosen as ``split`` says. ``about`` and ``origin`` stand at the head
    of the report, ``made_from`` has the checksums of model and features; ``time_proxies`` is None where training did
    not look for any. What is a sentence is made where it is shown, in English or in the language of the report; only
    ``quarantined``, ``warnings`` and ``assumptions`` come from earlier stages, in English.
    """

    test: Scored
    split: str
    model: Contender
    baselines: tuple[Contender, ...]
    calibration: CalibrationLine
    intervals: IntervalSummary
    reliability: tuple[ReliabilityBin, ...]
    gains: Gains
    lift: tuple[Lift, ...]
    handover: Handover
    segments: pd.DataFrame
    rates: BaseRates
    about: About
    origin: Origin
    made_from: Mapping[str, str] = field(default_factory=dict)
    champion: Comparison | None = None
    truth: TruthCheck | None = None
    quarantined: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    time_proxies: tuple[TimeProxy, ...] | None = None

    def name_of(self, contender: Contender, say: Texts = ENGLISH) -> str:
        """What people call it, hand-picked points with their own name."""
        own = f" ({self.about.scorecard})" if contender.name == "scorecard" and self.about.scorecard else ""
        return say(f"contenders.{contender.name}") + own

    @property
    def contenders(self) -> tuple[Contender, ...]:
        """The model, then the baselines."""
        return (self.model, *self.baselines)

    @property
    def base_rate(self) -> Contender:
        """The baseline that gives every lead the same probability."""
        return next(baseline for baseline in self.baselines if baseline.name == BASE_RATE)

    @property
    def skill(self) -> bool:
        """Whether the model beats the base rate and chance by more than noise."""
        return has_skill(self.model, self.base_rate)

    @property
    def verdict(self) -> str:
        """The first line of the report, in English."""
        return self.verdict_in(ENGLISH)

    def verdict_in(self, say: Texts) -> str:
        """The first line of the report."""
        return verdict(self.model, self.base_rate, self.gains, self.test.won_rate, say)

    @property
    def beaten(self) -> str:
        """Which baseline does better, in English; empty if none does beyond noise."""
        return self.beaten_in(ENGLISH)

    def beaten_in(self, say: Texts) -> str:
        """Which baseline does better; empty if none does beyond noise."""
        return beaten_sentence(self.model, self.baselines, say)

    @property
    def drift(self) -> str:
        """How the base rate changed, in English; empty if it did not."""
        return self.drift_in(ENGLISH)

    def drift_in(self, say: Texts) -> str:
        """How the base rate changed; empty if it did not."""
        return drift_sentence(self.rates, say)

    def handed_over(self, say: Texts = ENGLISH) -> str:
        """What the agreement's hand-over would give sales."""
        handed, won = self.handover, say.percent(self.test.won_rate)
        if not handed.precision or not handed.found:
            return say("evaluation.gain.nobody", rule=handed.rule(say))
        return say(
            "evaluation.gain.handed",
            rule=handed.rule(say),
            precision=say.percent(handed.precision.value),
            interval=say.percent_interval(handed.precision),
            won=won,
            found=say.percent(handed.found.value),
            found_interval=say.percent_interval(handed.found),
        )

    def calibrated(self, say: Texts = ENGLISH) -> str:
        """The calibration line in words."""
        slope, intercept = self.calibration.slope, self.calibration.intercept
        if math.isnan(slope.value):
            return say("evaluation.calibration.no_slope")
        return say(
            "evaluation.calibration.slope",
            slope=say.number(slope.value, 2),
            slope_interval=say.interval(slope, 2),
            intercept=say.number(intercept.value, 2),
            intercept_interval=say.interval(intercept, 2),
        )

    def against_truth(self, say: Texts = ENGLISH) -> str:
        """How near the model comes to the true probabilities; empty where nobody knows them."""
        if self.truth is None:
            return ""
        return say(
            "evaluation.truth.text",
            rows=say.number(self.truth.rows, 0),
            true=say.number(self.truth.roc_auc.value, 4),
            true_interval=say.interval(self.truth.roc_auc, 4),
            model=say.number(self.truth.model_roc_auc.value, 4),
            model_interval=say.interval(self.truth.model_roc_auc, 4),
            ratio=say.percent(self.truth.ratio, 1),
            error=say.number(100 * self.truth.mean_absolute_error, 2),
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """What the plots are drawn from, by name."""
        return {
            "reliability": pd.DataFrame(self.reliability),
            "gains": pd.DataFrame(vars(self.gains) | {"random": self.gains.contacted}),
            "lift": pd.DataFrame(self.lift),
            "roc": roc(self.test),
            "precision_recall": precision_recall(self.test),
            "spread": spread(self.test),
            "segments": self.segments,
            "base_rate": self.rates.frame(),
        }

    def to_json(self) -> dict[str, Any]:
        """Everything that is a number or a sentence; ``test`` and ``baselines`` as `whylead run --json` gives them."""
        entries: dict[str, Any] = {
            "model_version": self.origin.model_version,
            MADE_FROM: dict(self.made_from),
            "rows": len(self.test),
            "leads": self.test.leads,
            "positives": round(self.test.won, 6),
            "split": self.split,
            "skill": self.skill,
            "verdict": self.verdict,
            "beaten": self.beaten,
            "drift": self.drift,
            "test": self.model.to_json(),
            "baselines": {baseline.name: baseline.to_json() for baseline in self.baselines},
            "log_loss_above_model": {b.name: b.behind.to_json() for b in self.baselines if b.behind},
            "calibration": {name: estimate.to_json() for name, estimate in vars(self.calibration).items()},
            "intervals": vars(self.intervals).copy(),
            "handover": self._handover(),
            "won_rate": {"trained": self.rates.trained.to_json(), "test": self.rates.tested.to_json()},
        }
        if self.champion:
            entries["champion"] = self.champion.to_json()
        if self.time_proxies is not None:
            entries["clocks"] = [proxy.measured.to_json() for proxy in self.time_proxies]
        return entries | ({"truth": self._truth(self.truth)} if self.truth else {})

    def _handover(self) -> dict[str, Any]:
        measured = {"precision": self.handover.precision, "found": self.handover.found}
        return {"share": self.handover.share} | {key: value.to_json() for key, value in measured.items() if value}

    def _truth(self, truth: TruthCheck) -> dict[str, Any]:
        measured = vars(truth) | {"roc_auc_ratio": truth.ratio}
        return {key: value.to_json() if isinstance(value, Estimate) else value for key, value in measured.items()}
