"""What the engine and the check see of an expression: names, calls, the clock, lent functions."""

import datetime as dt
import timeit
import unicodedata

import pytest

from engine import feel
from engine.feel import FeelError, FeelSyntaxError

NOW = dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC)


def test_free_names_are_told_and_bound_ones_are_not():
    found = feel.parse(
        "for v in villages return {total: v.count + extra, twice: total * rate}.twice"
    )
    assert found.variables == {"villages", "extra", "rate"}


def test_a_name_within_a_filter_may_be_a_field_of_the_item():
    found = feel.parse("people[age > limit].name")
    assert found.variables == {"people"}
    assert found.possible == {"age", "limit"}


def test_a_known_name_within_a_filter_is_told_for_sure():
    assert feel.parse("people[age > limit]", names=["limit"]).variables == {"people", "limit"}


def test_called_functions_that_feel_does_not_have_are_told():
    found = feel.parse("working_days(3) + count(xs) + {f: function() 1, r: f()}.r")
    assert found.calls == {"working_days"}


def test_the_question_mark_is_no_free_name_of_tests_but_other_names_are():
    found = feel.parse_unary("? > limit and head_of(unit) = ?")
    assert found.variables >= {"limit", "unit"}
    assert found.calls == {"head_of"}


def test_unknown_names_and_functions_are_null_when_run():
    assert feel.parse("amount").evaluate({}) is None
    assert feel.parse("working_days(3)").evaluate({}) is None


def test_vietnamese_words_side_by_side_are_one_name():
    context = {"ngày sinh": dt.date(2000, 1, 31), "số tiền đề nghị": 5}
    assert feel.parse("ngày sinh.year + số tiền đề nghị").evaluate(context) == 2005
    assert feel.parse("ngày sinh").variables == {"ngày sinh"}


def test_a_name_in_decomposed_letters_is_the_same_name():
    text = unicodedata.normalize("NFD", "đề nghị + 1")
    assert feel.parse(text).evaluate({"đề nghị": 1}) == 2
    assert feel.parse(text, names=["đề nghị"]).evaluate({"đề nghị": 1}) == 2


def test_a_known_name_is_read_as_long_as_it_goes():
    context = {"a": 1, "b": 2, "a-b": 10, "in stock": 3, "a-b c": 20}
    read = feel.parse("a-b + in stock", names=context.keys())
    assert read.evaluate(context) == 13
    assert feel.parse("a-b c", names=context.keys()).evaluate(context) == 20
    assert feel.parse("a-b").evaluate(context) == -1


def test_a_name_with_a_digit_word_needs_no_declaration():
    assert feel.parse("address line 1").evaluate({"address line 1": "Huế"}) == "Huế"


def test_a_data_field_named_as_a_function_does_not_hide_the_function():
    context = {"date": dt.date(2026, 1, 1), "count": 5}
    assert feel.parse('date < date("2026-02-01") and count(xs) < count').evaluate(
        {**context, "xs": [1]}
    )


def test_a_leading_equals_sign_is_left_out():
    assert feel.parse(" = a + 1").evaluate({"a": 1}) == 2


def test_lent_functions_get_their_arguments_by_position_or_name():
    lent = {"plus": lambda first, second: first + second}
    assert feel.parse("plus(1, 2)").evaluate({}, lent) == 3
    assert feel.parse("plus(second: 1, first: 2)").evaluate({}, lent) == 3


def test_wrong_arguments_of_a_lent_function_are_told_to_the_owner():
    with pytest.raises(FeelError, match=r"plus\(\) does not take 1 arguments"):
        feel.parse("plus(1)").evaluate({}, {"plus": lambda first, second: first})


def test_an_error_inside_a_lent_function_is_not_swallowed():
    def setting(name):
        raise LookupError(name)

    with pytest.raises(LookupError):
        feel.parse('setting("x")').evaluate({}, {"setting": setting})


def test_feels_own_functions_cannot_be_replaced():
    assert feel.parse("count([1])").evaluate({}, {"count": lambda items: 99}) == 1


