"""Messages and signals between cases, and cases that events begin, through the doors."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from engine import Bundle, telling
from engine.errors import NobodyWaits, StepFailed
from engine.tables import Case, Job, Task, Wait
from tests.engine.conftest import AN, OWNER
from tests.engine.drawings import HEAD

WORK = "user a candidateGroups=chuyen-vien\nend e"


def cases(engine) -> list[tuple[str, str]]:
    """(process, status) of every case, oldest first."""
    with engine.reading() as session:
        query = sa.select(Case.process_key, Case.status).order_by(Case.id)
        return [(key, status) for key, status in session.execute(query)]


def open_tasks(engine) -> list[str]:
    with engine.reading() as session:
        query = sa.select(Task.element).where(Task.status == "open").order_by(Task.id)
        return list(session.scalars(query))


def stands(engine) -> None:
    """Every journal gives the same rests again."""
    assert all(verdict.holds for verdict in engine.verify_all())


def test_a_thrown_message_reaches_the_case_that_waits_under_its_key(alone, deploy):
    deploy("w", f'start s\ncatch c message=m correlation="=k"\n{WORK}\ns > c > a > e')
    deploy("tt", 'start s\nthrow t message=m correlation="=k" in:n="=1"\nend e\ns > t > e')
    alone.start("w", {"k": "x"}, actor=AN)
    alone.start("w", {"k": "y"}, actor=AN)
    alone.start("tt", {"k": "y"}, actor=AN)
    alone.run_due()
    assert open_tasks(alone) == ["a"]
    with alone.reading() as session:
        assert session.scalars(sa.select(Wait.correlation)).all() == ["x"]
    stands(alone)


def test_a_key_that_is_null_is_that_of_nobody(alone, deploy):
    """§8.4.2: a message is for the instance whose key has the same value in each property; what
    has no value, on either side, is not the same.
    """
    deploy("w", f'start s\ncatch c message=m correlation="=k"\n{WORK}\ns > c > a > e')
    deploy("tt", 'start s\nthrow t message=m correlation="=k" in:n="=1"\nend e\ns > t > e')
    alone.start("w", {}, actor=AN)
    alone.start("w", {"k": "None"}, actor=AN)
    alone.start("tt", {}, actor=AN)
    alone.run_due()
    assert open_tasks(alone) == []
    with pytest.raises(NobodyWaits):
        alone.deliver("m", {}, correlation="null")
    stands(alone)


def test_messages_whose_key_is_null_begin_a_case_each(alone, deploy):
    deploy("w", f'start s message=m correlation="=bill"\n{WORK}\ns > a > e')
    (first,) = alone.deliver("m", {}, actor=AN)
    (second,) = alone.deliver("m", {}, actor=AN)
    assert first != second
    stands(alone)


def test_a_thrown_message_begins_a_case(alone, deploy):
    deploy("w", f"start s message=m\n{WORK}\ns > a > e")
    deploy("tt", "start s\nend t message=m\ns > t")
    alone.start("tt", actor=AN)
    alone.run_due()
    assert cases(alone) == [("tt", "completed"), ("w", "open")]
    stands(alone)


def test_one_case_of_a_key_is_open_at_a_time(alone, deploy):
    deploy("w", f'start s message=m correlation="=bill"\n{WORK}\ns > a > e')
    (first,) = alone.deliver("m", {"bill": "B1"}, actor=AN)
    with pytest.raises(NobodyWaits):
        alone.deliver("m", {"bill": "B1"}, actor=AN)
    alone.deliver("m", {"bill": "B2"}, actor=AN)
    with alone.reading() as session:
        task = session.scalars(sa.select(Task.id).where(Task.case_id == first)).one()
    alone.complete(task, {}, actor=AN)
    assert alone.deliver("m", {"bill": "B1"}, actor=AN) != [first]
    stands(alone)


def test_an_early_message_is_kept_as_long_as_the_setting_says(alone, deploy, clock):
    alone.surroundings.facts["setting"] = lambda session, now, name: (  # type: ignore[index]
        2 if name == "messages.kept_days" else None
    )
    deploy("w", f"start s\ncatch c message=m\n{WORK}\ns > c > a > e")
    with alone.writing() as session:
        alone.enqueue(session, "deliver", {"message": "m", "data": {}}, key="k")
        alone.enqueue(session, "deliver", {"message": "other", "data": {}}, key="l")
    alone.run_due()
    alone.start("w", actor=AN)
    clock.advance(minutes=6)
    alone.run_due()
    assert open_tasks(alone) == ["a"]
    with alone.writing() as session:
        session.execute(sa.update(Job).where(Job.key == "l").values(attempts=2 * 288))
    clock.advance(minutes=6)
    alone.run_due()
    with alone.reading() as session:
        assert session.scalar(sa.select(Job.status).where(Job.key == "l")) == "stuck"


def test_word_for_a_case_that_has_gone_on_meanwhile_is_not_kept(alone, deploy):
    deploy("w", f'start s\ncatch c message=m correlation="=case.code"\n{WORK}\ns > c > a > e')
    code = alone.start("w", actor=AN).case_code
    with alone.writing() as session:
        assert telling.tell(session, "m", code, {}, key="word", at=alone.clock())
    alone.deliver("m", {}, correlation=code)
    alone.run_due()
    with alone.reading() as session:
        assert session.scalar(sa.select(Job.status).where(Job.key == "word")) == "done"
    assert open_tasks(alone) == ["a"]
    stands(alone)


def test_a_signal_begins_cases(alone, deploy):
    deploy("w", f"start s signal=go\n{WORK}\ns > a > e")
    deploy("tt", "start s\nthrow t signal=go\nend e\ns > t > e")
    alone.start("tt", actor=AN)
    alone.run_due()
    assert cases(alone) == [("tt", "completed"), ("w", "open")]
    assert len(alone.signal("go", {})) == 1
    stands(alone)


def test_a_condition_begins_one_case_each_time_it_becomes_true(alone, deploy, clock):
    level = {"now": 1}
    alone.surroundings.facts["level"] = lambda session, now: level["now"]  # type: ignore[index]
    deploy("w", f'start s when="level() > 5"\n{WORK}\ns > a > e')
    for value, count in ((1, 0), (9, 1), (9, 1), (2, 1), (7, 2)):
        level["now"] = value
        alone.run_due()
        assert len(cases(alone)) == count
        clock.advance(minutes=5)
    stands(alone)


def test_a_receive_task_and_an_event_gateway_begin_cases(alone, deploy):
    deploy("rr", f"receive r message=m instantiate\n{WORK}\nr > a > e")
    deploy("gg", f"events g instantiate\ncatch n message=n\ncatch o message=o\n{WORK}\n"
                "g > n > a\ng > o > a\na > e")  # fmt: skip
    alone.deliver("m", {})
    alone.deliver("o", {})
    assert cases(alone) == [("rr", "open"), ("gg", "open")]
    assert open_tasks(alone) == ["a", "a"]
    stands(alone)


def test_a_message_flow_leads_from_one_pool_of_a_file_into_the_other(alone):
    def pool(key: str, body: str) -> str:
        return f'<process id="{key}" name="{key}" isExecutable="true">{body}</process>'

    def task(name: str) -> str:
        return f'<userTask id="{name}" name="{name}" camunda:candidateGroups="chuyen-vien"/>'

    flow = '<sequenceFlow id="f{0}{1}" sourceRef="{0}" targetRef="{1}"/>'
    asks = '<startEvent id="s"/><intermediateThrowEvent id="t"><messageEventDefinition/>'
    asks += "</intermediateThrowEvent>" + task("x") + flow.format("s", "t") + flow.format("t", "x")
    asks += '<endEvent id="e1"/>' + flow.format("x", "e1")
    does = '<startEvent id="m"><messageEventDefinition/></startEvent>'
    does += task("y") + flow.format("m", "y") + '<endEvent id="e2"/>' + flow.format("y", "e2")
    source = (
        f'{HEAD}<collaboration id="co"><participant id="p1" processRef="shop"/>'
        '<participant id="p2" processRef="bank"/>'
        '<messageFlow id="mf" name="order" sourceRef="t" targetRef="m"/></collaboration>'
        f"{pool('shop', asks)}{pool('bank', does)}</bpmn:definitions>"
    )
    bundle = Bundle("shop", {"processes/bpmn/shop.bpmn": source})
    alone.deploy(bundle, actor=OWNER, legal_basis="Điều 8")
    alone.start("shop", actor=AN)
    alone.run_due()
    assert open_tasks(alone) == ["x", "y"]
    with alone.reading() as session:
        for task_id in session.scalars(sa.select(Task.id)).all():
            alone.complete(task_id, {}, actor=AN)
    assert cases(alone) == [("shop", "completed"), ("shop", "completed")]
    stands(alone)


def test_a_message_finds_its_case_by_the_correlation_properties_of_the_drawing(alone, deploy):
    way = "correlationPropertyRetrievalExpression"
    root = (
        f'!<message id="m1" name="paid"/>\n!<correlationProperty id="cp"><{way} messageRef="m1">'
        f"<messagePath>bill.number</messagePath></{way}></correlationProperty>\n"
        '!<collaboration id="co"><correlationKey id="ck"><correlationPropertyRef>cp'
        "</correlationPropertyRef></correlationKey></collaboration>"
    )
    key = (
        '<correlationSubscription id="cs" correlationKeyRef="ck">'
        '<correlationPropertyBinding correlationPropertyRef="cp">'
        "<dataPath>number</dataPath></correlationPropertyBinding></correlationSubscription>"
    )
    catch = '<messageEventDefinition messageRef="m1"/>'
    catch = f'<intermediateCatchEvent id="c">{catch}</intermediateCatchEvent>'
    deploy("w", f"{root}\n{key}\nstart s\n{catch}\n{WORK}\ns > c > a > e")
    one = alone.start("w", {"number": "B1"}, actor=AN)
    alone.start("w", {"number": "B2"}, actor=AN)
    assert alone.deliver("paid", {"bill": {"number": "B1"}}) == [one.case_id]
    with pytest.raises(NobodyWaits):
        alone.deliver("paid", {"bill": {"number": "B7"}})
    stands(alone)


def test_people_choose_in_an_ad_hoc_sub_process_through_the_doors(alone, deploy):
    deploy("w", "start s\nadhoc p candidateGroups=chuyen-vien {\nservice o topic=near.number "
                "in:book=so\nuser a candidateGroups=chuyen-vien\n}\nend e\ns > p > e")  # fmt: skip
    started = alone.start("w", actor=AN)
    assert sorted(open_tasks(alone)) == ["a", "o"]
    assert len(started.tasks) == 2
    for task_id in started.tasks:
        alone.complete(task_id, {}, actor=AN)
    assert cases(alone) == [("w", "completed")]
    stands(alone)


def test_of_two_messages_of_one_instant_a_case_that_could_take_neither_gets_both(alone, deploy):
    deploy("w", "start s\nxor m\ncatch c message=M\nxor g\nend e\n"
                "s > m > c > g\ng > m : x > 1\ng > e : x < 0")  # fmt: skip
    _sick, well = (alone.start("w", {"x": x}, actor=AN).case_id for x in (0, 5))
    assert [alone.deliver("M", {"n": n}) for n in (1, 2)] == [[well], [well]]
    with alone.reading() as session:
        orders = session.scalars(sa.select(Job.payload).order_by(Job.id)).all()
    assert [order["data"]["n"] for order in orders] == [1, 2]


def test_a_case_that_cannot_go_on_keeps_a_message_from_no_other(alone, deploy):
    deploy("w", "start s\ncatch c message=M\nxor g\nuser a candidateGroups=chuyen-vien\nend e\n"
                "end f\ns > c > g\ng > a : x > 1\ng > f : x < 0\na > e")  # fmt: skip
    deploy("v", "start s\nthrow t message=M\nend e\ns > t > e")
    begun = [alone.start("w", {"x": x}, actor=AN).case_id for x in (0, 5, 6)]
    alone.start("v", {}, actor=AN)
    while alone.run_due():
        pass
    with alone.reading() as session:
        assert session.scalars(sa.select(Task.case_id)).all() == begun[1:]
        jobs = session.execute(sa.select(Job.status, Job.payload).order_by(Job.id)).all()
    assert [(status, order.get("case")) for status, order in jobs] == [
        ("done", None),
        ("stuck", begun[0]),
    ]
    assert all(verdict.holds for verdict in alone.verify_all())
    with pytest.raises(StepFailed):
        alone.deliver("M", {})
