"""Scenarios: named example runs beside a drawing, that must pass before it is deployed.

File processes/scenarios/KEY.json: {"name": [step, ...], ...}. A step is a record of one or more of
    {"given": {"head_of": {"vp": "an"}, "accounts.check": {"reject": "ACCOUNT_EXISTS"}}}   doubles
    {"start": {data}, "as": "an", "unit": "vp"}                                      begins the
    case
    {"complete": "Task name", "as": "an", "data": {...}}                             does a task
    {"refused": "Task name", "as": "an", "data": {...}, "fields": ["phone"]}         must not be
    accepted
    {"send": "label", "data": {}}  {"deliver": "message", "correlation": "x", "data": {}}
    {"wait": "6 working days" | "2 hours" | "2026-11-30T08:00:00+07:00"}
    {"calls": "mail.send"}   an operation that this step called, or, alone, any before; or a list
    {"open": ["Task name"]}  {"ends": "end event name"}  {"data": {"a.b": value}} (alone: must be
    so)
Steps are done in their order; what they expect is looked at after what they do. Which words may
stand where is in `scenario_words`; a step with an unknown one fails before anything is played.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import values
from engine.bundles import Bundle, scenarios_path
from engine.check import Finding
from engine.dry import DryRun, DryWorld, later
from engine.errors import CallFailed, QuytrinhError, Rejected, SameHand, Sentence
from engine.forms import FormErrors
from engine.ports import Surroundings
from engine.program import Program
from engine.scenario_words import Said, misread, repeated
from engine.values import Record

_WAIT = re.compile(r"^(\d+) (working day|working hour|day|hour|minute)s?$")
START = datetime.fromisoformat("2026-03-02T08:00:00+07:00")
"""A Monday morning without holidays near, so that a scenario says the same on every day it is run.
"""


@dataclass(frozen=True)
class ScenarioResult:
    """How one scenario went; what it says is how step `step` went wrong."""

    name: str
    passed: bool
    path: str
    step: int = 0
    says: tuple[Said, ...] = ()
    trace: tuple[str, ...] = field(default=())

    @property
    def problem(self) -> str:
        """How it went wrong, in English."""
        return "; ".join(map(str, self.says))

    def finding(self) -> Finding:
        """The failure as a finding of check."""
        return Finding(
            file=self.path,
            line=None,
            element=None,
            rule="scenario-fails",
            severity="error",
            message='The scenario "{name}" fails at step {step}: {problem}',
            remedy="Mend the drawing, or the scenario if the procedure was meant to change.",
            fields={"name": self.name, "step": self.step, "problem": self._sentence()},
        )

    def _sentence(self) -> Sentence:
        """What it says, sentence by sentence, so that pages translate each."""
        said = {f"said_{n}": Sentence(one.message, one.fields) for n, one in enumerate(self.says)}
        parts = (
            f"{{at_{n}}}: {{said_{n}}}" if one.at else f"{{said_{n}}}"
            for n, one in enumerate(self.says)
        )
        places = {f"at_{n}": one.at for n, one in enumerate(self.says)}
        return Sentence("; ".join(parts), places | said)


class _Unmet(Exception):
    """What a step expects is not so."""

    def __init__(self, message: str, **fields: Any) -> None:
        self.said = Said(message, fields)
        super().__init__(str(self.said))


def run(
    bundle: Bundle,
    *,
    surroundings: Surroundings,
    session: Session | None = None,
    begin: Callable[..., DryRun] = DryRun,
) -> list[ScenarioResult]:
    """Runs all scenarios of a bundle in memory, each in a run that `begin` makes. An unreadable
    file is one failed result.
    """
    path = scenarios_path(bundle.key)
    text = bundle.files.get(path)
    if text is None:
        return []
    scenarios = _read(text)
    if isinstance(scenarios, tuple):
        return [ScenarioResult(path, False, path, says=scenarios)]
    try:
        program = Program(bundle, surroundings.duties)
        runs = [
            begin(program, surroundings=surroundings, session=session, now=START)
            for _ in scenarios
        ]
    except (QuytrinhError, *_WRONG) as problem:
        said = Said("The process cannot be run: {problem}.", {"problem": _words(problem)})
        return [ScenarioResult(path, False, path, says=(said,))]
    played = zip(scenarios.items(), runs, strict=True)
    return [_play(name, steps, dry, path) for (name, steps), dry in played]


_WRONG = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError)
"""What Python says of a content that is not of the kind that its place wants."""


def _read(text: str) -> dict[str, Any] | tuple[Said, ...]:
    """The scenarios of a file by name, or what is wrong with the whole file."""
    text = text.replace("\r", "")
    try:
        scenarios = values.decode(text)
        # A lone half of a surrogate pair is JSON, but no text that can be shown or kept.
        json.dumps(scenarios, ensure_ascii=False, default=str).encode()
    except json.JSONDecodeError as problem:
        where = {"line": problem.lineno, "column": problem.colno}
        return (Said("The file breaks the rules of JSON at line {line}, column {column}.", where),)
    except _WRONG:
        return (Said("The file holds values that cannot be read, or nests them too deep.", {}),)
    if not isinstance(scenarios, dict):
        return (Said("The file is no record of named scenarios.", {}),)
    return repeated(text) or scenarios


def _words(problem: BaseException) -> str:
    """What an error says, as text that can be shown whatever the file held."""
    return str(problem).encode(errors="backslashreplace").decode() or type(problem).__name__


def _play(name: str, steps: Any, dry: DryRun, path: str) -> ScenarioResult:
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        return ScenarioResult(name, False, path, says=(Said("It is no list of steps.", {}),))
    wrong = [
        (number, said)
        for number, step in enumerate(steps, 1)
        for said in misread(step, dry.surroundings)
    ]
    if wrong:
        first = wrong[0][0]
        # The sentences about later steps carry their number, since the result names the first.
        says = tuple(s if n == first else replace(s, at=f"#{n}") for n, s in wrong)
        return ScenarioResult(name, False, path, first, says)
    for number, step in enumerate(steps, 1):
        says = _try(dry, step)
        if says:
            return ScenarioResult(name, False, path, number, says, tuple(dry.path))
    return ScenarioResult(name, True, path, len(steps), trace=tuple(dry.path))


def _try(dry: DryRun, step: Record) -> tuple[Said, ...]:
    """One step is done; what went wrong with it."""
    try:
        _step(dry, dict(step))
    except FormErrors as refusal:
        return tuple(
            Said(template, fields, at=name)
            for name, messages in refusal.errors.items()
            for template, fields in messages
        )
    except _Unmet as unmet:
        return (unmet.said,)
    except (CallFailed, Rejected) as failed:
        return (Said("{problem}", {"problem": failed}),)
    except QuytrinhError as error:
        return (Said(error.template, error.fields),)
    except _WRONG:
        # What stands in the step is not of the kind that its word wants: a text for a list. What
        # Python says of it would help nobody who writes scenarios.
        words = (
            "The step is not written as it should be: a value is of a wrong kind or out of range."
        )
        return (Said(words, {}),)
    return ()


def _step(dry: DryRun, step: dict[str, Any]) -> None:
    dry.given.update(step.pop("given", {}))
    called = len(dry.calls)
    acted = _act(dry, step)
    dry.run_calls()
    if "calls" in step:
        wanted = step["calls"] if isinstance(step["calls"], list) else [step["calls"]]
        # A step that does nothing asks what was called before it.
        made = [name for name, _parameters in dry.calls[called if acted else 0 :]]
        for name in wanted:
            if name not in made:
                message = "The operation {name} was not called; called were {made}."
                raise _Unmet(message, name=name, made=_listed(made))
    if "open" in step and sorted(step["open"]) != dry.open_tasks():
        message = "The open tasks are {open}, but should be {wanted}."
        raise _Unmet(message, open=_listed(dry.open_tasks()), wanted=_listed(step["open"]))
    if "ends" in step:
        _expect_end(dry, step["ends"])
    if "data" in step and not acted:
        _expect_data(dry, step["data"])


def _act(dry: DryRun, step: dict[str, Any]) -> bool:
    by, data = step.get("as", "initiator"), step.get("data", {})
    if "start" in step:
        dry.start(step["start"], initiator=by, unit=step.get("unit", "unit"))
    elif "complete" in step:
        dry.complete(step["complete"], data, by)
    elif "refused" in step:
        _expect_refusal(dry, step, by)
    elif "send" in step:
        dry.send(step["send"], data)
    elif "deliver" in step:
        dry.deliver(step["deliver"], data, step.get("correlation"))
    elif "wait" in step:
        dry.advance(_until(dry, str(step["wait"])))
    else:
        return False
    return True


def _expect_refusal(dry: DryRun, step: dict[str, Any], by: str) -> None:
    try:
        dry.complete(step["refused"], step.get("data", {}), by)
    except FormErrors as refusal:
        missing = [f for f in step.get("fields", []) if f not in refusal.errors]
        if missing:
            message = "{wanted} should be refused, but refused are {refused}."
            refused = _listed(refusal.errors)
            raise _Unmet(message, wanted=_listed(missing), refused=refused) from None
        return
    except SameHand:
        return
    raise _Unmet('"{task}" was accepted, but should be refused.', task=step["refused"])


def _until(dry: DryRun, wait: str) -> datetime:
    matched = _WAIT.match(wait)
    if matched is None:
        return datetime.fromisoformat(wait)
    amount, unit = int(matched[1]), matched[2]
    if not unit.startswith("working"):
        return later(dry.now, amount, f"{unit}s")
    name = "working_days" if unit == "working day" else "working_hours"
    found = DryWorld(dry).ask(name, [amount])
    if not isinstance(found, datetime):
        message = "{name}({amount}) gives no instant. Is there a calendar?"
        raise _Unmet(message, name=name, amount=amount)
    return later(found, 1, "minutes")


def _expect_end(dry: DryRun, name: str) -> None:
    rest = dry.rest
    if rest is None or rest.status == "open":
        raise _Unmet("The case is still open at {open}.", open=_listed(dry.open_tasks()))
    if name not in (rest.outcome, dry.name(rest.outcome or "")):
        ended = dry.name(rest.outcome or "")
        raise _Unmet('The case ended at "{ended}", not at "{name}".', ended=ended, name=name)


def _expect_data(dry: DryRun, wanted: Record) -> None:
    for path, value in wanted.items():
        found: Any = dry.case.frame.view()
        for part in path.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if found != value:
            shown = {"found": values.encode(found), "wanted": values.encode(value)}
            raise _Unmet(
                "The value {path} is {found}, but should be {wanted}.", path=path, **shown
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in sorted(names)) or "–"
