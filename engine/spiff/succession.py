"""A unit takes another's place in a case: in its variable `unit`, and in who may do what waits."""

from __future__ import annotations

from typing import Any

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
