"""The demo's other procedures: what each case is asked for and who takes which step, as data.

A step of a story in `data/stories*.json` completes the task that it names, or sends a message, or
withdraws, or logs in; `part` says in which of the cases that it began. In its data "@scan" is a
file handed in with it, "@-3" the day three days before the step, "@+3" after it, "@960h-1" the day
before the one that lies 960 working hours before the present: the same day for two steps, however
many days lie between them, in no step's future when that many hours lie before both stories began.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import sqlalchemy as sa

from app.demo import agency, paper
from app.demo.past import Past
from app.operations.queries import today
from engine.tables import Origin, Task, Wait

_DAY = re.compile(r"@(?:(?P<hours>\d+)h)?(?P<days>[+-]\d+)")
Planned = tuple[datetime, int, Callable[[], None]]
"""When something is done, what goes first of two at one instant, and the doing."""


@dataclass
class Story:
    """One case of the data file, by its place in it, once it has begun with its number."""

    number: int
    given: dict[str, Any]
    case_id: int = 0
    code: str = ""


def planned(past: Past, *, first: int) -> Iterator[Planned]:
    """All steps of all stories; `first` is the number that the first story bears."""
    shipped = [
        story
        for path in sorted(agency.DATA.glob("stories*.json"))
        for story in json.loads(path.read_text(encoding="utf-8"))
    ]
    for number, given in enumerate(shipped, first):
        story = Story(number, given)
        at = past.calendar.working_hours_before(past.now, Decimal(str(given["hours"])))
        yield at, number, partial(_start, past, story)
        for step in given["steps"]:
            at = past.after(at, step["after"], is_login=step["do"] == "log_in")
            if at > past.now:
                raise ValueError(f"a step of story {number} lies in the future: {step}")
            yield at, number, partial(_STEPS[step["do"]], past, story, step)


def _name(short: str) -> str:
    return f"{short}.{agency.PLACE}"


def _start(past: Past, story: Story) -> None:
    actor = past.actor(_name(story.given["by"]))
    moved = past.engine.start(story.given["process"], {}, actor=actor)
    story.case_id, story.code = moved.case_id, moved.case_code


def _complete(past: Past, story: Story, step: dict[str, Any]) -> None:
    case_id = _case(past, story, step)
    query = sa.select(Task.id).where(
        Task.case_id == case_id, Task.status == "open", Task.name == step["task"]
    )
    with past.engine.reading() as session:
        found = session.scalars(query).all()
    if len(found) != 1:
        raise LookupError(f"{story.code}: “{step['task']}” is open {len(found)} times")
    actor = past.actor(_name(step["as"]))

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        if value == "@scan":
            scan = io.BytesIO(paper.scan(story.code))
            name = f"van-ban-{story.code.lower()}.pdf"
            return [past.engine.attach(case_id, name, scan, actor=actor).id]
        return _day(past, value) if isinstance(value, str) else value

    past.engine.complete(found[0], filled(step["data"]), actor=actor)


def _day(past: Past, text: str) -> date | str:
    """The day that a text of the data stands for; any other text itself."""
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    at = past.at
    if found["hours"]:
        at = past.calendar.working_hours_before(past.now, Decimal(found["hours"]))
    return today(at) + timedelta(days=int(found["days"]))


def _case(past: Past, story: Story, step: dict[str, Any]) -> int:
    """The story's own case, or the one that it began as the step's `part`, counted from 0."""
    if "part" not in step:
        return story.case_id
    begun = sa.select(Origin.case_id).where(Origin.parent_id == story.case_id)
    with past.engine.reading() as session:
        return session.scalars(begun.order_by(Origin.case_id)).all()[step["part"]]


def _send(past: Past, story: Story, step: dict[str, Any]) -> None:
    query = sa.select(Wait.token).where(
        Wait.case_id == story.case_id, Wait.element == step["element"]
    )
    with past.engine.reading() as session:
        token = session.scalars(query).one()
    actor = past.actor(_name(step["as"]))
    past.engine.send(story.case_id, token, step["data"], actor=actor)


def _withdraw(past: Past, story: Story, step: dict[str, Any]) -> None:
    sent = {"element": "Boundary_Withdraw", "as": story.given["by"]}
    _send(past, story, {**sent, "data": {"reason": step["reason"]}})


def _log_in(past: Past, _story: Story, step: dict[str, Any]) -> None:
    past.log_in(step["address"])


_STEPS: dict[str, Callable[[Past, Story, dict[str, Any]], None]] = {
    "complete": _complete,
    "send": _send,
    "withdraw": _withdraw,
    "log_in": _log_in,
}
