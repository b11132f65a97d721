"""How a case begins (BPMN 2.0 §10.5.2, §13.2) and what a file may hold."""

from __future__ import annotations

import pytest

from engine import bpmn_reader
from tests.engine.drawings import HEAD, Run, text

BASE = {"initiator": "an", "unit": "vp"}


def begun(lines: str, element: str, **data: object) -> Run:
    """A case that an element's event began."""
    run = Run(lines)
    run.give({"kind": "case_started", "base": BASE, "data": data, "element": element})
    return run


STARTS = "start s\nstart m message=m\nuser a\nuser b\ns > a\nm > b"


def test_each_start_event_begins_a_case_of_its_own():
    assert Run(STARTS).start().at() == ["a"]
    assert begun(STARTS, "m").at() == ["b"]


def test_a_scope_without_a_start_event_begins_at_what_nothing_leads_to():
    lines = """user a
        user b
        user c
        throw t link=L
        catch l link=L
        user h undo
        a > c
        b > t
        l > c
        boundary bc on=a compensate=1 handler=h"""
    assert Run(lines).start().at() == ["a", "b"]


@pytest.mark.parametrize("kind", ["sub", "adhoc", "transaction"])
def test_a_scope_with_nothing_in_it_ends_at_once(kind: str):
    assert Run(f"start s\n{kind} p {{\n}}\nend e\ns > p > e").start().outcome == "e"


def test_a_receive_task_may_begin_the_case():
    lines = "receive r message=m instantiate\nuser a\nr > a"
    assert begun(lines, "r", x=1).at() == ["a"]


def test_an_event_gateway_may_begin_the_case():
    lines = """events g instantiate
        catch m message=m
        catch n message=n
        user a
        user b
        g > m > a
        g > n > b"""
    run = begun(lines, "n")
    assert (run.at(), run.waiting("message")) == (["b"], [])
    assert run.path[:5] == ["+g", "-g", ">f2_g_n", "+n", "-n"]


def test_a_parallel_event_gateway_begins_the_case_and_awaits_the_other_events():
    lines = """events g instantiate parallel
        catch m message=m
        catch n message=n
        and j
        user a
        g > m > j
        g > n > j
        j > a"""
    run = begun(lines, "n")
    assert run.at() == []
    assert run.message("m").at() == ["a"]


def test_a_call_activity_may_call_a_global_task():
    roots = '!<globalUserTask id="ask" name="Ask"/>'
    run = Run(f"{roots}\nstart s\ncall k of=ask\nuser after\ns > k > after").start()
    assert run.at() == ["ask"]
    assert run.do("ask").at() == ["after"]


def test_a_called_element_may_be_written_with_a_prefix():
    inner = text("start s\nuser x\ns > x", "q")
    assert Run("start s\ncall k of=tns:q\ns > k", inner).start().at() == ["x"]


def test_a_task_belongs_to_the_innermost_lane_that_has_a_name():
    lanes = (
        '<laneSet id="ls"><lane id="l1" name="phong">'
        "<flowNodeRef>a</flowNodeRef><flowNodeRef>b</flowNodeRef><flowNodeRef>p</flowNodeRef>"
        '<childLaneSet id="cs"><lane id="l2" name="van-thu"><flowNodeRef>a</flowNodeRef></lane>'
        '<lane id="l3"><flowNodeRef>b</flowNodeRef></lane></childLaneSet></lane></laneSet>'
    )
    run = Run(f"start s\n{lanes}\nuser a\nuser b\nsub p {{\nuser c\n}}\ns > a\ns > b\ns > p")
    offers = {w.element: w.marks["candidates"] for w in run.start().waiting()}
    assert offers == {"a": ["van-thu@vp"], "b": ["phong@vp"], "c": ["phong@vp"]}


def test_a_file_may_hold_several_pools_and_messages_are_named_by_their_flows():
    source = (
        f'{HEAD}<collaboration id="co"><participant id="p1" name="Shop" processRef="shop"/>'
        '<participant id="p2" processRef="bank"/>'
        '<messageFlow id="mf" name="order" sourceRef="t" targetRef="m"/></collaboration>'
        '<process id="shop"><startEvent id="s"/><sendTask id="t"/>'
        '<sequenceFlow id="f1" sourceRef="s" targetRef="t"/></process>'
        '<process id="bank"><startEvent id="m"><messageEventDefinition/></startEvent>'
        '<userTask id="u"/><sequenceFlow id="f2" sourceRef="m" targetRef="u"/></process>'
        "</bpmn:definitions>"
    )
    shop, bank = bpmn_reader.read(source).processes
    assert (shop.name, bank.top.nodes["m"].events[0].name) == ("Shop", "order")
    run = Run(source).start()
    assert run.rest is not None
    assert [post.name for post in run.rest.sent] == ["order"]


def test_a_receiver_waits_under_the_key_that_its_process_subscribes_to():
    lines = """!<message id="m1" name="paid"/>
        !<correlationProperty id="cp"><correlationPropertyRetrievalExpression messageRef="m1">\
<messagePath>bill</messagePath></correlationPropertyRetrievalExpression></correlationProperty>
        <correlationSubscription id="cs" correlationKeyRef="ck"><correlationPropertyBinding \
correlationPropertyRef="cp"><dataPath>number</dataPath></correlationPropertyBinding>\
</correlationSubscription>
        start s
        <intermediateCatchEvent id="c"><messageEventDefinition messageRef="m1"/>\
</intermediateCatchEvent>
        end e
        s > c > e"""
    run = Run(lines).start(number="B7")
    assert run.waiting("message")[0].marks == {
        "kind": "message", "name": "paid", "correlation": "B7",
    }  # fmt: skip
