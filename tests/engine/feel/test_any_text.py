"""Whatever the text and whatever the data: a value of FEEL or an error of FEEL, and soon."""

import datetime as dt
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import feel
from engine.feel import Budget, FeelError, YearsMonths, kind_of
from engine.feel.library import BUILT_INS

NOW = dt.datetime(2026, 11, 22, 1, 30, tzinfo=dt.UTC)
SMALL = Budget(steps=3_000, depth=20, items=500, letters=2_000)
WORDS = (
    "if then else for in return some every satisfies and or not between instance of function"
    " true false null a b xs ctx item partial date time duration ? number string list"
).split()
SIGNS = '+ - * / ** = != < <= > >= ( ) [ ] { } , : . .. -> @ ` " // /* */'.split()
LITERALS = [
    *("0", "1", "-2", "2.50", "1e30", ".5", '"x"', '"a+"', '""', "[1,2]", "{a: 1}", "[1..5]"),
    *('@"2026-01-31"', '@"P1M"', '@"PT36H"', '@"08:00:00"', '@"2026-01-31T00:00:00Z"'),
]
TEXTS = st.lists(st.sampled_from([*WORDS, *SIGNS, *LITERALS, *BUILT_INS]), max_size=25).map(
    " ".join
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.timedeltas(),
    st.integers(-(10**6), 10**6).map(YearsMonths),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
SLOWLY = settings(max_examples=150, deadline=1_000, suppress_health_check=[HealthCheck.too_slow])


def value_of(text, context):
    try:
        return feel.parse(text).evaluate(context, now=NOW, budget=SMALL)
    except FeelError as problem:
        assert problem.template.format(**problem.fields) == str(problem)
        return None


@SLOWLY
@given(TEXTS | st.text(max_size=60))
def test_any_text_has_a_value_or_an_error_in_words(text):
    found = value_of(text, {"a": 1, "b": "x", "xs": [1, None, "a"], "ctx": {"a": Decimal("1.5")}})
    assert kind_of(found) != "foreign"


@SLOWLY
@given(
    st.sampled_from(["+", "-", "*", "/", "**", "=", "!=", "<", ">=", "in", "and"]), VALUES, VALUES
)
def test_any_operator_takes_any_two_values(operator, a, b):
    assert kind_of(value_of(f"a {operator} b", {"a": a, "b": b})) != "foreign"


@SLOWLY
@given(st.sampled_from(sorted(BUILT_INS)), st.lists(VALUES, max_size=4))
def test_any_function_takes_any_arguments(name, arguments):
    context = {f"p{at}": value for at, value in enumerate(arguments)}
    found = value_of(f"{name}({', '.join(context)})", context)
    assert kind_of(found) != "foreign"


def is_kept_by_text(value):
    """Not kept: digits beyond the 34 of FEEL, the second run of an hour that a clock repeats."""
    if isinstance(value, (int, Decimal)):
        return len(Decimal(value).as_tuple().digits) <= 34 and abs(Decimal(value).adjusted()) < 300
    return getattr(value, "fold", 0) == 0


@SLOWLY
@given(VALUES)
def test_what_is_written_as_text_reads_back_as_the_same_value(value):
    if isinstance(value, (str, list, dict)) or value is None or not is_kept_by_text(value):
        return
    text = value_of("string(v)", {"v": value})
    reader = {"number": "number(t)", "boolean": 't = "true"', "date": "date(t)", "time": "time(t)"}
    reader["date and time"] = "date and time(t)"
    back = value_of(reader.get(kind_of(value), "duration(t)"), {"t": text})
    assert value_of("a = b", {"a": back, "b": value}) is True
