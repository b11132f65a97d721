"""The doors: one transaction each, refusals in words, nothing half done."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import Bundle, reads, views
from engine.errors import (
    BundleRefused,
    CaseClosed,
    ForceBackDated,
    NobodyWaits,
    NotPermitted,
    NotYourTask,
    ProcessNotFound,
    SameHand,
    TaskClaimed,
    TaskGone,
    TaskTaken,
)
from engine.tables import Case, Entry, Task, Version, Wait
from tests.engine.conftest import AN, BINH, CHI, OWNER, STRANGER
from tests.engine.drawings import text

TWO = """start s
    user a "Draft" candidateGroups=chuyen-vien
    user b "Sign" candidateGroups=lanh-dao apart=a
    end e "Signed"
    s > a > b > e"""


def count(engine, table) -> int:
    with engine.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table))


def test_a_case_goes_from_hand_to_hand_and_ends(alone, deploy):
    deploy("p", TWO)
    started = alone.start("p", actor=AN)
    moved = alone.complete(started.tasks[0], {}, actor=AN)
    assert (moved.status, moved.tasks) == ("open", ())
    with alone.reading() as session:
        row = reads.inbox(session, CHI, list="groups", now=alone.clock()).rows[0]
    assert (row.name, row.case_code) == ("Sign", started.case_code)
    assert alone.complete(row.id, {}, actor=CHI).closed
    assert alone.verify(started.case_id).holds


def test_of_two_completions_one_wins_and_the_other_reads_who(alone, deploy):
    deploy("p", TWO)
    task = alone.start("p", actor=AN).tasks[0]
    refusals, barrier = [], threading.Barrier(2)

    def complete(actor):
        barrier.wait()
        try:
            alone.complete(task, {}, actor=actor)
        except TaskTaken as refusal:
            refusals.append(refusal.fields["by"])

    threads = [threading.Thread(target=complete, args=(who,)) for who in (AN, BINH)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refusals) == 1
    with alone.reading() as session:
        row = session.get(Task, task)
        assert row.closed_by == refusals[0]
        kinds = session.scalars(sa.select(Entry.kind).where(Entry.case_id == row.case_id)).all()
    assert sorted(kinds) == ["case_started", "task_completed"]


def test_fifty_threads_start_cases_and_every_code_is_new(alone, deploy):
    deploy("p", TWO, code_prefix="TK")
    codes, errors = [], []

    def start():
        try:
            codes.extend(alone.start("p", actor=AN).case_code for _ in range(5))
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must show it
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(codes) == [f"TK-2026-{n:04}" for n in range(1, 51)]


def test_a_claimed_task_is_refused_to_others_with_a_name(alone, deploy):
    deploy("p", TWO)
    task = alone.start("p", actor=AN).tasks[0]
    alone.claim(task, actor=AN)
    alone.claim(task, actor=AN)
    with pytest.raises(TaskClaimed, match='an claimed "Draft"'):
        alone.complete(task, {}, actor=BINH)
    alone.release(task, actor=AN)
    alone.complete(task, {}, actor=BINH)


def test_who_is_no_candidate_may_not_act(alone, deploy):
    deploy("p", TWO)
    task = alone.start("p", actor=AN).tasks[0]
    for door in (alone.claim, lambda t, actor: alone.complete(t, {}, actor=actor)):
        with pytest.raises(NotYourTask, match="chuyen-vien@vp"):
            door(task, actor=STRANGER)


def test_the_same_hand_may_not_draft_and_sign(alone, deploy):
    deploy("p", TWO)
    both = type(AN)(**{**vars(AN), "candidacies": AN.candidacies | CHI.candidacies})
    moved = alone.complete(alone.start("p", actor=both).tasks[0], {}, actor=both)
    with pytest.raises(SameHand, match='You did "Draft" in this case'):
        alone.complete(moved.tasks[0], {}, actor=both)


def test_nothing_can_be_done_in_a_closed_case(alone, deploy):
    deploy("p", "start s\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e")
    started = alone.start("p", actor=AN)
    alone.complete(started.tasks[0], {}, actor=AN)
    with pytest.raises(CaseClosed):
        alone.comment(started.case_id, "too late", actor=AN)
    with pytest.raises(TaskTaken):
        alone.complete(started.tasks[0], {}, actor=AN)


def test_a_withdrawn_task_says_that_the_case_moved_on(alone, deploy, clock):
    deploy(
        "p",
        """start s
        user a candidateGroups=chuyen-vien
        boundary b on=a timer=PT1H
        user late candidateGroups=lanh-dao
        end e
        s > a > e
        b > late > e""",
    )
    task = alone.start("p", actor=AN).tasks[0]
    clock.advance(hours=2)
    assert alone.run_due() == 1
    with pytest.raises(TaskGone):
        alone.complete(task, {}, actor=AN)


def test_a_process_that_is_not_in_force_cannot_be_started(alone):
    with pytest.raises(ProcessNotFound, match='"nowhere"'):
        alone.start("nowhere", actor=AN)


def test_a_refused_step_leaves_nothing_behind(alone, deploy):
    deploy("p", 'start s\nuser a candidateGroups=chuyen-vien\nservice n topic=near.number '
                'in:book=full\nend e\ns > a > n > e')  # fmt: skip
    started = alone.start("p", actor=AN)
    before = count(alone, Entry)
    with pytest.raises(Exception, match="BOOK_FULL"):
        alone.complete(started.tasks[0], {}, actor=AN)
    assert count(alone, Entry) == before
    with alone.reading() as session:
        assert session.get(Task, started.tasks[0]).status == "open"


def test_only_the_named_sender_may_send_the_message(alone, deploy):
    deploy(
        "p",
        """start s
        user a candidateGroups=chuyen-vien
        boundary b on=a message=withdraw sender="=initiator"
        end gone
        end e
        s > a > e
        b > gone""",
    )
    started = alone.start("p", actor=AN)
    with alone.reading() as session:
        token = session.scalars(sa.select(Wait.token)).one()
    with pytest.raises(NotPermitted):
        alone.send(started.case_id, token, {}, actor=BINH)
    assert alone.send(started.case_id, token, {"reason": "x"}, actor=AN).closed
    assert count(alone, Wait) == 0


def test_a_message_reaches_only_the_case_of_its_correlation(alone, deploy):
    deploy("p", 'start s\ncatch c message=paid correlation="=case.code"\nend e\ns > c > e')
    one, two = alone.start("p", actor=AN), alone.start("p", actor=AN)
    assert alone.deliver("paid", {"vnd": 5}, correlation=two.case_code) == [two.case_id]
    with alone.reading() as session:
        assert session.get(Case, one.case_id).status == "open"
    with pytest.raises(NobodyWaits):
        alone.deliver("paid", {}, correlation="other")


def test_a_message_may_start_a_case(alone, deploy):
    deploy("p", "start s message=arrived\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e")
    (case_id,) = alone.deliver("arrived", {"from": "x"})
    with alone.reading() as session:
        assert session.get(Case, case_id).status == "open"


def test_a_message_that_comes_early_is_offered_again(alone, deploy, clock):
    deploy(
        "p",
        """start s
        user a candidateGroups=chuyen-vien
        catch c message=paid correlation="=case.code"
        end e
        s > a > c > e""",
    )
    started = alone.start("p", actor=AN)
    order = {"message": "paid", "correlation": started.case_code}
    with alone.writing() as session:
        assert alone.enqueue(session, "deliver", order, key="k1")
        assert not alone.enqueue(session, "deliver", order, key="k1")
    assert alone.run_due() == 1
    alone.complete(started.tasks[0], {}, actor=AN)
    clock.advance(minutes=10)
    assert alone.run_due() == 1
    with alone.reading() as session:
        assert session.get(Case, started.case_id).status == "completed"


def test_a_signal_reaches_the_cases_that_wait_for_it(alone, deploy):
    deploy("w", "start s\ncatch c signal=go\nend e\ns > c > e")
    deploy("q", "start s\nthrow t signal=go\nend e\ns > t > e")
    waiting = [alone.start("w", actor=AN).case_id for _ in range(2)]
    alone.start("q", actor=AN)
    while alone.run_due():
        pass
    with alone.reading() as session:
        assert {session.get(Case, i).status for i in waiting} == {"completed"}


def test_a_timer_start_event_begins_cases_by_itself(alone, deploy, clock):
    deploy("p", "start s cycle=R2/P1D\nend e\ns > e")
    for _day in range(4):
        clock.advance(days=1, minutes=1)
        alone.run_due()
    assert count(alone, Case) == 2


def test_a_version_to_come_sets_its_timers_when_it_takes_effect(alone, clock):
    files = {"processes/bpmn/p.bpmn": text("start s cycle=R2/P1D\nend e\ns > e", "p")}
    later = clock() + timedelta(days=10)
    alone.deploy(Bundle("p", files), actor=OWNER, legal_basis="Điều 8", active_from=later)
    clock.advance(days=10, hours=12)
    alone.run_due()
    assert count(alone, Case) == 0
    clock.advance(days=1)
    alone.run_due()
    assert count(alone, Case) == 1


def test_a_version_cannot_take_effect_before_it_is_deployed(alone, clock):
    files = {"processes/bpmn/p.bpmn": text("start s\nend e\ns > e", "p")}
    before = clock() - timedelta(seconds=1)
    with pytest.raises(ForceBackDated):
        alone.deploy(Bundle("p", files), actor=OWNER, legal_basis="Điều 8", active_from=before)
    assert count(alone, Version) == 0


def test_a_new_version_leaves_open_cases_on_theirs(alone, deploy):
    deploy("p", TWO)
    old = alone.start("p", actor=AN)
    deploy("p", TWO.replace("Signed", "Approved"))
    new = alone.start("p", actor=AN)
    with alone.reading() as session:
        versions = [session.get(Case, c.case_id).version_id for c in (old, new)]
        assert versions[0] != versions[1]
        alone_view = views.process(session, "p", alone.clock())
    assert [v.number for v in alone_view.versions] == [2, 1]
    assert alone_view.open_cases == {versions[0]: 1, versions[1]: 1}


def test_the_same_files_are_the_same_version(alone, deploy):
    deploy("p", TWO)
    deploy("p", TWO)
    assert count(alone, Version) == 1


def test_a_drawing_with_faults_is_refused_with_all_of_them(alone, deploy):
    with pytest.raises(BundleRefused) as refusal:
        deploy("p", 'start s\nuser a candidateGroups=unknown\nservice m topic=far.mial\n'
                    'xor x\nend e\ns > a > m > x\nx > e : n ==> 1\nx > a')  # fmt: skip
    rules = {f.rule for f in refusal.value.findings}
    assert {"unknown-group", "unknown-operation", "bad-expression", "no-condition"} <= rules
    assert count(alone, Version) == 0


def test_to_start_a_case_reads_no_files_of_its_version(alone, deploy):
    """Whatever a session executes is heard here; statements made ready once are not."""
    deploy("p", TWO)
    alone.start("p", actor=AN)
    ran = []
    sa.event.listen(alone.bind, "before_cursor_execute", lambda *call: ran.append(call[2]))
    assert alone.start("p", actor=AN).case_code.endswith("-0002")
    assert ran == []
