"""The first hours of four newcomers, as scripts of real commands."""

from collections.abc import Callable

from tests.first_hours import data_scientist, developer, marketer, sales_rep
from tests.first_hours.hour import Hour

PERSONAS: dict[str, Callable[[Hour], None]] = {
    "data_scientist": data_scientist.play,
    "marketer": marketer.play,
    "developer": developer.play,
    "sales_rep": sales_rep.play,
}
