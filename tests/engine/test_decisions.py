"""Making decisions: hit policies, inputs and outputs, requirements between decisions."""

import datetime as dt
from decimal import Decimal

import pytest

from engine.decisions import DecisionFailed, Hit, parse_decisions
from engine.feel import Budget, FeelBudgetExceeded, FeelError
from tests.engine.dmn_files import NAMESPACES, decide, decision, file, literal, table


def fired(*rules):
    return tuple(("d", rule) for rule in rules)


BANDS = (("< 10", '"small"'), ("[10..100]", '"medium"'), ("> 100", '"large"'))


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_files_of_every_version_are_read(namespace):
    xml = file(decision("d", table(["amount"], ["size"], *BANDS)), namespace=namespace)
    assert parse_decisions(xml, path="d.dmn").decide("d", {"amount": 10}).value == "medium"


def test_a_unique_table_gives_the_value_of_its_rule_and_names_it():
    logic = table(["amount"], ["size"], *BANDS)
    assert decide(logic, {"amount": 500}) == Hit("large", fired("r3"))


def test_no_rule_gives_null():
    assert decide(table(["amount"], ["size"], ("< 10", '"small"')), {"amount": 50}) == Hit(
        None, ()
    )


def test_no_rule_gives_the_default_output():
    logic = table(["amount"], [("size", "", '"other"')], ("< 10", '"small"'))
    assert decide(logic, {"amount": 50}) == Hit("other", ())


def test_two_rules_of_a_unique_table_are_an_error_that_names_both():
    logic = table(["n"], ["x"], ("> 1", "1"), ("> 2", "2"))
    with pytest.raises(DecisionFailed, match="Rules 1, 2 of “d” apply at once") as caught:
        decide(logic, {"n": 3})
    assert caught.value.rules == ("r1", "r2")


def test_any_takes_rules_that_agree_and_names_them_all():
    logic = table(["n"], ["x"], ("> 1", '"a"'), ("> 2", '"a"'), ("> 3", '"b"'), policy="ANY")
    assert decide(logic, {"n": 3}) == Hit("a", fired("r1", "r2"))
    with pytest.raises(DecisionFailed, match="give different results"):
        decide(logic, {"n": 4})


def test_first_takes_the_first_rule_of_the_table():
    logic = table(["n"], ["x"], ("> 2", '"b"'), ("> 1", '"a"'), ("-", '"c"'), policy="FIRST")
    assert decide(logic, {"n": 3}) == Hit("b", fired("r1"))
    assert decide(logic, {"n": 0}) == Hit("c", fired("r3"))


def test_priority_takes_the_output_that_stands_first_in_the_list():
    rules = (("> 1", '"yes"'), ("> 2", '"no"'))
    logic = table(["n"], [("x", '"no", "yes"', "")], *rules, policy="PRIORITY")
    assert decide(logic, {"n": 3}) == Hit("no", fired("r2"))
    assert decide(logic, {"n": 2}) == Hit("yes", fired("r1"))


def test_priority_of_several_outputs_goes_column_by_column():
    outputs = [("x", '"A", "B"', ""), ("y", '"p", "q"', "")]
    rules = (("-", '"B"', '"p"'), ("-", '"A"', '"q"'), ("-", '"A"', '"p"'))
    logic = table(["n"], outputs, *rules, policy="PRIORITY")
    assert decide(logic, {"n": 1}) == Hit({"x": "A", "y": "p"}, fired("r3"))


def test_rule_order_gives_all_results_in_the_order_of_the_rules():
    rules = (("> 1", "1"), ("> 2", "2"), ("> 9", "9"))
    logic = table(["n"], ["x"], *rules, policy="RULE ORDER")
    assert decide(logic, {"n": 3}) == Hit([1, 2], fired("r1", "r2"))
    assert decide(logic, {"n": 0}) == Hit([], ())


def test_output_order_gives_all_results_in_the_order_of_the_values():
    rules = (("> 1", '"low"'), ("> 2", '"high"'), ("> 0", '"low"'))
    logic = table(["n"], [("x", '"high", "low"', "")], *rules, policy="OUTPUT ORDER")
    assert decide(logic, {"n": 3}) == Hit(["high", "low", "low"], fired("r2", "r1", "r3"))


COLLECTED = [
    ("", [30, 10, 20]),
    ("SUM", 60),
    ("MIN", 10),
    ("MAX", 30),
    ("COUNT", 3),
]


@pytest.mark.parametrize(("aggregation", "value"), COLLECTED)
def test_collect_gathers_or_adds_up_all_results(aggregation, value):
    rules = (("> 0", "30"), ("> 1", "10"), ("> 2", "20"), ("> 9", "5"))
    logic = table(["n"], ["x"], *rules, policy="COLLECT", aggregation=aggregation)
    assert decide(logic, {"n": 3}) == Hit(value, fired("r1", "r2", "r3"))


@pytest.mark.parametrize(
    ("aggregation", "value"), [("", []), ("SUM", None), ("MIN", None), ("MAX", None), ("COUNT", 0)]
)
def test_collect_without_any_rule_gives_what_nothing_comes_to(aggregation, value):
    logic = table(["n"], ["x"], ("> 9", "1"), policy="COLLECT", aggregation=aggregation)
    assert decide(logic, {"n": 3}) == Hit(value, ())


