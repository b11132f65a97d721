"""Two transactions about one case: the second waits, and then sees what the first has done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from engine import cases, ending, messages, tasks
from engine.errors import CallFailed, CaseClosed, NobodyWaits, NotFound, NotYourTask, Refusal
from engine.moves import Step
from engine.ports import SYSTEM
from engine.tables import Candidate, Case, Draft, Entry, File, Job, Task
from tests.engine.conftest import AN, ANYWHERE, OWNER, STRANGER, person
from tests.engine.test_conversations import keys

DRAWING = """start s
    user a "Draft" candidateGroups=chuyen-vien
    user b "Sign" candidateGroups=lanh-dao
    end e
    s > a > b > e"""
MAIL = "start s\nservice m topic=far.mail in:to=x\nend e\ns > m > e"
HEAD = person("dung", "lanh-dao@vp", tasks_assign=ANYWHERE, cases_cancel=ANYWHERE)


def _until_it_waits(engine: Any, done: Callable[[], bool]) -> None:
    """Returns once another session waits for a lock of ours. SQLite's second writer waits at its
    very beginning, wherever it is by then.
    """
    if engine.bind.dialect.name == "sqlite":
        return
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    give_up = time.monotonic() + 20
    while not done() and time.monotonic() < give_up:
        with engine.bind.connect() as connection:
            if connection.scalar(waiting):
                return
    raise AssertionError("The second transaction did not wait for the first.")


@pytest.fixture
def race(alone) -> Iterator[Callable[..., Any]]:
    """`race(first, second)`: the second begins while the first has done its part and not
    committed; what the second returns or refuses.
    """
    with ThreadPoolExecutor(1) as pool:

        def run(first: Callable[[Any], Any], second: Callable[[], Any]) -> Any:
            with alone.writing() as session:
                first(session)
                session.flush()
                answer = pool.submit(second)
                _until_it_waits(alone, answer.done)
            try:
                return answer.result(timeout=30)
            except Refusal as refusal:
                return refusal

        yield run


def count(engine, table) -> int:
    with engine.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table))


def test_a_right_that_is_withdrawn_meanwhile_completes_no_task(alone, deploy, clock, race):
    deploy("p", DRAWING)
    started = alone.start("p", actor=AN)
    (task,) = started.tasks
    alone.assign(task, STRANGER.name, actor=HEAD)
    answer = race(
        lambda session: tasks.release(session, alone.mover, task, HEAD, clock()),
        lambda: alone.complete(task, {}, actor=STRANGER),
    )
    assert isinstance(answer, NotYourTask)
    with alone.reading() as session:
        assert session.get(Task, task).status == "open"
    assert alone.verify(started.case_id).holds


def test_a_right_that_is_given_meanwhile_completes_the_task(alone, deploy, clock, race):
    deploy("p", DRAWING)
    started = alone.start("p", actor=AN)
    (task,) = started.tasks
    order = tasks.Order(task, STRANGER.name, HEAD, clock())
    answer = race(
        lambda session: tasks.assign(session, alone.mover, order),
        lambda: alone.complete(task, {}, actor=STRANGER),
    )
    assert answer.case_id == started.case_id
    assert alone.verify(started.case_id).holds


def test_a_draft_that_is_saved_meanwhile_goes_with_its_task(alone, deploy, clock, race):
    deploy("p", DRAWING)
    (task,) = alone.start("p", actor=AN).tasks
    answer = race(
        lambda session: tasks.save_draft(
            session, alone.mover, task, posted={"x": "y"}, actor=AN, now=clock()
        ),
        lambda: alone.complete(task, {}, actor=AN),
    )
    assert answer.status == "open"
    assert count(alone, Draft) == 0


@pytest.fixture
def stuck(alone, deploy, post) -> Job:
    """The call of a case that somebody has to try again."""
    deploy("p", MAIL)
    alone.start("p", actor=AN)
    post.answers = [CallFailed("no", permanent=True)]
    alone.run_due()
    with alone.reading() as session:
        return session.scalars(sa.select(Job).where(Job.status == "stuck")).one()


def test_a_call_of_a_case_that_is_closed_meanwhile_is_not_made_again(
    alone, clock, post, race, stuck
):
    step = Step({"kind": "case_cancelled", "reason": "x"}, HEAD, clock())
    answer = race(
        lambda session: ending.cancel(session, alone.mover, step, stuck.case_id),
        lambda: alone.retry(stuck.id, actor=OWNER),
    )
    assert isinstance(answer, CaseClosed)
    assert alone.run_due() == 0
    assert len(post.calls) == 1
    with alone.reading() as session:
        assert session.get(Job, stuck.id).status == "cancelled"
    assert alone.verify(stuck.case_id).holds


def test_of_two_retries_of_a_job_one_counts(alone, clock, race, stuck):
    answer = race(
        lambda session: cases.retry(session, alone.mover, stuck.id, actor=OWNER, now=clock()),
        lambda: alone.retry(stuck.id, actor=OWNER),
    )
    assert isinstance(answer, NotFound)
    with alone.reading() as session:
        retried = session.scalars(sa.select(Entry).where(Entry.kind == "call_retried")).all()
    assert len(retried) == 1


def test_of_two_messages_of_one_key_one_begins_a_case(alone, deploy, clock, race):
    deploy(
        "k",
        """start s message=go correlation="=order"
        user a candidateGroups=chuyen-vien
        end e
        s > a > e""",
    )
    post = messages.Post("go", None, {"order": 1}, SYSTEM, clock())
    answer = race(
        lambda session: messages.deliver(session, alone.mover, post),
        lambda: alone.deliver("go", {"order": Decimal("1.0")}),
    )
    assert isinstance(answer, NobodyWaits)
    assert count(alone, Case) == 1


def test_a_case_that_is_begun_meanwhile_gets_the_message_that_it_waits_for(
    alone, deploy, clock, race
):
    deploy(
        "p",
        'start s message=go correlation="=order"\ncatch c message=go correlation="=order"\n'
        "user a candidateGroups=chuyen-vien\nend e\ns > c > a > e",
    )
    post = messages.from_outside("go", "A1", {"order": "A1"}, actor=SYSTEM, now=clock())
    answer = race(
        lambda session: messages.deliver(session, alone.mover, post),
        lambda: alone.deliver("go", {"order": "A1"}, correlation="A1"),
    )
    assert not isinstance(answer, NobodyWaits)
    assert (count(alone, Case), count(alone, Task)) == (1, 1)


def test_a_case_that_goes_on_while_it_is_verified_is_not_called_forged(alone, deploy):
    deploy("p", DRAWING)
    started = alone.start("p", actor=AN)
    (task,) = started.tasks
    moved = []

    def go_on(_connection, _cursor, statement, *_more) -> None:
        """Before verification reads the journal, and after it has read the case."""
        if "FROM entry" in statement and not moved:
            moved.append(None)
            moved[0] = alone.complete(task, {}, actor=AN)

    sa.event.listen(alone.bind, "before_cursor_execute", go_on)
    try:
        verdict = alone.verify(started.case_id)
    finally:
        sa.event.remove(alone.bind, "before_cursor_execute", go_on)
    assert moved[0].case_id == started.case_id
    assert verdict.differences == ()
    assert alone.verify(started.case_id).entries == verdict.entries + 1


def test_a_snapshot_writes_nothing_and_leaves_its_connection_as_it_was(alone, deploy):
    deploy("p", DRAWING)
    with alone.snapshot() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Case))
        alone.start("p", actor=AN)
        assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == before
    assert count(alone, Case) == before + 1
    assert alone.start("p", actor=AN).status == "open"


def test_a_name_with_a_line_break_is_one_candidate(alone, deploy):
    deploy("p", "start s\nuser a candidateGroups==who\nend e\ns > a > e")
    started = alone.start("p", {"who": "la\n=an"}, actor=AN)
    with alone.reading() as session:
        (offered,) = session.execute(sa.select(Candidate.task_id, Candidate.who)).all()
    assert offered.who == "=la\n=an"
    with pytest.raises(NotYourTask):
        alone.complete(offered.task_id, {}, actor=AN)
    assert alone.verify(started.case_id).holds


NOTED = "start s\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e\n"
BESIDE = f"{NOTED}task n\nuser f candidateGroups=chuyen-vien\nboundary b on=a message=Note non\n"
BESIDE += "end ef\nb > n > f > ef"
LISTENS = "sub x byevent {\nstart xs non message=Note\nuser f candidateGroups=chuyen-vien\n"
LISTENS += "end xe\nxs > f > xe\n}"


@pytest.mark.parametrize("drawn", [BESIDE, NOTED + LISTENS])
def test_a_wait_that_goes_on_hears_both_of_two_messages(alone, deploy, clock, race, drawn):
    deploy("p", drawn)
    case_id = alone.start("p", actor=AN).case_id
    note = messages.Post("Note", None, {}, SYSTEM, clock())
    answer = race(
        lambda session: messages.deliver(session, alone.mover, note),
        lambda: alone.deliver("Note", {}),
    )
    assert (answer, count(alone, Task)) == ([case_id], 3)
    assert alone.verify(case_id).holds


@pytest.mark.parametrize("start", ["", "start m message=Order\nm > a\n"])
def test_two_first_messages_of_two_conversations_reach_two_cases(
    alone, deploy, clock, race, start
):
    properties = {"order": {"Order": "order", "Void": "order"}}
    deploy("p", f"{keys(properties)}\n{start}start s\ncatch c message=Order\nend f\nend e\n"
                "user a candidateGroups=chuyen-vien\nboundary b on=a message=Void\n"
                "s > c > a > e\nb > f")  # fmt: skip
    first, second = (alone.start("p", actor=AN).case_id for _ in range(2))
    order = messages.Post("Order", None, {"order": 1}, SYSTEM, clock())
    got = race(
        lambda session: messages.deliver(session, alone.mover, order),
        lambda: alone.deliver("Order", {"order": 2}),
    )
    assert got == [second]
    assert alone.deliver("Void", {"order": 1}) == [first]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_message_reaches_what_gets_its_key_while_it_is_looked_for(alone, deploy):
    """By another message of the conversation, committed after the first look at who waits."""
    properties = {"order": {"A": "order", "B": "order"}}
    deploy("p", f"{keys(properties)}\nstart s\nand g\ncatch c message=A\ncatch d message=B\n"
                "end e\ns > g > c > e\ng > d > e")  # fmt: skip
    case_id = alone.start("p", actor=AN).case_id
    mine, others = threading.get_ident(), []

    def after(_connection, _cursor, statement, *_more) -> None:
        if threading.get_ident() == mine and "FROM wait" in statement and not others:
            others.append(pool.submit(alone.deliver, "A", {"order": 2}).result(timeout=30))

    sa.event.listen(alone.bind, "after_cursor_execute", after)
    try:
        with ThreadPoolExecutor(1) as pool:
            got = alone.deliver("B", {"order": 2})
    finally:
        sa.event.remove(alone.bind, "after_cursor_execute", after)
    assert ([got], others) == ([[case_id]], [[case_id]])
    assert alone.verify(case_id).holds


SICK = """start s
    user a candidateGroups=chuyen-vien
    boundary b on=a message=M non
    script k feel=n+1 resultVariable=n
    script w feel=n+1 resultVariable=seen
    xor g
    end e
    end f
    s > a > e
    b > k > w > g
    g > f : n != 2
    g > e : n = 100"""


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_what_fails_at_the_second_look_leaves_nothing_behind(alone, deploy, clock, race):
    """The second case goes on meanwhile and cannot take the message after that: the file that
    came along, which was put beside it before it failed, is gone.
    """
    deploy("p", SICK)
    well, sick = (alone.start("p", {"n": n}, actor=AN).case_id for n in (5, 0))
    sender = alone.start("p", {"n": 5}, actor=AN)
    row: Any = {"name": "x.pdf", "sha256": "a" * 64}
    kept = File(case_id=sender.case_id, at=clock(), by="an", by_label="An", size=3,
                media_type="application/pdf", **row)  # fmt: skip
    with alone.writing() as session:
        session.add(kept)
        session.flush()
        data = {"doc": {"file": kept.id, **row}}
    errand = f"message:{sender.case_code}:1:0"
    first = messages.Post("M", None, {}, SYSTEM, clock(), only=sick)
    second = messages.Post("M", None, data, SYSTEM, clock(), errand=errand)

    def bring() -> list[int]:
        with alone.writing() as session:
            return messages.deliver(session, alone.mover, second)

    got = race(lambda session: messages.deliver(session, alone.mover, first), bring)
    assert got == [well, sender.case_id]
    with alone.reading() as session:
        assert session.scalar(sa.select(Job.payload).where(Job.name == "deliver"))["case"] == sick
        assert session.scalars(sa.select(File.id).where(File.case_id == sick)).all() == []
    assert alone.verify(sick).holds
