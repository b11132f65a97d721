"""Whether a case may still be cancelled, and its end where it stood.

A process says by its property `cancel_while` how long: "=changed_at = null" is a test of the
case's own data. Without one its cases may be cancelled to their end. What a case has put into
force (a number given, a right changed) is not undone by cancelling it: the drawing has a way for
that, which proves who decided it.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from engine import duties, feel, telling
from engine.apply import view_of
from engine.errors import OwnMatter, Refusal
from engine.hands import selves_of
from engine.moves import Moved, Mover, Step, require_hand
from engine.program import Program
from engine.values import Record


class TooLateToCancel(Refusal):
    """Case {code} can no longer be cancelled: what was decided in it is in force. Open the case
    and choose what its procedure provides for taking that back.
    """

    status = 409


def may_be(program: Program, view: Record) -> bool:
    """Whether a case with these data may be cancelled. A test that cannot be answered forbids
    nothing: cancelling is the last way out of a case that has gone wrong.
    """
    test = program.process.properties.get("cancel_while", "").strip()
    if not test:
        return True
    try:
        return feel.parse(test).evaluate(view, {}) is not False
    except feel.FeelError:
        return True


def own_matter(program: Program, view: Record, accounts: frozenset[str]) -> str | None:
    """Which of these accounts, those of one person, the case is about as a step of it says by
    `concerns`: its holder does not take the decision on it away from others.
    """
    found = (duties.named(node, view, accounts) for node in program.nodes.values())
    return next(filter(None, found), None)


def cancel(session: Session, mover: Mover, step: Step, case_id: int) -> Moved:
    """See `Engine.cancel`."""
    opened = mover.lock(session, case_id)
    require_hand(step.actor)
    step.actor.require("cases.cancel", opened.row.unit)
    view = view_of(opened.workflow)
    if not may_be(opened.program, view):
        raise TooLateToCancel(code=opened.row.code)
    selves = selves_of(session, mover)
    for who in dict.fromkeys((step.actor.name, step.actor.whose)):
        own = own_matter(opened.program, view, selves(who))
        if own is not None:
            raise OwnMatter(who=own, task=opened.program.process.name or opened.row.code)
    telling.tell_cancelled(session, opened.row.code, step)
    return mover.move(session, opened, replace(step, right="cases.cancel"))
