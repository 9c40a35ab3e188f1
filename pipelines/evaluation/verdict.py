"""The first lines of the report: what the numbers say, in words."""

from collections.abc import Sequence

from models.evaluation.comparison import Contender
from models.evaluation.gains import Gains
from pipelines.evaluation.drift import BaseRates
from pipelines.pages.texts import ENGLISH, Texts

BASE_RATE = "base_rate"
LITTLE = 0.02  # of the base rate's log loss; a model that saves less has little skill
_ROUNDING = 1e-9


def has_skill(model: Contender, base_rate: Contender) -> bool:
    """Whether the model's log loss is below that of the base rate, and its order better than chance, beyond noise."""
    return _beats(base_rate) and model.metrics["roc_auc"].low > 0.5


def has_little(model: Contender, base_rate: Contender) -> bool:
    """Whether the model saves so little of the base rate's log loss that one should say so."""
    return 1 - model.metrics["log_loss"].value / base_rate.metrics["log_loss"].value < LITTLE


def _beats(base_rate: Contender) -> bool:
    return base_rate.behind is not None and base_rate.behind.low > _ROUNDING


def verdict(model: Contender, base_rate: Contender, curve: Gains, won_rate: float, say: Texts = ENGLISH) -> str:
    """One or two sentences: whether the model has skill, and how much."""
    if has_skill(model, base_rate):
        much, top = "little" if has_little(model, base_rate) else "skill", curve.at(0.1)
        return say(f"verdict.{much}", found=say.percent(top.value), interval=say.percent_interval(top))
    return _no_skill(model, base_rate, won_rate, say)


def _no_skill(model: Contender, base_rate: Contender, won_rate: float, say: Texts) -> str:
    auc = model.metrics["roc_auc"]
    order = say("verdict.order", auc=say.number(auc.value, 2), interval=say.interval(auc, 2))
    if _beats(base_rate):
        return say("verdict.unordered", order=order, won=say.percent(won_rate))
    loss, base = (say.number(each.metrics["log_loss"].value, 4) for each in (model, base_rate))
    ranks = "ranked" if auc.low > 0.5 else "nothing"
    return say(f"verdict.{ranks}", order=order, won=say.percent(won_rate), loss=loss, base=base)


def beaten_by(baselines: Sequence[Contender]) -> list[Contender]:
    """The baselines that are better than the model by more than noise, the best first."""
    better = [each for each in baselines if each.behind is not None and each.behind.high < -_ROUNDING]
    return sorted(better, key=lambda each: each.metrics["log_loss"].value)


def beaten_sentence(model: Contender, baselines: Sequence[Contender], say: Texts = ENGLISH) -> str:
    """Which baselines are better than the model by more than noise; empty where none is."""
    better = beaten_by(baselines)
    if not better:
        return ""
    name = say(f"contenders.{better[0].name}").lower()
    loss, own = (say.number(each.metrics["log_loss"].value, 4) for each in (better[0], model))
    sentence = say("verdict.beaten", name=name, loss=loss, own=own)
    return f"{sentence} {say('verdict.beaten_by', len(better) - 1)}" if len(better) > 1 else sentence


def drift_sentence(rates: BaseRates, say: Texts = ENGLISH) -> str:
    """How the base rate changed between training and test; empty if it did not."""
    if rates.drifts:
        return say("verdict.drift", trained=say.percent(rates.trained.value), tested=say.percent(rates.tested.value))
    if not rates.hidden:
        return ""
    low, high = (pick(rates.blocks, key=lambda block: block.won_rate.value) for pick in (min, max))
    return say(
        "verdict.hidden",
        low=say.percent(low.won_rate.value),
        low_block=str(low.number),
        high=say.percent(high.won_rate.value),
        high_block=str(high.number),
        blocks=str(len(rates.blocks)),
    )
