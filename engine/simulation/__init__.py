"""Runs any BPMN file in memory, through the same `apply` as live cases, to its end or next wait.

    found = simulate(source, answers={"Task_A": {"approved": True}}, options=[Advance("PT1H")])
    found.state, found.entered, found.waiting

The clock is frozen; nothing is written, and operations answer as their sandbox doubles do. Tasks
of people, and all work that this installation cannot do, are completed by themselves with the
given answers (see `engine.simulation.answers`) or their forms' defaults. What is left to wait for
are timers, messages, signals and conditions. Options are taken in their order:

- `Send` is delivered as soon as somebody waits for it, before tasks are completed. A message that
  nobody waits for is kept for who waits later; a signal is lost. As the first option it begins
  the case at the start event that waits for it.
- `Advance` lets the clock go on: timers fire in their order, and between two of them everything
  is done that can be. A task whose boundary (or that of what is around it) is due within the span
  stays open until then, unless it has an answer of its own and would be interrupted.

Without `process` the other executable pools of the file take part: see
`engine.simulation.pools`.

With `flow_only` scripts, services, decisions, conditions and processes that cannot be found are
passed: an exclusive gateway takes its first flow, others take all, unless answered. Whatever goes
wrong while it runs is told in the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import feel, values
from engine.bpmn import DrawingUnreadable
from engine.errors import QuytrinhError, Refusal, Sentence
from engine.feel.json_values import to_json
from engine.forms import FormErrors
from engine.ports import Surroundings
from engine.simulation.answers import AnswerRefused
from engine.simulation.choosing import NoProcess, ProcessUnknown
from engine.simulation.fitting import Request, fit
from engine.simulation.gathering import Places
from engine.simulation.playing import Advance, Option, Play, Send
from engine.simulation.unending import MOST_PASSED
from engine.values import Record

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = [
    "START",
    "Advance",
    "AnswerRefused",
    "DrawingUnreadable",
    "NoProcess",
    "ProcessUnknown",
    "Send",
    "Simulation",
    "simulate",
]

START = datetime.fromisoformat("2026-03-02T08:00:00+07:00")
"""A Monday morning, as for scenarios: a simulation says the same on every day it is run."""


class Unforeseen(Refusal):
    """The drawing cannot be run: {reason}."""

    status = 422


@dataclass(frozen=True)
class Simulation:
    """What came of it.

    Of several pools `entered`, `completed` and `waiting` hold all, `data` is the first one's, and
    it is completed when every pool that has begun is.

    state: completed, waiting or failed; error: {"element": id or None, "message": "..."};
    sentence: its message, to be translated.
    waiting: [{"element": id, "kind": "timer", "until": instant}, {..., "message": name}, ...].
    unsent: names of messages that nobody waited for; other_keys: those of them that are waited for
    under another key; unknown: answers about no element.
    """

    state: str
    entered: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    data: Record = field(default_factory=dict)
    error: dict[str, str | None] | None = None
    sentence: Sentence | None = None
    unsent: tuple[str, ...] = ()
    other_keys: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """{state, entered, completed, waiting, data, error}, as `json.dumps` takes it."""
        return {
            "state": self.state,
            "entered": self.entered,
            "completed": self.completed,
            "waiting": [{k: _plain(v) for k, v in row.items()} for row in self.waiting],
            "data": _plain(self.data),
            "error": self.error,
        }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else to_json(value)


def simulate(
    source: str | bytes,
    *,
    path: str = "drawing.bpmn",
    process: str | None = None,
    data: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
    options: Sequence[Option] = (),
    flow_only: bool = False,
    beside: Path | None = None,
    shipped: Path | None = None,
    surroundings: Surroundings | None = None,
    session: Session | None = None,
    now: datetime = START,
    most: int = MOST_PASSED,
) -> Simulation:
    """One case of a process of the file, run to its end or its next wait.

    process: its id, name or pool; it runs alone. beside, shipped: where what it names is sought.
    Raises DrawingUnreadable, NoProcess, ProcessUnknown, AnswerRefused, ValueRefused.
    """
    around = surroundings or Surroundings(clock=lambda: now)
    request = Request(
        source.encode() if isinstance(source, str) else source,
        path,
        process=process,
        answers=dict(answers or {}),
        flow_only=flow_only,
        places=Places(beside, shipped=shipped),
        operations=frozenset(around.operations),
    )
    values.check(dict(data or {}))
    plays: list[Play] = []

    def play() -> None:
        at = now.astimezone(UTC)
        plays.append(Play(fit(request), options, surroundings=around, now=at, session=session))
        plays[0].play(dict(data or {}), most)

    return _told(plays, _tried(play, plays))


def _tried(play: Callable[[], None], plays: list[Play]) -> tuple[str | None, Sentence] | None:
    """What went wrong, and where. Raises what says that it could not run."""
    try:
        play()
    except (DrawingUnreadable, NoProcess, ProcessUnknown, AnswerRefused):
        raise
    except FormErrors as refused:
        return _place(plays), _of_form(refused)
    except QuytrinhError as problem:
        label, said = problem.fields.get("element"), Sentence(problem.template, problem.fields)
        if isinstance(label, str):
            return plays[0].trail.element(label) if plays else label, said
        return _place(plays), said
    except feel.FeelError as problem:
        return _place(plays), problem.sentence
    except Exception as problem:  # noqa: BLE001
        # What no rule of ours has foreseen of a drawing is told, not thrown: there is nothing that
        # its author could do with a traceback.
        reason = str(problem) or type(problem).__name__
        return _place(plays), Sentence(Unforeseen(reason=reason).template, {"reason": reason})
    return None


def _told(plays: list[Play], wrong: tuple[str | None, Sentence] | None) -> Simulation:
    error = {"element": wrong[0], "message": str(wrong[1])} if wrong is not None else None
    sentence = wrong[1] if wrong is not None else None
    if not plays:
        return Simulation("failed", error=error, sentence=sentence)
    play = plays[0]
    ended = all(run.case.completed for run in play.runs)
    state = "failed" if error is not None else "completed" if ended else "waiting"
    awaited = [(run, waiting) for run in play.runs for waiting in run.waiting("message")]
    frame = getattr(play.runs[0].case, "frame", None) if play.runs else None
    return Simulation(
        state=state,
        entered=play.trail.entered,
        completed=play.trail.completed,
        waiting=[dict(w) for r in play.runs for w in r.at_rest()] if state == "waiting" else [],
        data=values.copy(frame.content) if frame is not None else {},
        error=error,
        sentence=sentence,
        unsent=tuple(send.name for send in play.early),
        other_keys=tuple(s.name for s in play.early for r, w in awaited if s.name in r.names(w)),
        unknown=tuple(play.fitted.unknown),
    )


def _place(plays: list[Play]) -> str | None:
    return plays[0].trail.entered[-1] if plays and plays[0].trail.entered else None


def _of_form(refused: FormErrors) -> Sentence:
    found: Sentence | None = None
    for name, messages in refused.errors.items():
        for template, fields in messages:
            why = Sentence("{field}: {why}", {"field": name, "why": Sentence(template, fields)})
            found = why if found is None else Sentence("{a} {b}", {"a": found, "b": why})
    return found or Sentence("")
