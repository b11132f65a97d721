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

from engine import feel, messages, telling
from engine.auditing import learned
from engine.correlation import LONGEST, Key, of_errand, of_parts
from engine.errors import NobodyWaits, StepFailed, ValueRefused
from engine.feel import YearsMonths
from engine.feel.values import Range
from engine.moves import Mover
from engine.ports import SYSTEM
from engine.tables import Entry, Job, Task, Wait
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
    YearsMonths(0), Range(1, 5), Range(1, 5, start_included=False), Range(Decimal("1.0"), 5),
    Range(None, 5), feel.parse('date("-0005-01-01")').evaluate({}, {}),
    *(feel.parse(f'@"2026-01-05T00:00:00.000000{n}Z"').evaluate({}, {}) for n in (1, 2)),
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
    assert of_parts(right).text not in (of_parts(left).others or ())


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


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("77", [["77"], [77], [Decimal("77.0")]]),
        ("1.50", [["1.50"], [Decimal("1.5")]]),
        ("2027-01-01", [["2027-01-01"], [date(2027, 1, 1)]]),
        ("2026-01-05 00:00:00+00:00", [[datetime(2026, 1, 5, 7, tzinfo=HERE)]]),
        ("True", [["True"], [True]]),
        ("['a|b', 'c']", [[["a|b", "c"]]]),
        ("8|9", [["8|9"], ["8", "9"], [8, "9"], [8, 9]]),
        ("a|b|c", [["a|b", "c"], ["a", "b|c"], ["a", "b", "c"]]),
        ("? zap", [["? zap"]]),
        ("≡zap", [["≡zap"]]),
        ("K7", [["K7"]]),
    ],
)
def test_a_message_of_before_meets_each_key_that_was_spelled_so(spelled, meant):
    found = of_errand({"correlation": spelled})
    assert spelled in found.texts
    assert {of_parts(parts).text for parts in meant} <= {*found.texts}


def test_an_unknown_key_of_before_meets_nobody():
    found = of_errand({"correlation": "? sent"})
    assert not found.is_known
    assert found.texts == ("? sent",)


def test_a_key_of_before_with_a_thousand_parts_is_read_as_few():
    assert len(of_errand({"correlation": "1|" * 5000}).texts) < 70


