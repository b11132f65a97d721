"""Every step of every shipped drawing: reached by an example, reminded of, followed up."""

from __future__ import annotations

import json
import re

import pytest
from lxml import etree

from app import config
from engine import Bundle

KEYS = Bundle.keys(config.ROOT)
MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
NAMES = {"b": MODEL, "c": "http://camunda.org/schema/1.0/bpmn"}
FOLLOW_UPS = ("Đôn đốc giải quyết", "Đôn đốc rà soát", "Đôn đốc trả lời")
"""What is done about lateness is not itself followed up."""
TURNED_DOWN = re.compile(r'\bchoice = "(return|refuse)"')


def drawing(key):
    return etree.parse(config.ROOT / f"processes/bpmn/{key}.bpmn")


def found(node, path):
    return node.xpath(path, namespaces=NAMES)


def examples(key):
    text = (config.ROOT / f"processes/scenarios/{key}.json").read_text(encoding="utf-8")
    return [step for steps in json.loads(text).values() for step in steps]


@pytest.mark.parametrize("key", KEYS)
def test_every_end_of_a_case_and_every_task_is_reached_by_an_example(key):
    drawn, played = drawing(key), examples(key)
    # Where a branch that does not interrupt ends, such as a reminder's, the case goes on; so it
    # does where an event ends a task of such a branch.
    asides = found(drawn, "//b:process/b:boundaryEvent[@cancelActivity='false']/@id")
    ends = found(drawn, "//b:process/b:endEvent")
    reached = {step.get("ends") for step in played}
    open_ends = {end.get("name") for end in ends if not leads_from(drawn, asides, end)}
    assert open_ends - reached == set()
    tasks = set(found(drawn, "//b:userTask/@name"))
    assert tasks - {step.get("complete") for step in played} == set()


@pytest.mark.parametrize("key", KEYS)
def test_every_refusal_return_and_withdrawal_that_is_drawn_is_shown_by_an_example(key):
    drawn, played = drawing(key), examples(key)
    for task in found(drawn, "//b:userTask"):
        texts = found(task, "b:extensionElements//c:outputParameter/text()")
        answers = {one for text in texts for one in TURNED_DOWN.findall(text)}
        done = [step["data"] for step in played if step.get("complete") == task.get("name")]
        chosen = {v.get("choice") for data in done for v in data.values() if isinstance(v, dict)}
        assert answers - chosen == set(), task.get("name")
    events = found(drawn, "//b:boundaryEvent[b:messageEventDefinition]/@name")
    heard = {step.get("send") for step in played} | {
        found(drawn, f"//b:boundaryEvent[b:messageEventDefinition/@messageRef='{one}']/@name")[0]
        for one, name in messages(drawn)
        if name in {step.get("deliver") for step in played}
    }
    assert set(events) - heard == set()


def messages(drawn):
    """The id and the name of each message that is waited for at a boundary."""
    waited = "//b:boundaryEvent/b:messageEventDefinition/@messageRef"
    for one in set(found(drawn, waited)):
        yield one, found(drawn, f"//b:message[@id='{one}']/@name")[0]


def leads_from(drawn, begins, end):
    """Whether the element is reached from these, over flows and what is at their borders."""
    wanted, seen = list(begins), set()
    while wanted:
        one = wanted.pop()
        if one == end.get("id"):
            return True
        if one not in seen:
            seen.add(one)
            wanted += found(drawn, f"//b:sequenceFlow[@sourceRef='{one}']/@targetRef")
            wanted += found(drawn, f"//b:boundaryEvent[@attachedToRef='{one}']/@id")
    return False


@pytest.mark.parametrize("key", KEYS)
def test_every_task_has_a_deadline_a_reminder_and_a_follow_up(key):
    drawn = drawing(key)
    assert found(drawn, "//b:process/b:extensionElements//c:property[@name='due']/@value")
    bare = {
        task.get("name")
        for task in found(drawn, "//b:userTask")
        if task.get("name") not in FOLLOW_UPS and not is_stopped(task) and timers(task) < 2
    }
    assert bare == set()


def is_stopped(task):
    """Whether no time runs while the task is open."""
    return bool(found(task, "b:extensionElements//c:property[@name='clock'][@value='paused']"))


def timers(task):
    """How many timers watch the task: on its border, or on or in the scope that it lies in."""
    watched = {
        task.get("id"),
        *(one.get("id") for one in task.iterancestors(f"{{{MODEL}}}subProcess")),
    }
    on = found(task.getroottree(), "//b:boundaryEvent[b:timerEventDefinition]/@attachedToRef")
    beside = "ancestor::b:subProcess[1]/b:intermediateCatchEvent[b:timerEventDefinition]"
    return sum(one in watched for one in on) + len(found(task, beside))
