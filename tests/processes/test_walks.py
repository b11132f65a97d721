"""What holds for every shipped process: any walk through it saves, replays and ends."""

from __future__ import annotations

import copy
import random
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import config
from engine import spiff
from engine.apply import Waiting, apply, view_of
from engine.bundles import Bundle, form_name, scenarios_path
from engine.dry import DryRun, DryWorld
from engine.errors import OwnMatter, Refusal, SameHand
from engine.forms import FormErrors, sample
from engine.program import Program
from engine.scenarios import START
from engine.values import decode
from engine.world import RecordedWorld

KEYS = Bundle.keys(config.ROOT)
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""A walk asks the database only for facts, which other tests ask of both."""
WALK = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
STEPS = 30
"""After how many steps a walk that has not ended is left."""
Step = dict[str, Any]
"""A step of an example: what is done, by whom, with what data and what answers from outside."""


class Walk(DryRun):
    """A dry run that remembers its inputs and what each learned outside."""

    def __init__(self, program: Program, **around: Any) -> None:
        super().__init__(program, **around)
        self.inputs: list[tuple[Any, Any, list[Any]]] = []

    def apply(self, given: Any) -> Any:
        if self.rest is not None:
            state = spiff.dump(self.case)
            self.case = spiff.load(self.program, self.program.process.id, "DRY-1", state)
        world = DryWorld(self)
        self.rest = apply(self.case, given, world)
        self.path += self.rest.path
        self.inputs.append((self.now, given, world.facts))
        return self.rest

    def replays(self) -> bool:
        """Whether its inputs, run again with what each recorded, come to the same."""
        again = spiff.new(self.program, self.program.process.id, "DRY-1")
        for now, given_input, facts in self.inputs:
            rest = apply(again, given_input, RecordedWorld(now, self.surroundings.facts, facts))
        same = spiff.dump(again) == spiff.dump(self.case)
        return same and self.rest is not None and rest.marking == self.rest.marking


@cache
def examples(key: str) -> tuple[list[Step], dict[str, list[Step]]]:
    """How the examples of a process begin, and by its name how they do each task and message."""
    begun: list[Step] = []
    done: dict[str, list[Step]] = {}
    for steps in decode((config.ROOT / scenarios_path(key)).read_text(encoding="utf-8")).values():
        begun.append(steps[0])
        for one in steps:
            name = one.get("complete") or one.get("send") or one.get("deliver")
            if name:
                done.setdefault(name, []).append(one)
    return begun, done


def answers(walk: Walk, name: str, choose: random.Random) -> dict[str, Any]:
    """Something that the task's form accepts, its choices made at random."""
    waiting = walk.task(name)
    form = walk.program.form(form_name(walk.program.nodes[waiting.element]))
    if form is None:
        return {}
    world, view = DryWorld(walk), view_of(walk.case, waiting.token)
    found = form.dump(sample(form, context=view, functions=world.functions, now=walk.now))
    for field in form.walk():
        if field.type in ("radio", "select") and field.options and field.readonly is False:
            found[field.name] = choose.choice(field.options).value
        elif field.type in ("textarea", "textfield") and field.name not in found:
            found[field.name] = "Lý do"
    return found


class Wanderer(Walk):
    """A walk on which people do in any order what examples show, and what none thought of."""

    def __init__(self, program: Program, choose: random.Random, **around: Any) -> None:
        super().__init__(program, **around)
        self.choose = choose
        begun, self.shown = examples(program.key)
        first = self.as_shown(begun)
        self.start(first["start"], initiator=first["as"], unit=first.get("unit", "unit"))
        self.run_calls()

    def step(self) -> bool:
        """Somebody does something, or time passes; False when nothing is left."""
        ways: list[Any] = [*self.open_tasks()] * 2
        ways += ["+time"] * (self.next_timer() is not None)
        if not ways or self.choose.random() < 0.1:  # Most messages withdraw the case.
            ways += self.waiting("message")
        if not ways:
            return False
        way = self.choose.choice(ways)
        try:
            if way == "+time":
                self.advance(self.next_timer() or self.now)
            elif isinstance(way, str):
                self.do(way)
            else:
                self.hear(way)
        except (FormErrors, SameHand, OwnMatter):
            return True
        self.run_calls()
        return True

    def do(self, name: str) -> None:
        """Somebody does the task: as an example does, or with what its form accepts."""
        known = self.shown.get(name, [])
        if known and self.choose.random() < 0.8:
            one = self.as_shown(known)
            self.complete(name, one.get("data", {}), by=one["as"])
        else:
            self.complete(name, answers(self, name, self.choose), by=f"u{self.choose.random()}")

    def hear(self, waiting: Waiting) -> None:
        """The message comes, as it does in an example that has it."""
        node = self.program.nodes[waiting.element]
        names = {node.name, node.id, node.properties.get("label"), waiting.marks["name"]}
        known = [one for name, steps in self.shown.items() if name in names for one in steps]
        data = self.as_shown(known).get("data", {}) if known else {}
        self.apply({"kind": "message_received", "token": waiting.token, "data": data})

    def as_shown(self, known: list[Step]) -> Step:
        """One of these steps, with the answers that the world outside gives in it."""
        one = copy.deepcopy(self.choose.choice(known))
        self.given.update(one.get("given", {}))
        return one

    def _call(self, waiting: Waiting) -> None:
        """The world refuses only where the drawing says what happens then."""
        kept, nodes = self.given, self.program.nodes.values()
        beside = [one for one in nodes if one.attached_to == waiting.element]
        if not any(event.kind == "error" for one in beside for event in one.events):
            self.given = {name: said for name, said in kept.items() if "reject" not in str(said)}
        super()._call(waiting)
        self.given = kept


@ONE_DATABASE
@pytest.mark.parametrize("key", KEYS)
def test_any_walk_replays_to_the_same_rests(app, engine, world, key: str):
    program, entered = Program(Bundle.read(config.ROOT, key)), set()
    with engine.reading() as session:
        around = {"surroundings": engine.surroundings, "now": START, "session": session}

        @WALK
        @given(choose=st.randoms(use_true_random=False))
        def walked(choose: random.Random) -> None:
            try:
                walk = Wanderer(program, choose, **around)
                for _step in range(STEPS):
                    if not walk.step():
                        break
            except Refusal as refusal:
                pytest.fail(f"{key}: {refusal.message}")
            entered.update(walk.path)
            assert walk.replays()

        walked()
    # Walks that are all turned back at the first form would prove nothing.
    reached = [node for node in program.nodes if f"+{node}" in entered]
    assert 2 * len(reached) > len(program.nodes)
