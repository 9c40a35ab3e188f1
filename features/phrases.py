"""Sentences about features: what a value says of a lead, in English, Spanish and Italian (features/phrases/*.yaml)."""

import math
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from features.arrays import LARGEST, is_untracked
from features.feature import Feature, Language
from features.names import country, tongue
from features.voice import UNFAVOURABLE, leaning

COMPARISONS = frozenset({"rate", "relative_recency"})  # with other activities
# Of what the lead's own object is concerned with, these are missing where the lead names none, and else 0.
NEVER_MISSING = frozenset({"count", "sum", "account_count", "account_sum"})
DIRECTORY = Path(__file__).parent / "phrases"
Form: TypeAlias = str | Mapping[str, str]  # a template, or one per plural form: one, two, other
MINUTES_PER_DAY = 24 * 60
HOURS_PER_DAY = 24
LONG_AGO = 7  # days as they are shown, from which on a sentence says that it did not happen lately
_MAX_REMEMBERED = 20_000  # numbers as texts
MIN_WHOLE_POINTS = 0.0995  # from here on, as 10 points, no tenths are shown
HUGE = 1e15  # numbers from here on are shown as powers of ten
MIN_SHOWN = 0.005  # what is less is shown as less than 0.01
_RAISED = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
_WORDS = re.compile(r"{(\w+)}")
# Words that the value does not change.
_SAME_FOR_ALL = frozenset({"window", "label", "did", "done", "never", "none", "things", "per"})
_SEPARATORS = re.compile(r"[\W_]+")
_SAME_VALUES = {"channel": "source"}  # a column with the values of another one
_NAMED = {"country": country, "account_country": country, "language": tongue}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is ten times as fast, where libyaml is
_GENERIC = {True: "attribute_categorical", False: "attribute_numeric"}


