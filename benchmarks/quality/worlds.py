"""Worlds: companies unlike each other whose true probabilities are known, so that nothing is tuned to one of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.quality.cut import Cut
from benchmarks.quality.problem import Problem
from features.arrays import Floats
from features.feature import Feature
from features.values.attributes import MAX_LEVELS, MIN_LEADS

TEST_SHARE, CALIBRATE_SHARE = 0.2, 0.2
Codes = NDArray[np.int64]
Columns = dict[str, Floats | Codes]


@dataclass(frozen=True)
class Drawn:
    """n leads: columns (n,) of numbers or of integer codes of levels, and the true probability (n,) of winning."""

    columns: Columns
    p: Floats


@dataclass(frozen=True)
class World:
    """``draw`` makes n leads. In an ordered world they are in time order, otherwise their order means nothing."""

    name: str
    about: str
    leads: int
    draw: Callable[[np.random.Generator, int], Drawn]
    ordered: bool = False

    def cut(self, seed: int = 0) -> Cut:
        """Outcomes drawn from the truth; the last fifth of the leads is tested, with the truth beside it."""
        random = np.random.default_rng([seed, *self.name.encode()])
        drawn = self.draw(random, self.leads)
        y = (random.random(self.leads) < drawn.p).astype(np.float64)
        rows = np.arange(self.leads)
        rest = self.leads - int(np.ceil(self.leads * TEST_SHARE))
        X, features = _matrix(drawn.columns, rest)
        problem = Problem(
            X[:rest], y[:rest], np.ones(rest), rows[:rest], rows[:rest], _part(rest), X[rest:], features,
            ordered=self.ordered,
        )  # fmt: skip
        tested = rows[rest:]
        return Cut(problem, y[rest:], tested, np.zeros(tested.size, np.int64), drawn.p[rest:])


def interactions(random: np.random.Generator, n: int) -> Drawn:
    """Almost nothing tells anything alone: signs of products, a threshold of three, slopes that depend on a level."""
    x, level = random.normal(size=(n, 14)), random.integers(0, 6, (n, 3))
    slope = np.array([1.2, -1.2, 0.8, -0.8, 0.0, 0.0])
    score = 1.2 * np.sign(x[:, 0] * x[:, 1]) + 0.9 * x[:, 2] * x[:, 3] + slope[level[:, 0]] * x[:, 4]
    score += 2.0 * ((x[:, 5] > 0) & (x[:, 6] > 0) & (level[:, 1] < 3)) - 1.5 * (level[:, 1] == level[:, 2])
    return Drawn(_numbers(x) | _levels(level), _with_rate(score, 0.3))


def categories(random: np.random.Generator, n: int) -> Drawn:
    """Ten categories of 3 to 4,000 levels, few of them frequent; the rarest belong to groups that are columns too."""
    sizes = (3, 8, 20, 60, 150, 300, 600, 1000)
    code = np.column_stack([_zipf(random, n, size) for size in sizes])
    owner, campaign = _zipf(random, n, 300), _zipf(random, n, 4000)
    team, channel = random.integers(0, 12, 300)[owner], random.integers(0, 40, 4000)[campaign]
    effects = [random.normal(0, 0.45, size)[code[:, place]] for place, size in enumerate(sizes)]
    effects += [random.normal(0, 0.6, 12)[team], random.normal(0, 0.3, 300)[owner]]
    effects += [random.normal(0, 0.6, 40)[channel], random.normal(0, 0.4, 4000)[campaign]]
    x = random.normal(size=(n, 3))
    columns = _numbers(x) | _levels(np.column_stack([code, owner, team, campaign, channel]))
    return Drawn(columns, _with_rate(np.sum(effects, axis=0) + 0.4 * x[:, 0], 0.25))


def few(random: np.random.Generator, n: int) -> Drawn:
    """Three columns: a size with a best range, an age with a step, and a category."""
    size, age, level = random.lognormal(3, 1.2, n), np.floor(random.gamma(2, 20, n)), random.integers(0, 4, n)
    score = -0.8 * (np.log(size) - 3.3) ** 2 + 1.1 * (age > 30) + np.array([0.0, 0.5, -0.7, 1.0])[level]
    return Drawn({"size": size, "age": age, "kind": level}, _with_rate(score, 0.4))


def histories(random: np.random.Generator, n: int) -> Drawn:
    """Twelve types of activities over years in five windows each; what counts is today's rhythm against the usual."""
    days, windows = random.uniform(90, 1800, n), (7, 30, 90, 365)
    keen, score = random.gamma(0.7, 1.0, n), np.zeros(n)
    columns: Columns = {"days_known": days}
    for kind in range(12):
        usual = keen * random.gamma(1.0, 0.02 if kind < 6 else 0.004, n)
        counts, since = _nested(random, (usual * np.exp(random.normal(0, 0.8, n)), usual), windows, days)
        columns |= {f"events_{kind}_{name}": count for name, count in zip((*windows, "all"), counts, strict=True)}
        columns[f"days_since_{kind}"] = since
        if kind in (0, 3, 7):
            expected = counts[-1] / days * 30
            score += 0.7 * np.log((counts[1] + 0.5) / (expected + 0.5)) + 0.5 * np.log1p(counts[2])
        elif kind in (1, 8):
            score += 0.9 * (since < 14) - 0.25 * np.log1p(counts[-1])
    return Drawn(columns, _with_rate(score, 0.15))


