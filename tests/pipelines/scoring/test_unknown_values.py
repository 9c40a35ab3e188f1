"""A batch in whose categories many values are new says so, with the most frequent of them."""

from dataclasses import replace

import numpy as np

from features.records.records import Categorical, Records
from features.values.attributes import AttributeFeature
from pipelines.scoring.unknown_values import unknown_values
from tests.models.small_artifact import LEADS, artifact, records

ALL = np.arange(LEADS)


def with_source(*words: str) -> Records:
    """The small company with these sources in turn."""
    codes = (np.arange(LEADS) % len(words)).astype(np.int32)
    return replace(records(), leads={**records().leads, "source": Categorical(codes, words)})


def sources() -> list[AttributeFeature]:
    return [each for each in artifact().view.attributes if each.name in ("source", "rooms")]


def test_values_that_training_saw_are_no_news_however_they_are_written() -> None:
    assert unknown_values(sources(), with_source("web", " FAIR", "Referral"), ALL) == []


def test_a_few_rare_values_are_in_every_batch() -> None:
    assert unknown_values(sources(), with_source(*["web"] * 24, "carrier pigeon"), ALL) == []


def test_many_new_values_are_told_with_the_most_frequent() -> None:
    (said,) = unknown_values(sources(), with_source("web", "Messe", "Netz", "Post"), ALL)
    assert said.startswith("Of 400 leads with a value in the column 'source' of leads 300 (75%) have one that")
    assert "such as 'Messe', 'Netz', 'Post': it counts as a rare or new one." in said


def test_only_the_leads_that_are_scored_count() -> None:
    assert unknown_values(sources(), with_source("web", "Messe"), ALL[::2]) == []
