"""Hints for a word that is not known."""

import difflib
from collections.abc import Iterable

LONGEST = 100  # characters of a word that is compared or shown: what it takes to compare grows with their square
MOST = 20  # words that are listed


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str | None = None, cutoff: float = 0.6) -> str:
    """A hint with the nearest known words; where none is near ``otherwise``, by default all of them.

    >>> did_you_mean("colum", ["column", "values"])
    'Did you mean column?'
    >>> did_you_mean("zzz", ["b", "a"])
    'Known here: a, b.'
    """
    words = sorted(set(known))
    near = difflib.get_close_matches(word[:LONGEST], [each for each in words if len(each) <= LONGEST], 3, cutoff)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    if otherwise is not None:
        return otherwise
    more = f" and {len(words) - MOST:,} more" if len(words) > MOST else ""
    return f"Known here: {', '.join(map(shortened, words[:MOST]))}{more}." if words else ""


def shortened(word: str) -> str:
    """The beginning of a word that is too long to be shown.

    >>> len(shortened("x" * 1000))
    100
    """
    return word if len(word) <= LONGEST else f"{word[: LONGEST - 3]}..."
