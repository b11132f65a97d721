"""The demo's other procedures: what each case is asked for and who takes which step, as data.

A step of a story in `data/stories*.json` completes the task that it names, or sends a message, or
withdraws, or logs in; `part` says in which of the cases that it began. In its data "@scan" is a
file handed in with it, "@-3" the day three days before the step, "@+3" after it, "@960h-1" the day
before the one that lies 960 working hours before the present: the same day for two steps, however
many days lie between them, in no step's future when that many hours lie before both stories began.

A story begins so many working hours before the present, with `morning` when that day's work does;
one with `cycle` that many after the data
of a reporting period have ended, the `back`-th of those after which all of it can have happened,
and "@period" is the last day of those data: nobody reports figures that are not there yet. What an
enterprise does it does by its account: "0201234505".
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import sqlalchemy as sa

from app.demo import agency, paper
from app.demo.past import Past
from app.operations.queries import today
from engine.calendar import ZONE
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
    period_ends: date | None = None


def planned(past: Past, *, first: int) -> Iterator[Planned]:
    """All steps of all stories; `first` is the number that the first story bears."""
    shipped = [
        story
        for path in sorted(agency.DATA.glob("stories*.json"))
        for story in json.loads(path.read_text(encoding="utf-8"))
    ]
    for number, given in enumerate(shipped, first):
        story = Story(number, given)
        at = _begins(past, story)
        yield at, number, partial(_start, past, story)
        for step in given["steps"]:
            at = past.after(at, step["after"], is_login=step["do"] == "log_in")
            if at > past.now:
                raise ValueError(f"a step of story {number} lies in the future: {step}")
            yield at, number, partial(_STEPS[step["do"]], past, story, step)


def _begins(past: Past, story: Story) -> datetime:
    """When a story begins; of one about a period `period_ends` is set."""
    hours, steps = story.given["hours"], story.given["steps"]
    if "cycle" not in story.given:
        at = past.calendar.working_hours_before(past.now, Decimal(str(hours)))
        return past.calendar.add(1, _midnight(at)) if "morning" in story.given else at
    last_period, day = past.engine.surroundings.facts["last_report_period"], today(past.now)
    lasts = int(3600 * (hours + sum(step["after"] for step in steps)))
    back = story.given["back"]
    with past.engine.reading() as session:
        while True:
            period: Any = last_period(session, past.now, story.given["cycle"], day)
            story.period_ends = period["to"]
            day = period["from"]
            ends = datetime.combine(period["to"], time.max, ZONE)
            if past.calendar.add(lasts, ends) <= past.now:
                if back == 0:
                    return past.calendar.add(int(3600 * hours), ends)
                back -= 1


def _midnight(at: datetime) -> datetime:
    return datetime.combine(today(at), time(), ZONE)


def _name(short: str) -> str:
    """The account of one of the agency, or of an enterprise by its number."""
    return short if short.isdigit() else f"{short}.{agency.PLACE}"


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
        if value == "@period":
            return story.period_ends
        return _day(past, value) if isinstance(value, str) else value

    past.engine.complete(found[0], filled(step["data"]), actor=actor)
    if actor.unit is None:  # Whoever does a step from outside has logged in for it.
        past.visit(actor.name)


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
