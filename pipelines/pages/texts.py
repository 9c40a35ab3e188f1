"""What pages say, in English, Spanish and Italian (pages/texts/*.yaml), with numbers as readers write them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup, escape

from features.feature import Language
from features.phrases import phrasebook, plural
from models.evaluation.intervals import Estimate
from pipelines.pages.translations import translations

DIRECTORY = Path(__file__).parent / "texts"
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_ELIDED = {"il": "l", "Il": "L"} | {f"{before}l": f"{before}ll" for before in ("de", "da", "a", "ne", "su")}
_BEFORE_A_VOWEL = re.compile(rf"\b({'|'.join(_ELIDED)}) (?=(?:8\d{{0,2}}|11)(?!\d)|1[,%])")
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Texts:
    """The texts of one language. Called with a dotted key, it gives that text with its places filled in.

    >>> texts_in("en")("leads", 1), texts_in("en")("leads", 1200), texts_in("es").percent(0.137, 1)
    ('1 lead', '1,200 leads', '13,7\\xa0%')
    """

    language: Language
    content: Mapping[str, Any]

    def __call__(self, key: str, count: float | None = None, **values: str) -> str:
        """The text of ``key``; ``count`` chooses its plural form and fills ``{n}``."""
        form = self.entry(key)
        if count is not None:
            form = plural(form, count)
            values["n"] = self.number(count, 0 if float(count).is_integer() else 1)
        return self.fitted(str(form).format(**values))

    def entry(self, key: str) -> Any:  # noqa: ANN401 - a text, or texts by key
        """What stands under a dotted key."""
        found: Any = self.content
        for part in key.split("."):
            found = found[part]
        return found

    def get(self, key: str, name: str, otherwise: str = "") -> str:
        """The text that ``name`` has under ``key``, where it has one."""
        return str(self.entry(key).get(name, otherwise))

    def number(self, value: float, digits: int = 3) -> str:
        """A number with the marks of the language and so many decimals; what rounds to zero has no sign."""
        if math.isnan(value):
            return self("none")
        text = f"{round(value, digits) + 0.0:,.{digits}f}"
        marks = phrasebook(self.language).content["number"]
        if abs(value) < marks["grouped_from"]:
            text = text.replace(",", "")
        return text.translate(str.maketrans({",": marks["thousands"], ".": marks["decimal"], "-": MINUS}))

    def percent(self, share: float, digits: int | None = None) -> str:
        """A share as percent, with as many digits as it deserves; only nothing is 0% and only everything 100%."""
        if math.isnan(share):
            return self("none")
        if digits is None:
            digits = 0 if 0.1 <= share <= 0.9 or share in (0.0, 1.0) else 1
        least = 10.0 ** -(digits + 2)
        if 0 < share < least / 2:
            return self._percent("<" + self.number(100 * least, digits))
        if 1 - least / 2 < share < 1:
            return self._percent(">" + self.number(100 - 100 * least, digits))
        return self._percent(self.number(100 * share, digits))

    def _percent(self, number: str) -> str:
        form: str = phrasebook(self.language).content["number"]["percent"]
        return form.format(n=number).replace(" ", "\N{NO-BREAK SPACE}")

    def interval(self, estimate: Estimate, digits: int = 3) -> str:
        """The interval of an estimate: ``0.801 to 0.823``."""
        return self("range", low=self.number(estimate.low, digits), high=self.number(estimate.high, digits))

    def percent_interval(self, estimate: Estimate, digits: int | None = None) -> str:
        """The interval of a share: ``31% to 35%``."""
        return self.percents(estimate.low, estimate.high, digits)

    def percents(self, low: float, high: float, digits: int | None = None) -> str:
        """From one share to another."""
        return self("percent_range", low=self.percent(low, digits), high=self.percent(high, digits))

    def points(self, share: float) -> str:
        """A change of probability in percentage points, with its sign."""
        shown = self.number(100 * share, 1)
        return shown if shown.startswith(MINUS) else f"+{shown}"

    def date(self, moment: datetime) -> str:
        """A day in words."""
        return phrasebook(self.language).date(moment)

    def translated(self, sentence: str) -> str:
        """A sentence that an earlier stage made in English, in this language; as it is where it has no translation."""
        known = translations(self.language)(sentence)
        return sentence if known is None else self.fitted(known)

    def told(self, sentence: str) -> Markup:
        """The same for a page; what stays English is marked so."""
        if self.language == "en" or translations(self.language)(sentence) is not None:
            return escape(self.translated(sentence))
        return Markup('<span lang="en">{}</span>').format(sentence)

    def fitted(self, text: str) -> str:
        """The text with the articles that the language has before its numbers."""
        return _elided(text) if self.language == "it" else text

    def listed(self, parts: Sequence[str]) -> str:
        """``a, b and c``."""
        if len(parts) < 2:
            return "".join(parts)
        return self("and", some=", ".join(parts[:-1]), last=parts[-1])

    def level(self, column: str, level: str) -> str:
        """A category of a column of the contract in words; empty stands for none."""
        if not level:
            return self.get("missing", column, self("missing.other"))
        return phrasebook(self.language).value(column, level)


def _elided(text: str) -> str:
    """Italian articles as they stand before eight, eleven, eighty ...: ``l'8%``, ``dell'11%``."""
    return _BEFORE_A_VOWEL.sub(lambda found: _ELIDED[found[1]] + _APOSTROPHE, text)


@cache
def texts_in(language: Language) -> Texts:
    """The texts of a language."""
    return Texts(language, yaml.safe_load((DIRECTORY / f"{language}.yaml").read_text(encoding="utf-8")))


ENGLISH = texts_in("en")
