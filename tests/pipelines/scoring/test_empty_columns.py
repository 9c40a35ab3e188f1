"""A batch that is empty of a column that the model was trained on says so, once for all such columns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.feature import Language
from features.records.records import Categorical, Column, Records
from models.storage.vocabulary import Vocabulary
from pipelines.pages.translations import translations
from pipelines.scoring.empty_columns import empty_columns, no_activities
from pipelines.scoring.stage import score_dataset
from tests.features.requests import moments_of
from tests.models.small_artifact import LEADS, artifact, records, requests
from tests.pipelines.small_tables import write_tables

NOTHING = Categorical(np.full(LEADS, -1, np.int32), ())
ROOMS = (
    "The column leads.rooms, which the model was trained on, has a value for none of the leads scored (400): all were"
    " scored as if it were missing. Check that the export has this column, and values in it, under the name that the"
    " mapping reads."
)


def warnings(company: Records, leads: slice = slice(None)) -> list[str]:
    lead = np.arange(LEADS)[leads]
    return empty_columns(artifact().view.attributes, company, lead, moments_of(requests())[leads])


def with_columns(**columns: Column) -> Records:
    return replace(records(), leads={**records().leads, **columns})


def test_columns_with_values_are_no_news() -> None:
    assert warnings(records()) == []


def test_a_column_without_a_value_is_named_with_what_to_check() -> None:
    assert warnings(with_columns(rooms=np.full(LEADS, np.nan))) == [ROOMS]


def test_one_value_is_enough() -> None:
    rooms = np.full(LEADS, np.nan)
    rooms[7] = 3
    assert warnings(with_columns(rooms=rooms)) == []
    assert len(warnings(with_columns(rooms=rooms), slice(8, None))) == 1, "but of a lead that is scored"


def test_several_columns_are_told_in_one_sentence_whatever_their_table() -> None:
    company = replace(with_columns(source=NOTHING), accounts={})
    (said,) = warnings(company)
    assert said.startswith("3 columns that the model was trained on have a value for none of the leads scored (400): ")
    assert all(f"{column}" in said for column in ("leads.source", "accounts.industry", "accounts.employees"))


def test_a_batch_without_the_activities_that_training_had_is_told() -> None:
    trained = Vocabulary(activity_types=("page_view",))
    assert no_activities(trained, 1) == no_activities(Vocabulary(), 0) == []
    (said,) = no_activities(trained, 0)
    assert said.startswith("The data hold no activities, which the model was trained on")
    assert all(translations(language)(said) is not None for language in ("es", "it"))


@pytest.mark.parametrize(("language", "word"), [("es", "puntuados (400)"), ("it", "valutati (400)")])
def test_it_is_told_in_the_language_asked_for(language: Language, word: str) -> None:
    several = warnings(replace(with_columns(source=NOTHING), accounts={}))
    for said in (ROOMS, *several):
        assert word in str(translations(language)(said))


def test_a_column_that_the_data_lack_counts_as_empty(tmp_path: Path) -> None:
    bare = write_tables(tmp_path / "tables", requests())
    assert score_dataset(artifact(), bare, tmp_path / "scores.parquet", reasons=None).warnings == [ROOMS]
