"""Pages of lists: every row once, whatever comes and goes while somebody turns them."""

from __future__ import annotations

import base64
import json

import pytest
import sqlalchemy as sa

from engine import reads
from engine.tables import Case, Task
from tests.engine.conftest import AN, BINH

ONE = "start s\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e"


@pytest.fixture
def tasks(alone, deploy, clock) -> list[int]:
    """Nine open tasks: due on three days, thrice at the same time, three of them never."""
    deploy("p", ONE)
    ids = [alone.start("p", actor=AN).tasks[0] for _ in range(9)]
    with alone.writing() as session:
        for number, task in enumerate(session.scalars(sa.select(Task).order_by(Task.id))):
            task.due_at = None if number % 3 == 2 else clock().replace(day=1 + number % 3)
            task.priority = 50 + number % 2
    return ids


def page(engine, after=None, limit=4, **more):
    with engine.reading() as session:
        now = engine.clock()
        return reads.inbox(session, BINH, list="groups", now=now, limit=limit, after=after, **more)


def through(engine, **more) -> list[list[int]]:
    """All pages from the first to the last."""
    found, after = [], None
    while True:
        shown = page(engine, after, **more)
        found.append([row.id for row in shown.rows])
        after = shown.more
        if after is None:
            return found


@pytest.mark.parametrize("sort", ["due", "age", "priority"])
@pytest.mark.parametrize("limit", [1, 2, 4, 9, 50])
def test_turning_pages_forward_shows_each_row_once_in_order(alone, tasks, sort, limit):
    found = [one for some in through(alone, sort=sort, limit=limit) for one in some]
    assert found == through(alone, sort=sort, limit=50)[0]
    assert sorted(found) == tasks


@pytest.mark.parametrize("sort", ["due", "age", "priority"])
def test_turning_back_shows_the_pages_that_were_there(alone, tasks, sort):
    forward, shown = [page(alone, sort=sort)], page(alone, sort=sort)
    while shown.more:
        shown = page(alone, shown.more, sort=sort)
        forward.append(shown)
    back = [shown]
    while back[-1].back:
        back.append(page(alone, back[-1].back, sort=sort))
    assert [one.rows for one in reversed(back)] == [one.rows for one in forward]
    assert forward[0].back is None
    assert [one.more is None for one in reversed(back)] == [False, False, True]


def test_a_row_that_goes_meanwhile_leaves_no_other_out(alone, tasks):
    first = page(alone, sort="age")
    alone.complete(first.rows[0].id, {}, actor=AN)
    second = page(alone, first.more, sort="age")
    assert [row.id for row in second.rows] == tasks[4:8]


def test_a_row_that_comes_meanwhile_is_shown_to_nobody_twice(alone, tasks, clock):
    first = page(alone, sort="priority")
    with alone.writing() as session:
        session.execute(sa.update(Task).where(Task.id == tasks[8]).values(priority=99))
    second = page(alone, first.more, sort="priority")
    assert not {row.id for row in first.rows} & {row.id for row in second.rows}


def test_when_the_rest_has_gone_the_first_page_is_shown(alone, tasks):
    first = page(alone, sort="age")
    for task in tasks[4:]:
        alone.complete(task, {}, actor=AN)
    again = page(alone, first.more, sort="age")
    assert (again.rows, again.back, again.more) == (first.rows, None, None)


def test_back_at_the_beginning_the_page_is_whole(alone, tasks):
    second = page(alone, page(alone, sort="age").more, sort="age")
    for task in tasks[:2]:
        alone.complete(task, {}, actor=AN)
    first = page(alone, second.back, sort="age")
    assert [row.id for row in first.rows] == tasks[2:6]
    assert first.back is None


def test_cases_are_turned_newest_first_both_ways(alone, tasks):
    def cases(after=None):
        with alone.reading() as session:
            return reads.cases(session, AN, now=alone.clock(), limit=4, after=after)

    ids = [row.id for row in cases().rows]
    with alone.reading() as session:
        newest = list(session.scalars(sa.select(Case.id).order_by(Case.id.desc())))
    assert ids == newest[:4]
    second = cases(cases().more)
    alone.start("p", actor=AN)
    assert [row.id for row in second.rows] == newest[4:8]
    assert [row.id for row in cases(second.more).rows] == newest[8:]
    back = cases(cases(second.more).back)
    assert [row.id for row in back.rows] == newest[4:8]


@pytest.mark.parametrize(
    "forged",
    [
        [True], [1, 2, 3], [True, "x", 1], [True, "2026-11-22T00:00:00", 1], [True, 5, 5],
        [True, "2026-11-22T00:00:00+00:00", 2**40], [True, "2026-11-22T00:00:00+00:00", True],
        [True, None, None], {"a": 1}, "text", 7,
    ],
)  # fmt: skip
def test_what_is_no_cursor_of_ours_is_the_first_page(alone, tasks, forged):
    written = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode()
    assert page(alone, written).rows == page(alone).rows
