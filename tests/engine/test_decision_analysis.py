"""What the analysis of tables finds: overlaps, gaps, rules that are never reached."""

import pytest

from engine.decisions import analyse, parse_decisions
from tests.engine.dmn_files import decision, file, table


def findings(logic):
    decisions = parse_decisions(file(decision("d", logic)), path="d.dmn")
    return [(found.kind, found.rules, str(found)) for found in analyse(decisions)]


def test_a_table_that_covers_all_without_overlap_has_no_findings():
    assert findings(table(["n"], ["x"], ("< 10", "1"), ("[10..20]", "2"), ("> 20", "3"))) == []


def test_two_rules_that_share_a_value_overlap():
    found = findings(table(["n"], ["x"], ("<= 10", "1"), (">= 10", "2")))
    text = "The rules r1 and r2 both apply when n = 10; narrow one of them down."
    assert found == [("overlap", ("r1", "r2"), text)]


def test_rules_overlap_only_if_all_their_columns_do():
    rules = (
        ("> 5", '"a"', "1"),
        ("> 7", '"b"', "2"),
        ("<= 5", "-", "3"),
        ("> 5", "not(“a”)", "4"),
    )
    rules = tuple(tuple(cell.replace("“", '"').replace("”", '"') for cell in row) for row in rules)
    found = findings(table(["n", "k"], ["x"], *rules))
    assert [(kind, ids) for kind, ids, _ in found] == [("overlap", ("r2", "r4"))]


GAPS = [
    ((("< 10", "1"), ("> 10", "2")), "n = 10"),
    ((("< 10", "1"), (">= 12", "2")), "n = 10"),
    ((("< 10", "1"), ("[10..11], > 12", "2")), "n = 11.5"),
    ((('"a"', "1"), ('"b"', "2")), 'n = "…"'),
    ((("true", "1"),), "n = false"),
    (
        (('< date("2026-01-01")', "1"), ('> date("2026-01-02")', "2")),
        "n = 2026-01-01",
    ),
    ((('< @"P1D"', "1"), ('> @"P1D"', "2")), "n = P1D"),
]


@pytest.mark.parametrize(("rules", "case"), GAPS, ids=[case for _, case in GAPS])
def test_a_value_without_a_rule_is_a_gap(rules, case):
    found = findings(table(["n"], ["x"], *rules))
    assert found[0][0] == "gap"
    assert found[0][2] == f"No rule applies when {case}; add a rule or a default."


def test_a_gap_of_two_columns_names_both_values():
    rules = (("< 5", '"a"', "1"), (">= 5", "-", "2"), ("< 5", 'not("a", "b")', "3"))
    found = findings(table(["n", "k"], ["x"], *rules))
    assert found == [("gap", (), 'No rule applies when n = 4, k = "b"; add a rule or a default.')]


def test_allowed_values_close_the_gap_of_all_other_texts():
    assert findings(table([("k", '"a", "b"')], ["x"], ('"a"', "1"), ('"b"', "2"))) == []


def test_neighbouring_days_and_whole_numbers_leave_no_gap():
    days = (('<= @"2026-01-01"', "1"), ('>= @"2026-01-02"', "2"))
    assert findings(table(["d"], ["x"], *days)) == []
    whole = table(["n"], ["x"], ("<= 5", "1"), (">= 6", "2"))
    assert findings(whole)[0][0] == "gap"
    assert findings(whole.replace("<inputExpression", '<inputExpression typeRef="integer"')) == []


def test_a_default_closes_all_gaps():
    assert findings(table(["n"], [("x", "", "0")], ("< 10", "1"))) == []


def test_lists_of_results_have_no_gaps_and_no_overlaps():
    assert findings(table(["n"], ["x"], ("> 1", "1"), ("> 2", "2"), policy="COLLECT")) == []


def test_a_rule_behind_a_wider_one_is_never_reached():
    found = findings(table(["n"], ["x"], ("-", "1"), ("> 2", "2"), policy="FIRST"))
    text = "The rule r2 never applies, because r1 comes first; move it up."
    assert found == [("unreachable", ("r2", "r1"), text)]


def test_cells_that_speak_of_other_data_are_not_judged():
    rules = (("> limit", "1"), ("? > 3", "2"), ("< now()", "3"))
    assert findings(table(["n"], ["x"], *rules)) == []


def test_a_table_with_many_columns_is_analysed_quickly():
    columns = [f"c{n}" for n in range(12)]
    rules = [
        (*(f"{'<' if n & (1 << bit) else '>='} {bit}" for bit in range(12)), "1")
        for n in range(150)
    ]
    assert any(kind == "gap" for kind, _, _ in findings(table(columns, ["x"], *rules)))
