"""What a page says in whole sentences, to compare languages."""

from html.parser import HTMLParser

_SILENT = {"style", "title", "code"}
_MIN_WORDS = 4


class _Texts(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.silent = 0
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in _SILENT
        self.found += [value for name, value in attrs if name == "aria-label" and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def sentences(html: str) -> set[str]:
    """The texts of a page, and those read aloud, with at least four words that are not code or numbers."""
    found = (" ".join(text.split()) for text in _Texts(html).found)
    return {text for text in found if sum(_is_word(each) for each in text.split()) >= _MIN_WORDS}


def _is_word(text: str) -> bool:
    return "_" not in text and any(letter.isalpha() for letter in text)
