"""Great Expectations suites, derived from the contracts so that nothing is written twice."""

import os
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from data_contracts.contract import KIND_OF, Column, Contract, Kind
from data_contracts.dataset import Attribute
from data_contracts.finding import Finding, Level, examples

# What pandas makes of each kind when it reads Parquet (Great Expectations' names of types).
PANDAS_TYPE: dict[Kind, str] = {
    "string": "str",
    "number": "float64",
    "integer": "float64",
    "boolean": "bool",
    "timestamp": "Timestamp",
}
KIND_IN_WORDS: dict[Kind, str] = {
    "string": "text",
    "number": "numbers",
    "integer": "whole numbers",
    "boolean": "true or false",
    "timestamp": "times",
}
SEVERITY: dict[Level, str] = {"error": "critical", "warning": "warning"}
COLUMNS_CLAIM = "has the columns of its contract"


def unique_claim(column: str) -> str:
    """How the claim that a key has no duplicates is worded."""
    return f"{column} is unique"


def one_of(values: Sequence[str]) -> str:
    """Values as a person lists them: ``won, lost or open``."""
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"


def build_suite(contract: Contract, attributes: Sequence[Attribute] = ()) -> Any:  # noqa: ANN401 - gx has no stubs
    """The suite (great_expectations.ExpectationSuite) of a table with its attributes.

    Required becomes "not null", a key "unique", a closed vocabulary "in set", a minimum or maximum "between" (a
    warning: such a value is odd but harms nothing), and every column has its type.
    """
    gx = _great_expectations()
    own = [attribute for attribute in attributes if attribute.table == contract.table]
    kinds = {column.name: column.kind for column in contract.columns}
    kinds |= {attribute.name: KIND_OF[attribute.kind] for attribute in own}
    suite = gx.ExpectationSuite(name=contract.table)
    suite.add_expectation(
        gx.expectations.ExpectTableColumnsToMatchSet(
            column_set=list(kinds), exact_match=True, **_words(COLUMNS_CLAIM, ", ".join(kinds), "Import again.")
        )
    )
    for name, kind in kinds.items():
        suite.add_expectation(
            gx.expectations.ExpectColumnValuesToBeOfType(
                column=name,
                type_=PANDAS_TYPE[kind],
                **_words(
                    f"{name} holds {KIND_IN_WORDS[kind]}",
                    KIND_IN_WORDS[kind],
                    "Give the column this type in the mapping and import again.",
                ),
            )
        )
    for column in contract.columns:
        for expectation in _of_column(gx.expectations, column):
            suite.add_expectation(expectation)
    return suite


def _of_column(gxe: Any, column: Column) -> Iterator[Any]:  # noqa: ANN401
    name = column.name
    if column.required:
        words = _words(f"{name} is given", "a value in every row", f"Map a column without gaps to {name}.")
        yield gxe.ExpectColumnValuesToNotBeNull(column=name, **words)
    if column.unique:
        words = _words(unique_claim(name), "each value once", "Remove the repeated rows from the export.")
        yield gxe.ExpectColumnValuesToBeUnique(column=name, **words)
    if column.allowed:
        allowed = one_of(column.allowed)
        words = _words(f"{name} is {allowed}", allowed, f"Add the other values to the value map of {name}.")
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(column.allowed), **words)
    if column.minimum is not None or column.maximum is not None:
        bounds = _bounds(column)
        words = _words(f"{name} is {bounds}", bounds, "Check the unit and the missing codes.", "warning")
        yield gxe.ExpectColumnValuesToBeBetween(
            column=name, min_value=column.minimum, max_value=column.maximum, **words
        )


def _bounds(column: Column) -> str:
    if column.maximum is None:
        return f"at least {column.minimum:g}"
    if column.minimum is None:
        return f"at most {column.maximum:g}"
    return f"from {column.minimum:g} to {column.maximum:g}"


def _words(claim: str, expected: str, advice: str, level: Level = "error") -> dict[str, Any]:
    meta = {"expected": expected, "advice": advice, "level": level}
    return {"description": claim, "severity": SEVERITY[level], "meta": meta}


def run_suite(frame: pd.DataFrame, contract: Contract, attributes: Sequence[Attribute] = ()) -> Any:  # noqa: ANN401
    """Validate a table's frame; gives Great Expectations' own result, from which the values are taken out.

    A value that breaks a contract may be personal data in the wrong column: only its row's id is kept. Runs in memory,
    without files, network or usage statistics.
    """
    gx = _great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("tables").add_dataframe_asset(contract.table)
    batch = asset.add_batch_definition_whole_dataframe("all")
    suite = context.suites.add(build_suite(contract, attributes))
    format_: dict[str, Any] = {"result_format": "SUMMARY"}
    if contract.key in frame.columns:
        format_["unexpected_index_column_names"] = [contract.key]
    definition = gx.ValidationDefinition(name=contract.table, data=batch, suite=suite)
    result = definition.run(batch_parameters={"dataframe": frame}, result_format=format_)
    for each in result.results:
        _forget_values(each.result, contract.key)
    return result


def _forget_values(result: dict[str, Any], key: str | None) -> None:
    rows = result.pop("partial_unexpected_index_list", None) or ()
    result["examples"] = [row[key] for row in rows if isinstance(row, dict) and not pd.isna(row.get(key))]
    if "unexpected_percent_total" in result:
        # The pages call this the share of all rows; it comes as the share of rows with a value.
        result["unexpected_percent"] = result["unexpected_percent_total"]
    for values in ("partial_unexpected_list", "partial_unexpected_counts", "unexpected_index_query"):
        result.pop(values, None)


def findings(contract: Contract, result: Any) -> list[Finding]:  # noqa: ANN401
    """What the result of a table's suite came to, one finding per expectation."""
    return [_finding(contract.table, each) for each in result.results]


def _finding(table: str, result: Any) -> Finding:  # noqa: ANN401
    config = result.expectation_config
    return Finding(
        name=config.description,
        table=table,
        level=config.meta["level"],
        passed=bool(result.success),
        found=_found(result),
        expected=config.meta["expected"],
        rows=0 if result.success else int(result.result.get("unexpected_count") or 0),
        examples=() if result.success else examples(result.result.get("examples", ())),
        advice=config.meta["advice"],
    )


def _found(result: Any) -> str:  # noqa: ANN401
    if result.success:
        return "as expected"
    if "unexpected_count" in result.result:
        return f"{result.result['unexpected_count']:,} of {result.result['element_count']:,} rows break this"
    if "details" in result.result:
        mismatched = result.result["details"]["mismatched"]
        return "; ".join(f"{what}: {', '.join(names)}" for what, names in mismatched.items())
    if "observed_value" in result.result:
        return str(result.result["observed_value"])
    return "the column is absent"


def _great_expectations() -> Any:  # noqa: ANN401 - imported late: it takes seconds
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings():
        # It imports modules of the standard library that are to go; nothing that a user could mend.
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations as gx
        import great_expectations.expectations  # makes gx.expectations available
    return gx
