"""Jobs: tried again under the same key, stuck in sight, never counted twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.errors import CallFailed, NotPermitted, Rejected
from engine.jobs import Retries
from engine.tables import Case, Entry, Job, Task
from tests.engine.conftest import AN, OWNER

MAIL = """start s
    service m topic=far.mail in:to=x@y.vn out:id="=result.message_id"
    boundary b on=m error=NO_BOX
    user call candidateGroups=chuyen-vien
    end e
    s > m > e
    b > call > e"""


def job(engine) -> Job:
    with engine.reading() as session:
        return session.scalars(sa.select(Job)).one()


def test_a_failed_call_is_tried_again_under_the_same_key(alone, deploy, clock, post):
    deploy("p", MAIL)
    post.answers = [CallFailed("busy"), CallFailed("busy")]
    started = alone.start("p", actor=AN)
    alone.run_due()
    assert job(alone).error == "busy"
    assert alone.run_due() == 0
    for _try in range(3):
        clock.advance(minutes=5)
        alone.run_due()
    assert len({key for key, _ in post.calls}) == 1
    assert (len(post.calls), job(alone).status) == (3, "done")
    assert alone.verify(started.case_id).holds


def test_a_permanent_failure_is_stuck_until_somebody_retries(alone, deploy, clock, post):
    deploy("p", MAIL)
    post.answers = [CallFailed("no such box", permanent=True)]
    started = alone.start("p", actor=AN)
    alone.run_due()
    stuck = job(alone)
    assert (stuck.status, stuck.error) == ("stuck", "no such box")
    with pytest.raises(NotPermitted):
        alone.retry(stuck.id, actor=AN)
    alone.retry(stuck.id, actor=OWNER)
    alone.run_due()
    with alone.reading() as session:
        assert session.get(Case, started.case_id).status == "completed"
    assert alone.verify(started.case_id).holds


def test_a_rejection_takes_the_way_that_is_drawn(alone, deploy, post):
    deploy("p", MAIL)
    post.answers = [Rejected("NO_BOX")]
    alone.start("p", actor=AN)
    alone.run_due()
    with alone.reading() as session:
        assert session.scalars(sa.select(Task.element)).all() == ["call"]


def test_a_worker_that_dies_leaves_its_call_to_the_next(alone, deploy, clock, post):
    deploy("p", MAIL)
    alone.start("p", actor=AN)
    with pytest.raises(KeyboardInterrupt):
        post.answers = [_killed]
        alone.run_due()
    assert job(alone).status == "running"
    assert alone.run_due() == 0
    clock.advance(minutes=3)
    assert alone.run_due() == 1
    assert job(alone).status == "done"
    assert len({key for key, _ in post.calls}) == 1


def _killed():
    raise KeyboardInterrupt


def test_a_late_answer_of_a_lost_lease_counts_for_nothing(alone, deploy, clock, post):
    """The first worker is slow; its lease runs out, the second answers; then the first comes
    back.
    """
    deploy("p", MAIL)
    started = alone.start("p", actor=AN)

    def slow():
        clock.advance(minutes=3)
        alone.run_due()

    post.answers = [slow]
    alone.run_due()
    with alone.reading() as session:
        kinds = session.scalars(sa.select(Entry.kind).order_by(Entry.seq)).all()
    assert kinds == ["case_started", "call_returned"]
    assert alone.verify(started.case_id).holds


def test_a_step_of_a_timer_that_fails_is_stuck_with_its_reason(alone, deploy, clock):
    deploy("p", 'start s\ncatch w timer=PT1H\nxor x\nend e\nend f\ns > w > x\n'
                'x > e : n = 1\nx > f : n = 2')  # fmt: skip
    alone.start("p", actor=AN)
    clock.advance(hours=2)
    alone.run_due()
    assert job(alone).status == "stuck"
    assert "no condition" in job(alone).error


def test_the_next_retry_waits_longer(alone):
    waits = [Retries().wait(n) for n in range(1, 12)]
    assert waits[0] < timedelta(seconds=34)
    assert all(w <= timedelta(hours=1.1) for w in waits)
    assert waits[4] > waits[0]


def test_several_timers_of_one_step_are_withdrawn_together(alone, deploy):
    deploy(
        "p",
        """start s
        user a candidateGroups=chuyen-vien
        boundary one on=a timer=PT1H
        boundary two on=a timer=PT2H
        end e
        end f
        s > a > e
        one > f
        two > f""",
    )
    started = alone.start("p", actor=AN)
    assert alone.complete(started.tasks[0], {}, actor=AN).closed
    with alone.reading() as session:
        assert session.scalars(sa.select(Job.status)).all() == ["cancelled", "cancelled"]


def test_a_job_that_fails_unforeseen_does_not_keep_the_others_back(alone, deploy, clock, post):
    deploy("p", MAIL)
    for _case in range(2):
        alone.start("p", actor=AN)
    post.answers = [_broken, "ok"]
    assert alone.run_due() == 2
    with alone.reading() as session:
        states = session.execute(sa.select(Job.status, Job.error).order_by(Job.id)).all()
    assert states[0][0] == "waiting"
    assert "RuntimeError: pipe" in states[0][1]
    assert states[1][0] == "done"


def _broken():
    raise RuntimeError("pipe")


def test_a_signal_reaches_its_own_case_once(alone, deploy):
    deploy(
        "q",
        """start s
        user a candidateGroups=chuyen-vien
        throw t signal=go
        user b candidateGroups=chuyen-vien
        end e
        sub h byevent {
            start m signal=go non
            script c feel="{n: (if n = null then 0 else n) + 1}"
            end he
            m > c > he
        }
        s > a > t > b > e""",
        columns="n:number",
    )
    started = alone.start("q", actor=AN)
    alone.complete(started.tasks[0], {}, actor=AN)
    while alone.run_due():
        pass
    with alone.reading() as session:
        assert session.get(Case, started.case_id).columns == {"n": 1}
    assert alone.verify(started.case_id).holds
