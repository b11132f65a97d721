"""Runs a bundle in memory through the same `apply`, with a frozen clock and sandbox doubles.

Scenarios, tries in the studio and simulations use it; nothing is written anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from engine import spiff, values
from engine.apply import Rest, Waiting, apply, rest_of, view_of
from engine.bundles import form_name
from engine.conversations import key_at, meets
from engine.correlation import of_parts
from engine.duties import concerned, done_by
from engine.errors import CallFailed, OwnMatter, Refusal, Rejected, SameHand, StepFailed
from engine.moves import own_data
from engine.ports import Operation, Surroundings
from engine.program import Program
from engine.values import Record, Value
from engine.world import World

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class NoSuchTask(Refusal):
    """There is no open task "{task}". Open are: {open}."""

    status = 404


class NotAwaited(Refusal):
    """The case does not wait for the message "{message}" here."""

    status = 404


class NoRest(Refusal):
    """The case goes on by itself more than {most} times. Does something repeat without end?"""

    status = 422


MOST = 1000
"""How many timers or calls one step of a scenario may set off before it is taken for endless."""

ORGANISATION = frozenset(
    {
        "head_of",
        "deputy_of",
        "unit_of",
        "parent",
        "unit_name",
        "person_name",
        "email_of",
        "people_of",
        "people_now",
        "units_above",
        "units_below",
        "signing_as",
    }
)
"""Facts about the organisation: a scenario must pass in every agency, so they are doubled."""


_SIGNER: Record = {
    "capacity": "direct", "authority": None, "on_behalf": None, "role": "Trưởng đơn vị",
    "label": "Trưởng đơn vị", "authorisation": None,
}  # fmt: skip
"""As what anybody signs in a scenario that does not say it."""


class DryWorld(World):
    """Answers from what the scenario gives; the calendar and settings are asked for real if they
    can be.
    """

    def __init__(self, run: DryRun) -> None:
        super().__init__(run.now, run.surroundings.facts)
        self.run = run

    def _is_remote(self, name: str) -> bool:
        operation = self.run.surroundings.operations.get(name)
        return operation is not None and operation.remote

    def _answer(self, name: str, arguments: list[Value]) -> Value:
        given = self.run.given.get(name)
        if isinstance(given, dict):
            key = str(arguments[0]) if arguments else ""
            if key in given:
                return values.check(values.copy(given[key]), name)
        elif given is not None:
            return values.check(values.copy(given), name)
        if name == "people_now":
            return self._people(arguments)
        if name in ORGANISATION or self.run.session is None:
            return _double(name, arguments)
        return self._ask_for_real(self.run.session, name, arguments)

    def _people(self, arguments: list[Value]) -> Value:
        """As choices, those whom the scenario gives as the people of these units."""
        units = arguments[0] if arguments else None
        found: list[Value] = []
        for unit in units if isinstance(units, list) else [units]:
            given = self._answer("people_of", [unit])
            for one in given if isinstance(given, list) else []:
                holder = self._answer("person_name", [one])
                found.append({"label": f"{holder} ({one})", "value": one})
        return found

    def _ask_for_real(self, session: Session, name: str, arguments: list[Value]) -> Value:
        """As a live case asks. Raises StepFailed for arguments that the fact does not take."""
        try:
            answer = self.run.surroundings.facts[name](session, self.now, *arguments)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as problem:
            raise StepFailed(element=name, reason=f"{problem}.") from problem
        return values.check(answer, name)

    def _operate(self, name: str, parameters: Record, key: str) -> Record:
        self.run.calls.append((name, parameters))
        return self.run.answer(name)


def _double(name: str, arguments: list[Value]) -> Value:
    """A plausible answer about an invented organisation: one head a unit, one
    mailbox an account.
    """
    first = str(arguments[0]) if arguments and arguments[0] is not None else ""
    if name == "email_of":
        return f"{first}@example.vn"
    if name in {"people_of", "units_above", "units_below"}:
        return []
    if name == "signing_as":
        return [dict(_SIGNER)] if first else []
    if name in {"unit_name", "person_name"}:
        return first
    return f"{name}.{first}" if first else None


def sample_result(operation: Operation) -> Record:
    """A result that the operation's schema accepts, for doubles that were given none."""
    return {name: _sample(name, field) for name, field in operation.result().fields.items()}


