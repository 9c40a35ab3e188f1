"""Months, halves of the day and time zones as people write them, in the words that strptime knows."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.importing.vocabulary import folded
from pipelines.importing.weekdays import LONGEST, without_weekday

# Names and short names of months from January: es, it, de, fr, pt, nl, pl (nominative, genitive), ru (both), tr, cs
# (both), hu.
MONTHS = """\
enero ene gennaio gen januar janner jan janvier janv janeiro januari styczen stycznia sty январь января янв ocak oca \
leden ledna led
febrero feb febbraio februar fevrier fevr fev fevereiro februari luty lutego lut февраль февраля фев февр subat sub \
unor unora uno febr
marzo mar marz mars marco maart mrt marzec marca март марта мар mart brezen brezna bre marcius marc
abril abr aprile apr april avril avr kwiecien kwietnia kwi апрель апреля апр nisan nis duben dubna dub aprilis
mayo may maggio mag mai maio mei maj maja май мая mayis kveten kvetna kve majus
junio jun giugno giu juni juin jui junho czerwiec czerwca cze июнь июня июн haziran haz cerven cervna cvn junius
julio jul luglio lug juli juillet juil juill julho lipiec lipca lip июль июля июл temmuz tem cervenec cervence cvc \
julius
agosto ago aug august aout augustus sierpien sierpnia sie август августа авг agustos agu srpen srpna srp augusztus
septiembre sep sept settembre set septembre setembro setiembre wrzesien wrzesnia wrz сентябрь сентября сен сент \
eylul eyl zari zar szeptember szept
octubre oct ottobre ott oktober okt octobre outubro out pazdziernik pazdziernika paz октябрь октября окт ekim eki \
rijen rijna rij
noviembre nov novembre november novembro listopad listopada lis ноябрь ноября ноя нояб kasim kas listopadu
diciembre dic dicembre dezember dez decembre dec dezembro december grudzien grudnia gru декабрь декабря дек aralik \
ara prosinec prosince pro
""".splitlines()
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WHOLE = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
NUMBER = {
    word: number for names in (MONTHS, WHOLE) for number, words in enumerate(names) for word in words.lower().split()
}
WORD = re.compile(r"[^\W\d_]{3,}\.?")
HALF = re.compile(r"(?i)\b([ap])\.? ?m\b\.?|(午前)|(午後)")
# Hours east of Greenwich of zones that CLDR, or RFC 2822 for American ones, writes in letters; no others are known.
ZONES = {
    "UTC": 0, "GMT": 0, "TU": 0, "TUC": 0, "UT": 0, "WET": 0, "WEZ": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1,
    "CEST": 2, "MESZ": 2, "EET": 2, "OEZ": 2, "EEST": 3, "OESZ": 3, "MSK": 3, "\u041c\u0421\u041a": 3,
    "TRT": 3, "JST": 9, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
ZONE = rf"(?:UTC|GMT)?[+\u2212-]\d{{1,2}}(?::?\d{{2}})?|{'|'.join(ZONES)}|Z"
_ZONE = re.compile(
    r"(?<=[\d ms.])(?:(?:UTC|GMT)?(?P<sign>[+\u2212-])(?P<h>\d{1,2}):?(?P<min>\d{2})?"
    rf"|(?P<name>{'|'.join(ZONES)}))$"
)
_ZONE_TWICE = re.compile(r"((?:UTC|GMT)?[+-]\d{2}:?\d{2}) \([^()\d]+\)$")  # GMT+0100 (Central European Time)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|\.?[ºª°])(?=[ ,])")
SPACES = "[\u00a0\u2009\u202f]"  # between a time and AM


def plainer(cell: str) -> str:
    """A date without what strptime has no directive for: odd spaces, ordinals, a zone that is told twice.

    >>> plainer("January 3rd, 2021"), plainer("1er mars 2021"), plainer("Jan 03 2021 14:07:09 GMT+0100 (CET)")
    ('January 3, 2021', '1 mars 2021', 'Jan 03 2021 14:07:09 GMT+0100')
    """
    if len(cell) > LONGEST:
        return cell
    return _ZONE_TWICE.sub(r"\1", _ORDINAL.sub("", re.sub(SPACES, " ", cell.strip())))


def in_english(array: pa.Array, pattern: str) -> pa.Array:
    """Text with months, halves of the day and zones as the pattern's %b, %B, %p and %z want them.

    Days of the week that the pattern does not ask for are left out.
    """
    array = pc.replace_substring_regex(array, SPACES, " ")
    if "%z" not in pattern and not pc.any(pc.match_substring_regex(array, r"\p{L}")).as_py():
        return array
    codes = array.dictionary_encode()
    words = [plainer(cell) for cell in codes.dictionary.to_pylist()]
    if not re.search("%[aA]", pattern):
        words = [without_weekday(cell, pattern) for cell in words]
    if "%z" in pattern:
        words = [_ZONE.sub(_offset, cell) for cell in words]
    if re.search("%[bBp]", pattern):
        words = [_in_english(cell, ENGLISH if "%b" in pattern else WHOLE) for cell in words]
    return pa.array(words, pa.string()).take(codes.indices)


def _in_english(cell: str, names: tuple[str, ...]) -> str:
    cell = HALF.sub(lambda half: "PM" if half[3] or (half[1] or "").lower() == "p" else "AM", cell)
    return WORD.sub(lambda word: _month(word[0], names), cell)


def _offset(zone: re.Match[str]) -> str:
    if zone["name"]:
        return f"{ZONES[zone['name']]:+03d}:00"
    return f"{'+' if zone['sign'] == '+' else '-'}{int(zone['h']):02d}:{zone['min'] or '00'}"


def _month(word: str, names: tuple[str, ...]) -> str:
    number = NUMBER.get(folded(word))
    return word if number is None else names[number]