def falling(random: np.random.Generator, n: int) -> Drawn:
    """The base rate falls steadily, through what is learned and what is tested; what drives the leads stays."""
    return _moving(random, n, 0.6, -2.4)


def rising(random: np.random.Generator, n: int) -> Drawn:
    """The base rate rises steadily."""
    return _moving(random, n, -2.4, 0.2)


def strong(random: np.random.Generator, n: int) -> Drawn:
    """One column, nearly always zero, says most; a season and the rest say a little."""
    value = np.where(random.random(n) < 0.75, 0.0, random.lognormal(3, 1.0, n))
    x, month, kind = random.normal(size=(n, 9)), random.integers(0, 10, n), random.integers(0, 20, n)
    score = 4.5 * (value > 0) + 1.2 * np.log1p(value) * (x[:, 0] > -0.8) - 1.5 * (x[:, 1] > 0.5) * (value > 0)
    score += random.normal(0, 0.5, 10)[month] + 0.3 * x[:, 2] - 4.5
    return Drawn(_numbers(x) | {"value": value, "month": month, "kind": kind}, _clipped(expit(score)))


def line(random: np.random.Generator, n: int) -> Drawn:
    """Sixty weak lines of correlated numbers and nothing else."""
    x = random.normal(size=(n, 60)) + random.normal(size=(n, 1))
    return Drawn(_numbers(x), _with_rate(x @ random.normal(0, 0.18, 60), 0.35))


def noise(random: np.random.Generator, n: int) -> Drawn:
    """Nothing tells anything."""
    level = np.column_stack([_zipf(random, n, size) for size in (4, 12, 60, 400)])
    return Drawn(_numbers(random.normal(size=(n, 15))) | _levels(level), np.full(n, 0.3))


_ALL = (
    World("interactions", "strong interactions", 12_000, interactions),
    World("categories", "many categories of up to 4,000 levels", 15_000, categories),
    World("few", "three columns", 2_500, few),
    World("histories", "long histories in 73 columns", 8_000, histories),
    World("falling", "a base rate that falls", 8_000, falling, ordered=True),
    World("rising", "a base rate that rises", 8_000, rising, ordered=True),
    World("strong", "a strong signal", 12_000, strong),
    World("line", "sixty weak lines", 2_000, line),
    World("noise", "nothing but noise", 3_000, noise),
)
WORLDS = {each.name: each for each in _ALL}


