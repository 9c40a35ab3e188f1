"""YAML text with comments, line by line."""

import json
import re

PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$ ()/.+*-]*[A-Za-z0-9_$)*]|[A-Za-z_]|[0-9]+")
WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def quoted(text: str) -> str:
    """A scalar that YAML reads back as the same text."""
    if PLAIN.fullmatch(text) and text.lower() not in WORDS and " #" not in text and ": " not in text:
        return text
    return json.dumps(text, ensure_ascii=False)


def flow(pairs: dict[str, str]) -> str:
    """A mapping on one line; its values are YAML already."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"


def listing(words: list[str]) -> str:
    """A list on one line."""
    return "[" + ", ".join(quoted(word) for word in words) + "]"


class Page:
    """Lines of YAML; a remark stands at the end of its line."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, indent: int, text: str, remark: str = "") -> None:
        """Add a line."""
        parts = [text] if text else []
        parts += [f"# {remark}"] if remark else []
        self._lines.append((" " * indent + "  ".join(parts)).rstrip())

    def remark(self, indent: int, text: str) -> None:
        """Add a line that is a remark."""
        self.add(indent, "", text)

    def text(self) -> str:
        """The whole page."""
        return "\n".join(self._lines) + "\n"