@dataclass(frozen=True)
class Phrasebook:
    """The phrases of one language: the content of its YAML file.

    >>> phrasebook("en").points(0.12), phrasebook("es").duration(3.2), phrasebook("it").percent(0.044)
    ('+12 points', '3 días', '4,4%')
    """

    language: Language
    content: Mapping[str, Any]
    _points: dict[float, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _shown_by: dict[tuple[str, str, bool], str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _numbers: dict[tuple[float, int], str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def sentence(self, feature: Feature, value: float, *, raising: bool) -> str:
        """What the value of a feature says; ``raising``: whether it speaks for the lead.

        A value is as in the feature matrix: NaN where missing, the index of its category for a categorical feature.
        """
        phrase = self._phrase(feature)
        form = _choose_form(phrase, feature, value, raising)
        unnamed = feature.about != "anything" and math.isnan(value) and feature.phrase in NEVER_MISSING
        if is_untracked(value):
            form = self.content["untracked_comparison" if feature.phrase in COMPARISONS else "untracked"]
        elif unnamed:
            form = self.content["unnamed"][feature.about]
        text = plural(form, value).format_map(_Words(self, feature, value))
        if feature.about != "anything" and not unnamed:
            text = self.content["about"][feature.about].format(sentence=_inside(text))
        if not unnamed and not is_untracked(value) and leaning(feature).clashes(value, raising=raising):
            text = self.content["clash"]["raising" if raising else "lowering"].format(sentence=text)
        return text[:1].upper() + text[1:]

    def with_others(self, feature: Feature, sentence: str, others: int) -> str:
        """A sentence about a feature together with so many other signals of its family."""
        family = self.content["families"][feature.family]
        return plural(self.content["others"], others).format(sentence=sentence, n=others, family=family)

    def shown(self, feature: Feature, value: float) -> Hashable:
        """What a sentence shows of a value: values for which this is equal have the same sentence."""
        if not 0 < value < math.inf:
            return value if value == value else "untracked" if is_untracked(value) else None
        match self.shows(feature):
            case "duration":
                return _rounded(value)
            case "n":
                return round(value, 0 if value >= 100 else 2) if value >= MIN_SHOWN else "less"
        return value

    def shows(self, feature: Feature) -> str:
        """The one word by which all sentences about values above 0 show them, "" where there are several.

        ``models.explanation.wording`` rounds what ``duration`` and ``n`` show in columns.
        """
        key = (feature.phrase, feature.activity, feature.categories is not None)
        word = self._shown_by.get(key)
        if word is None:
            forms = [form for state, form in self._phrase(feature).items() if state.startswith(("present", "long_ago"))]
            words = {word for form in forms for word in _WORDS.findall(form if isinstance(form, str) else "{several}")}
            words = {"n" if word == "money" else word for word in words - _SAME_FOR_ALL}
            word = self._shown_by[key] = words.pop() if len(words) == 1 else ""
        return word

    def knows(self, feature: Feature) -> bool:
        """Whether there is a phrase for the feature."""
        return feature.phrase in self.content["phrases"]

    def points(self, points: float) -> str:
        """``+12 points`` for 0.12, ``-0.4 points`` for -0.004; one decimal below 10 points."""
        shown = round(100 * points, 0 if abs(points) >= MIN_WHOLE_POINTS else 1)
        text = self._points.get(shown)  # there are some hundred of them
        if text is None:
            sign = "+" if shown > 0 else "\N{MINUS SIGN}" if shown < 0 else "±"
            n = self._marked(f"{abs(shown):,.1f}") if 0 < abs(shown) < 10 else self.number(abs(shown))
            text = str(self.content["points"]).format(n=sign + n)
            self._points[shown] = text
        return text

    def percent(self, share: float) -> str:
        """``12%`` for 0.12, one decimal below 10%."""
        form: str = self.content["number"]["percent"]
        return form.format(n=self.number(100 * share, digits=0 if share >= 0.0995 else 1))

    def chance(self, probability: float) -> str:
        """A probability as percent, never as a certainty: ``>99%`` and ``<1%``."""
        form: str = self.content["number"]["percent"]
        if probability < 0.01:
            return form.format(n="<1")
        return form.format(n=">99") if probability > 0.99 else self.percent(probability)

    def the_percent(self, share: float) -> str:
        """A percent with the article that it begins with, where the language has several: ``L'80%``."""
        text = self._with_article(self.percent(share))
        return text[:1].upper() + text[1:]

    def between(self, low: float, high: float) -> str:
        """``between 38% and 50%``."""
        form: str = self.words("between")
        return form.format(low=self._with_article(self.chance(low)), high=self._with_article(self.chance(high)))

    def _with_article(self, percent: str) -> str:
        articles: Mapping[str, str] = self.content["number"].get("articles", {})
        return next((article for begin, article in articles.items() if re.match(begin, percent)), "") + percent

    def done(self, activity: str) -> str:
        """What a lead did, inside a sentence: ``asked for a demo``."""
        activities = self.content["activities"]
        words: Mapping[str, str] = activities.get(activity) or activities["generic"]
        return _inside(words["did"].format(label=activity.replace("_", " ")))

    def words(self, name: str) -> Any:  # noqa: ANN401 - a word, or words by key
        """Words of a page that shows scores."""
        return self.content["words"][name]

    def number(self, value: float, *, digits: int = 2) -> str:
        """A number with the language's marks: at most so many decimals, none from 100 on, as a power from HUGE on."""
        if abs(value) >= HUGE:
            return self._power(value)
        if 0 < abs(value) < 0.5 * 10**-digits:
            return f"<{self.number(10**-digits, digits=digits)}"
        shown = round(value, 0 if abs(value) >= 100 else digits)
        text = self._numbers.get((shown, digits))  # many values show the same
        if text is None:
            if len(self._numbers) > _MAX_REMEMBERED:
                self._numbers.clear()
            text = self._numbers[shown, digits] = self._write(shown, digits)
        return text

    def money(self, value: float, currency: str) -> str:
        """An amount with its currency, where that is known: ``12,290 EUR``."""
        number = self.content["number"]
        name = number.get("currencies", {}).get(currency, currency)
        return str(number["money"]).format(n=self.number(value), currency=name) if currency else self.number(value)

    def _write(self, shown: float, digits: int) -> str:
        text = f"{shown:,.{digits}f}"
        return self._marked(text.rstrip("0").rstrip(".") if "." in text else text)

    def _power(self, value: float) -> str:
        """A power of ten with one decimal before it; numbers that count as the largest are said to be beyond it."""
        size, exponent = f"{abs(value):.1e}".split("e+")
        power = "10" + exponent.translate(_RAISED)
        text = power if size == "1.0" else f"{self._marked(size)} \N{MULTIPLICATION SIGN} {power}"
        text = text if value > 0 else "\N{MINUS SIGN}" + text
        return text if abs(value) < LARGEST else ">" + text if value > 0 else "<" + text

    def _marked(self, text: str) -> str:
        """A number as Python writes it, with the language's marks."""
        number = self.content["number"]
        grouped = len(text.partition(".")[0].strip("-").replace(",", "")) >= len(str(number["grouped_from"]))
        marks = {",": number["thousands"] if grouped else "", ".": number["decimal"], "-": "\N{MINUS SIGN}"}
        return "".join(marks.get(mark, mark) for mark in text)

    def duration(self, days: float) -> str:
        """``3 days``, ``5 hours`` or ``20 minutes``."""
        unit, count = _rounded(days)
        return plural(self.content["duration"][unit], count).format(n=self.number(count))

    def date(self, moment: datetime) -> str:
        """``9 April 2025``: the day of a moment in UTC."""
        day = moment.astimezone(UTC)
        form: str = self.content["date"]
        number = self.content["first_day"] if day.day == 1 else str(day.day)
        return form.format(day=number, month=self.content["months"][day.month - 1], year=day.year)

    def window(self, days: float) -> str:
        """``in the last 7 days``; 0 days: all the time before."""
        form = self.content["window"]["always"] if days == 0 else plural(self.content["window"], days)
        return form.format(n=self.number(days))

    def activity(self, feature: Feature) -> Mapping[str, str]:
        """The words of the feature's activity, those with its label where the type is not a core one."""
        activities = self.content["activities"]
        words: Mapping[str, str] = activities.get(feature.activity) or activities["generic"]
        return words

    def per(self, feature: Feature) -> Mapping[str, str]:
        """The words of the activity that a rate is counted per."""
        activities = self.content["activities"]
        words: Mapping[str, str] = activities.get(feature.per) or activities["generic"]
        return words

    def category(self, feature: Feature, value: float) -> str:
        """The words of the category that a value stands for."""
        categories = feature.categories or ()
        if not 0 <= value < len(categories):
            return str(self.content["unknown"])
        return self.value(feature.phrase, categories[int(value)])

    def value(self, column: str, text: str) -> str:
        """The words of a value of a column, however it is written: ``organic_search`` and ``Organic Search`` alike."""
        if column in _NAMED:
            return _NAMED[column](text, self.language) or text
        values = self.content["values"]
        words: Mapping[str, str] = values.get(_SAME_VALUES.get(column, column), {})
        key = _key(text)
        return words.get(key) or values["anything"].get(key) or text.replace("_", " ")

    def label(self, feature: Feature) -> str:
        """What a feature is called."""
        return feature.labels.get(self.language) or _label(feature)

    def _phrase(self, feature: Feature) -> Mapping[str, Form]:
        """The feature's own phrase; the generic one where that is of words and the feature a number, or the reverse.

        Some activities have words of their own for it.
        """
        categorical = feature.categories is not None
        phrase: Mapping[str, Form] | None = self.content["phrases"].get(feature.phrase)
        if feature.activity:
            name = feature.activity if feature.activity in self.content["activities"] else "generic"
            phrase = self.content["of_activity"].get(name, {}).get(feature.phrase, phrase)
        if phrase is not None and ("unknown" in phrase) == categorical:
            return phrase
        generic: Mapping[str, Form] = self.content["phrases"][_GENERIC[categorical]]
        return generic


class _Words(dict[str, str]):
    """What a template may name; each word is made when it is asked for."""

    def __init__(self, book: Phrasebook, feature: Feature, value: float) -> None:
        super().__init__()
        self._of = (book, feature, value)

    def __missing__(self, word: str) -> str:
        return _WORD_OF[word](*self._of)


def _label(feature: Feature) -> str:
    return feature.label or feature.activity.replace("_", " ") or feature.signal


def _inside(sentence: str) -> str:
    """The beginning of a sentence inside another one."""
    return sentence[:1].lower() + sentence[1:]


def _key(text: str) -> str:
    return _SEPARATORS.sub("_", text.casefold()).strip("_")


def _did(book: Phrasebook, feature: Feature, form: str) -> str:
    return book.activity(feature)[form].format(label=feature.activity.replace("_", " ") or _label(feature))


def _per(book: Phrasebook, feature: Feature, form: str) -> str:
    return book.per(feature)[form].format(label=feature.per.replace("_", " "))


def _counted(book: Phrasebook, feature: Feature, value: float) -> str:
    return f"{book.number(value)} {_did(book, feature, 'one' if value == 1 else 'other')}"


_WORD_OF: dict[str, Callable[[Phrasebook, Feature, float], str]] = {
    "n": lambda book, _, value: book.number(value),
    "money": lambda book, feature, value: book.money(value, feature.currency),
    "year": lambda _book, _, value: f"{value:.0f}",
    "percent": lambda book, _, value: book.percent(value),
    "the_percent": lambda book, _, value: book.the_percent(value),
    "times": lambda book, _, value: plural(book.content["times"], value).format(n=book.number(value)),
    "duration": lambda book, _, value: book.duration(value),
    "window": lambda book, feature, _: book.window(feature.window_days),
    "label": lambda book, feature, _: book.label(feature),
    "category": lambda book, feature, value: book.category(feature, value),
    "hour": lambda _book, _, value: f"{int(value):02d}:00",
    "next_hour": lambda _book, _, value: f"{(int(value) + 1) % 24:02d}:00",
    "weekday": lambda book, _, value: str(book.content["weekdays"][int(value) % 7]),
    "month": lambda book, _, value: str(book.content["months"][(int(value) - 1) % 12]),
    "did": lambda book, feature, _: _did(book, feature, "did"),
    "done": lambda book, feature, _: _inside(_did(book, feature, "did")),
    "never": lambda book, feature, _: _did(book, feature, "never"),
    "none": lambda book, feature, _: _did(book, feature, "none"),
    "things": lambda book, feature, _: _did(book, feature, "other"),
    "per": lambda book, feature, _: _per(book, feature, "one"),
    "never_per": lambda book, feature, _: _per(book, feature, "never"),
    "counted": _counted,
}


def _rounded(days: float) -> tuple[str, int]:
    """A duration above 0 as it is shown: its unit and how many of it."""
    minutes = max(1, round(days * MINUTES_PER_DAY))
    if minutes < 60:
        return "minutes", minutes
    hours = round(minutes / 60)
    return ("hours", hours) if hours < HOURS_PER_DAY else ("days", max(1, round(days)))


def plural(form: Form, number: float) -> str:
    """The template for a number: one, two (where the language writes it differently) or other."""
    if isinstance(form, str):
        return form
    name = "one" if number == 1 else "two" if number == 2 else "other"
    return form.get(name) or form["other"]


@cache
def phrasebook(language: Language) -> Phrasebook:
    """The phrases of a language."""
    text = (DIRECTORY / f"{language}.yaml").read_text(encoding="utf-8")
    return Phrasebook(language, yaml.load(text, Loader=_LOADER))  # noqa: S506 - both loaders are safe


def _choose_form(phrase: Mapping[str, Form], feature: Feature, value: float, raising: bool) -> Form:
    state = _state(feature, value)
    direction = "raising" if raising or feature.activity in UNFAVOURABLE else "lowering"
    long_ago = f"long_ago_{direction}"
    if long_ago in phrase and state == "present" and _long_ago(value):
        return phrase[long_ago]
    return phrase.get(f"{state}_{direction}") or phrase.get(state) or phrase["present"]


def _long_ago(days: float) -> bool:
    unit, count = _rounded(days)
    return unit == "days" and count >= LONG_AGO


def _state(feature: Feature, value: float) -> str:
    """missing, unknown (category), present (> 0), absent (0) or negative."""
    if not math.isfinite(value):
        return "missing"
    if feature.categories is not None:
        return "present" if 0 <= value < len(feature.categories) else "unknown"
    return "present" if value > 0 else "negative" if value < 0 else "absent"
