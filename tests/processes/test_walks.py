"""What holds for every shipped process: any walk through it saves, replays and ends."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import config
from engine import spiff
from engine.apply import apply, view_of
from engine.bundles import Bundle, form_name
from engine.dry import DryRun, DryWorld
from engine.errors import Refusal
from engine.forms import FormErrors, sample
from engine.program import Program
from engine.world import RecordedWorld

KEYS = Bundle.keys(config.ROOT)
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""A walk asks the database only for facts, which other tests ask of both."""
WALK = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


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


def step(walk: Walk, choose: random.Random) -> bool:
    """Somebody does something, or time passes; False when nothing is left."""
    tasks, next_timer = walk.open_tasks(), walk.next_timer()
    ways = [*tasks, *(["+time"] if next_timer else []), *["+message"] * (choose.random() < 0.1)]
    if not ways:
        ways = ["+message"] if walk.waiting("message") else []
    if not ways:
        return False
    way = choose.choice(ways)
    if way == "+time":
        assert next_timer is not None
        walk.advance(next_timer)
    elif way == "+message":
        waiting = walk.waiting("message")
        if waiting:
            token = choose.choice(waiting).token
            walk.apply({"kind": "message_received", "token": token, "data": {}})
    else:
        try:
            walk.complete(way, answers(walk, way, choose), by=f"u{choose.randrange(10**6)}")
        except FormErrors:
            return True
    walk.run_calls()
    return True


@ONE_DATABASE
@pytest.mark.parametrize("key", KEYS)
@WALK
@given(seed=st.integers(0, 2**32))
def test_any_walk_replays_to_the_same_rests(app, engine, world, key: str, seed: int):
    choose = random.Random(seed)  # a test's choice
    program = Program(Bundle.read(config.ROOT, key))
    with engine.reading() as session:
        walk = Walk(program, surroundings=engine.surroundings, now=engine.clock(), session=session)
        walk.start({}, initiator="an", unit="p-dautu")
        walk.run_calls()
        for _step in range(30):
            try:
                if not step(walk, choose):
                    break
            except Refusal as refusal:
                pytest.fail(f"{key}: {refusal.message}")
    assert walk.replays()
