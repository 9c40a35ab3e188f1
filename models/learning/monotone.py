"""Monotone features: the user's word that more of something never lowers, or never raises, a score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

from data_contracts.dataset import Attribute
from data_contracts.errors import ParamsError
from data_contracts.hints import did_you_mean
from features.feature import Feature
from features.values.attributes import AttributeFeature, candidates
from features.values.calendar import CALENDAR_OF
from features.values.windows import ABOUT_THINGS, BEHAVIOURS

Direction: TypeAlias = Literal["increasing", "decreasing"]
SIGN_OF: dict[Direction, int] = {"increasing": 1, "decreasing": -1}
_WHERE = "train.monotone"


@dataclass(frozen=True)
class Monotone:
    """``signs``, one per feature: +1 where the margin never falls as the value rises, -1 where it never rises, 0 free.

    There are none where no feature has a direction. ``directions`` says the same by name; ``warnings`` names the
    patterns that constrain nothing in this view.
    """

    signs: tuple[int, ...]
    directions: dict[str, Direction]
    warnings: tuple[str, ...]

    @classmethod
    def of(
        cls, features: Sequence[Feature], patterns: Mapping[str, Direction], attributes: Sequence[Attribute] = ()
    ) -> "Monotone":
        """The signs of a view's features by their names, or by patterns of names with ``*``, ``?`` and ``[...]``.

        A pattern that names only features which the view could have, and has left out because they say nothing on
        these leads or are quarantined, is a warning: the next retraining may bring them back. ``attributes`` are those
        of the export. Raises ParamsError for a pattern that names no such feature either, that names a category, or
        that contradicts another.
        """
        chosen: dict[str, str] = {}
        warnings = []
        for pattern in patterns:
            named = [feature for feature in features if _matches(feature.name, pattern)]
            if not named:
                warnings.append(_left_out(pattern, features, attributes))
            _refuse_categories(pattern, named)
            for feature in named:
                other = chosen.setdefault(feature.name, pattern)
                if patterns[other] != patterns[pattern]:
                    raise _contradiction(feature.name, other, pattern, patterns)
        directions = {each.name: patterns[chosen[each.name]] for each in features if each.name in chosen}
        signs = tuple(SIGN_OF[directions[each.name]] if each.name in directions else 0 for each in features)
        return cls(signs if directions else (), directions, tuple(warnings))

    @property
    def by_direction(self) -> dict[str, list[str]]:
        """The names of the features of each direction that any has."""
        named = {each: [name for name in self.directions if self.directions[name] == each] for each in SIGN_OF}
        return {direction: names for direction, names in named.items() if names}


def _matches(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern)


def _left_out(pattern: str, features: Sequence[Feature], attributes: Sequence[Attribute]) -> str:
    """The warning of a pattern that names no feature of the view; raises ParamsError where it never could."""
    could = _declared(attributes)
    if not any(_matches(name, pattern) for name in could):
        known = {*could, *(each.name for each in features)}
        raise ParamsError(
            f"{_WHERE}: {pattern!r} names no feature.",
            hint=did_you_mean(pattern, known, otherwise="The columns of features/matrix.parquet are the names."),
        )
    return (
        f"{_WHERE}: {pattern!r} constrains nothing: what it names says nothing on the leads to learn from, "
        "or is quarantined."
    )


def _declared(attributes: Sequence[Attribute]) -> set[str]:
    """The names of all features that a view could have, but for activities beyond the core list."""
    windows = (window.name for behaviour in (*BEHAVIOURS, *ABOUT_THINGS) for window in behaviour.windows())
    return {*windows, *CALENDAR_OF, *(AttributeFeature.of(each).feature.name for each in candidates(attributes))}


def _refuse_categories(pattern: str, named: Sequence[Feature]) -> None:
    categories = [feature.name for feature in named if feature.categories is not None]
    if categories:
        raise ParamsError(
            f"{_WHERE}: {pattern!r} names {', '.join(categories)}, whose values are categories: they have no order.",
            hint="Name only features that are numbers, or yes and no.",
        )


def _contradiction(name: str, one: str, other: str, patterns: Mapping[str, Direction]) -> ParamsError:
    return ParamsError(
        f"{_WHERE}: {one!r} says that {name} is {patterns[one]}, and {other!r} says that it is {patterns[other]}.",
        hint="Write patterns that do not overlap.",
    )
