"""A feature: what one column of the matrix means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from data_contracts.languages import LANGUAGES as LANGUAGES
from data_contracts.languages import Language as Language

Family = Literal[
    "demographic", "firmographic", "behavioural", "intent", "undesirable", "qualification", "time", "channel"
]
FAMILIES: tuple[Family, ...] = get_args(Family)
About = Literal["anything", "object", "kind"]
Dimension = Literal["fit", "interest", "intent"]


@dataclass(frozen=True)
class Feature:
    """One column of the feature matrix.

    ``signal`` names what a person sees: features with one signal (windows of one activity type, pieces of one
    encoding) are added up before they are shown. ``categories`` is None for numbers; for a categorical feature the
    matrix holds the index into it as float64, an unknown or pooled level is ``len(categories)``, a missing one NaN.
    ``phrase`` is the key of its phrases in features/phrases/*.yaml and ``label`` fills generic phrases. A feature of a
    window names its ``activity`` (type or group) and ``window_days`` (0: all the time before the snapshot); a rate also
    the activity ``per`` which it is counted. ``about`` says whether only what is about the lead's own object, or its
    kind of object, is looked at. One that does not ``speak`` counts, and is no reason; nor is a missing value where it
    is ``filled``. ``labels`` are its labels by language, where they differ; ``currency`` is that of an amount.
    """

    name: str
    family: Family
    signal: str
    unit: str
    meaning: str
    phrase: str
    label: str = ""
    activity: str = ""
    window_days: float = 0
    categories: tuple[str, ...] | None = None
    per: str = ""
    about: About = "anything"
    speaks: bool = True
    filled: bool = False
    labels: Mapping[Language, str] = field(default_factory=dict)
    currency: str = ""

    @property
    def dimension(self) -> Dimension:
        """Fit (who, and from where), interest (what they do, since when) or intent (asking for price, demo, quote)."""
        return DIMENSION_OF[self.family]


DIMENSION_OF: dict[Family, Dimension] = {
    "demographic": "fit",
    "firmographic": "fit",
    "undesirable": "interest",
    "channel": "fit",
    "behavioural": "interest",
    "time": "interest",
    "intent": "intent",
    "qualification": "intent",
}
