"""What a Markdown page shows as code, and where its links lead."""

import re
from collections.abc import Iterator
from pathlib import Path

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def spans(text: str) -> list[str]:
    """The code inside the prose, each on one line."""
    return [" ".join(span.split()) for span in SPAN.findall(FENCE.sub("", text))]


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks: language, or an empty text, and content."""
    return FENCE.findall(text)


def shell_lines(text: str) -> Iterator[str]:
    """The commands in fenced blocks of no language or a shell's: prompts removed, continued lines joined."""
    for language, content in blocks(text):
        if language in ("", "bash", "console", "sh"):
            for line in content.replace("\\\n", " ").splitlines():
                yield line.removeprefix("$ ").strip()


def links(text: str) -> list[str]:
    """Targets of links and images that are not on another host."""
    return [target for target in LINK.findall(FENCE.sub("", text)) if "://" not in target]


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(text: str, page: Path) -> list[str]:
    """Those links of the page that lead to no file, or to no heading of it."""
    broken = []
    for target in links(text):
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        of_page = (
            text if not path else file.read_text(encoding="utf-8") if file.suffix == ".md" and file.exists() else ""
        )
        if not file.exists() or (anchor and anchor not in anchors(of_page)):
            broken.append(target)
    return broken
