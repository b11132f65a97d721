"""Somebody acts for another: by that one's rights, within the mandate, as long as it lasts."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import sqlalchemy as sa

from engine import Engine, Mandate, reads, views
from engine.errors import (
    InPerson,
    MandateEnded,
    NotFound,
    NotPermitted,
    NotWhileActing,
    NotYourTask,
    OtherHand,
    OutsideMandate,
    SameHand,
    TaskClaimed,
)
from engine.handing import HAND_OVER
from engine.ports import Call
from engine.tables import Draft, Entry, Task, Wait
from tests.engine.conftest import AN, BINH, CHI

GROUP = "start s\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e"
OWN = GROUP.replace("candidateGroups=chuyen-vien", "assignee==initiator")
WITHDRAWN = """start s
    user a candidateGroups=chuyen-vien
    boundary b on=a message=withdraw sender="=initiator"
    end gone
    end e
    s > a > e
    b > gone"""
APART = """start s
    user a "Draft" candidateGroups=chuyen-vien
    user b "Check" candidateGroups=chuyen-vien apart=a
    user c "Sign" candidateGroups=chuyen-vien apart="a, b"
    end e
    s > a > b > c > e"""


def acting(who=CHI, whom=AN, **mandate):
    """One standing character in the place of another, by the case UQ-1."""
    held = Mandate("UQ-1", **mandate)
    own = {*whom.candidacies, f"={whom.name}"}
    return replace(
        whom, name=who.name, label=who.label, behalf_of=whom.name, mandate=held,
        candidacies=frozenset(own), rights={},
    )  # fmt: skip


class Permissions:
    """What the application would answer about mandates."""

    def __init__(self):
        self.now = {}

    def standing(self, _session, actor, _now):
        return self.now.get(actor.mandate.number)


@pytest.fixture
def permissions():
    return Permissions()


@pytest.fixture
def deputy(permissions):
    permissions.now["UQ-1"] = acting()
    return permissions.now["UQ-1"]


@pytest.fixture
def alone(alone, permissions):
    around = replace(alone.surroundings, standing=permissions.standing)
    return Engine(alone.bind, around, alone.store)


def entries(engine, case_id):
    with engine.reading() as session:
        return list(session.scalars(sa.select(Entry).where(Entry.case_id == case_id)))


def open_task(engine):
    with engine.reading() as session:
        return session.scalars(sa.select(Task).where(Task.status == "open")).one()


def test_what_is_done_for_another_is_in_the_journal_as_such(alone, deploy, deputy):
    deploy("p", GROUP)
    moved = alone.start("p", actor=AN)
    alone.claim(moved.tasks[0], actor=deputy)
    assert open_task(alone).assignee == "an"
    alone.complete(moved.tasks[0], {}, actor=deputy)
    last = entries(alone, moved.case_id)[-1]
    assert (last.actor, last.behalf_of, last.input["mandate"]) == ("chi", "an", "UQ-1")
    assert alone.verify(moved.case_id).holds


def test_the_outputs_of_a_task_may_say_who_has_done_it_and_for_whom(alone, deploy, deputy):
    asked = "out:who==done_by.account out:whose==done_by.whose out:at==done_by.at"
    deploy("p", GROUP.replace("candidateGroups", f"{asked} candidateGroups", 1))
    moved = alone.start("p", actor=AN)
    alone.complete(moved.tasks[0], {}, actor=deputy)
    with alone.reading() as session:
        data = views.case(session, alone.mover, moved.case_id, AN, alone.clock()).data
    assert (data["who"], data["whose"], data["at"]) == ("chi", "an", alone.clock())
    assert "done_by" not in data
    assert alone.verify(moved.case_id).holds


def test_the_other_may_go_on_with_what_was_claimed_for_them(alone, deploy, deputy):
    deploy("p", GROUP)
    moved = alone.start("p", actor=AN)
    alone.claim(moved.tasks[0], actor=deputy)
    alone.complete(moved.tasks[0], {}, actor=AN)
    assert alone.verify(moved.case_id).holds


def test_a_task_for_one_person_is_done_by_whom_they_let_act(alone, deploy, deputy):
    deploy("p", OWN)
    moved = alone.start("p", actor=AN)
    with pytest.raises(TaskClaimed):
        alone.complete(moved.tasks[0], {}, actor=CHI)
    alone.complete(moved.tasks[0], {}, actor=deputy)
    assert alone.verify(moved.case_id).holds


def test_who_acts_for_another_does_nothing_of_their_own(alone, deploy, permissions):
    deploy("p", GROUP.replace("chuyen-vien", "lanh-dao"))
    alone.start("p", actor=AN)
    permissions.now["UQ-1"] = acting()
    with pytest.raises(NotYourTask):
        alone.complete(open_task(alone).id, {}, actor=acting())


def test_a_mandate_that_ended_while_the_form_was_open_does_nothing(
    alone, deploy, deputy, permissions
):
    deploy("p", GROUP)
    moved = alone.start("p", actor=AN)
    with alone.reading() as session:
        assert views.task(session, alone.mover, moved.tasks[0], deputy).why_not is None
    permissions.now.clear()
    doors = (
        lambda: alone.claim(moved.tasks[0], actor=deputy),
        lambda: alone.complete(moved.tasks[0], {}, actor=deputy),
        lambda: alone.save_draft(moved.tasks[0], {"x": "y"}, actor=deputy),
        lambda: alone.release(moved.tasks[0], actor=deputy),
        lambda: alone.comment(moved.case_id, "Late", actor=deputy),
        lambda: alone.attach(moved.case_id, "a.txt", io.BytesIO(b"text"), actor=deputy),
    )
    for door in doors:
        with pytest.raises(MandateEnded):
            door()
    assert len(entries(alone, moved.case_id)) == 1


@pytest.mark.parametrize("scope", [{"processes": frozenset({"q"})}, {"units": frozenset({"dt"})}])
def test_what_lies_outside_the_mandate_is_neither_seen_nor_done(alone, deploy, permissions, scope):
    deploy("p", GROUP)
    moved = alone.start("p", actor=AN)
    deputy = permissions.now["UQ-1"] = acting(**scope)
    with pytest.raises(OutsideMandate):
        alone.complete(moved.tasks[0], {}, actor=deputy)
    now = alone.clock()
    with alone.reading() as session:
        assert reads.inbox(session, deputy, list="groups", now=now).total == 0
        assert reads.counts(session, deputy, now)["groups"] == 0
        with pytest.raises(NotFound):
            views.task(session, alone.mover, moved.tasks[0], deputy)


SCOPES = [{"units": frozenset({"dt"})}, {"groups": frozenset({"lanh-dao"})}]


def narrowed(**scope):
    """In the place of An within that scope, as the application says it."""
    whole = acting(**scope)
    within = {"=an"} if "groups" not in scope else set()
    return replace(whole, candidacies=frozenset(within))


@pytest.mark.parametrize("scope", SCOPES)
def test_a_case_of_other_work_is_not_opened_by_a_narrow_mandate(alone, deploy, permissions, scope):
    deploy("p", OWN)
    moved = alone.start("p", actor=AN)
    alone.claim(moved.tasks[0], actor=AN)
    deputy = permissions.now["UQ-1"] = narrowed(**scope)
    refused = (NotFound, NotYourTask, OutsideMandate, TaskClaimed)
    doors = (
        lambda: alone.complete(moved.tasks[0], {}, actor=deputy),
        lambda: alone.release(moved.tasks[0], actor=deputy),
        lambda: alone.comment(moved.case_id, "Not mine", actor=deputy),
        lambda: alone.attach(moved.case_id, "a.txt", io.BytesIO(b"text"), actor=deputy),
    )
    for door in doors:
        with pytest.raises(refused):
            door()
    now = alone.clock()
    with alone.reading() as session:
        with pytest.raises(NotFound):
            views.case(session, alone.mover, moved.case_id, deputy, now)
        assert reads.cases(session, deputy, now=now).total == 0
        assert set(reads.counts(session, deputy, now).values()) == {0}
    alone.complete(moved.tasks[0], {}, actor=AN)
    with alone.reading() as session:
        assert reads.cases(session, deputy, now=now).total == 0


@pytest.mark.parametrize("scope", SCOPES)
def test_a_task_claimed_outside_the_mandate_is_not_given_back(alone, deploy, permissions, scope):
    deploy("p", GROUP)
    moved = alone.start("p", actor=AN)
    alone.claim(moved.tasks[0], actor=AN)
    deputy = permissions.now["UQ-1"] = narrowed(**scope)
    with pytest.raises((OutsideMandate, TaskClaimed)):
        alone.release(moved.tasks[0], actor=deputy)
    assert open_task(alone).assignee == "an"


@pytest.mark.parametrize("scope", SCOPES)
def test_a_message_of_other_work_is_not_sent_by_a_narrow_mandate(
    alone, deploy, permissions, scope
):
    deploy("p", WITHDRAWN)
    moved = alone.start("p", actor=AN)
    with alone.reading() as session:
        token = session.scalars(sa.select(Wait.token).where(Wait.senders.is_not(None))).one()
    deputy = permissions.now["UQ-1"] = narrowed(**scope)
    with pytest.raises((OutsideMandate, NotPermitted)):
        alone.send(moved.case_id, token, {}, actor=deputy)
    deputy = permissions.now["UQ-1"] = acting(units=frozenset({"vp"}))
    assert alone.send(moved.case_id, token, {}, actor=deputy).closed


def test_a_message_that_would_be_refused_is_not_offered(alone, deploy, permissions):
    deploy("p", WITHDRAWN.replace('"=initiator"', "chuyen-vien@home"))
    moved = alone.start("p", {"home": "vp"}, actor=replace(BINH, unit="dt"))
    sees = {"rights": {"cases.view": frozenset({"dt", "vp"})}}
    for units, offered in (({"dt"}, 0), ({"dt", "vp"}, 1)):
        deputy = permissions.now["UQ-1"] = replace(acting(units=frozenset(units)), **sees)
        with alone.reading() as session:
            view = views.case(session, alone.mover, moved.case_id, deputy, alone.clock())
        assert len(view.waits) == offered
    assert alone.send(moved.case_id, view.waits[0].token, {}, actor=deputy).closed


def test_a_mandate_for_the_right_unit_opens_its_cases(alone, deploy, permissions):
    deploy("p", OWN)
    moved = alone.start("p", actor=AN)
    deputy = permissions.now["UQ-1"] = narrowed(units=frozenset({"vp"}))
    with alone.reading() as session:
        assert reads.cases(session, deputy, now=alone.clock()).total == 1
    alone.comment(moved.case_id, "In place of An", actor=deputy)
    alone.complete(moved.tasks[0], {}, actor=deputy)
    assert alone.verify(moved.case_id).holds


def test_a_scope_that_shrank_meanwhile_counts_as_it_is_now(alone, deploy, deputy, permissions):
    deploy("p", GROUP)
    moved = alone.start("p", actor=AN)
    permissions.now["UQ-1"] = acting(processes=frozenset({"q"}))
    with pytest.raises(OutsideMandate):
        alone.complete(moved.tasks[0], {}, actor=deputy)


def test_the_inbox_shows_the_others_tasks_only_while_acting(alone, deploy, deputy):
    deploy("p", OWN)
    alone.start("p", actor=AN)
    now = alone.clock()
    with alone.reading() as session:
        assert reads.inbox(session, deputy, list="mine", now=now).total == 1
        assert reads.cases(session, deputy, now=now).total == 1
        assert reads.inbox(session, CHI, list="mine", now=now).total == 0
        assert reads.cases(session, CHI, now=now).total == 0


def test_what_either_did_keeps_both_from_what_is_kept_apart(alone, deploy, deputy):
    deploy("p", APART)
    moved = alone.start("p", actor=AN)
    alone.complete(open_task(alone).id, {}, actor=AN)
    with pytest.raises(OtherHand, match='an did "Draft"'):
        alone.complete(open_task(alone).id, {}, actor=deputy)
    alone.complete(open_task(alone).id, {}, actor=BINH)
    with pytest.raises(OtherHand):
        alone.claim(open_task(alone).id, actor=deputy)
    assert alone.verify(moved.case_id).holds


def test_what_was_done_for_somebody_counts_as_their_own_hand(alone, deploy, permissions):
    deploy("p", APART)
    deputy = permissions.now["UQ-1"] = acting(who=BINH)
    moved = alone.start("p", actor=AN)
    alone.complete(open_task(alone).id, {}, actor=deputy)
    for hand in (AN, BINH):
        with pytest.raises(SameHand):
            alone.complete(open_task(alone).id, {}, actor=hand)
    assert alone.verify(moved.case_id).holds


def test_nothing_is_begun_or_handed_on_for_another(alone, deploy, deputy):
    deploy("p", GROUP)
    moved = alone.start("p", actor=AN)
    alone.claim(moved.tasks[0], actor=deputy)
    with pytest.raises(NotWhileActing):
        alone.start("p", actor=deputy)
    with pytest.raises(NotWhileActing):
        alone.assign(moved.tasks[0], "binh", actor=deputy)
    with alone.reading() as session:
        assert views.startable(session, alone.mover, deputy, alone.clock()) == []


def test_a_draft_typed_for_another_is_whose_who_typed_it(alone, deploy, deputy):
    deploy("p", GROUP)
    moved = alone.start("p", actor=AN)
    alone.save_draft(moved.tasks[0], {"x": "half"}, actor=deputy)
    with alone.reading() as session:
        assert session.scalars(sa.select(Draft.account)).one() == "chi"


def test_what_is_done_in_person_is_nobodys_in_ones_place_nor_a_successors(alone, deploy, deputy):
    """Điều 13.4 Nghị định 30/2020/NĐ-CP: who is authorised does not authorise further."""
    test = "chuyen-vien@power = &quot;TUQ.&quot;"
    told = f"""start s
    <bpmn:userTask id="a" name="Sign" camunda:candidateGroups="chuyen-vien, lanh-dao"><bpmn:extensionElements><camunda:properties><camunda:property name="in_person" value="{test}"/></camunda:properties></bpmn:extensionElements></bpmn:userTask>
    end e
    s > a > e"""  # noqa: E501
    deploy("p", told)
    moved = alone.start("p", {"power": "TUQ."}, actor=AN)
    for door in (alone.claim, lambda task_id, actor: alone.complete(task_id, {}, actor=actor)):
        with pytest.raises(InPerson, match="in person"):
            door(open_task(alone).id, actor=deputy)
    with alone.reading() as session:
        view = views.task(session, alone.mover, open_task(alone).id, deputy)
        assert isinstance(view.why_not, InPerson)
    alone.claim(open_task(alone).id, actor=AN)
    call = Call("k", alone.clock(), 0, "DOI-1", "system", "vp", engine=alone)
    assert HAND_OVER.run(call, {"holder": "an", "to": "chi"})["returned"] == 1
    alone.complete(open_task(alone).id, {}, actor=AN)
    assert alone.verify(moved.case_id).holds
    free = alone.start("p", {"power": ""}, actor=AN)
    assert alone.complete(open_task(alone).id, {}, actor=deputy).closed
    assert alone.verify(free.case_id).holds
