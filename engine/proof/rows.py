"""The third turn, what people see in lists: the case, its declared columns, its tasks."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.proof.told import Row, Told
from engine.proof.verdict import Difference, differs
from engine.tables import Candidate, Case, CaseColumn, Task

_TASK = (
    "element", "name", "name_en", "subject", "search", "legal_basis", "unit", "status", "assignee",
    "claimed_at", "created_at", "due_at", "follow_up_at", "priority", "paused", "closed_at",
    "closed_by",
)  # fmt: skip
_COLUMN = ("text", "folded", "number", "day")


def state(case: Case, state: bytes) -> Difference | None:
    """The saved state is the one to which the journal leads."""
    if case.state == state:
        return None
    message = "The saved state of the case is not where its journal ends."
    return Difference(case.head_seq, "state", message)


def shown(case: Case, told: Told) -> Difference | None:
    """The case's row says what the journal does."""
    for column, got in {**told.case, "search": told.search()}.items():
        value = getattr(case, column)
        if value != got:
            return differs(case.head_seq, "row", column, value, got, of="")
    return None


def columns(session: Session, case: Case, told: Told) -> Difference | None:
    """Lists find, filter and sort the case by the values that the journal gives."""
    found = {
        row.name: row
        for row in session.execute(
            sa.select(CaseColumn.__table__).where(CaseColumn.case_id == case.id)
        )
    }
    expected = told.columns()
    for name in [*expected, *(name for name in found if name not in expected)]:
        shown, got = _values(found.get(name)), _values(expected.get(name))
        pair = next(((a, b) for a, b in zip(shown, got, strict=True) if not _same(a, b)), None)
        if pair is not None or (name in found) != (name in expected):
            value, other = pair or (None, None)
            return differs(case.head_seq, "column", "columns", value, other, of=name)
    return None


def _values(row: Any) -> list[Any]:
    if row is None:
        return [None] * len(_COLUMN)
    return [row[n] if isinstance(row, dict) else getattr(row, n) for n in _COLUMN]


def _same(one: Any, other: Any) -> bool:
    """PostgreSQL rounds a number to six places, SQLite keeps the nearest binary one."""
    if one is None or other is None or isinstance(one, str):
        return bool(one == other)
    if hasattr(one, "is_nan"):
        return math.isclose(one, other, rel_tol=1e-14, abs_tol=1e-6)
    return bool(one == other)


def tasks(session: Session, case: Case, told: Told) -> Difference | None:
    """Each task that was ever open is there, for those whom the journal names, as it left it."""
    names = [getattr(Task, name) for name in ("token", *_TASK)]
    found = {row.token: row for row in session.execute(_of(case, names))}
    for token, row in told.tasks.items():
        if token not in found:
            message = 'The journal has the task "{of}", but the lists have no such task.'
            return Difference(case.head_seq, "task", message, {"of": row["name"]})
    who = _candidates(session, case)
    for token, task in found.items():
        got = told.tasks.get(token)
        if got is None:
            message = 'The lists have the task "{of}", but the journal has no such task.'
            return Difference(case.head_seq, "task", message, {"of": task.name})
        for column in _TASK:
            shown = getattr(task, column)
            if shown != got[column]:
                return differs(case.head_seq, "task", column, shown, got[column], of=got["name"])
        wrong = _other_hands(case, who[token], got)
        if wrong is not None:
            return wrong
    return None


def _of(case: Case, names: list[Any]) -> sa.Select[Any]:
    return sa.select(*names).where(Task.case_id == case.id).order_by(Task.id)


def _candidates(session: Session, case: Case) -> dict[int, dict[str, bool]]:
    """Who may do each task, by token, and whether somebody assigned it to them."""
    query = sa.select(Task.token, Candidate.who, Candidate.by_hand).join(
        Candidate, Candidate.task_id == Task.id
    )
    found: dict[int, dict[str, bool]] = defaultdict(dict)
    for token, who, by_hand in session.execute(query.where(Task.case_id == case.id)):
        found[token][who] = by_hand
    return found


def _other_hands(case: Case, shown: dict[str, bool], told: Row) -> Difference | None:
    got = dict.fromkeys(told["named"], False)
    got.update(dict.fromkeys(told["by_hand"], True))
    if shown == got:
        return None
    column, pair = "candidates", (sorted(shown), sorted(got))
    if pair[0] == pair[1]:
        column = "by_hand"
        pair = (_assigned(shown), _assigned(got))
    shown_names, got_names = map(_list, pair)
    return differs(case.head_seq, "task", column, shown_names, got_names, of=told["name"])


def _assigned(who: dict[str, bool]) -> list[str]:
    return sorted(name for name, by_hand in who.items() if by_hand)


def _list(names: list[str]) -> str | None:
    return ", ".join(names) or None
