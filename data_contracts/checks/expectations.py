"""Great Expectations suites, compiled from the checks."""

import os
import warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd

from data_contracts.checks.finding import Finding, Level, breaking, examples
from data_contracts.checks.spec import CheckSpec
from data_contracts.contract import load_contract

SEVERITY: dict[Level, str] = {"error": "critical", "warning": "warning"}


def build_suite(table: str, specs: Sequence[CheckSpec]) -> Any:  # noqa: ANN401 - gx has no stubs
    """The suite (great_expectations.ExpectationSuite) of a table: those of its checks that are expectations."""
    gx = _great_expectations()
    suite = gx.ExpectationSuite(name=table)
    for spec in specs:
        if spec.expectation is not None:
            words = {"description": spec.name, "severity": SEVERITY[spec.level]}
            expectation = getattr(gx.expectations, spec.expectation.name)
            suite.add_expectation(expectation(**spec.expectation.arguments, **words))
    return suite


def run_suite(frame: pd.DataFrame, table: str, specs: Sequence[CheckSpec]) -> Any:  # noqa: ANN401
    """Validate a table's frame; gives Great Expectations' own result, from which the values are taken out.

    A value that breaks a contract may be personal data in the wrong column: only its row's id is kept. Runs in memory,
    without files, network or usage statistics.
    """
    gx = _great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("tables").add_dataframe_asset(table)
    batch = asset.add_batch_definition_whole_dataframe("all")
    suite = context.suites.add(build_suite(table, specs))
    format_: dict[str, Any] = {"result_format": "SUMMARY"}
    if (key := load_contract(table).key) in frame.columns:
        format_["unexpected_index_column_names"] = [key]
    definition = gx.ValidationDefinition(name=table, data=batch, suite=suite)
    result = definition.run(batch_parameters={"dataframe": frame}, result_format=format_)
    for each in result.results:
        _forget_values(each.result, key)
    return result


def _forget_values(result: dict[str, Any], key: str | None) -> None:
    rows = result.pop("partial_unexpected_index_list", None) or ()
    result["examples"] = [row[key] for row in rows if isinstance(row, dict) and not pd.isna(row.get(key))]
    if "unexpected_percent_total" in result:
        # The pages call this the share of all rows; it comes as the share of rows with a value.
        result["unexpected_percent"] = result["unexpected_percent_total"]
    for values in ("partial_unexpected_list", "partial_unexpected_counts", "unexpected_index_query"):
        result.pop(values, None)


def findings(specs: Sequence[CheckSpec], result: Any) -> list[Finding]:  # noqa: ANN401
    """What the result of a table's suite came to, one finding per expectation."""
    by_name = {spec.name: spec for spec in specs}
    return [_finding(by_name[each.expectation_config.description], each) for each in result.results]


def _finding(spec: CheckSpec, result: Any) -> Finding:  # noqa: ANN401
    if result.success:
        return spec.finding(spec.level, True, "as expected")
    rows = int(result.result.get("unexpected_count") or 0)
    return spec.finding(spec.level, False, _found(result), rows, examples(result.result.get("examples", ())))


def _found(result: Any) -> str:  # noqa: ANN401
    if "unexpected_count" in result.result:
        return breaking(result.result["unexpected_count"], result.result["element_count"])
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
