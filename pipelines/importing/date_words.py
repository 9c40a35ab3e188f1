"""Months and halves of the day as people write them, in the words that strptime knows."""

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
SPACES = "[\u00a0\u2009\u202f]"  # between a time and AM


def in_english(array: pa.Array, pattern: str) -> pa.Array:
    """Text with months and halves of the day as the pattern's %b, %B and %p want them."""
    array = pc.replace_substring_regex(array, SPACES, " ")
    if not any(directive in pattern for directive in ("%b", "%B", "%p")):
        return array
    codes = array.dictionary_encode()
    words = [_in_english(cell, ENGLISH if "%b" in pattern else WHOLE) for cell in codes.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(codes.indices)


def _in_english(cell: str, names: tuple[str, ...]) -> str:
    cell = HALF.sub(lambda half: "PM" if half[3] or (half[1] or "").lower() == "p" else "AM", cell)
    return WORD.sub(lambda word: _month(word[0], names), cell)


def _month(word: str, names: tuple[str, ...]) -> str:
    number = NUMBER.get(folded(word))
    return word if number is None else names[number]
