"""Texts as they are compared."""

from unicodedata import normalize


def normalised(text: str) -> str:
    """A text without regard to case, white space and the ways in which Unicode writes one letter.

    >>> normalised("  Free  TRIAL "), normalised("Ma\u0301laga") == normalised("M\u00e1laga")
    ('free trial', True)
    """
    if not text.isascii():  # case and form once more: each may undo the other
        text = normalize("NFKC", normalize("NFKC", text).casefold())
    return " ".join(text.split()).casefold()