@pytest.mark.parametrize(
    ("awaited", "sent", "is_met"),
    [
        ('[duration("P1D")]', '[duration("PT24H")]', True),
        ('{t: time("07:00:00")}', '{t: time("07:00:00")}', True),
        ('[@"2026-01-05T00:00:00"]', '[@"2026-01-05T00:00:00"]', True),
        ('[date("-0005-01-01")]', '[date("-0005-01-01")]', True),
        ('[@"2026-01-05T00:00:00.0000001Z"]', '[@"2026-01-05T00:00:00.0000002Z"]', False),
        ("[1..5]", "[1.0..5]", True),
        ("[1..5]", "[1..5)", False),
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


@pytest.mark.parametrize("key", ["function(a) a", "[function(a) a]"])
def test_a_function_is_no_key(key):
    with pytest.raises(ValueRefused, match="function"):
        Run(text(ONE_CASE).replace("=kept", quoted(key))).start()


@pytest.mark.parametrize("key", ["\0", "≡\0", "\ud800"])
def test_a_key_that_no_database_keeps_is_refused_at_the_door(alone, key):
    with pytest.raises(ValueRefused, match="correlation"):
        alone.deliver("m", {}, correlation=key)


def test_what_was_sent_is_proved_however_the_value_came(alone, deploy):
    deploy("tt", SENDING)
    deploy("wm", SENDING.replace("start s", "start s message=in"))
    for key in (datetime(2026, 1, 5, 7, tzinfo=HERE), {"b": 1, "a": 2}, [{"b": 1, "a": 2}]):
        alone.start("tt", {"k": key}, actor=AN)
        (told,) = alone.deliver("in", {"k": key})
    with alone.reading() as session:
        entry = session.scalars(sa.select(Entry).where(Entry.case_id == told)).first()
        assert (len(entry.facts), learned(entry)) == (1, [])
    assert [v.differences for v in alone.verify_all() if not v.holds] == []


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


def test_a_text_that_spells_what_the_message_says_begins_no_second_case(alone, deploy):
    deploy("w", f'start s message=m correlation="=bill"\n{WORK}\ns > a > e')
    (first,) = alone.deliver("m", {"bill": 5}, correlation="5")
    with pytest.raises(NobodyWaits):
        alone.deliver("m", {"bill": 5})
    (other,) = alone.deliver("m", {"bill": "5"}, correlation="5")
    assert first != other
    (named,) = alone.deliver("m", {"bill": 5}, correlation="B")
    with pytest.raises(NobodyWaits):
        alone.deliver("m", {"bill": 6}, correlation="B")
    assert named not in (first, other)


TOLD = """start s
    service t topic=cases.message in:name=m in:key="=k" in:parts="=parts"
    end e
    s > t > e"""


@pytest.fixture
def telling_engine(alone, deploy):
    alone.surroundings.operations[telling.NAME] = telling.MESSAGE
    deploy("told", TOLD)
    deploy("w", WAITING)
    return alone


@pytest.mark.parametrize(
    ("awaited", "key", "parts", "is_met"),
    [
        (5, Decimal("5.0"), False, True),
        (5, "5", False, False),
        (5, [5], True, True),
        (["a", 2], ["a", Decimal("2.0")], False, True),
        (["a", 2], ["a", 2], True, False),
        (date(2026, 1, 5), date(2026, 1, 5), False, True),
    ],
)
def test_an_operation_tells_cases_under_any_value(telling_engine, awaited, key, parts, is_met):
    case = telling_engine.start("w", {"k": awaited}, actor=AN).case_id
    telling_engine.start("told", {"k": key, "parts": parts}, actor=AN)
    telling_engine.run_due()
    assert (case in open_tasks(telling_engine)) is is_met
    assert all(verdict.holds for verdict in telling_engine.verify_all())


def test_a_list_without_parts_is_no_key_of_parts(telling_engine):
    with pytest.raises(StepFailed, match="several parts"):
        telling_engine.start("told", {"k": [], "parts": True}, actor=AN)


WAY = "correlationPropertyRetrievalExpression"
SUBSCRIBED = f"""!<message id="m1" name="paid"/>
    !<correlationProperty id="cp"><{WAY} messageRef="m1"><messagePath>p</messagePath></{WAY}>\
</correlationProperty>
    !<collaboration id="co"><correlationKey id="ck"><correlationPropertyRef>cp\
</correlationPropertyRef></correlationKey></collaboration>
    <correlationSubscription id="cs" correlationKeyRef="ck"><correlationPropertyBinding \
correlationPropertyRef="cp"><dataPath>p</dataPath></correlationPropertyBinding>\
</correlationSubscription>
    start s
    <intermediateCatchEvent id="c"><messageEventDefinition messageRef="m1"/>\
</intermediateCatchEvent>
    {WORK}
    s > c > a > e"""


def test_a_message_without_a_key_finds_who_waits_in_as_many_statements_however_many(alone, deploy):
    deploy("w", SUBSCRIBED)
    said: list[str] = []

    def note(*given):
        said.append(given[2])

    sa.event.listen(alone.bind, "before_cursor_execute", note)
    needed = []
    for more in (2, 10):
        cases = [alone.start("w", {"p": n}, actor=AN).case_id for n in range(more)]
        alone.deliver("paid", {"p": more - 1})
        alone.start("w", {"p": more - 1}, actor=AN)
        said.clear()
        assert cases[-1] not in alone.deliver("paid", {"p": Decimal(more - 1)})
        needed.append(len(said))
    sa.event.remove(alone.bind, "before_cursor_execute", note)
    assert needed[0] == needed[1]
