"""Somebody takes another's place in a case: a unit a unit's, in its variable `unit` and in who may
do what waits; an account an account's, in its variable `initiator`, its tasks and its messages.
"""

from __future__ import annotations

from typing import Any

from engine.spelling import BEGAN
from engine.spiff.tokens import CaseWorkflow


def succeed(case: CaseWorkflow, before: str, after: str) -> None:
    """Where the case says that it is of the unit `before`, it is of `after`; what it offers to
    groups within `before` it offers to the same groups within `after`.

    Other variables stay: what a person entered is what they entered.
    """
    for frame in case.frames.values():
        if frame.content.get("unit") == before:
            frame.content["unit"] = after
    for token in case.live_tokens():
        marks: Any = token.internal_data
        for place, key in _places(marks):
            place[key] = renamed(place[key], before, after)


def _places(marks: Any) -> list[tuple[Any, str]]:
    """Where a token keeps names of candidates."""
    found = [(marks["offer"], "candidates")] if "offer" in marks else []
    return found + [(wait, "senders") for wait in marks.get("waits", ()) if wait.get("senders")]


def renamed(names: list[str], before: str, after: str) -> list[str]:
    """The candidates, those of a group within `before` now within `after`, each once."""
    found = []
    for who in names:
        group, at, unit = who.partition("@")
        found.append(f"{group}@{after}" if at and unit == before else who)
    return list(dict.fromkeys(found))


def hand_over(case: CaseWorkflow, before: str, after: str | None, tasks: list[int]) -> None:
    """What the account `before` may do here `after` may: the open tasks of these tokens, what it
    may send, and what later is asked of who began the case. None: nobody takes its place.
    """
    found = exchanged(case, before, after, tasks)
    if any(key == "initiator" for _place, key, _value in found):
        case.performers[BEGAN] = [*case.performers.get(BEGAN, ()), before]
    for place, key, value in found:
        place[key] = value


def exchanged(
    case: CaseWorkflow, before: str, after: str | None, tasks: list[int] | None
) -> list[tuple[Any, str, Any]]:
    """Every place of the case where one account's name gives way to another's, with what then
    stands there. tasks: tokens of the tasks that are handed over; None for none of them.
    """
    if after is None:
        return []
    found: list[tuple[Any, str, Any]] = [
        (frame.content, "initiator", after)
        for frame in case.frames.values()
        if frame.content.get("initiator") == before
    ]
    for token in case.live_tokens():
        marks: Any = token.internal_data
        places = [(wait, "senders") for wait in marks.get("waits", ()) if wait.get("senders")]
        if "offer" in marks and token.id in (tasks or ()):
            places.append((marks["offer"], "candidates"))
            if marks["offer"].get("assignee") == before:
                found.append((marks["offer"], "assignee", after))
        for place, key in places:
            if f"={before}" in place[key]:
                names = [f"={after}" if who == f"={before}" else who for who in place[key]]
                found.append((place, key, list(dict.fromkeys(names))))
    return found
