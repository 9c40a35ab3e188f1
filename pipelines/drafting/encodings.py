"""The encoding of a text whose bytes are not UTF-8: told by what its letters would spell."""

import codecs
import re

JAPANESE, CYRILLIC = "[\u3040-\u30ff\u4e00-\u9fff]{2}", "[\u0430-\u044f\u0451]{3}"
MIXED = "[A-Za-z][\u4e00-\u9fff]|[\u4e00-\u9fff][A-Za-z]"  # as Western words look where they are read as Japanese
# Letters among others as the Western code page hardly has them: where the same bytes are letters of it, its languages
# put them elsewhere (Italian at the end of words, French and Portuguese beside other letters).
CENTRAL = re.compile(
    "[a-z]ł[aeiouyó]|[a-z]ą|[a-z]ż[aeiouy]|[a-z]ś[cć]|ię[a-z]|źr|dź|ł[óa]d"  # Polish
    "|[a-z]ě[a-zíáž]|[a-z]ů[a-zžš]|[a-záéíý]š[a-záéíě]|š[tkť]|[a-zíáó]ž[aeiouíáýn]|ž[eií]|[a-zá]ť"  # Czech, Slovak
    "|[bcdfghjklmnpqrstvz]ő(?!e)|\\bő[rs]|[eo]lő|ű[jkv]|[gs][yz]ű"  # Hungarian
)
TURKISH = re.compile(
    "[aeiouöü\u0131]ğ[a-zöü\u0131 ]|[a-zöü\u0131]ş[a-zöü\u0131]|ş[aeiou\u0131]|[bcdfgklmnprstvyz]\u0131[a-zşğç]"
)
PATTERNS = {"cp1250": CENTRAL, "cp1254": TURKISH}
FEWEST = 3  # such letters in a text


def told_encoding(start: bytes) -> tuple[str, str]:
    """The encoding of the first bytes of a text that are not UTF-8, and what they say in it.

    Japanese or Cyrillic where its letters are, Central European or Turkish where the text has words of these, else
    Western.
    """
    for encoding, letters in (("cp932", JAPANESE), ("cp1251", CYRILLIC)):
        words = codecs.getincrementaldecoder(encoding)(errors="replace").decode(start)
        count = len(re.findall(letters, words))
        if words.count("\ufffd") <= 1 and count > max(len(start) / 400, len(re.findall(MIXED, words))):
            return encoding, words
    for encoding, pattern in PATTERNS.items():
        words = start.decode(encoding, errors="replace")
        if len(pattern.findall(words.lower())) >= FEWEST:
            return encoding, words
    return "cp1252", start.decode("cp1252", errors="replace")
