"""What pydantic complains of, as one sentence: file, line, key, what was expected and found, and what was meant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from data_contracts.errors import InputError, MappingError
from data_contracts.hints import did_you_mean
from data_contracts.located_yaml import Located, Step
from data_contracts.wording import choices, expectation

Model = TypeVar("Model", bound=BaseModel)


def validated(
    model: type[Model], located: Located, describe: Callable[[tuple[Step, ...]], str] = lambda _path: ""
) -> Model:
    """The YAML tree as a model; ``describe`` may say more about the place of an error.

    Raises MappingError for the first error, which names file, line and key.
    """
    if not isinstance(located.tree, dict):
        required = [name for name, field in model.model_fields.items() if field.is_required()]
        raise MappingError(f"{located.file}, line 1: expected keys such as {' and '.join(required[:3])}.")
    try:
        return model.model_validate(located.tree)
    except ValidationError as error:
        first = min(error.errors(), key=lambda each: _rank(each, located))
        path = tuple(first["loc"])
        where = f"{located.file}, line {located.line(path)}: {describe(path)}"
        key = located.key(path, absent=first["type"] == "missing")
        raise _explained(first, where, key, known_keys(model, path)) from error


@contextmanager
def raising(kind: type[InputError], hint: str = "") -> Iterator[None]:
    """Let a MappingError be an error of another kind, for YAML that is not a mapping; ``hint`` follows its own."""
    try:
        yield
    except MappingError as error:
        raise kind(error.message, hint=f"{error.hint} {hint}".strip()) from error


def complaint(error: ValidationError) -> str:
    """What was expected of the first value that is wrong, and what was found.

    >>> from pydantic import TypeAdapter
    >>> try:
    ...     TypeAdapter(int).validate_python("many")
    ... except ValidationError as error:
    ...     complaint(error)
    "expected a whole number, found 'many'"
    """
    return _complaint(error.errors()[0])


def known_keys(model: type[BaseModel], path: tuple[Step, ...]) -> list[str]:
    """The keys that every model which may stand at a path knows; the last step of the path is the wrong key."""
    models = [model]
    for step in path[:-1]:
        fields = [field for each in models for name, field in each.model_fields.items() if step in (name, field.alias)]
        # An index, a name that the file chooses or the name of a variant leads no deeper.
        models = [inner for field in fields for inner in _models(field.annotation)] or models
    return [field.alias or name for each in models for name, field in each.model_fields.items()]


def _models(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401 - any annotation of a field
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


def _rank(error: ErrorDetails, located: Located) -> tuple[bool, int, bool]:
    """What to say first: broken items before the list that is then too short, then by line, unknown keys first.

    A misspelt key is both unknown and missing, and the misspelling says more.
    """
    return error["type"] == "too_short", located.line(error["loc"]), error["type"] != "extra_forbidden"


def _explained(error: ErrorDetails, where: str, key: str, known: list[str]) -> MappingError:
    if error["type"] == "extra_forbidden":
        return MappingError(f"{where}unknown key {key!r}.", hint=did_you_mean(str(error["loc"][-1]), known))
    if error["type"] == "missing":
        return MappingError(f"{where}key {key!r} is missing.", hint="It is required.")
    hint = did_you_mean(str(_found(error)), choices(error), otherwise="")
    return MappingError(f"{where}{key}: {_complaint(error)}." if key else f"{where}{_complaint(error)}.", hint=hint)


def _complaint(error: ErrorDetails) -> str:
    told = error["type"] in ("value_error", "too_short", "too_long", "missing")
    return expectation(error) if told else f"{expectation(error)}, found {_short(_found(error))}"


def _found(error: ErrorDetails) -> Any:  # noqa: ANN401 - whatever stood in the file
    """What stood there; of a group of keys that one of them tells apart, that one's value."""
    return error["ctx"]["tag"] if error["type"] == "union_tag_invalid" else error["input"]


def _short(value: Any) -> str:  # noqa: ANN401 - whatever stood in the file
    text = f"a {'mapping' if isinstance(value, dict) else 'list'}" if isinstance(value, dict | list) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