def _sample(name: str, field: fields.Field[Any]) -> Value:
    if "sample" in field.metadata:
        return values.copy(field.metadata["sample"])  # type: ignore[no-any-return]  # a value
    if isinstance(field, fields.Boolean):
        return True
    if isinstance(field, fields.Integer):
        return 1
    if isinstance(field, (fields.List, fields.Nested)):
        return [] if isinstance(field, fields.List) else {}
    if isinstance(field, fields.Date):
        return date(2026, 1, 5)
    return name


class DryRun:
    """One case in memory. `given` doubles facts and operations by name; `calls` is what was
    called.
    """

    def __init__(
        self,
        program: Program,
        *,
        surroundings: Surroundings,
        now: datetime,
        session: Session | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> None:
        self.program = program
        self.surroundings = surroundings
        self.session = session
        self.now = now
        self.given: dict[str, Any] = dict(given or {})
        self.calls: list[tuple[str, Record]] = []
        self.path: list[str] = []
        self.attempts: dict[int, int] = {}
        self.case = spiff.new(program, program.process.id, "DRY-1")
        self.rest: Rest | None = None

    def start(self, data: Record, *, initiator: str = "initiator", unit: str = "unit") -> None:
        """The case has begun; by another one where the data say so: {"case": {"parent": CODE}}."""
        values.check(data)
        own: Record = {"id": 1, "code": "DRY-1", "started_at": self.now}
        said = data.get("case")
        if isinstance(said, dict) and "parent" in said:
            own["parent"] = said["parent"]
        base: Record = {"initiator": initiator, "unit": unit, "case": own}
        self.apply({"kind": "case_started", "base": base, "data": own_data(data)})

    def apply(self, given: Record) -> Rest:
        """One input, saved and loaded before as the database would do."""
        if self.rest is not None:
            state = spiff.dump(self.case)
            self.case = spiff.load(self.program, self.program.process.id, "DRY-1", state)
        self.rest = apply(self.case, given, DryWorld(self))
        self.path += self.rest.path
        return self.rest

    def move(self, given: Record) -> None:
        """One input."""
        self.apply(given)

    def waiting(self, kind: str) -> list[Waiting]:
        """What the case waits for, oldest first."""
        found = rest_of(self.case).waiting.values() if self.rest is not None else ()
        return sorted((w for w in found if w.kind == kind), key=lambda w: w.token)

    def name(self, element: str) -> str:
        node = self.program.nodes[element]
        return node.name or node.id

    def open_tasks(self) -> list[str]:
        """Names of the tasks that people can do now."""
        return sorted(self.name(w.element) for w in self.waiting("task"))

    def task(self, name: str) -> Waiting:
        """The oldest open task of that name or id. Raises NoSuchTask naming what is open."""
        for waiting in self.waiting("task"):
            if name in (self.name(waiting.element), waiting.element):
                return waiting
        raise NoSuchTask(task=name, open=", ".join(self.open_tasks()) or "–")

    def complete(self, name: str, data: Mapping[str, Any], by: str) -> None:
        """Somebody does a task with what its form accepts. Raises FormErrors,
        SameHand, NoSuchTask.
        """
        waiting = self.task(name)
        node = self.program.nodes[waiting.element]
        starter = str(self.case.base.content["initiator"])
        other = done_by(self.program, self.case, node, frozenset({by}), started_by=starter)
        if other is not None:
            raise SameHand(other=self.name(other.id), task=self.name(node.id))
        if concerned(self.case, node, frozenset({by}), token=waiting.token):
            raise OwnMatter(who=by, task=self.name(node.id))
        form = self.program.form(form_name(node))
        accepted: Record = dict(data)
        values.check(accepted)
        if form is not None:
            view, world = view_of(self.case, waiting.token), DryWorld(self)
            accepted = form.load(
                data, context=view, functions=world.functions, now=self.now, files=_files(data)
            )
        given: Record = {
            "kind": "task_completed",
            "token": waiting.token,
            "data": own_data(accepted),
            "by": by,
        }
        self.apply(given)

    def send(self, label: str, data: Record) -> None:
        """A message that the case waits for, named by the event's name, label, id or message."""
        values.check(data)
        for waiting in self.waiting("message"):
            node = self.program.nodes[waiting.element]
            names = {node.name, node.id, node.properties.get("label"), waiting.marks["name"]}
            if label in names:
                token = waiting.token
                self.apply({"kind": "message_received", "token": token, "data": own_data(data)})
                return
        raise NotAwaited(message=label)

    def deliver(self, message: str, data: Record, correlation: str | int | None) -> None:
        """A message from outside under its correlation, a text or a whole number; without one,
        under the key that its data give by the properties of the drawing.
        """
        values.check(data)
        given = None if correlation is None else of_parts([correlation])
        for waiting in self.waiting("message"):
            events = self.program.events_at(waiting.element)
            key = given or key_at(events, message, data, self.now)
            if waiting.marks["name"] == message and meets(waiting.marks, key):
                token = waiting.token
                self.apply({"kind": "message_received", "token": token, "data": own_data(data)})
                return
        raise NotAwaited(message=message if correlation is None else f"{message}, {correlation}")

    def run_calls(self) -> None:
        """Calls to outside systems are made, as often as they can be at this instant."""
        for _ in range(MOST):
            due = [w for w in self.waiting("call") if self._due(w)]
            if not due:
                return
            self._call(due[0])
        raise NoRest(most=MOST)

    def _due(self, waiting: Waiting) -> bool:
        return self.attempts.get(waiting.token, 0) <= self._elapsed(waiting)

    def _elapsed(self, waiting: Waiting) -> int:
        """How many attempts time allows: doubles fail until the clock has moved on."""
        return self.attempts.get(-waiting.token, 0)

    def _call(self, waiting: Waiting) -> None:
        name: Any = waiting.marks["operation"]
        parameters: Any = waiting.marks["parameters"]
        self.calls.append((name, parameters))
        try:
            result = self.answer(name)
        except CallFailed:
            self.attempts[waiting.token] = self.attempts.get(waiting.token, 0) + 1
            return
        if "$rejected" in result:
            self.move(
                {
                    "kind": "call_rejected",
                    "token": waiting.token,
                    "code": result["$rejected"],
                    "message": "",
                }
            )
        else:
            self.move({"kind": "call_returned", "token": waiting.token, "result": result})

    def answer(self, name: str) -> Record:
        """What a doubled operation answers: the next of its given answers, or a sample.

        given: {"mail.send": [{"fail": "busy"}, {"result": {...}}]} or {"accounts.check":
        {"reject": "CODE"}}.
        """
        given = self.given.get(name)
        if isinstance(given, list):
            given = given.pop(0) if given else None
        if isinstance(given, dict):
            if "fail" in given:
                raise CallFailed(str(given["fail"]))
            if "reject" in given:
                return {"$rejected": str(given["reject"])}
            return values.copy(given.get("result", given))  # type: ignore[no-any-return]
        operation = self.surroundings.operations.get(name)
        if operation is None:
            raise Rejected("UNKNOWN_OPERATION", name)
        return sample_result(operation)

    def advance(self, until: datetime) -> None:
        """The clock goes on; timers fire in their order, each at its own time."""
        for _ in range(MOST):
            due = sorted(
                (w for w in self.waiting("timer") if w.due is not None and w.due <= until),
                key=lambda w: (w.due or until, w.token),
            )
            if not due:
                break
            self.now = max(self.now, due[0].due or self.now)
            self.apply({"kind": "timer_fired", "token": due[0].token})
            self.run_calls()
        else:
            raise NoRest(most=MOST)
        self.now = until
        for token in [t for t in self.attempts if t > 0]:
            self.attempts[-token] = self.attempts[token]
        self.run_calls()

    def next_timer(self) -> datetime | None:
        """When the next timer fires."""
        return min((w.due for w in self.waiting("timer") if w.due is not None), default=None)


def _files(data: Mapping[str, Any]) -> dict[int, Record]:
    """Files that a scenario names by number, as if they had been attached."""
    return {
        n: {
            "file": n,
            "name": f"tep-{n}.pdf",
            "size": 1,
            "sha256": "0" * 64,
            "media_type": "application/pdf",
        }
        for n in range(1, 10)
    }


def later(now: datetime, amount: int, unit: str) -> datetime:
    """`now` plus hours, minutes or days of the clock."""
    return now + timedelta(**{unit: amount})
