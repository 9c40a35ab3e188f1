"""A data scientist: is it measured honestly, can it be trusted with files, does it fit into MLflow?"""

import os
from pathlib import Path

from models.storage.manifest import checksum_in, short
from models.storage.registry import connect
from tests.first_hours.hour import Hour

POINTS = """\
name: ours
rules:
  - {rule: asked for a demo, activity: demo_request, within_days: 90, points: 30}
  - {rule: free e-mail address, field: email_kind, is: free, points: -10}
"""


def play(hour: Hour) -> None:
    """The hour, step by step."""
    workspace = str(hour.workspace.root)
    hour.step("Which version is this, and what does `run` take?")
    hour.check("the version has a number", hour.run("--version").text.startswith("whylead 0."))
    help_page = hour.run("run", "-h", shown=40)
    hour.check("choices stand in the help", "auto|out_of_time|ordered|random" in help_page.text)
    hour.check("help is grouped", "Splitting and learning:" in help_page.text)

    hour.step("Settings that do not exist")
    seen = hour.run("features", "-w", workspace, "--params", "parms.yaml", code=2)
    hour.check("a missing --params file is an error that names it", "parms.yaml" in seen.text)
    wrong = hour.scratch / "params.yaml"
    wrong.write_text("train:\n  seed: seven\n", encoding="utf-8")
    seen = hour.run("train", "-w", workspace, "--params", str(wrong), code=2)
    hour.check("a wrong value is named in words", "train.seed: expected a whole number, found 'seven'" in seen.flat)
    wrong.write_text("train:\n  monoton: {}\n", encoding="utf-8")
    seen = hour.run("train", "-w", workspace, "--params", str(wrong), code=2)
    hour.check("a misspelt key is told the likely one", "Did you mean monotone?" in seen.flat)

    hour.step("A copied workspace, compared with our own points")
    copy, points = hour.copy_of_workspace(), hour.scratch / "points.yaml"
    points.write_text(POINTS, encoding="utf-8")
    before = _files(hour.workspace.root)
    seen = hour.run("evaluate", "-w", str(copy.root), "--scorecard", str(points), shown=40)
    hour.check("our own points are in the table", "hand (ours)" in seen.flat or "(ours)" in seen.flat)
    hour.check("what to type next names the workspace, quoted", f"--workspace '{copy.root}'" in seen.flat)
    hour.check("the original is untouched", _files(hour.workspace.root) == before)

    hour.step("Register once more: champion and challenger")
    seen = hour.run("register", "-w", str(copy.root), shown=30)
    hour.check("both on the same leads, with advice", "challenger" in seen.text and "Keep the champion" in seen.flat)
    with connect(copy.root) as client:
        champion = client.get_model_version_by_alias("whylead", "champion")
        run = client.get_run(champion.run_id)
    hour.check(
        "the run says what it learned from", run.info.run_name.endswith(short(checksum_in(hour.workspace.champion)))
    )
    hour.check("the version says how good it is", "ROC AUC" in (champion.description or ""))
    hour.check("few enough metrics to read", len(run.data.metrics) < 80)

    hour.step("Places that cannot be written, and Ctrl-C")
    seen = hour.run("score", "-w", workspace, "--out", "/proc/x/scores.csv", code=2)
    hour.check("the place is named", "/proc/x" in seen.text)
    seen = hour.stop("train", "-w", str(copy.root), "--budget", "600", once="lib_lightgbm")
    hour.check("it says what is left", "Interrupted." in seen.text)

    hour.step("Is anything missing, is anything personal in here?")
    seen = hour.run("doctor", "-w", workspace, "--personal", shown=40)
    hour.check("no personal data is stored", "none found" in seen.flat)


def _files(root: Path) -> dict[str, tuple[int, int]]:
    """Every file with its size and time."""
    paths = [Path(place) / name for place, _, names in os.walk(root) for name in names]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}
