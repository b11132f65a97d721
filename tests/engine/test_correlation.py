"""Keys of messages: the same exactly when all their parts are equal in FEEL (BPMN 2.0.2, 8.4.2;
DMN 1.5, 10.3.2.3.2), and met by those who have waited since before they were.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st

from engine import feel, messages
from engine.correlation import LONGEST, Key, in_errand, of_errand, of_parts
from engine.errors import NobodyWaits
from engine.feel import YearsMonths
from engine.moves import Mover
from engine.ports import SYSTEM
from engine.tables import Job, Task, Wait
from tests.engine.conftest import AN
from tests.engine.drawings import Run, text

HERE = timezone(timedelta(hours=7))
TEXTS = ["", "1", "1.0", "a", "a|b", "b|c", "≡1", '≡"a"', "≡?sent", "? sent", "? awaited", "null",
         "true", "True", "2026-01-05", "date 739621", "[1]", "{}", "≡#", "é", "e\u0301",
         "x" * 400, "x" * 401]  # fmt: skip
SCALARS = st.sampled_from([
    *TEXTS, True, False, 0, 1, -1, 10, 15,
    *map(Decimal, ("0", "-0.00", "1.0", "1.00", "1E+1", "1.5", "-1.0", "1E-60", "1E+60")),
    10**60, date(2026, 1, 5), datetime(2026, 1, 5, 7, tzinfo=HERE),
    datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 5), time(7), time(7, tzinfo=HERE),
    time(0, tzinfo=UTC), timedelta(days=1), timedelta(hours=24), timedelta(), YearsMonths(12),
    YearsMonths(0),
])  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner | st.none(), max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", 'a":1,"b']), inner | st.none(), max_size=3)
    ),
    max_leaves=5,
)
PARTS = st.lists(VALUES, min_size=1, max_size=3)
IS = feel.parse("a = b")
ONE_CASE = """start s
    and g
    receive r message=m correlation="=kept"
    throw t message=m correlation="=said"
    end e
    end f
    s > g > r > e
    g > t > f"""
WORK = "user a candidateGroups=chuyen-vien\nend e"
WAITING = f'start s\ncatch c message=m correlation="=k"\n{WORK}\ns > c > a > e'
SENDING = 'start s\nthrow t message=m correlation="=k"\nend e\ns > t > e'


def quoted(expression: str) -> str:
    return escape(f"={expression}", {'"': "&quot;"})


def are_equal(left: list[feel.Value], right: list[feel.Value]) -> bool:
    pairs = zip(left, right, strict=False)
    return len(left) == len(right) and all(
        IS.evaluate({"a": a, "b": b}, {}) is True for a, b in pairs
    )


@given(PARTS, PARTS)
@example([1], [Decimal("1.0")])
@example([1], ["1"])
@example(["a|b", "c"], ["a", "b|c"])
@example([["a", "b"]], ["a", "b"])
@example([datetime(2026, 1, 5, 7, tzinfo=HERE)], [datetime(2026, 1, 5, tzinfo=UTC)])
@example([{"a": 1, "b": 2}], [{"b": Decimal("2.0"), "a": 1}])
@example(["x" * 400], ["x" * 401])
def test_two_keys_are_the_same_exactly_when_their_parts_are_equal(left, right):
    same = of_parts(left).text == of_parts(right).text
    assert same == are_equal(left, right)
    assert max(len(of_parts(left).text), len(of_parts(right).text)) <= LONGEST


@given(PARTS, PARTS)
@example([1], ["1"])
@example(["≡1"], [1])
@example(["≡1", "a"], [1])
def test_what_a_key_was_before_is_no_key_of_today(left, right):
    assert of_parts(left).formerly != of_parts(right).text


@given(PARTS)
@example(["≡?awaited"])
@example(["? awaited"])
def test_a_part_that_is_null_makes_a_key_that_none_equals(parts):
    unknown = {of_parts([None, *parts]), of_parts([*parts, None], "awaited")}
    assert len({key.text for key in unknown}) == 2
    assert not any(key.is_known for key in unknown)
    assert of_parts(parts).is_known
    assert unknown.isdisjoint(map(Key, of_parts(parts).texts))


@given(PARTS)
def test_an_errand_holds_the_key_that_was_sent(parts):
    assert of_errand(of_parts(parts).record) == of_parts(parts)


def test_an_errand_of_a_text_holds_the_key_of_that_text():
    kept = [of_errand({"correlation": in_errand(text)}).text for text in TEXTS]
    assert kept == [of_parts([text]).text for text in TEXTS]


@pytest.mark.parametrize(
    ("awaited", "sent", "is_met"),
    [
        ("1.0", "2/2", True),
        ("1", '"1"', False),
        ('["a|b", "c"]', '["a", "b|c"]', False),
        ('duration("P1D")', 'duration("PT24H")', True),
        ('duration("P1Y")', 'duration("P12M")', True),
        ('time("07:00:00+07:00")', 'time("00:00:00Z")', True),
        ('@"2026-01-05T07:00:00+07:00"', '@"2026-01-05T00:00:00Z"', True),
        ('@"2026-01-05T00:00:00"', '@"2026-01-05T00:00:00Z"', False),
        ('@"2026-01-05"', '"2026-01-05"', False),
        ("{a: 1, b: 2}", "{b: 2.0, a: 1}", True),
        ("null", '"? awaited"', False),
        ("null", '"≡?awaited"', False),
        ("null", "null", False),
        ('"K7"', '"K7"', True),
    ],
)
def test_a_message_reaches_who_waits_under_an_equal_key(awaited, sent, is_met):
    drawn = text(ONE_CASE).replace("=kept", quoted(awaited)).replace("=said", quoted(sent))
    run = Run(drawn).start()
    assert ([w.kind for w in run.rest.waiting.values()] == []) is is_met
    assert len(run.rest.sent) == (not is_met)


def open_tasks(engine) -> list[int]:
    with engine.reading() as session:
        query = sa.select(Task.case_id).where(Task.status == "open").order_by(Task.id)
        return list(session.scalars(query))


def test_keys_that_are_no_plain_text_go_from_case_to_case(alone, deploy):
    deploy("w", WAITING)
    deploy("tt", SENDING)
    keys = [1, "1", ["a", Decimal("2.50")], "x" * 400]
    cases = [alone.start("w", {"k": key}, actor=AN).case_id for key in keys]
    for key in (Decimal("1.0"), ["a", Decimal("2.5")], "x" * 400):
        alone.start("tt", {"k": key}, actor=AN)
    alone.run_due()
    assert open_tasks(alone) == [cases[0], cases[2], cases[3]]
    assert alone.deliver("m", {}, correlation="1") == [cases[1]]
    assert all(verdict.holds for verdict in alone.verify_all())


class Former(Mover):
    """Moves cases as the release before did, which spelled keys as Python writes values."""

    def world(self, session, case, step):
        world = super().world(session, case, step)
        world.by_value = False
        return world


def test_who_waits_since_before_is_met_and_what_was_written_then_still_holds(alone, deploy):
    deploy("w", WAITING)
    deploy("tt", SENDING)
    today, alone.mover = alone.mover, Former(alone.surroundings)
    keys = [1, "1", "K7", ["a|b", "c"], Decimal("1.50"), None]
    cases = [alone.start("w", {"k": key}, actor=AN).case_id for key in keys]
    alone.start("tt", {"k": "2026"}, actor=AN)
    with alone.reading() as session:
        awaited = list(session.scalars(sa.select(Wait.correlation).order_by(Wait.case_id)))
        (order,) = session.scalars(sa.select(Job.payload).where(Job.kind == "errand"))
    assert awaited == ["1", "1", "K7", "['a|b', 'c']", "1.50", "? awaited"]
    assert order == {"message": "m", "correlation": "2026", "data": {}, "unit": "vp"}
    alone.mover = today
    new = alone.start("w", {"k": "2026"}, actor=AN).case_id
    alone.start("tt", {"k": ["a|b", "c"]}, actor=AN)
    alone.start("tt", {"k": "? awaited"}, actor=AN)
    alone.run_due()
    assert sorted(open_tasks(alone)) == [cases[3], new]
    assert alone.deliver("m", {}, correlation="K7") == [cases[2]]
    # What could not be told apart then is met by either.
    assert alone.deliver("m", {}, correlation="1") == cases[:2]
    assert all(verdict.holds for verdict in alone.verify_all())


def test_one_case_of_a_key_is_open_though_it_began_before(alone, deploy, clock):
    deploy("w", f'start s message=m correlation="=bill"\n{WORK}\ns > a > e')
    former = messages.Post("m", Key("1"), {"bill": 1}, SYSTEM, clock())
    with alone.writing() as session:
        messages.deliver(session, alone.mover, former)
    with pytest.raises(NobodyWaits):
        alone.deliver("m", {"bill": Decimal("1")})
    (new,) = alone.deliver("m", {"bill": 2})
    with pytest.raises(NobodyWaits):
        alone.deliver("m", {"bill": Decimal("2.0")})
    assert alone.deliver("m", {"bill": "2"}) != [new]
    assert all(verdict.holds for verdict in alone.verify_all())
