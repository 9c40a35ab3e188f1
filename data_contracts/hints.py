"""Hints for a word that is not known."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str | None = None, cutoff: float = 0.6) -> str:
    """A hint with the nearest known words; where none is near ``otherwise``, by default all of them.

    >>> did_you_mean("colum", ["column", "values"])
    'Did you mean column?'
    >>> did_you_mean("zzz", ["b", "a"])
    'Known here: a, b.'
    """
    words = sorted(set(known))
    near = difflib.get_close_matches(word, words, n=3, cutoff=cutoff)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    if otherwise is not None:
        return otherwise
    return f"Known here: {', '.join(words)}." if words else ""
