"""What newcomers are promised is kept in each of their first hours."""

from pathlib import Path

import pytest

from tests.end_to_end.conftest import FinishedRun
from tests.first_hours import PERSONAS
from tests.first_hours.hour import Hour

pytestmark = pytest.mark.slow


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("persona", PERSONAS)
def test_the_first_hour_keeps_its_promises(persona: str, finished_run: FinishedRun, tmp_path: Path) -> None:
    hour = Hour(finished_run.workspace, tmp_path)
    PERSONAS[persona](hour)
    assert hour.broken == []
