"""Cases that were moved by older rules run again as they ran, and go on by those of today.

`older_steps.json` was written by the engine as it was before each rule, since 2026-11-22: the
drawing, the inputs and facts of its steps, and the hash of the state after the last.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine import spiff
from engine.apply import apply, state_hash
from engine.world import RecordedWorld
from tests.engine.drawings import Run

KEPT = {c["name"]: c for c in json.loads(Path(__file__).with_name("older_steps.json").read_text())}


def run_again(run: Run, steps: list[Any]) -> Run:
    for at, given, facts in steps:
        world = RecordedWorld(at, {fact[0]: None for fact in facts}, facts)
        run.rest = apply(run.case, given, world)
        assert world.facts == facts
    return run


def kept(name: str) -> tuple[Run, list[Any]]:
    case = KEPT[name]
    steps = [(datetime.fromisoformat(s["at"]), s["given"], s["facts"]) for s in case["steps"]]
    return Run("\n".join(case["lines"])), steps


@pytest.mark.parametrize("name", KEPT)
def test_steps_of_older_rules_come_to_the_same_state(name):
    run, steps = kept(name)
    assert state_hash(spiff.dump(run_again(run, steps).case)) == KEPT[name]["state"]


@pytest.mark.parametrize(
    ("name", "until", "on", "noted"),
    [
        ("loop", 2, lambda run: run.do("a").at() == ["note", "note"], "last_instance_caught"),
        ("escalation", 2, lambda run: run.do("xu").at() == ["c", "f"], "escalation_passed_on"),
        ("fired", 1, lambda run: run.do("u").at() == ["m", "n"], "fired_boundary_goes_on"),
        ("cancel", 2, lambda run: run.do("c").at() == ["hz"], "undone_inside_what_ran"),
        (
            "by_event",
            3,
            lambda r: r.do("m", ok=False).at() == ["ua"],
            "undone_in_event_subprocess",
        ),
        ("broken_off", 3, lambda r: r.do("d").at() == ["ub"], "broken_off_undoing_kept"),
        (
            "swapped",
            1,
            lambda run: run.do("u").waiting("message")[0].marks["correlation"] == "≡1|2",
            "keys_in_order_of_file",
        ),
        ("unkeyed", 1, lambda run: run.do("u").at() == [], "unkeyed_message_apart"),
        ("given_up", 1, lambda run: run.do("a").at() == ["a"], "cancelled_instance_given_up"),
        (
            "second_conversation",
            1,
            lambda r: r.do("u").waiting("message")[0].marks["correlation"].endswith("1"),
            "wait_stays_in_its_conversation",
        ),
        ("beside", 3, lambda r: r.do("a").case.outcome == "e", "outcome_of_the_main_way"),
        ("default_beside", 1, lambda run: run.do("u").at() == ["a"], "default_flow_alone"),
        (
            "event_outputs",
            1,
            lambda run: run.do("u").case.frame.content["n"] == 1,
            "outputs_of_events",
        ),
        (
            "keys",
            1,
            lambda run: (
                "populated" in run.message("c", order=1, bill=2).waiting("message")[0].marks
            ),
            "awaited_under_all_keys",
        ),
    ],
)
def test_a_case_that_older_rules_have_moved_goes_on_by_those_of_today(name, until, on, noted):
    """And the step that does says by which rule it went, so that it too can be run again."""
    run, steps = kept(name)
    run_again(run, steps[:until])
    assert on(run)
    (_at, _given, facts) = run.inputs[-1]
    assert [noted, [], True] in facts
    again, _steps = kept(name)
    run_again(again, steps[:until] + run.inputs)
    assert spiff.dump(again.case) == spiff.dump(run.case)


def test_a_message_of_another_value_begins_another_conversation_today():
    """Then one value that was the same kept it in the old one."""
    run, steps = kept("keys_contradicted")
    run_again(run, steps[:1]).message("c", order=1, bill=7)
    today = run.waiting("message")[0].marks
    run_again(again := kept("keys_contradicted")[0], steps)
    then = again.waiting("message")[0].marks
    assert ("populated" in today, "populated" in then) == (True, False)
    assert run.case.conversation != again.case.conversation