def _moving(random: np.random.Generator, n: int, first: float, last: float) -> Drawn:
    """Log-odds of the base rate that go from ``first`` to ``last`` in equal steps."""
    x, level = random.normal(size=(n, 8)), random.integers(0, 8, (n, 2))
    score = 0.7 * x[:, 0] - 0.5 * x[:, 1] + 0.6 * (x[:, 2] > 0.8) + random.normal(0, 0.5, 8)[level[:, 0]]
    return Drawn(_numbers(x) | _levels(level), _clipped(expit(score + np.linspace(first, last, n))))


def _nested(
    random: np.random.Generator, pace: tuple[Floats, Floats], windows: tuple[int, ...], days: Floats
) -> tuple[list[Floats], Floats]:
    """Counts (n,) of events in windows that contain each other, at last all ``days``, and days since the newest event.

    ``pace`` is in events a day, of the last month and of before. NaN where there was no event.
    """
    counts, since = [], np.full(days.size, np.nan)
    before, total = np.zeros(days.size), np.zeros(days.size)
    for end in (*windows, np.inf):
        until = np.minimum(end, days)
        events = random.poisson(pace[0 if end <= 30 else 1] * (until - before)).astype(np.float64)
        newest = before + (until - before) * (1 - random.random(days.size) ** (1 / np.maximum(events, 1)))
        since = np.where((total == 0) & (events > 0), newest, since)
        total, before = total + events, until
        counts.append(total)
    return counts, since


def _numbers(x: Floats) -> Columns:
    return {f"number_{place}": x[:, place] for place in range(x.shape[1])}


def _levels(codes: Codes) -> Columns:
    return {f"category_{place}": codes[:, place] for place in range(codes.shape[1])}


def _zipf(random: np.random.Generator, n: int, levels: int) -> Codes:
    """Levels (n,), the first ones frequent and most of them rare."""
    share = 1.0 / np.arange(2, levels + 2)
    return random.choice(levels, n, p=share / share.sum()).astype(np.int64)


def _with_rate(score: Floats, rate: float) -> Floats:
    """Probabilities whose log-odds are the score and a constant, with that mean; by bisection."""
    low, high = -50.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(score + middle).mean() < rate else (low, middle)
    return _clipped(expit(score + low))


def _clipped(p: Floats) -> Floats:
    clipped: Floats = np.clip(p, 1e-4, 1 - 1e-4)
    return clipped


def _part(size: int) -> NDArray[np.str_]:
    """The last fifth calibrates."""
    return np.where(np.arange(size) < size - int(np.ceil(size * CALIBRATE_SHARE)), "train", "calibrate")


def _matrix(columns: Columns, learned: int) -> tuple[Floats, tuple[Feature, ...]]:
    """The matrix (n, columns) with its features; levels that the first rows hardly have are pooled."""
    made = [_column(name, values, learned) for name, values in columns.items()]
    return np.column_stack([values for values, _ in made]), tuple(feature for _, feature in made)


def _column(name: str, values: Floats | Codes, learned: int) -> tuple[Floats, Feature]:
    if values.dtype.kind == "f":
        return values.astype(np.float64), _feature(name, None)
    level, count = np.unique(values[:learned], return_counts=True)
    order = np.argsort(-count, kind="stable")[:MAX_LEVELS]
    kept = level[order[count[order] >= MIN_LEADS]]
    code = np.full(int(values.max()) + 1, float(kept.size))
    code[kept] = np.arange(kept.size)
    return code[values], _feature(name, tuple(f"level {each}" for each in kept.tolist()))


def _feature(name: str, levels: tuple[str, ...] | None) -> Feature:
    kind = "numeric" if levels is None else "categorical"
    return Feature(
        f"lead.{name}", "demographic", name, "number" if levels is None else "category", f"{name} of the lead.",
        f"attribute_{kind}", name.replace("_", " "), categories=levels,
    )  # fmt: skip
