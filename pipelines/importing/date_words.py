"""Months, halves of the day and time zones as people write them, in the words that strptime knows."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.importing.vocabulary import folded

# Names and short names of months from January: es, it, de, fr, pt, nl, pl (nominative, genitive), ru (both), tr.
MONTHS = """\
enero ene gennaio gen januar janner jan janvier janv janeiro januari styczen stycznia sty январь января янв ocak oca
febrero feb febbraio februar fevrier fevr fev fevereiro februari luty lutego lut февраль февраля фев февр subat sub
marzo mar marz mars marco maart mrt marzec marca март марта мар mart
abril abr aprile apr april avril avr kwiecien kwietnia kwi апрель апреля апр nisan nis
mayo may maggio mag mai maio mei maj maja май мая mayis
junio jun giugno giu juni juin junho czerwiec czerwca cze июнь июня июн haziran haz
julio jul luglio lug juli juillet juil julho lipiec lipca lip июль июля июл temmuz tem
agosto ago aug august aout augustus sierpien sierpnia sie август августа авг agustos agu
septiembre sep sept settembre set septembre setembro wrzesien wrzesnia wrz сентябрь сентября сен сент eylul eyl
octubre oct ottobre ott oktober okt octobre outubro out pazdziernik pazdziernika paz октябрь октября окт ekim eki
noviembre nov novembre november novembro listopad listopada lis ноябрь ноября ноя нояб kasim kas
diciembre dic dicembre dezember dez decembre dec dezembro december grudzien grudnia gru декабрь декабря дек aralik ara
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
SPACES = "[\u00a0\u2009\u202f]"  # between a time and AM


def in_english(array: pa.Array, pattern: str) -> pa.Array:
    """Text with months, halves of the day and zones as the pattern's %b, %B, %p and %z want them."""
    array = pc.replace_substring_regex(array, SPACES, " ")
    if not any(directive in pattern for directive in ("%b", "%B", "%p", "%z")):
        return array
    codes = array.dictionary_encode()
    words = codes.dictionary.to_pylist()
    if "%z" in pattern:
        words = [_ZONE.sub(_offset, cell) for cell in words]
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
