from data_contracts.hints import did_you_mean


def test_hints_name_what_is_near_else_everything() -> None:
    assert did_you_mean("colum", ["column", "values"]) == "Did you mean column?"
    assert did_you_mean("zzz", ["b", "a"]) == "Known here: a, b."
    assert did_you_mean("zzz", []) == ""


def test_what_to_say_where_nothing_is_near_may_be_given() -> None:
    assert did_you_mean("zzz", ["b", "a"], otherwise="Ask.") == "Ask."
    assert did_you_mean("colum", ["column"], otherwise="Ask.") == "Did you mean column?"
