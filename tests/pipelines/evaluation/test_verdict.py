import numpy as np

from models.evaluation.comparison import Contender, paired_difference
from pipelines.evaluation.verdict import beaten_sentence, has_skill, verdict
from tests.models.honest_leads import honest_leads
from tests.pipelines.evaluation.synthetic import evaluation_of, measure


def test_skill_is_said_with_the_share_of_buyers_found() -> None:
    evaluation = evaluation_of(honest_leads())
    assert evaluation.skill
    assert evaluation.verdict.startswith("This model has skill: it finds 25% of the buyers in the top 10% of the leads")


def test_a_model_that_hardly_beats_the_base_rate_has_little_skill() -> None:
    scored = honest_leads(leads=6000)
    evaluation = evaluation_of(scored, scored.won_rate + 0.02 * (scored.probability - scored.won_rate))
    assert evaluation.skill
    assert evaluation.verdict.startswith("This model has little skill: ")


def test_a_baseline_that_is_better_beyond_noise_is_named() -> None:
    scored = honest_leads()
    worse = np.clip(scored.probability * 1.5, 0.001, 0.999)
    behind = paired_difference(scored.predicted(worse), scored.probability, replicates=50, seed=0)
    better = Contender("logistic_regression", measure(scored), behind)
    sentence = beaten_sentence(Contender("model", measure(scored.predicted(worse))), (better,))
    assert sentence.startswith("A baseline beats this model: logistic regression has a log loss of 0.43")
    assert evaluation_of(scored).beaten == ""


def test_noise_has_no_skill() -> None:
    scored = honest_leads()
    noise = np.random.default_rng(3).uniform(0.1, 0.3, len(scored))
    evaluation = evaluation_of(scored, noise)
    assert not evaluation.skill
    assert evaluation.verdict.startswith("No skill: ")


def test_the_base_rate_to_the_last_digit_but_one_has_no_skill() -> None:
    scored = honest_leads()
    evaluation = evaluation_of(scored, np.full(len(scored), scored.won_rate * (1 + 1e-15)))
    assert evaluation.verdict.startswith("No skill: ")


def test_a_better_level_without_order_is_no_skill() -> None:
    scored = honest_leads()
    model, base_rate = np.full(len(scored), scored.won_rate), np.full(len(scored), 0.05)
    evaluation = evaluation_of(scored, model)
    behind = paired_difference(scored.predicted(model), base_rate, replicates=50, seed=0)
    base = Contender("base_rate", measure(scored.predicted(base_rate)), behind)
    assert behind.low > 0
    assert not has_skill(evaluation.model, base)
    sentence = verdict(evaluation.model, base, evaluation.gains, scored.won_rate)
    assert sentence.startswith("No skill: the model does not rank these test leads better than chance")


def test_good_order_with_dishonest_probabilities_has_no_skill_but_is_said() -> None:
    scored = honest_leads()
    evaluation = evaluation_of(scored, 0.6 + 0.39 * scored.probability)
    assert evaluation.verdict.startswith("No skill: ")
    assert "does rank the leads better than chance" in evaluation.verdict
