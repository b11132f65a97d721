"""`simulate` of several pools in one file: who begins, who hears whom, in which order."""

from __future__ import annotations

import re

import pytest

from engine.simulation import Advance, Send, Simulation, simulate
from tests.engine.drawings import HEAD, text

ROOTS = re.compile(r"<bpmn:(?:message|signal) [^>]*/>")


def pools(flows: str, *, runs: bool = True, **processes: str) -> str:
    """A file with a pool for each process; flows: message flows, as "t > bs"."""
    roots: set[str] = set()
    bodies, parts = [], []
    for key, lines in processes.items():
        source = text(lines, key).replace('isExecutable="true"', f'isExecutable="{runs}"'.lower())
        start = source.index("<bpmn:process")
        roots |= set(ROOTS.findall(source[:start]))
        bodies.append(source[start : source.rindex("</bpmn:definitions>")])
        parts.append(f'<bpmn:participant id="of_{key}" name="Pool {key}" processRef="{key}"/>')
    for number, row in enumerate(flows.split(", ") if flows else ()):
        one, other = row.split(" > ")
        ends = f'sourceRef="{one}" targetRef="{other}"'
        parts.append(f'<bpmn:messageFlow id="mf{number}" {ends}/>')
    collaboration = f'<bpmn:collaboration id="co">{"".join(parts)}</bpmn:collaboration>'
    return f"{HEAD}{''.join(sorted(roots))}{collaboration}{''.join(bodies)}</bpmn:definitions>"


def run(source: str, *options: Send | Advance, **words: object) -> Simulation:
    return simulate(source, options=options, **words)  # type: ignore[arg-type]


def entered(found: Simulation) -> tuple[str, str]:
    return found.state, " ".join(found.entered)


BUYER = "start s\nthrow t message=Order\ncatch r message=Paid\nend e\ns > t > r > e"
SHOP = "start bs message=Order\nuser b\nend be message=Paid\nbs > b > be"
FLOWS = "t > bs, be > r"


@pytest.mark.parametrize("order", [("buyer", "shop"), ("shop", "buyer")])
@pytest.mark.parametrize("executable", [True, False])
def test_a_message_begins_the_other_pool_and_its_answer_comes_back(order, executable):
    drawn = {"buyer": BUYER, "shop": SHOP}
    found = run(pools(FLOWS, runs=executable, **{key: drawn[key] for key in order}))
    assert entered(found) == ("completed", "s t r bs b be e")


def test_a_process_that_is_named_runs_alone():
    source = pools(FLOWS, buyer=BUYER, shop=SHOP)
    assert entered(run(source, process="buyer")) == ("waiting", "s t r")
    assert entered(run(source, process="Pool shop")) == ("completed", "bs b be")


def test_a_pool_that_begins_by_itself_begins_when_something_is_said_that_it_waits_for():
    waits = "start bs\ncatch c {}=Go\nend be\nbs > c > be"
    for kind in ("message", "signal"):
        thrower = f"start s\nthrow t {kind}=Go\nuser a\nend e\ns > t > a > e"
        found = run(pools("", one=thrower, two=waits.format(kind)))
        assert entered(found) == ("completed", "s t a bs c be e")


def test_a_pool_that_begins_by_itself_begins_when_somebody_waits_for_what_it_says():
    waits = "start bs\ncatch c message=Go\nend be\nbs > c > be"
    speaks = "start s\nuser a\nend e message=Go\ns > a > e"
    silent = "start q\nuser w\nq > w"
    found = run(pools("", two=waits, one=speaks, three=silent))
    assert entered(found) == ("completed", "bs c s a e be")


def test_a_signal_begins_a_case_at_every_start_event_of_other_pools():
    thrower = "start s\nend e signal=Go\ns > e"
    heard = "start {0} signal=Go\nend {0}e\n{0} > {0}e"
    found = run(pools("", one=thrower, two=heard.format("a"), three=heard.format("b")))
    assert entered(found) == ("completed", "s e a ae b be")


def test_every_message_begins_a_case_unless_one_waits_for_it():
    thrower = "start s\nthrow t message=Order\nthrow u message=Order\nend e\ns > t > u > e"
    shop = "start bs message=Order\ncatch w timer=PT1H\nend be\nbs > w > be"
    again = "start bs message=Order\ncatch w message=Order\nend be\nbs > w > be"
    source = pools("t > bs", one=thrower, two=shop)
    assert [row["element"] for row in run(source).waiting] == ["w", "w"]
    done = "s t u e bs w bs w be be"
    assert entered(run(source, Advance("PT1H"))) == ("completed", done)
    assert entered(run(pools("", one=thrower, two=again))) == ("completed", "s t u e bs w be")


def test_one_case_of_a_key_is_open_at_a_time():
    thrower = """start s
        throw t message=Order correlation="1"
        throw u message=Order correlation="1"
        throw v message=Order correlation="2"
        s > t > u > v"""
    shop = "start bs message=Order correlation=n\ncatch w timer=PT1H\nbs > w"
    assert entered(run(pools("", one=thrower, two=shop))) == ("waiting", "s t u v bs w bs w")


def test_messages_that_no_definition_names_are_named_by_their_flows():
    sender = "start s\nsend t\nreceive r\nend e\ns > t > r > e"
    receiver = "receive c instantiate=1\nend be message=Back\nc > be"
    for flow_only in (False, True):
        found = run(pools("t > c, be > r", one=sender, two=receiver), flow_only=flow_only)
        assert entered(found) == ("completed", "s t r c be e")


def test_what_is_sent_from_outside_begins_the_pool_that_waits_for_it():
    one = "start s message=A\ncatch w message=Done\nend e\ns > w > e"
    two = "start bs message=B\nend be message=Done\nbs > be"
    source = pools("", one=one, two=two)
    assert entered(run(source, Send("B"))) == ("completed", "bs be")
    assert entered(run(source, Send("A"), Send("B"))) == ("completed", "s w bs be e")


def test_pools_that_answer_each_other_for_ever_are_stopped():
    one = "start s\nxor m\nthrow t message=P\ncatch r message=Q\ns > m > t > r > m"
    two = "start bs\nxor n\ncatch c message=P\nthrow x message=Q\nbs > n > c > x > n"
    found = run(pools("", one=one, two=two))
    assert found.state == "failed"
    assert found.error is not None
    assert "without end" in str(found.error["message"])
