"""Whose hand may do a task: what its drawing keeps apart, asked of people and not of accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy.orm import Session

from engine import duties
from engine.errors import InPerson, OtherHand, OwnMatter, SameHand
from engine.moves import Mover, Stand, is_candidate
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


def free(stand: Stand, task: Work, candidates: Sequence[str], actor: Actor) -> list[str]:
    """The candidacies by which the actor may do the task as who they are: whoever acts for another
    not by one that is its holder's in person, nor by name where such a group is asked.

    Raises InPerson when they would have others only.
    """
    node = stand.program.nodes[task.element]
    if actor.mandate is None or not duties.themselves(node):
        return list(candidates)
    groups = duties.in_person(stand.workflow, node, token=task.token)
    left = [who for who in candidates if not _is_personal(who, groups)]
    if is_candidate(actor, candidates) is not None and is_candidate(actor, left) is None:
        raise InPerson(by=actor.whose, task=task.name)
    return left


def _is_personal(who: str, groups: frozenset[str]) -> bool:
    return bool(groups) and (who.startswith("=") or who.partition("@")[0] in groups)


def is_personal(stand: Stand, task: Work) -> bool:
    """Whether some of those to whom the task is offered must do it themselves: it follows nobody's
    other work to a successor, whom nobody has authorised.
    """
    node = stand.program.nodes[task.element]
    return bool(duties.in_person(stand.workflow, node, token=task.token))
