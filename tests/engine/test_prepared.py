"""Statements made ready once: the types keep their promises, and errors are told as ever."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.database import table_of
from engine.prepared import Prepared, Together
from engine.tables import Counter, Draft, Entry
from engine.writing import writing

PUT = Prepared(
    sa.insert(table_of(Counter)).values(
        {"series": sa.bindparam("series"), "last": sa.bindparam("last")}
    )
)
RAISE = Prepared(
    sa.update(table_of(Counter))
    .where(Counter.series == sa.bindparam("which"))
    .values(last=Counter.last + sa.bindparam("by"))
    .returning(Counter.last)
)
READ = Prepared(sa.select(Counter.last).where(Counter.series == sa.bindparam("which")))
READ_AGAIN = Prepared(
    sa.select(Counter.last, sa.bindparam("by", type_=sa.Integer())).where(
        Counter.series == sa.bindparam("which")
    )
)


def test_a_value_comes_back_as_its_column_promises(bind):
    same = Prepared(
        sa.select(
            sa.bindparam("at", type_=Entry.at.type).label("at"),
            sa.bindparam("hash", type_=Entry.hash.type).label("hash"),
            sa.bindparam("posted", type_=Draft.posted.type).label("posted"),
            sa.bindparam("empty", type_=Entry.at.type).label("empty"),
        )
    )
    given = {
        "at": datetime(2026, 11, 22, 8, 0, 0, 5, tzinfo=UTC),
        "hash": "9f41" * 16,
        "posted": {"b": 1, "a": ["đ"]},
        "empty": None,
    }
    with writing(bind) as lane:
        assert same.run(lane, given) == [tuple(given.values())]


def test_a_time_without_a_zone_is_refused(bind):
    same = Prepared(sa.select(sa.bindparam("at", type_=Entry.at.type).label("at")))
    with writing(bind) as lane, pytest.raises(ValueError, match="naive"):
        same.run(lane, {"at": datetime(2026, 11, 22)})


def test_what_is_sent_together_is_all_done_and_the_last_one_answers(bind):
    with writing(bind) as lane:
        PUT.run(lane, {"series": "a", "last": 1})
        writes = Together()
        writes.add(PUT, {"series": "b", "last": 5})
        writes.add(PUT, {"series": "c", "last": 6})
        writes.add(RAISE, {"which": "a", "by": 2})
        assert writes.send(lane) == [(3,)]
        assert writes.send(lane) == []
        assert [READ.run(lane, {"which": w}) for w in "abc"] == [[(3,)], [(5,)], [(6,)]]


def test_many_are_sent_one_after_the_other(bind):
    with writing(bind) as lane:
        writes = Together()
        for number in range(20):
            writes.add(PUT, {"series": f"s{number}", "last": number})
        writes.send(lane)
        assert READ.run(lane, {"which": "s19"}) == [(19,)]


def test_what_the_database_refuses_is_told_as_sqlalchemy_tells_it(bind):
    with pytest.raises(IntegrityError), writing(bind) as lane:
        PUT.run(lane, {"series": "a", "last": 1})
        PUT.each(lane, [{"series": "a", "last": 1}])
    with writing(bind) as lane:
        assert READ.run(lane, {"which": "a"}) == []


def test_a_session_within_a_transaction_writes_what_was_added_to_it(bind):
    with writing(bind) as session:
        PUT.run(session, {"series": "b", "last": 1})
        session.add(Counter(series="a", last=7))
        assert session.get(Counter, "b").last == 1
    with writing(bind) as lane:
        assert READ.run(lane, {"which": "a"}) == [(7,)]


def test_what_is_raised_leaves_nothing_behind_whoever_wrote_it(bind):
    with pytest.raises(ZeroDivisionError), writing(bind) as session:
        PUT.run(session, {"series": "a", "last": 1})
        session.add(Counter(series="b", last=7))
        session.flush()
        raise ZeroDivisionError
    with writing(bind) as lane:
        assert [READ.run(lane, {"which": which}) for which in "ab"] == [[], []]


def test_two_questions_are_answered_in_their_order_within_one_transaction(bind):
    with writing(bind) as lane:
        PUT.run(lane, {"series": "a", "last": 1})
        given = {"which": "a", "by": 2}
        assert RAISE.run_with(READ_AGAIN, lane, given) == ([(3,)], [(3, 2)])
    with writing(bind) as lane:
        assert READ.run_with(READ, lane, {"which": "a"}) == ([(3,)], [(3,)])


def test_of_two_questions_the_one_that_is_refused_undoes_both(bind):
    with pytest.raises(IntegrityError), writing(bind) as lane:
        PUT.run_with(PUT, lane, {"series": "a", "last": 1})
    with writing(bind) as lane:
        assert READ.run(lane, {"which": "a"}) == []
