"""``python -m tests.acceptance [LAYOUT ...] [--leads N]``: what `whylead map` and `whylead run` make of each layout.

The table has, for each layout, what the draft decides otherwise than the mapping made by hand, and the ROC AUC of both
models (learned without tuning); the draft is used as it is.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.acceptance.company import leads_of
from tests.acceptance.layouts import LAYOUTS
from tests.acceptance.trial import Trial, roc_auc, trial

CLOSE = 0.02  # of the ROC AUC


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance", description=str(__doc__).split("\n")[0])
    parser.add_argument("layouts", nargs="*", metavar="LAYOUT")
    parser.add_argument("--leads", type=int, default=2000)
    parser.add_argument("--no-models", action="store_true")
    parser.add_argument("--keep", type=Path, help="a new directory for exports, drafts and workspaces")
    asked = parser.parse_args()
    leads = leads_of(asked.leads)
    print("| layout | as decided by hand | won, lost, open, set aside | ROC AUC of the draft | by hand |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as temporary:
        root = asked.keep or Path(temporary)
        good = [
            _told(trial(name, leads, root / name), root / name, asked.no_models) for name in asked.layouts or LAYOUTS
        ]
    print(f"\n{sum(good)} of {len(good)} layouts are right untouched.")
    sys.exit(sum(good) < len(good))


def _told(tried: Trial, directory: Path, no_models: bool) -> bool:
    """A row of the table, and whether everything is right."""
    draft, hand = (
        (None, None)
        if no_models
        else (
            roc_auc(mapping, tried.source, directory / name)
            for mapping, name in ((tried.draft, "w"), (tried.by_hand, "w-hand"))
        )
    )
    counts = [tried.rows[each] for each in ("won", "lost", "open", "set aside")]
    true = [tried.true_rows[each] for each in ("won", "lost", "open", "set aside")]
    rows = ", ".join(map(str, counts)) + ("" if counts == true else f" (true: {', '.join(map(str, true))})")
    said = "; ".join(tried.wrong) or "yes"
    print(f"| {tried.name} | {said} | {rows} | {_shown(draft)} | {_shown(hand)} |", flush=True)
    return tried.right and (draft is None or hand is None or draft > hand - CLOSE)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
