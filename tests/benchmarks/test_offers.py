import numpy as np
import pytest

from benchmarks.offers.comparison import Compared, compare, losses
from features.arrays import Floats


@pytest.fixture(scope="module")
def compared() -> Compared:
    return compare(1_500, 5)


@pytest.mark.parametrize(
    ("ours", "count"),
    [
        ("offer_received.same_object.count", "offer_received_of_offer"),
        ("offer_viewed.same_kind.count", "offer_viewed_of_kind"),
        ("offer_completed.same_kind.per_offer_received", "completed_per_received_of_kind"),
        ("offer_viewed.per_offer_received", "views_per_received"),
        ("offer_completed.recency", "since_offer_completed"),
        ("transaction.mean", "amount_mean"),
        ("transaction.max", "amount_max"),
    ],
)
def test_our_features_are_what_a_person_counts(compared: Compared, ours: str, count: str) -> None:
    values = compared.ours[ours].to_numpy()
    assert np.unique(values).size > 3
    np.testing.assert_allclose(values, compared.counts[count].to_numpy(np.float64), rtol=1e-9)


@pytest.mark.slow
def test_our_features_say_as_much_as_hand_made_counts(compared: Compared) -> None:
    ours, counts = (losses(each, compared.outcome) for each in (compared.ours, compared.counts))
    assert mean_above(ours - counts) < 0


@pytest.mark.slow
def test_without_related_objects_and_rates_they_say_less(compared: Compared) -> None:
    lacking = [name for name in map(str, compared.ours) if ".same_" not in name and ".per_" not in name]
    less, ours = (losses(each, compared.outcome) for each in (compared.ours[lacking], compared.ours))
    assert mean_above(less - ours) > 0


def mean_above(difference: Floats) -> float:
    """The mean less three standard errors: above 0 only where chance does not explain it."""
    return float(difference.mean() - 3 * difference.std() / np.sqrt(difference.size))
