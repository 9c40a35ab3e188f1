"""A feature view: the features of one model, and how they are computed; features/live.py reads single live leads."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import Attribute
from data_contracts.errors import ArtifactError
from data_contracts.strict_json import from_json
from data_contracts.wording import reason
from features.arrays import DAY, NO_TIME, Floats, Times, integers
from features.event_types import AMOUNT_TYPES, CORE_TYPES, INTERNAL_TYPES
from features.feature import Feature
from features.fingerprint import fingerprint
from features.records.records import Records
from features.selection import distinct_columns, min_rows, varies
from features.values.attributes import AttributeFeature, candidates
from features.values.calendar import CALENDAR, CALENDAR_OF
from features.values.consent import forget, needs_consent
from features.values.timeline import Timeline
from features.values.windows import (
    BEHAVIOURS,
    Behaviour,
    Scope,
    Window,
    about_things,
    open_behaviour,
    open_rates,
)

VERSION = 2
MAX_FEATURES = 20_000
SAMPLE = 20_000  # training snapshots that are looked at to choose features
REPEATED = 0.1  # the share of those who did it who did it again, above which a type has a rhythm
MAX_OPEN_TYPES: dict[Scope, int] = {"lead": 60, "account": 8}
SCOPES: tuple[Scope, ...] = ("lead", "account")


@dataclass(frozen=True)
class FeatureView:
    """What the columns of a feature matrix are, in their order: attributes, calendar, windows."""

    attributes: tuple[AttributeFeature, ...]
    calendar: tuple[str, ...]
    windows: tuple[Window, ...]
    currency: str = ""  # of amounts, where that is known

    @classmethod
    def fit(
        cls,
        records: Records,
        lead_index: NDArray[np.int64],
        snapshot_at: Times,
        attributes: Sequence[Attribute],
        quarantined: Sequence[str] = (),
        *,
        at_fixed_ages: bool = True,
        currency: str = "",
    ) -> "FeatureView":
        """The features that say something on these training snapshots (n,).

        Left out are attributes written after the outcome, those quarantined (``leads.tags``), columns that are
        (nearly) constant or equal to an earlier one, and the snapshot's hour and weekday where snapshots are taken at
        fixed ages: there they say nothing that a live request could ask about.
        """
        chosen = [AttributeFeature.of(each) for each in candidates(attributes)]
        rows = sampled(lead_index.size)
        sample, moment = lead_index[rows], snapshot_at[rows]
        view = cls(
            attributes=tuple(
                each.fitted(records, lead_index, snapshot_at) for each in chosen if each.column not in quarantined
            ),
            calendar=_calendar(snapshot_at, at_fixed_ages),
            windows=tuple(_windows(records, sample, moment)),
            currency=currency,
        )
        X = view.compute(records, sample, moment)
        kept = distinct_columns(X)
        first = len(view.features) - len(view.windows)
        kept[first:] &= _told(view.windows, X[:, first:])
        return view._only(kept)

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """What each column means."""
        features = (
            *(each.feature for each in self.attributes),
            *(CALENDAR_OF[name].feature for name in self.calendar),
            *(window.feature for window in self.windows),
        )
        return tuple(replace(each, currency=self.currency) if _is_amount(each) else each for each in features)

    def compute(self, records: Records, lead_index: NDArray[np.int64], snapshot_at: Times) -> Floats:
        """The feature matrix (n, features) of leads at moments: only what lies strictly before a moment is seen."""
        return self.filled(self.observe(records, lead_index, snapshot_at))

    @cached_property
    def fills(self) -> bool:
        """Whether any missing value is filled."""
        return any(attribute.fill is not None for attribute in self.attributes)

    def filled(self, observed: Floats) -> Floats:
        """What was observed (n, features), with the usual value where a missing one must not tell anything."""
        if not self.fills:
            return observed
        out = observed.copy()
        for column, attribute in enumerate(self.attributes):
            if attribute.fill is not None:
                out[np.isnan(out[:, column]), column] = attribute.fill
        return out

    def observe(self, records: Records, lead_index: NDArray[np.int64], snapshot_at: Times) -> Floats:
        """The matrix before it is filled: NaN wherever a value is missing."""
        lead_index, snapshot_at = integers(lead_index), integers(snapshot_at)
        out = np.empty((lead_index.size, len(self.features)))
        for column, attribute in enumerate(self.attributes):
            out[:, column] = attribute.compute(records, lead_index, snapshot_at)
        created_at = records.created_at[lead_index]
        for column, name in enumerate(self.calendar, start=len(self.attributes)):
            out[:, column] = CALENDAR_OF[name].compute(created_at, snapshot_at)
        for timeline in self.timelines:
            timeline.fill(out, records, lead_index, snapshot_at)
        forget(out, self.tracked, records, lead_index)
        return out

    @cached_property
    def tracked(self) -> NDArray[np.int64]:
        """The columns that need a lead's consent to tracking."""
        first = len(self.attributes) + len(self.calendar)
        return np.array([first + k for k, each in enumerate(self.windows) if needs_consent(each)], np.int64)

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of the definitions and of the code that computes them."""
        return fingerprint(self._definitions())

    @cached_property
    def timelines(self) -> tuple[Timeline, ...]:
        """The windows as the kernel takes them, by scope."""
        first = len(self.attributes) + len(self.calendar)
        present = {window.scope for window in self.windows}
        return tuple(Timeline.of(self.windows, scope, first) for scope in SCOPES if scope in present)

    def _only(self, kept: NDArray[np.bool_]) -> "FeatureView":
        flags = iter(kept.tolist())
        return replace(
            self,
            attributes=tuple(each for each in self.attributes if next(flags)),
            calendar=tuple(each for each in self.calendar if next(flags)),
            windows=tuple(each for each in self.windows if next(flags)),
        )

    def _definitions(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "attributes": [asdict(each) for each in self.attributes],
            "calendar": list(self.calendar),
            "windows": [asdict(each) for each in self.windows],
            "currency": self.currency,
        }

    def to_dict(self) -> dict[str, Any]:
        """The definitions and their fingerprint as JSON values."""
        return self._definitions() | {"fingerprint": self.fingerprint}

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> "FeatureView":
        """The view of ``to_dict``.

        Raises ArtifactError where the definitions cannot be read, or were written by other code.
        """
        try:
            stored = from_json(_Stored, entry)
            view = cls(
                attributes=tuple(AttributeFeature.from_dict(each) for each in stored.attributes),
                calendar=tuple(CALENDAR_OF[name].feature.name for name in stored.calendar),
                windows=tuple(Window.from_dict(each) for each in stored.windows),
                currency=stored.currency,
            )
            written = stored.fingerprint
            if len(view.features) > MAX_FEATURES:
                raise ValueError(f"it has {len(view.features)} features, expected at most {MAX_FEATURES}")
        except (KeyError, ValueError) as error:
            raise ArtifactError(
                f"The feature view cannot be read: {reason(error)}.",
                hint="Run `whylead features` and `whylead train` again.",
            ) from error
        if written != view.fingerprint:
            raise ArtifactError(
                f"The feature view was written by other feature definitions (fingerprint {written[:12]}, "
                f"this version has {view.fingerprint[:12]}).",
                hint="Run `whylead features` and `whylead train` again.",
            )
        return view


@dataclass(frozen=True)
class _Stored:
    """A view as JSON values."""

    version: int
    attributes: tuple[dict[str, Any], ...]
    calendar: tuple[str, ...]
    windows: tuple[dict[str, Any], ...]
    currency: str
    fingerprint: str


def _is_amount(feature: Feature) -> bool:
    return feature.phrase == "annual_revenue" or (feature.unit == "value" and feature.activity in AMOUNT_TYPES)


def sampled(snapshots: int) -> slice:
    """Which of so many training snapshots are looked at to choose windows; the events of other leads are not needed."""
    return slice(None, None, max(1, -(-snapshots // SAMPLE)))


def _calendar(snapshot_at: Times, at_fixed_ages: bool) -> tuple[str, ...]:
    dated = snapshot_at[snapshot_at != NO_TIME]
    days = (dated.max() - dated.min()) / DAY if dated.size else 0.0
    return tuple(
        each.feature.name
        for each in CALENDAR
        if dated.size and days >= each.min_days and not (at_fixed_ages and each.of_snapshot)
    )


def _windows(records: Records, lead_index: NDArray[np.int64], snapshot_at: Times) -> Iterator[Window]:
    """The declared windows of types, those of the open types, then groups: of equal columns the first is kept.

    Where activities are about something, what leads do comes again for what is about their own object.
    """
    single = [behaviour for behaviour in BEHAVIOURS if behaviour.types is None]
    groups = [behaviour for behaviour in BEHAVIOURS if behaviour.types is not None]
    own, shared = (_open_behaviours(records, lead_index, snapshot_at, scope) for scope in SCOPES)
    behaviours = [*single, *own, *_rates(own, "lead"), *groups, *shared, *_rates(shared, "account")]
    named = records.lead_events.related.things or records.account_events.related.things
    for behaviour in (*behaviours, *(about_things(behaviours) if named else ())):
        yield from behaviour.windows()


def _told(windows: Sequence[Window], X: Floats) -> NDArray[np.bool_]:
    """Which columns of X (n, windows) say something beyond whether they are missing.

    That is asked of rates, and of what is about the lead's own object: why those are missing other columns say.
    """
    minimum = min_rows(len(X))
    return np.array(
        [
            not (window.per or window.about != "anything") or varies(values[~np.isnan(values)], minimum)
            for window, values in zip(windows, X.T, strict=True)
        ],
        dtype=np.bool_,
    )


def _rates(behaviours: Sequence[Behaviour], scope: Scope) -> list[Behaviour]:
    return open_rates([kind for behaviour in behaviours for kind in behaviour.types or ()], scope)


def _open_behaviours(
    records: Records, lead_index: NDArray[np.int64], snapshot_at: Times, scope: Scope
) -> list[Behaviour]:
    """The types beyond the core list that most of these snapshots have seen, the most frequent first."""
    known = {"", *CORE_TYPES, *INTERNAL_TYPES}
    events = records.lead_events if scope == "lead" else records.account_events
    kinds = [level for level in events.type.levels if level not in known]
    totals = [open_behaviour(kind, scope).total for kind in kinds]
    counts = np.empty((lead_index.size, len(totals)))
    Timeline.of(totals, scope).fill(counts, records, lead_index, snapshot_at)
    once, twice = ((counts > times).sum(axis=0) for times in (0, 1))
    ranked = sorted(zip((-once).tolist(), (twice > REPEATED * once).tolist(), kinds, strict=True), key=itemgetter(0, 2))
    return [
        open_behaviour(kind, scope, repeated=repeated)
        for unseen, repeated, kind in ranked[: MAX_OPEN_TYPES[scope]]
        if unseen
    ]
