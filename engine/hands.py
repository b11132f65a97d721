"""Whose hand may do a task: what its drawing keeps apart, asked of people and not of accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy.orm import Session

from engine import duties
from engine.errors import OtherHand, OwnMatter, SameHand
from engine.moves import Mover, Stand
from engine.ports import Actor

Selves = Callable[[str], frozenset[str]]
"""All accounts of the person who holds an account, that one among them, and the person's name."""


class Work(Protocol):
    """What is asked of a task's row to say whether somebody may do it."""

    @property
    def token(self) -> int: ...
    @property
    def element(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def assignee(self) -> str | None: ...
    @property
    def claimed_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def closed_by(self) -> str | None: ...


def selves_of(session: Session, mover: Mover) -> Selves:
    """Asks the application which accounts are one person's."""
    return partial(mover.surroundings.selves, session)


def separated(stand: Stand, task: Work, account: str, selves: Selves) -> str | None:
    """The name of what the account's holder did in the case that must be done by another hand."""
    program, node = stand.program, stand.program.nodes[task.element]
    if not any(duties.others(program, node)):
        return None  # So that most steps cost no statement.
    started_by = stand.row.started_by
    other = duties.done_by(program, stand.workflow, node, selves(account), started_by=started_by)
    return None if other is None else other.name or other.id


def own_matter(stand: Stand, task: Work, account: str, selves: Selves) -> str | None:
    """The account that the task is about, when it is one of who holds this one."""
    node = stand.program.nodes[task.element]
    if not node.properties.get("concerns"):
        return None
    return duties.concerned(stand.workflow, node, selves(account), token=task.token)


def check_hands(stand: Stand, task: Work, actor: Actor, selves: Selves) -> None:
    """Raises SameHand when the actor did what must be done by another hand than this task,
    OtherHand when the one for whom they act did it, OwnMatter when it is about one of them.
    """
    for who in dict.fromkeys((actor.name, actor.whose)):
        own = own_matter(stand, task, who, selves)
        if own is not None:
            raise OwnMatter(who=own, task=task.name)
    other = separated(stand, task, actor.name, selves)
    if other is not None:
        raise SameHand(other=other, task=task.name)
    if actor.behalf_of is not None:
        other = separated(stand, task, actor.behalf_of, selves)
        if other is not None:
            raise OtherHand(by=actor.behalf_of, other=other, task=task.name)