def test_now_is_the_instant_handed_in_and_today_its_day_in_vietnam():
    assert feel.parse("now()").evaluate({}, now=NOW) == NOW
    assert feel.parse("today()").evaluate({}, now=NOW) == dt.date(2026, 11, 23)


@pytest.mark.parametrize("text", ["now()", "today()"])
def test_without_an_instant_the_clock_is_an_error_and_never_the_wall_clock(text):
    with pytest.raises(FeelError, match="No instant was given"):
        feel.parse(text).evaluate({})


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(FeelError, match="needs a zone"):
        feel.parse("1").evaluate({}, now=dt.datetime(2026, 1, 1))


def test_the_same_text_is_read_once():
    assert feel.parse("a + 1") is feel.parse("a + 1")


def test_evaluating_leaves_the_context_as_it_was():
    context = {"xs": [3, 1], "c": {"a": 1}}
    feel.parse('[sort(xs), append(xs, 9), context put(c, "b", 2)]').evaluate(context)
    assert context == {"xs": [3, 1], "c": {"a": 1}}


ERRORS = [
    ("1 +", 3, "ends too early"),
    ("", 0, "ends too early"),
    ("if a then b", 11, "“else” is missing"),
    ("(1 + 2", 6, "“\\)” is missing"),
    ("a )", 2, "“\\)” is not expected"),
    ("1 2", 2, "“2” is not expected"),
    ('"open', 0, "does not end"),
    ("“typed”", 0, "straight double quotes"),
    ('@"2026-02-30"', 0, "is no date"),
    ("{a: 1, a: 2}", 7, "two entries “a”"),
    ("{1}", 2, "“:” is missing"),
    ("x instance of thing", 14, "“thing” is not a type"),
    ("f(1, b: 2)", 1, "all arguments of a call have a name"),
    ("function(x) external {}", 12, "External functions"),
    ("a == b", 2, "write = instead of =="),
    ("a || b", 2, "“or”"),
    ("!a", 0, "not\\(…\\)"),
    ("if (0,5) then 1 else 2", 5, "0.5"),
    ("a ? 1 : 2", 2, "if … then"),
    ("'x'", 0, "straight double quotes"),
    ("a && b", 2, "“and”"),
    ("= a = ", 6, "ends too early"),
    ("for i return i", 6, "“in” is missing"),
    ("some x in xs", 12, "“satisfies” is missing"),
    (r'"\U110000"', 0, "names no letter"),
    ("1e9999", 0, "too large"),
    ("[1..", 4, "ends too early"),
]


NULLS = [
    ('@"2026-02-30" = null', True, 0),
    ("{a: 1, a: 2}", None, 7),
    ("(function(x) external {java: {class: c}})(1)", None, 13),
    ("1 instance of short text", None, 14),
    ('matches("a", "b"), 2', [False, 2], 17),
]


@pytest.mark.parametrize(("text", "value", "position"), NULLS)
def test_what_is_no_value_is_null_to_who_asks_and_refused_in_a_drawing(text, value, position):
    answer = feel.parse(text, strict=False).ask({}, now=NOW)
    assert answer.value == value
    assert [problem.position for problem in feel.parse(text, strict=False).mistakes] == [position]
    with pytest.raises(FeelSyntaxError) as caught:
        feel.parse(text)
    assert caught.value.position == position


@pytest.mark.parametrize(("text", "position", "words"), ERRORS, ids=[line[0] for line in ERRORS])
def test_a_mistake_is_told_with_its_place_and_in_words(text, position, words):
    with pytest.raises(FeelSyntaxError, match=words) as caught:
        feel.parse(text)
    assert caught.value.position == position
    assert caught.value.template.format(**caught.value.fields) == str(caught.value)


def test_a_plain_condition_takes_less_than_20_microseconds():
    condition = feel.parse('amount > 1000 and kind = "a"')
    context = {"amount": 2000, "kind": "a"}
    best = min(timeit.repeat(lambda: condition.evaluate(context), number=500, repeat=20)) / 500
    assert best < 20e-6
