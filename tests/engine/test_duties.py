"""Duties that no hand does both of in one case, and accounts that do nothing in cases."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import sqlalchemy as sa

from engine import HAND_OVER, Bundle, Call, Engine, views
from engine.duties import Apart
from engine.errors import BundleRefused, OnlySees, OwnMatter, SameHand
from engine.tables import Candidate, Task
from tests.engine.conftest import AN, ANYWHERE, BINH, OWNER, person
from tests.engine.drawings import text

DUTY = (
    '<bpmn:extensionElements><camunda:properties><camunda:property name="duty" value="{}"/>'
    "</camunda:properties></bpmn:extensionElements>"
)
WORK = f"""<bpmn:startEvent id="s">{DUTY.format("request")}</bpmn:startEvent>
    <bpmn:userTask id="a" name="Draft" camunda:candidateGroups="chuyen-vien">{DUTY.format("draft")}</bpmn:userTask>
    <bpmn:userTask id="b" name="Approve" camunda:candidateGroups="chuyen-vien">{DUTY.format("approve, sign")}</bpmn:userTask>
    end e
    s > a > b > e"""  # noqa: E501
CHI = person("chi", "chuyen-vien@vp")
HEAD = person("t", tasks_assign=ANYWHERE)
LOOKER = replace(
    person("nhin", "chuyen-vien@vp", tasks_assign=ANYWHERE, cases_cancel=ANYWHERE), only_sees=True
)


@pytest.fixture
def apart(alone) -> Engine:
    pairs = (Apart("request", "approve", "KH-19.3"), Apart("draft", "sign", "NĐ 30"))
    engine = Engine(alone.bind, replace(alone.surroundings, duties=pairs), alone.store)
    put(engine, WORK)
    return engine


def put(engine, lines) -> None:
    files = {"processes/bpmn/p.bpmn": text(lines, "p")}
    engine.deploy(Bundle("p", files), actor=OWNER, legal_basis="Điều 8")


def task(engine) -> int:
    with engine.reading() as session:
        return session.scalars(sa.select(Task.id).where(Task.status == "open")).one()


def test_who_requested_does_not_approve_and_who_drafted_does_not_sign(apart):
    case_id = apart.start("p", actor=AN).case_id
    apart.complete(task(apart), {}, actor=BINH)
    for one, other in ((AN, "s"), (BINH, "Draft")):
        with pytest.raises(SameHand) as refused:
            apart.complete(task(apart), {}, actor=one)
        assert refused.value.fields["other"] == other
        with pytest.raises(SameHand):
            apart.claim(task(apart), actor=one)
    apart.complete(task(apart), {}, actor=CHI)
    assert apart.verify(case_id).holds


@pytest.mark.parametrize("script", ["", """
    <bpmn:scriptTask id="x" scriptFormat="feel" camunda:resultVariable="initiator"><bpmn:script>"binh"</bpmn:script></bpmn:scriptTask>
    s > x > a"""])  # fmt: skip  # noqa: E501
def test_who_requested_does_not_approve_after_another_has_taken_the_place(apart, script):
    put(apart, WORK.replace("s > a", "a" if script else "s > a") + script)
    case_id = apart.start("p", actor=AN).case_id
    apart.complete(task(apart), {}, actor=BINH)
    call = Call("k", apart.clock(), 0, "DOI-1", "system", "vp", engine=apart)
    HAND_OVER.run(call, {"holder": "an", "to": "chi"})
    with apart.reading() as session:
        view = views.task(session, apart.mover, task(apart), AN)
        assert isinstance(view.why_not, SameHand)
    with pytest.raises(SameHand):
        apart.complete(task(apart), {}, actor=AN)
    assert apart.verify(case_id).holds


@pytest.mark.parametrize(("chi", "other"), [("person:1", "s"), ("person:2", "Draft")])
def test_who_did_a_step_stays_its_hand_under_another_account(apart, chi, other):
    around = replace(
        apart.surroundings, selves=lambda s, name: frozenset([name, chi][: 1 + (name == "chi")])
    )
    engine = Engine(apart.bind, around, apart.store)
    case_id = engine.start("p", actor=replace(AN, persons=("person:1",))).case_id
    # Person 9 acts for person 2.
    engine.complete(task(engine), {}, actor=replace(BINH, persons=("person:9", "person:2")))
    with pytest.raises(SameHand) as refused:
        engine.claim(task(engine), actor=CHI)
    assert refused.value.fields["other"] == other
    engine.claim(task(engine), actor=replace(CHI, name="dan"))
    assert engine.verify(case_id).holds


def test_a_duty_that_nobody_keeps_apart_cannot_be_deployed(apart):
    with pytest.raises(BundleRefused) as refused:
        put(apart, WORK.replace('"draft"', '"drafting"'))
    assert [finding.rule for finding in refused.value.findings] == ["unknown-duty"]


@pytest.mark.parametrize(
    "door",
    [
        lambda e, case, task: e.start("p", actor=LOOKER),
        lambda e, case, task: e.claim(task, actor=LOOKER),
        lambda e, case, task: e.save_draft(task, {}, actor=LOOKER),
        lambda e, case, task: e.complete(task, {}, actor=LOOKER),
        lambda e, case, task: e.assign(task, "an", actor=LOOKER),
        lambda e, case, task: e.comment(case, "x", actor=LOOKER),
        lambda e, case, task: e.attach(case, "a.pdf", io.BytesIO(b"%PDF-1.4"), actor=LOOKER),
        lambda e, case, task: e.cancel(case, "x", actor=LOOKER),
    ],
)
def test_who_only_sees_is_refused_at_every_door_even_when_named_in_person(apart, door):
    case_id = apart.start("p", actor=AN).case_id
    with apart.writing() as session:
        session.add(Candidate(task_id=task(apart), who="=nhin"))
    with pytest.raises(OnlySees):
        door(apart, case_id, task(apart))


def test_the_applications_errand_is_done_once_at_its_time(alone, clock):
    done = []
    around = replace(
        alone.surroundings, errands={"units.move": lambda s, payload, now: done.append(payload)}
    )
    engine = Engine(alone.bind, around, alone.store)
    with engine.writing() as session:
        engine.enqueue(
            session, "units.move", {"unit": "vp"}, key="k", run_at=clock().replace(day=25)
        )
    assert engine.run_due() == 0
    clock.at("2026-11-26 08:00")
    assert engine.run_due() == 1 and engine.run_due() == 0
    assert done == [{"unit": "vp"}]


def test_nobody_judges_what_is_about_themselves_nor_gets_it_by_a_handing_over(apart):
    about = DUTY.replace('"duty"', '"concerns"').format("found.account")
    group = 'camunda:candidateGroups="chuyen-vien"'
    lines = f"""start s
    <bpmn:userTask id="a" name="Check" {group}>{about}</bpmn:userTask>
    end e
    s > a > e"""
    put(apart, lines)
    case_id = apart.start("p", {"found": {"account": "an"}}, actor=BINH).case_id
    for door in (apart.claim, lambda task_id, actor: apart.complete(task_id, {}, actor=actor)):
        with pytest.raises(OwnMatter):
            door(task(apart), actor=AN)
    apart.claim(task(apart), actor=BINH)
    call = Call("k", apart.clock(), 0, "DOI-1", "system", "vp", engine=apart)
    HAND_OVER.run(call, {"holder": "binh", "to": "an"})
    with apart.reading() as session:
        assert session.scalars(sa.select(Task.assignee).where(Task.status == "open")).one() is None
    apart.complete(task(apart), {}, actor=BINH)
    assert apart.verify(case_id).holds


def test_each_of_many_may_be_about_another_and_nobody_is_assigned_their_own(apart):
    about = DUTY.replace('"duty"', '"concerns"').format("one.account")
    lines = f"""start s
    <bpmn:userTask id="a" name="Check" camunda:candidateGroups="chuyen-vien">{about}
      <bpmn:multiInstanceLoopCharacteristics camunda:collection="=all" camunda:elementVariable="one"/>
    </bpmn:userTask>
    end e
    s > a > e"""  # noqa: E501
    put(apart, lines)
    apart.start("p", {"all": [{"account": "an"}, {"account": "binh"}]}, actor=CHI)
    with apart.reading() as session:
        ans, binhs = session.scalars(sa.select(Task.id).order_by(Task.id))
    for task_id, own, other in ((ans, AN, BINH), (binhs, BINH, AN)):
        with pytest.raises(OwnMatter):
            apart.complete(task_id, {}, actor=own)
        with pytest.raises(OwnMatter):
            apart.assign(task_id, own.name, actor=HEAD)
        apart.complete(task_id, {}, actor=other)
