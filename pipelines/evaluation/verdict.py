"""The first lines of the report: what the numbers say, in words."""

from collections.abc import Sequence

from models.evaluation.comparison import Contender
from models.evaluation.gains import Gains
from pipelines.evaluation.drift import BaseRates
from pipelines.pages.names import CONTENDERS
from pipelines.pages.numbers import percent

BASE_RATE = "base_rate"
LITTLE = 0.02  # of the base rate's log loss; a model that saves less has little skill
_ROUNDING = 1e-9


def has_skill(model: Contender, base_rate: Contender) -> bool:
    """Whether the model's log loss is below that of the base rate, and its order better than chance, beyond noise."""
    return _beats(base_rate) and model.metrics["roc_auc"].low > 0.5


def _beats(base_rate: Contender) -> bool:
    return base_rate.behind is not None and base_rate.behind.low > _ROUNDING


def verdict(model: Contender, base_rate: Contender, curve: Gains, won_rate: float) -> str:
    """One or two sentences: whether the model has skill, and how much."""
    if has_skill(model, base_rate):
        top, loss, base_loss = curve.at(0.1), model.metrics["log_loss"].value, base_rate.metrics["log_loss"].value
        much = "skill" if 1 - loss / base_loss >= LITTLE else "little skill"
        return (
            f"This model has {much}: it finds {percent(top.value)} of the buyers in the top 10% of the leads "
            f"(95% interval {percent(top.low)} to {percent(top.high)}; random order: 10%)."
        )
    return _no_skill(model, base_rate, won_rate)


def _no_skill(model: Contender, base_rate: Contender, won_rate: float) -> str:
    auc = model.metrics["roc_auc"]
    losses = f"log loss {model.metrics['log_loss'].value:.4f} against {base_rate.metrics['log_loss'].value:.4f}"
    order = f"(ROC AUC {auc.value:.2f}, 95% interval {auc.low:.2f} to {auc.high:.2f}; 0.5 is chance)"
    if _beats(base_rate):
        return (
            f"No skill: the model does not rank these test leads better than chance {order}. Its probabilities are "
            f"closer to the {percent(won_rate)} that bought than the base rate is, but do not separate buyers from "
            "other leads."
        )
    no_skill = (
        f"No skill: on these test leads, of which {percent(won_rate)} bought, the model's probabilities are no better "
        f"than giving every lead the same base rate ({losses})."
    )
    if auc.low > 0.5:
        return f"{no_skill} It does rank the leads better than chance {order}."
    return f"{no_skill} Nor does it rank the leads better than chance {order}."


def beaten_sentence(model: Contender, baselines: Sequence[Contender]) -> str:
    """Which baselines are better than the model by more than noise; empty where none is."""
    better = [each for each in baselines if each.behind is not None and each.behind.high < -_ROUNDING]
    if not better:
        return ""
    best = min(better, key=lambda each: each.metrics["log_loss"].value)
    others = f"; {len(better) - 1} more do, too" if len(better) > 1 else ""
    loss, own_loss = (each.metrics["log_loss"].value for each in (best, model))
    return (
        f"A baseline beats this model: {CONTENDERS[best.name].lower()} has a log loss of {loss:.4f} on these test "
        f"leads, the model {own_loss:.4f}{others}."
    )


def drift_sentence(rates: BaseRates) -> str:
    """How the base rate changed between training and test; empty if it did not."""
    if rates.drifts:
        return (
            f"Drift: the win rate went from {percent(rates.trained.value)} of the training leads to "
            f"{percent(rates.tested.value)} of the test leads. Expect the probabilities to lag behind until the model "
            "is retrained on newer deals."
        )
    if rates.hidden:
        low, high = (pick(rates.blocks, key=lambda block: block.won_rate.value) for pick in (min, max))
        return (
            f"Hidden drift: over time the win rate ranges from {percent(low.won_rate.value)} (block {low.number} of "
            f"{len(rates.blocks)}) to {percent(high.won_rate.value)} (block {high.number}), although training and test "
            "leads bought about equally often. A test split that mixes all times cannot show what that does to a model "
            "in use."
        )
    return ""
