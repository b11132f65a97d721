"""What the analysis of tables finds: overlaps, gaps, rules that are never reached."""

from decimal import Decimal
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions import analyse, parse_decisions
from tests.engine.dmn_files import decision, file, input_data, knowledge, of_type, table, typed


def findings(logic):
    decisions = parse_decisions(file(decision("d", logic)), path="d.dmn")
    return [(found.kind, found.rules, str(found)) for found in analyse(decisions)]


def test_a_table_that_covers_all_without_overlap_has_no_findings():
    assert findings(table(["n"], ["x"], ("< 10", "1"), ("[10..20]", "2"), ("> 20", "3"))) == []


def test_two_rules_that_share_a_value_overlap():
    found = findings(table(["n"], ["x"], ("<= 10", "1"), (">= 10", "2")))
    text = "Rules 1 and 2 both apply when n = 10; narrow one of them down."
    assert found == [("overlap", ("r1", "r2"), text)]


def test_rules_of_the_policy_any_overlap_only_where_they_contradict_each_other():
    agreeing = table(["n"], ["x"], ("<= 10", "1"), (">= 10", "1"), policy="ANY")
    worked_out = table(["n"], ["x"], ("<= 10", "n"), (">= 10", "10"), policy="ANY")
    contrary = table(["n"], ["x"], ("<= 10", "1"), (">= 10", "2"), policy="ANY")
    assert findings(agreeing) == findings(worked_out) == []
    assert [(kind, ids) for kind, ids, _ in findings(contrary)] == [("overlap", ("r1", "r2"))]


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
    ((('"a"', "1"), ('"b"', "2")), 'n = "x"'),
    ((("true", "1"),), "n = false"),
    (
        (('< date("2026-01-01")', "1"), ('> date("2026-01-02")', "2")),
        "n = 2026-01-01",
    ),
    ((('< @"P1D"', "1"), ('> @"P1D"', "2")), "n = P1D"),
    ((('< @"P1Y"', "1"), ('> @"P1Y"', "2")), "n = P1Y"),
    ((('< @"08:00:00"', "1"), ('>= @"09:00:00"', "2")), "n = 08:00:00"),
    (
        (('< @"2026-01-01T08:00:00Z"', "1"), ('> @"2026-01-01T08:00:00Z"', "2")),
        "n = 2026-01-01T08:00:00Z",
    ),
    ((('["a".."f"]', "1"), ('> "k"', "2"), ('< "a"', "3")), 'n = "fx"'),
    ((("not(1, 2)", "1"), ("1", "2")), "n = 2"),
    ((("not([1..5])", "1"), ("[2..5]", "2")), "n = 1"),
    ((("[1, 2, 3]", "1"), ("< 1, > 3", "2")), "n = 1.5"),
    ((('!= "a"', "1"),), 'n = "a"'),
    ((("null", "1"), ("< 5", "2")), "n = 5"),
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
    text = "Rule 2 never applies, because rule 1 comes first; move it up."
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


def test_the_type_of_the_input_tells_which_values_may_come():
    kinds = typed("tKind", of_type("string", '"a", "b"')) + typed("tCopy", of_type("tKind"))
    logic = table(["kind", "urgent"], ["x"], ('"a"', "-", "1"), ('"b"', "true", "2"))
    parts = [kinds, input_data("kind", "tCopy"), input_data("urgent", "boolean")]
    decisions = parse_decisions(file(*parts, decision("d", logic)), path="d.dmn")
    assert [str(found) for found in analyse(decisions)] == [
        'No rule applies when kind = "b", urgent = false; add a rule or a default.'
    ]


def test_a_finding_names_the_rule_or_table_and_its_line():
    logic = table(["n"], ["x"], ("< 5", "1"), ("< 3", "2")).replace("<rule", "\n<rule")
    overlap, gap = analyse(parse_decisions(file(decision("d", logic)), path="d.dmn"))
    assert (overlap.element, overlap.line) == ("r2", 3)
    assert (gap.element, gap.line) == ("d", 1)


def test_tables_within_functions_are_analysed_too():
    logic = table(["n"], ["x"], ("< 5", "1"))
    xml = file(knowledge("f", ["n"], logic), decision("d", logic))
    found = analyse(parse_decisions(xml, path="d.dmn"))
    assert [finding.decision for finding in found] == ["d", "f-id"]


def test_a_table_of_two_thousand_bands_is_analysed_completely():
    rules = [(f"[{n}..{n + 1})", '"a"', "1") for n in range(2_000) if n != 700]
    found = findings(table(["n", "k"], ["x"], ("< 0", "-", "1"), *rules, ("[5..6)", "-", "2")))
    assert [kind for kind, _, _ in found] == ["overlap", "gap", "gap", "gap"]
    assert found[0][1] == ("r7", "r2001")


CELLS = {
    "n": [
        "-",
        "1",
        "< 2",
        ">= 2",
        "[1..3)",
        "(1..3]",
        "not(1)",
        "1, 3",
        "> 4",
        "not(< 2)",
        "!= 3",
    ],
    "k": ["-", '"a"', '"b"', 'not("a")', '"a", "c"', '!= "b"', 'not("a", "b")'],
}
GRID = {
    "n": [Decimal(n) / 2 for n in range(-1, 11)],
    "k": ["a", "b", "c", "zz"],
}


@settings(max_examples=60, deadline=None)
@given(rules=st.lists(st.tuples(*map(st.sampled_from, CELLS.values())), min_size=1, max_size=5))
def test_findings_are_those_that_trying_all_values_gives(rules):
    logic = table(list(CELLS), ["x"], *((*cells, "1") for cells in rules))
    decisions = parse_decisions(file(decision("d", logic)), path="d.dmn")
    (checked,) = decisions.tables()
    applying = [
        {
            rule.id
            for rule in checked.rules
            if all(test.matches(value, {}) for test, value in zip(rule.tests, case, strict=True))
        }
        for case in product(*GRID.values())
    ]
    found = analyse(decisions)
    pairs = {pair for ids in applying for pair in combinations(sorted(ids), 2)}
    assert {finding.rules for finding in found if finding.kind == "overlap"} == pairs
    assert any(finding.kind == "gap" for finding in found) == any(not ids for ids in applying)


def test_a_rule_for_values_that_may_not_come_is_never_reached():
    found = findings(table([("k", '"a", "b"')], ["x"], ('"a"', "1"), ('"b"', "2"), ('"c"', "3")))
    assert [(kind, rules) for kind, rules, _ in found] == [("unreachable", ("r3",))]
