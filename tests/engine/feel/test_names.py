"""Names as owners write them: with blanks, Vietnamese letters, signs of operators and keywords.

A name that the data have is read as long as it goes, whatever it is made of; the standard lets
names hold blanks and the signs . / - ' + * (DMN 1.5, 10.3.1.2, rules 27 to 30, and 10.3.1.4).
"""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import feel
from engine.feel.names import KEYWORDS
from engine.feel.tokens import tokenize

SYLLABLES = ["ngày", "sinh", "số", "tiền", "đề", "nghị", "Đơn", "vị", "a", "b1", "x_y", "hồ", "sơ"]
WORDS = st.sampled_from(SYLLABLES)
NUMBERED = st.tuples(WORDS, st.integers(0, 99)).map(lambda pair: f"{pair[0]} {pair[1]}")
PLAIN = st.lists(WORDS | NUMBERED, min_size=1, max_size=4).map(" ".join)
SIGNS = st.sampled_from(["-", "+", "*", "/", ".", "'", " - ", " + ", " / "])
SIGNED = st.tuples(PLAIN, SIGNS, PLAIN).map("".join)
WITH_KEYWORD = st.tuples(
    WORDS, st.sampled_from(sorted(KEYWORDS - {"true", "false", "null"})), WORDS
).map(" ".join)
STARTING = st.tuples(st.sampled_from(["in", "for", "if", "not", "some"]), WORDS).map(" ".join)
NAMES = PLAIN | SIGNED | WITH_KEYWORD | STARTING
QUICKLY = settings(max_examples=40, deadline=None)


def value(text, data):
    return feel.parse(text, names=data.keys()).evaluate(data)


@QUICKLY
@given(PLAIN)
def test_a_name_of_words_needs_no_declaration(name):
    assert feel.parse(name).variables == {name}
    assert feel.parse(f"{name} + 1").evaluate({name: 41}) == 42


@QUICKLY
@given(NAMES)
def test_a_declared_name_is_read_whole_wherever_a_name_may_stand(name):
    data = {name: 7}
    assert value(name, data) == 7
    assert value(f"({name})*2 + {name}", data) == 21
    assert value(f"[{name}, {name}]", data) == [7, 7]
    assert value(f"if {name} > 3 then {name} else 0", data) == 7
    assert value(f"max({name}, 3)", data) == 7
    assert value(f"for i in 1..2 return i * {name}", data) == [7, 14]
    assert value(f"{name} between 1 and {name}", data) is True
    assert value(f"{{r: {name}}}.r", data) == 7


@QUICKLY
@given(NAMES)
def test_a_declared_name_may_be_tested_in_a_cell(name):
    tests = feel.parse_unary(f"> {name}", names=[name])
    assert tests.matches(8, {name: 7}) is True
    assert tests.matches(6, {name: 7}) is False
    assert name in tests.variables


@QUICKLY
@given(NAMES)
def test_blanks_and_the_form_of_letters_make_no_other_name(name):
    spread = unicodedata.normalize("NFD", name).replace(" ", "  \t ")
    assert value(f"{spread} + 1", {name: 41}) == 42


@QUICKLY
@given(NAMES, NAMES)
def test_of_two_declared_names_the_longer_is_read(first, second):
    longer = f"{first} {second}"
    data = {first: 1, longer: 10}
    assert value(longer, data) == 10
    assert value(f"{first} * 3", data) == 3


@QUICKLY
@given(PLAIN, SIGNS, PLAIN)
def test_signs_between_names_that_are_not_declared_together_are_operators(left, sign, right):
    operator = sign.strip()
    if operator not in ("-", "+", "*", "/") or left == right:
        return
    data = {left: 12, right: 4}
    expected = {"-": 8, "+": 16, "*": 48, "/": 3}[operator]
    assert value(f"{left}{sign}{right}", data) == expected


@QUICKLY
@given(NAMES)
def test_keys_of_a_context_are_names_for_what_follows(name):
    assert value(f'{{"{name}": 3, r: {name} * 2}}.r', {}) == 6
    assert value(f'{{"{name}": 3}}.{name}', {name: 0}) == 3


@QUICKLY
@given(PLAIN)
def test_loops_and_functions_bind_names_with_blanks(name):
    assert value(f"for {name} in [1, 2] return {name} + 1", {}) == [2, 3]
    assert value(f"some {name} in [1, 2] satisfies {name} = 2", {}) is True
    assert value(f"(function({name}) {name} * 2)(4)", {}) == 8
    assert value(f"{{f: function({name}) {name} * 2}}.f({name}: 4)", {}) == 8


@QUICKLY
@given(NAMES)
def test_a_path_reaches_a_key_of_any_name_that_is_declared(name):
    data = {"who": {name: 5}, name: 1}
    assert value(f"who.{name}", data) == 5
    assert value(f"[who][{name} = 5]", data) == [data["who"]]


@QUICKLY
@given(st.lists(WORDS, min_size=2, max_size=3).map(" ".join))
def test_a_misspelt_name_is_told_with_the_one_that_was_meant(name):
    answer = feel.parse(f"{name}z").ask({name: 1})
    (warning,) = answer.warnings
    assert warning.position == 0
    assert str(warning.sentence) == f"There is no “{name}z” here; did you mean “{name}”?"


@QUICKLY
@given(NAMES)
def test_every_position_of_an_error_lies_in_the_text(name):
    text = f"{name} + ) {name}"
    try:
        feel.parse(text, names=[name])
    except feel.FeelSyntaxError as problem:
        assert text[problem.position] == ")"
        assert problem.position in {token.start for token in tokenize(text)}
    else:
        raise AssertionError(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{f: function(a+b: number, c) a+b * c, r: f(c: 2, a+b: 3)}.r", 6),
        ("{f: function(a-b) a-b, r: f(a-b: 3)}.r", 3),
        ("for a-b in [1, 2] return a-b * 2", [2, 4]),
        ("some x/y in [1, 2] satisfies x/y > 1", True),
        ("{a: 1, b: 2, a-b: 7, r: a-b}.r", 7),
        ("{a: 3, b: 2, r: a-b}.r", 1),
        ("{a-b: 1} instance of context<a-b: number>", True),
        ("{🐎 2: 5, r: 🐎 2 + 1}.r", 6),
    ],
)
def test_a_name_may_hold_signs_of_operators_where_it_is_made(text, value):
    assert feel.parse(text).evaluate({}) == value


def test_a_key_with_signs_is_one_name_after_a_dot_and_in_a_filter_only():
    text = "[a-b, x.a-b, xs[a-b > 2].a-b]"
    context = {"a": 5, "b": 3, "x": {"a-b": 1}, "xs": [{"a-b": 3}, {"a-b": 2}]}
    found = feel.parse(text, names=context.keys(), fields=["a-b"])
    assert found.evaluate(context) == [2, 1, [3]]
    assert found.variables == {"a", "b", "x", "xs"}


@pytest.mark.parametrize("text", ["1 +", "[", "o.", "not(", "", "{a: 1}.", "1 instance of"])
def test_an_empty_name_is_none_that_an_expression_can_hold(text):
    names = frozenset(["", " ", "o"])
    with pytest.raises(feel.FeelSyntaxError):
        feel.parse(text, names=names, types=names)
