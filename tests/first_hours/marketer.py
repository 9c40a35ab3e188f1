"""A marketer: our points against the model, pages that can be shown around, an agreement that says what it means."""

import re
from pathlib import Path

from models.storage.manifest import checksum_in, short
from tests.first_hours.hour import Hour

POINTS = """\
name: marketing
rules:
  - {rule: asked for a demo, activity: demo_request, within_days: 90, points: 30}
  - {rule: no such thing, activity: pricing_veiw, points: 10}
"""


def play(hour: Hour) -> None:
    """The hour, step by step."""
    copy = hour.copy_of_workspace()
    hour.step("The report: does the model beat our points?")
    report = _page(hour.workspace.evaluation / "report.html")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", report))
    hour.check("it says whether the model has skill", "skill" in text or "buyers" in text)
    hour.check("points by hand are beside it", "Points by hand" in text)
    hour.check(
        "date, model version and whylead's version stand there", short(checksum_in(hour.workspace.model)) in text
    )
    hour.check("it fits a phone and the dark", "viewport" in report and "prefers-color-scheme" in report)

    hour.step("Our own points, with a slip")
    points = hour.scratch / "marketing.yaml"
    points.write_text(POINTS.replace("points: 30", "points: many"), encoding="utf-8")
    seen = hour.run("evaluate", "-w", str(copy.root), "--scorecard", str(points), code=2)
    hour.check("line and key are named", "line 3" in seen.flat and "points" in seen.flat)
    hour.check("no words of Python", "Input should" not in seen.flat and "parse" not in seen.flat)
    points.write_text(POINTS.replace("activity: demo", "activty: demo"), encoding="utf-8")
    seen = hour.run("evaluate", "-w", str(copy.root), "--scorecard", str(points), code=2)
    hour.check("a misspelt key is told the likely one", "Did you mean activity?" in seen.flat)

    hour.step("What drives conversion, in Spanish")
    seen = hour.run("explain", "-w", str(copy.root), "--language", "es", shown=20)
    page = _page(copy.explanation / "importance.html")
    hour.check("the page is in Spanish", 'lang="es"' in page)
    hour.check("no codes of the CRM", "organic_search" not in re.sub(r"<[^>]*>", " ", page))
    seen = hour.run("explain", "-w", str(copy.root), "--as-of", "2025-01-01", code=2)
    hour.check("an option that does not apply is refused", "--lead" in seen.flat)

    hour.step("The agreement, with a slip")
    agreement = hour.scratch / "agreement.yaml"
    agreement.write_text("grades: {by: share, A: 0.05, B: 0.2, C: 0.5}\nmql: {by: capasity}\n", encoding="utf-8")
    seen = hour.run("train", "-w", str(copy.root), "--agreement", str(agreement), "--budget", "0", code=2)
    hour.check("it is told before the training, with the likely word", "Did you mean capacity?" in seen.flat)


def _page(path: Path) -> str:
    return path.read_text(encoding="utf-8")
