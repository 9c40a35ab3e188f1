from pipelines.one_lead import similar


def test_a_slip_of_the_pen_is_found_among_the_ids() -> None:
    assert similar("brt-2", ["anna-1", "bert-2", "carl-3"]) == "Did you mean bert-2?"


def test_a_cut_off_id_shows_its_neighbours_in_the_alphabet() -> None:
    assert similar("b", ["aaaaaaaa", "bbbbbbbbb", "ccccccccc"]) == "Did you mean aaaaaaaa or bbbbbbbbb?"


def test_no_leads_no_hint() -> None:
    assert similar("x", []) == ""
