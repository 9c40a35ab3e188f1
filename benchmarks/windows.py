"""Window features of many leads: the compiled kernel against pandas, from events in memory to numbers."""

import numpy as np
import pandas as pd
import polars as pl

from benchmarks.clock import ratio
from benchmarks.results import Result
from features.records import DAY, Categorical, Codes, Events, Floats, Records, Times
from features.timeline import Timeline
from features.windows import Window

TYPES = ("page_view", "pricing_view", "email_open", "email_click", "download", "demo_request", "webinar", "call")
SPANS = (7.0, 30.0, 90.0, 0.0)
NOW = 20_000 * DAY


def windows() -> list[Window]:
    """32 counts: each type over four spans."""
    return [Window(kind, "count", span, (kind,), "lead", "behavioural", kind) for kind in TYPES for span in SPANS]


def run(scale: float) -> list[Result]:
    """Counts of 8 types over 4 windows, 2 million activities of 200,000 leads at full scale."""
    leads, activities = int(200_000 * scale), int(2_000_000 * scale)
    random = np.random.default_rng(0)
    owner = np.sort(random.integers(0, leads, activities)).astype(np.int32)
    at = NOW - random.integers(1, 365 * DAY, activities)
    order = np.lexsort((at, owner))
    owner, at = owner[order], at[order]
    kind = random.integers(0, len(TYPES), activities).astype(np.int32)
    records = _records(leads, owner, at, kind)
    moment = np.full(leads, NOW)
    declared = windows()
    timeline = Timeline.of(declared, "lead")
    rows = np.arange(leads)

    def ours() -> Floats:
        out = np.empty((leads, len(declared)))
        timeline.fill(out, records, rows, moment)
        return out

    def pandas() -> Floats:
        frame = pd.DataFrame({"lead": owner, "kind": kind, "age": (NOW - at) / DAY})
        columns = []
        for code in range(len(TYPES)):
            of_kind = frame[frame["kind"] == code]
            for span in SPANS:
                within = of_kind[of_kind["age"] <= span] if span else of_kind
                columns.append(within.groupby("lead").size().reindex(rows, fill_value=0).to_numpy(np.float64))
        return np.stack(columns, axis=1)

    def polars() -> Floats:
        frame = pl.DataFrame({"lead": owner, "kind": kind, "age": (NOW - at) / DAY})
        within = [pl.col("age") <= (span or np.inf) for span in SPANS]
        counts = [((pl.col("kind") == code) & each).sum() for code in range(len(TYPES)) for each in within]
        named = [count.alias(str(column)) for column, count in enumerate(counts)]
        every = pl.DataFrame({"lead": rows.astype(np.int32)})
        counted = every.join(frame.group_by("lead").agg(named), on="lead", how="left", maintain_order="left")
        return np.asarray(counted.drop("lead").fill_null(0).to_numpy(), dtype=np.float64)

    return [
        Result("32 window counts", name, ratio(ours, peer, 5), bar, float(np.abs(ours() - peer()).max()))
        for name, peer, bar in (("pandas groupby", pandas, 4.0), ("Polars group_by", polars, 2.0))
    ]


def _records(leads: int, owner: Codes, at: Times, kind: Codes) -> Records:
    events = Events(
        starts=np.searchsorted(owner, np.arange(leads + 1)).astype(np.int64),
        at=at,
        type=Categorical(kind, TYPES),
        channel=Categorical(np.full(len(at), -1, np.int32), ()),
        value=np.full(len(at), np.nan),
        automated=np.zeros(len(at), np.bool_),
        lead=owner,
    )
    nothing = Events(
        np.zeros(1, np.int64), at[:0], Categorical(kind[:0], ()), Categorical(kind[:0], ()), np.empty(0),
        np.zeros(0, np.bool_), owner[:0],
    )  # fmt: skip
    return Records(
        lead_ids=np.array([str(lead) for lead in range(leads)], dtype=object),
        created_at=np.full(leads, NOW - 400 * DAY),
        leads={},
        account_of=np.full(leads, -1, np.int32),
        accounts={},
        lead_events=events,
        account_events=nothing,
        lead_history={},
        account_history={},
    )
