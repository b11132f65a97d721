"""What the caller says people and systems answer, element by element.

Shape: {"ELEMENT": ANSWER, ...}; ELEMENT is an id, or a name that one element has. An ANSWER of an
activity is one of
    {"approved": true}                    data that it puts into the case
    5, "text", true                       the value of its result variable
    {"error": "CODE", "data": {...}}      the BPMN error that it ends with ("data" may be missing)
    {"escalation": "CODE", "data": {...}} the escalation that it throws before it is completed
    null or "wait"                        it stays open, so that something else can happen to it
and of an element with several outgoing flows
    "Flow_2"                              the flow that is taken: its id, its name or its target
    ["Flow_2", "Flow_3"]                  all that are taken; at an exclusive gateway, and at any
                                          in a list of lists, one after the other at each visit
A list gives one answer for each time that the element is reached; the last one stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import values
from engine.errors import Refusal, Sentence, ValueRefused
from engine.values import Record, Value

WAIT = "wait"
_THROWN = ("error", "escalation")


class AnswerRefused(Refusal):
    """The answer for "{element}" cannot be used: {reason}"""

    status = 422


@dataclass(frozen=True)
class Answer:
    """One answer of an activity.

    given: False when there was none and its form's defaults serve.
    thrown: ("error" | "escalation", code); value: for its result variable, beside or without data.
    """

    given: bool = False
    waits: bool = False
    thrown: tuple[str, str] | None = None
    data: Record = field(default_factory=dict)
    value: Value = None
    has_value: bool = False


class Answers:
    """Gives the answers of each element in their turn."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = dict(given)
        self._turns: dict[str, int] = {}

    @property
    def elements(self) -> frozenset[str]:
        """Whoever has an answer."""
        return frozenset(self._given)

    def __contains__(self, element: str) -> bool:
        return element in self._given

    def next(self, element: str) -> Answer:
        """The answer for an activity that was reached. Raises AnswerRefused for a wrong shape."""
        if element not in self._given:
            return Answer()
        given = self._given[element]
        if isinstance(given, list):
            if not given:
                return Answer()
            given = given[min(self._turn(element), len(given) - 1)]
        return _read(element, given)

    def flows(self, element: str, *, one: bool) -> list[str] | None:
        """Names of the flows to take at this visit; None when the caller does not say.

        one: only one flow can be taken here, so that a plain list counts the visits.
        """
        if element not in self._given:
            return None
        given = self._given[element]
        if isinstance(given, list) and (one or any(isinstance(item, list) for item in given)):
            if not given:
                return None
            given = given[min(self._turn(element), len(given) - 1)]
        found = given if isinstance(given, list) else [given]
        if any(not isinstance(name, str) for name in found):
            reason = "at a gateway it is the id of a flow, or a list of ids."
            raise AnswerRefused(element=element, reason=reason)
        return found

    @property
    def spent(self) -> int:
        """How many answers out of lists were given, the last of each as often as it is asked."""
        lists = {name: given for name, given in self._given.items() if isinstance(given, list)}
        return sum(min(self._turns.get(name, 0), len(given)) for name, given in lists.items())

    def _turn(self, element: str) -> int:
        turn = self._turns.get(element, 0)
        self._turns[element] = turn + 1
        return turn


def _read(element: str, given: Any) -> Answer:
    try:
        values.check(given, element)
    except ValueRefused as refused:
        reason = Sentence(refused.template, refused.fields)
        raise AnswerRefused(element=element, reason=reason) from None
    if given is None or given == WAIT:
        return Answer(given=True, waits=True)
    if not isinstance(given, dict):
        return Answer(given=True, value=given, has_value=True)
    kind = _throws(given)
    if kind is not None:
        data = given.get("data", {})
        if not isinstance(data, dict):
            raise AnswerRefused(element=element, reason='after "data" comes a record.')
        return Answer(given=True, thrown=(kind, given[kind]), data=data)
    return Answer(given=True, data=given)


def rests(given: Any) -> bool:
    """Whether an activity with this answer does not pass at once: it stays open, or ends with an
    error or escalation, at one of its turns at least.
    """
    if isinstance(given, list):
        return any(map(rests, given))
    if isinstance(given, dict):
        return _throws(given) is not None
    return given is None or bool(given == WAIT)


def _throws(given: Mapping[str, Any]) -> str | None:
    """The kind of what the answer throws."""
    for kind in _THROWN:
        if kind in given and set(given) <= {kind, "data"} and isinstance(given[kind], str):
            return kind
    return None


def by_id(
    given: Mapping[str, Any], names: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], list[str]]:
    """Answers by the ids of elements, and those that are about nothing in the drawing.

    names: ids of the elements that an id or a name stands for.
    """
    found: dict[str, Any] = {}
    unknown: list[str] = []
    for name, answer in given.items():
        ids = names.get(name, ())
        found.update(dict.fromkeys(ids, answer))
        if not ids:
            unknown.append(name)
    return found, unknown