def test_several_outputs_give_a_context_by_name():
    logic = table(["kind"], ["approver", "days"], ('"a", "b"', '"chief"', "2 * factor"))
    assert decide(logic, {"kind": "b", "factor": Decimal("1.5")}).value == {
        "approver": "chief",
        "days": Decimal("3.0"),
    }


def test_collect_of_several_outputs_gives_a_list_of_contexts():
    logic = table(["n"], ["x", "y"], ("-", "1", "2"), ("-", "3", "4"), policy="COLLECT")
    assert decide(logic, {}).value == [{"x": 1, "y": 2}, {"x": 3, "y": 4}]


def test_all_cells_of_a_rule_must_hold_and_an_empty_cell_holds_for_all():
    rules = ((">= 3", '"north"', "1"), ("", "-", "2"))
    logic = table(["rank", "area"], ["x"], *rules, policy="FIRST")
    assert decide(logic, {"rank": 3, "area": "north"}).value == 1
    assert decide(logic, {"rank": 3, "area": "south"}).value == 2
    assert decide(logic, {}).value == 2


def test_cells_may_speak_of_the_input_by_question_mark_and_by_camundas_name():
    rules = (('contains(?, "x")', "1"), ("cellInput = t", "2"))
    logic = table(["t"], ["x"], *rules, policy="FIRST")
    assert decide(logic, {"t": "axb"}).value == 1
    assert decide(logic, {"t": "b"}).value == 2


def test_vietnamese_names_with_blanks_are_read():
    rules = (("> 1000", "số tiền đề nghị / 2"),)
    assert (
        decide(table(["số tiền đề nghị"], ["x"], *rules), {"số tiền đề nghị": 3000}).value == 1500
    )


def test_dates_and_the_clock_are_those_handed_in():
    logic = table(["deadline"], ["late"], ("< now()", "true"), ("-", "false"), policy="FIRST")
    now = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
    assert decide(logic, {"deadline": now - dt.timedelta(hours=1)}, now=now).value is True
    with pytest.raises(FeelError, match="No instant was given"):
        decide(logic, {"deadline": now})


def test_lent_functions_serve_in_tables():
    logic = table(["unit"], ["head"], ("-", "head_of(unit)"))
    assert (
        decide(logic, {"unit": "u1"}, functions={"head_of": "{}-head".format}).value == "u1-head"
    )


def test_an_input_that_is_not_allowed_counts_as_null():
    logic = table([("kind", '"a", "b"')], ["x"], ("null", "0"), ("-", "1"), policy="FIRST")
    assert decide(logic, {"kind": "a"}).value == 1
    assert decide(logic, {"kind": "z"}).value == 0


def test_an_output_that_is_not_allowed_is_null():
    assert decide(table(["n"], [("x", '"a", "b"', "")], ("-", '"z"')), {}).value is None


def test_required_decisions_are_made_first_and_their_rules_named():
    xml = file(
        decision("approver", table(["Rủi ro"], ["x"], ('"high"', '"head"')), requires=["risk"]),
        decision("risk", table(["amount"], ["r"], ("> 9", '"high"')), name="Rủi ro"),
    )
    decisions = parse_decisions(xml, path="d.dmn")
    assert decisions.ids == ("approver", "risk")
    assert decisions.decide("approver", {"amount": 10}) == Hit(
        "head", (("risk", "r1"), ("approver", "r1"))
    )


def test_a_decision_that_two_others_require_is_made_once():
    xml = file(
        decision("top", literal("a + b"), requires=["a", "b"]),
        decision("a", literal("base + 1"), requires=["base"]),
        decision("b", literal("base + 2"), requires=["base"]),
        decision("base", table(["n"], ["x"], ("-", "n"))),
    )
    assert parse_decisions(xml, path="d.dmn").decide("top", {"n": 10}) == Hit(
        23, (("base", "r1"),)
    )


def test_a_required_decision_is_known_by_its_id_too():
    xml = file(
        decision("top", literal("base_id + 1"), requires=["base_id"]),
        decision("base_id", literal("1"), name="Cơ sở"),
    )
    assert parse_decisions(xml, path="d.dmn").decide("top", {}).value == 2


def test_the_check_learns_what_a_decision_takes_from_the_case():
    xml = file(
        decision("top", literal("low + amount + working_days(3)"), requires=["low"]),
        decision("low", table(["kind"], ["x"], ("limit", "1"))),
    )
    uses = parse_decisions(xml, path="d.dmn").uses("top")
    assert {name for _, name in uses.variables} == {"amount", "kind", "limit"}
    assert [name for _, name in uses.calls] == ["working_days"]


def test_a_decision_has_a_budget():
    logic = literal("count(for i in 1..5000 return i)")
    assert decide(logic, {}).value == 5000
    with pytest.raises(FeelBudgetExceeded):
        decide(logic, {}, budget=Budget(steps=1_000))


def test_a_table_of_a_thousand_rules_is_decided_within_its_budget():
    rules = [(f"[{n}..{n + 1})", str(n)) for n in range(1_000)]
    assert decide(table(["n"], ["x"], *rules), {"n": 999}) == Hit(999, fired("r1000"))
