"""The work of one account handed over to another, in every case that it touches."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from engine import HAND_OVER, Call, jobs, views
from engine.errors import SameHand, TaskClaimed
from engine.tables import Candidate, Draft, Entry, Task, Wait
from tests.engine.conftest import AN, BINH, CHI, person

GROUP = "start s\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e"
OWN = GROUP.replace("candidateGroups=chuyen-vien", "assignee==initiator")
APART = """start s
    user a "Draft" candidateGroups=chuyen-vien
    user b "Check" candidateGroups=chuyen-vien apart=a
    end e
    s > a > b > e"""
BACK = """start s
    user b "Check" candidateGroups=lanh-dao
    user a "Mend" assignee==initiator
    end e
    s > b > a > e"""
WITHDRAW = """start s
    user a candidateGroups=lanh-dao
    boundary b on=a message=gone sender="=initiator"
    end e2
    end e
    s > a > e
    b > e2"""
HEAD = person("truong", "lanh-dao@vp", tasks_assign=frozenset({"vp"}))


def hand_over(engine, to="binh", holder="an"):
    """What the operation answers, called by the job of a case DOI-1."""
    call = Call("k", engine.clock(), 0, "DOI-1", "system", "vp", engine=engine)
    return HAND_OVER.run(call, {"holder": holder, "to": to})


def task_of(engine, case_id):
    with engine.reading() as session:
        query = sa.select(Task).where(Task.case_id == case_id, Task.status == "open")
        task = session.scalars(query).one()
        who = sa.select(Candidate.who).where(Candidate.task_id == task.id)
        return task, sorted(session.scalars(who))


def test_a_claimed_task_goes_to_the_new_account_with_its_draft(alone, deploy):
    deploy("p", GROUP)
    moved = alone.start("p", actor=AN)
    alone.claim(moved.tasks[0], actor=AN)
    alone.save_draft(moved.tasks[0], {"x": "half"}, actor=AN)
    assert hand_over(alone) == {"tasks": 1, "returned": 0, "left": []}
    task, who = task_of(alone, moved.case_id)
    assert (task.assignee, who) == ("binh", ["=binh", "chuyen-vien@vp"])
    with alone.reading() as session:
        assert session.get(Draft, (task.id, "binh")).posted == {"x": "half"}
    assert alone.verify(moved.case_id).holds
    alone.complete(task.id, {}, actor=BINH)
    assert alone.verify(moved.case_id).holds


def test_what_the_drawing_asks_of_one_person_is_the_successors(alone, deploy):
    deploy("p", OWN)
    moved = alone.start("p", actor=AN)
    hand_over(alone)
    task, who = task_of(alone, moved.case_id)
    assert (task.assignee, who) == ("binh", ["=binh"])
    with pytest.raises(TaskClaimed):
        alone.complete(task.id, {}, actor=replace(AN, candidacies=frozenset()))
    alone.complete(task.id, {}, actor=BINH)
    assert alone.verify(moved.case_id).holds


def test_what_comes_back_later_to_who_began_the_case_is_the_successors_too(alone, deploy):
    deploy("p", BACK)
    moved = alone.start("p", actor=AN)
    hand_over(alone)
    task, _who = task_of(alone, moved.case_id)
    assert task.name == "Check"
    alone.complete(task.id, {}, actor=CHI)
    assert task_of(alone, moved.case_id)[0].assignee == "binh"
    assert alone.verify(moved.case_id).holds


def test_the_successor_may_withdraw_what_the_old_account_began(alone, deploy):
    deploy("p", WITHDRAW)
    moved = alone.start("p", actor=AN)
    hand_over(alone)
    with alone.reading() as session:
        token = session.scalars(sa.select(Wait.token)).one()
        case = views.case(session, alone.mover, moved.case_id, BINH, alone.clock())
        assert [wait.token for wait in case.waits] == [token]
    alone.send(moved.case_id, token, {}, actor=BINH)
    assert alone.verify(moved.case_id).holds


def test_a_task_kept_apart_from_what_the_successor_did_goes_back_to_its_group(alone, deploy):
    deploy("p", APART)
    moved = alone.start("p", actor=BINH)
    alone.complete(moved.tasks[0], {}, actor=BINH)
    task, _who = task_of(alone, moved.case_id)
    alone.claim(task.id, actor=AN)
    alone.save_draft(task.id, {"x": "half"}, actor=AN)
    assert hand_over(alone) == {"tasks": 0, "returned": 1, "left": []}
    task, who = task_of(alone, moved.case_id)
    assert (task.assignee, task.claimed_at, who) == (None, None, ["chuyen-vien@vp"])
    with alone.reading() as session:
        assert session.scalars(sa.select(Draft.account)).all() == ["an"]
    assert alone.verify(moved.case_id).holds


def test_without_a_successor_groups_get_their_tasks_back_and_the_rest_is_named(alone, deploy):
    deploy("p", GROUP)
    deploy("q", OWN)
    group, own = alone.start("p", actor=AN), alone.start("q", actor=AN)
    alone.claim(group.tasks[0], actor=AN)
    found = hand_over(alone, to=None)
    assert (found["returned"], found["left"]) == (1, [{"case": own.case_code, "task": "a"}])
    assert alone.verify(group.case_id).holds
    assert alone.verify(own.case_id).holds


def test_done_again_it_changes_nothing_and_counts_the_same(alone, deploy):
    deploy("p", GROUP)
    moved = [alone.start("p", actor=AN) for _ in range(3)]
    for one in moved:
        alone.claim(one.tasks[0], actor=AN)
    assert hand_over(alone) == hand_over(alone) == {"tasks": 3, "returned": 0, "left": []}
    with alone.reading() as session:
        kinds = list(session.scalars(sa.select(Entry.kind)))
    assert kinds.count("work_handed_over") == 3


def test_an_assignment_follows_and_ends_with_its_release(alone, deploy):
    deploy("p", GROUP)
    moved = alone.start("p", actor=AN)
    alone.assign(moved.tasks[0], "la", actor=HEAD)
    hand_over(alone, holder="la", to="xa")
    task, who = task_of(alone, moved.case_id)
    assert (task.assignee, who) == ("xa", ["=xa", "chuyen-vien@vp"])
    alone.release(task.id, actor=HEAD)
    assert task_of(alone, moved.case_id)[1] == ["chuyen-vien@vp"]
    assert alone.verify(moved.case_id).holds


def test_what_is_assigned_to_the_old_account_later_follows(alone, deploy, clock):
    deploy("p", GROUP)
    moved = alone.start("p", actor=AN)
    hand_over(alone)
    alone.assign(moved.tasks[0], "an", actor=HEAD)
    clock.advance(hours=1)
    alone.run_due()
    assert task_of(alone, moved.case_id)[0].assignee == "binh"
    newer = alone.start("p", actor=AN)
    alone.assign(newer.tasks[0], "an", actor=HEAD)
    clock.advance(hours=1)
    alone.run_due()
    assert task_of(alone, newer.case_id)[0].assignee == "an"
    assert alone.verify(moved.case_id).holds
    assert alone.verify(newer.case_id).holds


def test_work_that_is_handed_over_to_who_has_it_stays_as_it_is(alone, deploy):
    deploy("p", OWN)
    moved = alone.start("p", actor=AN)
    assert hand_over(alone, "an") == {"tasks": 0, "returned": 0, "left": []}
    assert task_of(alone, moved.case_id)[0].assignee == "an"


def test_a_follow_up_that_is_just_running_does_not_go_on_when_work_comes_back(alone, clock):
    hand_over(alone, "binh")
    clock.advance(hours=1)
    with alone.writing() as session:
        (held,) = jobs.take(session, clock(), 10)
    hand_over(alone, "an", holder="binh")
    with alone.writing() as session:
        assert not jobs.again(session, held, due_at=clock(), payload=held.payload)


def test_work_that_comes_back_stays_with_whom_it_came_back_to(alone, deploy, clock):
    deploy("p", OWN)
    moved = alone.start("p", actor=AN)
    hand_over(alone, "binh")
    hand_over(alone, "an", holder="binh")
    clock.advance(hours=2)
    alone.run_due()
    assert task_of(alone, moved.case_id)[0].assignee == "an"
    assert alone.verify(moved.case_id).holds


def test_a_forged_hand_over_is_found(alone, deploy, bind):
    deploy("p", OWN)
    moved = alone.start("p", actor=AN)
    hand_over(alone)
    with bind.begin() as connection:
        connection.execute(sa.update(Task).values(assignee="chi"))
    assert not alone.verify(moved.case_id).holds


def test_who_began_a_case_stays_kept_apart_after_handing_it_over(alone, deploy):
    deploy("p", "start s\nuser a candidateGroups=chuyen-vien apart=s\nend e\ns > a > e")
    moved = alone.start("p", actor=AN)
    hand_over(alone)
    for hand in (AN, BINH):
        with pytest.raises(SameHand):
            alone.complete(moved.tasks[0], {}, actor=hand)
    assert alone.verify(moved.case_id).holds
