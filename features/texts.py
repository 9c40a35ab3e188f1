"""Texts as they are compared."""


def normalised(text: str) -> str:
    """A text without regard to case and white space.

    >>> normalised("  Free  TRIAL ")
    'free trial'
    """
    return " ".join(text.split()).casefold()
