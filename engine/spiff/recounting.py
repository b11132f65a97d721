"""Instants of a case that another calendar makes others: found between two cases, put into one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from engine.spiff.tokens import CaseWorkflow
from engine.values import Record

INSTANTS = (datetime, date)
Places = list[Any]
"""[[number of a frame or of a token, [key or index, ...], instant], ...]"""


def moved(case: CaseWorkflow, again: CaseWorkflow) -> tuple[Places, Places] | None:
    """Where `again` holds another instant than `case`: in variables, and in what tokens wait for.

    None when the two do not stand at the same places, so that nothing can be said of either.
    """
    mine, others = (
        [(token.id, token.task_spec.name, token.state) for token in one.live_tokens()]
        for one in (case, again)
    )
    if mine != others or case.frames.keys() - again.frames.keys():
        return None
    frames = [
        [number, path, instant]
        for number, frame in case.frames.items()
        for path, instant in _other(frame.content, again.frames[number].content)
    ]
    tokens = [
        [token.id, path, instant]
        for token in case.live_tokens()
        for path, instant in _other(token.internal_data, again.index[token.id].internal_data)
    ]
    return frames, tokens


def _other(mine: Any, other: Any) -> Iterator[tuple[list[str | int], date]]:
    """The paths at which both hold an instant, but not the same one."""
    if type(mine) is not type(other):
        return
    if isinstance(mine, dict):
        keys: Any = [key for key in mine if key in other]
    elif isinstance(mine, list) and len(mine) == len(other):
        keys = range(len(mine))
    else:
        if isinstance(mine, INSTANTS) and mine != other:
            yield [], other
        return
    for key in keys:
        for path, instant in _other(mine[key], other[key]):
            yield [key, *path], instant


def recount(case: CaseWorkflow, frames: Places, tokens: Places) -> None:
    """The instants stand at their places."""
    for number, path, instant in frames:
        _put(case.frames[number].content, path, instant)
    for number, path, instant in tokens:
        _put(case.index[number].internal_data, path, instant)


def _put(record: Record, path: list[Any], instant: Any) -> None:
    place: Any = record
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = instant
