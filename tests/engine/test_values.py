"""What case data may hold is kept unchanged, under one text that equal values share."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import values
from engine.errors import ValueRefused

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8)
KEYS = st.one_of(TEXTS, st.sampled_from(["$date", "$decimal", "$instant", "$", "$$date", '"$']))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    TEXTS,
    st.sampled_from(["$", '"$date', 'x"$', "\x7f\x01\u2028"]),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=7))])),
    st.decimals(allow_nan=False, allow_infinity=False),
)
ANY = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def written(value: Any) -> str:
    """The text as the shape of `engine.values` says it, written by Python's own library."""

    def packed(part: Any) -> Any:
        if isinstance(part, dict):
            return {f"${k}" if k.startswith("$") else k: packed(v) for k, v in part.items()}
        if isinstance(part, list):
            return [packed(item) for item in part]
        if isinstance(part, Decimal):
            return {"$decimal": str(part)}
        if isinstance(part, datetime):
            return {"$instant": part.astimezone(UTC).isoformat()}
        return {"$date": part.isoformat()} if isinstance(part, date) else part

    return json.dumps(packed(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_a_value_has_one_text_and_comes_back_as_it_was(value):
    text = values.encode(value)
    assert text == values.encode_checked(value) == written(value)
    found = values.decode(text)
    assert found == value
    assert repr(found) == repr(values.decode(values.encode(found)))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, LEAVES, max_size=6))
def test_the_order_of_keys_changes_no_text(record):
    turned = dict(reversed(record.items()))
    assert values.encode_checked(turned) == values.encode_checked(record)


@pytest.mark.parametrize(
    "wrong",
    [1.5, (1, 2), {1}, {1: "x"}, b"x", float("nan"), {"a": [{"b": (1,)}]}, timedelta(1), object()],
)
def test_anything_else_is_refused_where_it_enters_and_where_it_is_written(wrong):
    with pytest.raises(ValueRefused):
        values.check(wrong)
    with pytest.raises(ValueRefused):
        values.encode(wrong)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"a": [1, {"b": 1.5}]}, "data.a[1].b"),
        ({"a": "x\0"}, "data.a"),
        ({"a": "\ud800"}, "data.a"),
        ({"a": {"x\0": 1}}, "data.a"),
        ({"a": datetime(2026, 11, 22)}, "data.a"),  # naive on purpose
        ({"a": Decimal("NaN")}, "data.a"),
    ],
)
def test_a_refusal_names_the_place(wrong, path):
    with pytest.raises(ValueRefused) as caught:
        values.check(wrong)
    assert caught.value.fields["path"] == path


def test_sixty_levels_are_kept_and_more_are_refused():
    deep: Any = "leaf"
    for _ in range(values.MAX_DEPTH):
        deep = [deep]
    assert values.decode(values.encode_checked(values.check(deep))) == deep
    with pytest.raises(ValueRefused):
        values.check([deep])
