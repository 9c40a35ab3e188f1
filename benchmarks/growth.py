"""How cost grows: ``python -m benchmarks.growth`` draws docs/images/growth.svg (leads, activities, features, trees)."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import scoring, shap
from benchmarks.activities import write_company
from benchmarks.clock import medians
from benchmarks.http import made_demo
from benchmarks.windows import window_matrix, windows
from data_contracts.mapping.mapping import load_mapping
from pipelines.importing.importer import import_tables
from pipelines.simulation.simulator import simulate
from pipelines.workspace.resources import Resources
from pipelines.workspace.workspace import Workspace

ROWS = 20_000
TREES, FEATURES = (50, 100, 200, 400, 800), (10, 20, 40, 80, 160)
ACTIVITIES, WINDOWS = (500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000), (5, 10, 20, 40)
LEADS = (5_000, 10_000, 30_000, 100_000)
Curve = tuple[str, str, Sequence[float], list[float]]  # what grows, what it costs, at these sizes, so much


def main() -> None:
    """Measure every curve and draw them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images/growth.svg"))
    options = parser.parse_args()
    curves: list[Curve] = []
    for measured in (of_trees, of_features, of_activities, of_windows, of_leads):
        curves.append(measured())
        name, cost, sizes, costs = curves[-1]
        points = ", ".join(f"{size:,}: {spent:.3g}" for size, spent in zip(sizes, costs, strict=True))
        sys.stdout.write(f"{cost} by {name}: {points}\n")
    draw(curves, options.out)


def of_trees() -> Curve:
    """SHAP values by the number of trees."""
    spent = [_shap(shap.make_subject(ROWS, trees=trees)) for trees in TREES]
    return "trees of 31 leaves", "SHAP, microseconds a row", TREES, spent


def of_features() -> Curve:
    """SHAP values by the number of features."""
    spent = [_shap(shap.make_subject(ROWS, features=features)) for features in FEATURES]
    return "features, 400 trees", "SHAP, microseconds a row", FEATURES, spent


def of_activities() -> Curve:
    """40 windows by the number of activities, ten a lead."""
    spent = [_windows(activities, len(windows())) for activities in ACTIVITIES]
    return "activities, 40 windows", "Parquet to matrix, seconds", ACTIVITIES, spent


def of_windows() -> Curve:
    """5 million activities by the number of windows."""
    return (
        "windows, 5 million activities",
        "Parquet to matrix, seconds",
        WINDOWS,
        [_windows(5_000_000, k) for k in WINDOWS],
    )


def of_leads() -> Curve:
    """``whylead score`` with reasons by the number of simulated leads."""
    return "leads, 20 activities each", "whylead score, seconds", LEADS, [_score(leads) for leads in LEADS]


def _shap(subject: shap.Subject) -> float:
    return 1e6 * _seconds(lambda: subject.shap.explain(subject.X)) / len(subject.X)


def _windows(activities: int, count: int) -> float:
    with tempfile.TemporaryDirectory() as directory:
        dataset = write_company(Path(directory), activities // 10, activities)
        return _seconds(lambda: window_matrix(dataset, windows()[:count], Resources.of()))


def _score(leads: int) -> float:
    with tempfile.TemporaryDirectory() as directory:
        company = Workspace(Path(directory))
        simulate(leads, scoring.SEED, company.source)
        import_tables(
            load_mapping("simulated"), company.source, company.tables, company.rejected, resources=Resources.of()
        )
        return scoring.score(company, Workspace(made_demo()).champion, Path(directory) / "scores.parquet").seconds


def _seconds(work: Callable[[], object]) -> float:
    work()
    times, _ = medians([work], 3)
    return times[0]


def draw(curves: Sequence[Curve], out: Path) -> None:
    """One panel per curve, both axes logarithmic: a slope of one is a cost in proportion."""
    import matplotlib.pyplot as plt
    from matplotlib.ticker import LogLocator, StrMethodFormatter

    figure, panels = plt.subplots(1, len(curves), figsize=(4 * len(curves), 3.4), layout="constrained")
    for panel, (name, cost, sizes, costs) in zip(panels, curves, strict=True):
        panel.loglog(sizes, costs, marker="o", color="#1f6feb")
        panel.loglog(sizes, [costs[0] * size / sizes[0] for size in sizes], linestyle=":", color="#888888")
        panel.set_xticks(sizes, [f"{size / 1e6:g}M" if size >= 1e6 else f"{size:,}" for size in sizes], rotation=30)
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        panel.minorticks_off()
        panel.set_xlabel(name)
        panel.set_ylabel(cost)
        panel.grid(alpha=0.3)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    sys.stderr.write(f"{time.perf_counter() - started:.0f} s\n")
