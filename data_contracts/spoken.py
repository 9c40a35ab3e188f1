"""Words that people give in one language or in several: labels of a mapping, rules of an agreement."""

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from data_contracts.languages import LANGUAGES, Language


def _in_each(value: Any) -> Any:  # noqa: ANN401 - before pydantic checks it
    if isinstance(value, str):
        return {LANGUAGES[0]: value}
    if not isinstance(value, dict) or not value or not value.keys() <= set(LANGUAGES):
        raise ValueError(f"expected a text, or one for some of {', '.join(LANGUAGES)}, found {value!r}")
    return value


Said = Annotated[str, Field(min_length=1)]
# A plain text stands for every language, and so does the first one for those that are not given.
Spoken: TypeAlias = Annotated[dict[Language, Said], Field(min_length=1), BeforeValidator(_in_each)]
