"""Patterns of form files: JavaScript's dialect, in time linear in the text."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forms.patterns import Pattern, PatternBroken

LETTERS = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", r"\d", r"\w", "ab", "(?:a|b)"])


def joined(parts):
    return st.one_of(
        st.tuples(parts, parts).map("".join),
        st.tuples(parts, parts).map("|".join).map("({})".format),
        st.tuples(parts, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,}"])).map(
            lambda both: f"(?:{both[0]}){both[1]}"
        ),
        parts.map("^{}".format),
        parts.map("{}$".format),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(LETTERS, joined, max_leaves=8), st.text("ab1 ", max_size=8))
def test_a_pattern_finds_what_python_finds(source, text):
    # In Python "$" also stands before a last line end, which no text here has.
    assert Pattern.parse(source).matches(text) == bool(re.search(source, text, re.ASCII))


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "[ab]", "[^a]", r"\d"]),
        st.sampled_from(["", "{2}", "?", "*", "+", "{1,2}"]),
    ).map("".join),
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(ROWS.map("".join).map("^{}$".format), st.text("ab1", max_size=6))
def test_letters_in_a_row_are_told_as_python_tells_them(source, text):
    assert Pattern.parse(source).matches(text) == bool(re.search(source, text, re.ASCII))


@settings(max_examples=100, deadline=None)
@given(st.recursive(LETTERS.filter(lambda part: part != "[^a]"), joined, max_leaves=6))
def test_the_example_of_a_pattern_without_inner_anchors_fits_it(source):
    bare = source.replace("^", "").replace("$", "")
    pattern = Pattern.parse(f"^(?:{bare})$")
    assert pattern.matches(pattern.example)


def test_a_pattern_that_would_hang_python_answers_at_once():
    began = time.process_time()
    assert not Pattern.parse("^(a+)+$").matches("a" * 1000 + "b")
    assert not Pattern.parse("^(a|a)*(a|a)*c").matches("a" * 1000)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("source", "yes", "no"),
    [
        (r"^\d{3}$", "123", "١٢٣"),
        (r"^[A-Z\-]{2,}$", "A-B", "ab"),
        (r"^\p{Lu}\p{L}+$", "Đào", "đào"),
        (r"\bbản\b", "một bản sao", "abản1"),
        (r"^[^\s@]+@[^\s@]+$", "a@b", "a b@c"),
        (r"^(?<code>TK)-\x41\u0042$", "TK-AB", "TK-A"),
        (r"^a{,2}$", "a{,2}", "aa"),
        (r"^[\w-]+$", "a-b_c", "a.b"),
    ],
)
def test_patterns_mean_what_javascript_means(source, yes, no):
    assert Pattern.parse(source).matches(yes)
    assert not Pattern.parse(source).matches(no)


REFUSED = r"( ) [a a** *a \1 (?=a) (?<!a)b a{2,1} [b-a] a{600} \ (a{100}){100} \p{Xx}".split()


@pytest.mark.parametrize("source", [*REFUSED, "(" * 60 + ")" * 60])
def test_what_cannot_be_matched_is_refused_when_the_form_is_read(source):
    with pytest.raises(PatternBroken):
        Pattern.parse(source)
