"""What the doors refuse to somebody who asks for more than is theirs."""

from __future__ import annotations

import io
import threading

import pytest
import sqlalchemy as sa

from engine import views
from engine.cases import NotByHand
from engine.errors import NotPermitted, NotYourTask, SameHand, TaskTaken
from engine.tables import Comment, Draft, Entry, Task, Wait
from engine.tasks import OtherHand
from tests.engine.conftest import AN, BINH, CHI, STRANGER, person

NOTE = """start s
    user a candidateGroups=chuyen-vien
    boundary b on=a message=note non sender="chuyen-vien@unit"
    end e2
    end e
    s > a > e
    b > e2"""


def data_of(engine, case_id, actor=AN):
    with engine.reading() as session:
        return views.case(session, engine.mover, case_id, actor, engine.clock()).data


def test_a_message_without_a_form_brings_no_data(alone, deploy):
    deploy("p", NOTE)
    case_id = alone.start("p", {"amount": 5}, actor=AN).case_id
    with alone.reading() as session:
        token = session.scalars(sa.select(Wait.token)).one()
    alone.send(case_id, token, {"amount": 999}, actor=AN)
    assert data_of(alone, case_id)["amount"] == 5


def test_what_a_case_knows_of_itself_cannot_be_sent_to_it(alone, deploy):
    deploy("p", f"{ONE.replace('s > a', 's > c > a')}\ncatch c message=paid")
    forged = {"initiator": "evil", "unit": "dt", "case": {"code": "X"}}
    moved = alone.start("p", {**forged, "amount": 5}, actor=AN)
    alone.deliver("paid", {**forged, "paid": True})
    data = data_of(alone, moved.case_id)
    assert (data["initiator"], data["unit"], data["case"]["code"]) == ("an", "vp", moved.case_code)
    assert (data["amount"], data["paid"]) == (5, True)


ONE = "start s\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e"
HEAD = person("chi", "lanh-dao@vp", tasks_assign=frozenset({"vp"}))
BOTH = person("an", "chuyen-vien@vp", "lanh-dao@vp", tasks_assign=frozenset({"vp"}))
AGAIN = """start s
    xor j
    user a "Draft" candidateGroups=chuyen-vien
    user b "Check" candidateGroups=lanh-dao apart=a
    xor x
    end e
    s > j > a > b > x
    x > j : again = null
    x > e : default"""


def open_task(engine):
    with engine.reading() as session:
        return session.scalars(sa.select(Task.id).where(Task.status == "open")).one()


def test_who_has_left_the_group_may_not_complete_what_they_claimed(alone, deploy):
    deploy("p", ONE)
    task = alone.start("p", actor=AN).tasks[0]
    alone.claim(task, actor=AN)
    gone = person("an", "thu-ky@dt")
    with pytest.raises(NotYourTask, match="chuyen-vien@vp"):
        alone.complete(task, {}, actor=gone)
    with pytest.raises(NotYourTask):
        alone.claim(task, actor=gone)


def test_who_was_assigned_a_task_may_do_it_by_that(alone, deploy):
    deploy("p", ONE)
    task = alone.start("p", actor=AN).tasks[0]
    alone.assign(task, STRANGER.name, actor=HEAD)
    assert alone.complete(task, {}, actor=STRANGER).closed
    with alone.reading() as session:
        rights = sa.select(Entry.right).where(Entry.kind == "task_completed")
        assert session.scalars(rights).one() == "=la"


@pytest.mark.parametrize("handed_on", ["released", "to another"])
def test_who_is_assigned_no_more_has_no_right_left(alone, deploy, handed_on):
    deploy("p", ONE)
    task = alone.start("p", actor=AN).tasks[0]
    alone.assign(task, STRANGER.name, actor=HEAD)
    if handed_on == "released":
        alone.release(task, actor=STRANGER)
    else:
        alone.assign(task, BINH.name, actor=HEAD)
        alone.release(task, actor=BINH)
    with pytest.raises(NotYourTask):
        alone.claim(task, actor=STRANGER)
    alone.claim(task, actor=AN)


def test_whom_the_drawing_names_keeps_the_task_when_an_assignment_ends(alone, deploy):
    deploy("p", ONE.replace("candidateGroups=chuyen-vien", "candidateGroups==initiator"))
    task = alone.start("p", actor=AN).tasks[0]
    alone.assign(task, AN.name, actor=HEAD)
    alone.assign(task, BINH.name, actor=HEAD)
    alone.release(task, actor=BINH)
    with pytest.raises(NotYourTask):
        alone.claim(task, actor=BINH)
    alone.claim(task, actor=AN)


def test_everybody_who_ever_did_the_task_is_kept_from_the_other(alone, deploy):
    deploy("p", AGAIN)
    case_id = alone.start("p", actor=AN).case_id
    alone.complete(open_task(alone), {}, actor=BOTH)
    alone.complete(open_task(alone), {}, actor=CHI)
    alone.complete(open_task(alone), {}, actor=BINH)
    with pytest.raises(SameHand, match="Draft"):
        alone.complete(open_task(alone), {}, actor=BOTH)
    with pytest.raises(OtherHand, match='an did "Draft" in this case'):
        alone.assign(open_task(alone), "an", actor=HEAD)
    assert alone.verify(case_id).holds


def test_who_only_sees_all_cases_writes_into_none(alone, deploy):
    deploy("p", ONE)
    case_id = alone.start("p", actor=AN).case_id
    auditor = person("kiem", audit_view=frozenset({"vp"}), cases_view_all=frozenset({"vp"}))
    assert data_of(alone, case_id, auditor)["unit"] == "vp"
    with pytest.raises(NotPermitted):
        alone.comment(case_id, "From outside", actor=auditor)
    with pytest.raises(NotPermitted):
        alone.attach(case_id, "a.txt", io.BytesIO(b"text"), actor=auditor)
    leader = person("truong", "lanh-dao@vp", cases_view=frozenset({"vp"}))
    for who in (AN, BINH, leader):
        alone.comment(case_id, "From within", actor=who)
    with alone.reading() as session:
        assert set(session.scalars(sa.select(Comment.by))) == {"an", "binh", "truong"}


def test_what_a_message_starts_is_not_started_by_hand(alone, deploy):
    deploy("p", "start s message=arrived\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e")
    with pytest.raises(NotByHand):
        alone.start("p", actor=AN)
    assert len(alone.deliver("arrived", {})) == 1


def test_a_draft_saved_from_many_windows_at_once_is_kept_once(alone, deploy):
    deploy("p", ONE)
    task = alone.start("p", actor=AN).tasks[0]
    problems, barrier = [], threading.Barrier(6)

    def save(number):
        barrier.wait()
        try:
            alone.save_draft(task, {"x": str(number)}, actor=AN)
        except Exception as problem:  # noqa: BLE001  # whatever it is, the test must show it
            problems.append(problem)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with alone.reading() as session:
        assert len(session.scalars(sa.select(Draft)).all()) == 1
    alone.complete(task, {}, actor=AN)
    with pytest.raises(TaskTaken):
        alone.save_draft(task, {"x": "late"}, actor=AN)
