"""Groups on screen: what each may do today and later, how it came to that, who is in it.

Nothing is changed here. A change of a group is asked for by the procedure rights-change and
approved there; the page begins the request and fills in whose rights it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session, joinedload

from app import arrivals, web, who
from app.people import directory, queries
from app.people.blueprint import blueprint
from app.people.models import Account, Grant, GroupChange, Person
from app.people.registers import finding
from app.people.rights import groups
from app.people.rights.groups import Group, day_of
from app.people.rights.in_force import grants_in_force
from app.people.settings import setting
from app.web import permission
from engine import views
from engine.errors import NotFound
from engine.ports import Actor

PROCEDURE = "rights-change"
MOST_HOLDERS = 200


@dataclass(frozen=True)
class Standing:
    """A group on a day. own: of the agency and not of the regulations. gained, lost: what it may
    do beyond what ships, and less. next_on: the day from which more is decided of it.
    """

    group: Group
    own: bool
    gained: list[str]
    lost: list[str]
    next_on: date | None
    holders: int


def _standings(session: Session, visible: frozenset[str], on: date) -> list[Standing]:
    later = dict(
        session.execute(
            sa.select(GroupChange.group_key, sa.func.min(GroupChange.effective_from))
            .where(GroupChange.effective_from > on)
            .group_by(GroupChange.group_key)
        ).all()
    )
    held = dict(
        session.execute(
            sa.select(Grant.group_key, sa.func.count(sa.distinct(Grant.account_id)))
            .join(Account, Account.id == Grant.account_id)
            .where(*_held(visible, on))
            .group_by(Grant.group_key)
        ).all()
    )
    known = groups.on_day(session, on)
    # What is decided for a later day is told before: a group that is to be made as well.
    for key, group in groups.on_day(session, date.max).items():
        if key not in known and not group.is_ended:
            known[key] = group
    return [_standing(group, later.get(key), held.get(key, 0)) for key, group in known.items()]


def _standing(group: Group, next_on: date | None, holders: int) -> Standing:
    shipped = groups.catalogue().get(group.key)
    before = shipped.permissions if shipped else frozenset()
    return Standing(
        group,
        own=shipped is None,
        gained=sorted(group.permissions - before) if shipped else [],
        lost=sorted(before - group.permissions),
        next_on=next_on,
        holders=holders,
    )


def _held(visible: frozenset[str], on: date) -> list[sa.ColumnElement[bool]]:
    """Who is in a group on that day, told as the registers tell it."""
    now = web.engine().clock()
    past = on if on < day_of(now) else None
    return [
        grants_in_force(now if on == day_of(now) else on),
        finding.state_on(past).not_in(("closed", "deleted")),
        finding.unit_on(past).in_(sorted(visible)),
    ]


def _may_ask(session: Session, actor: Actor) -> bool:
    """Whether the reader is of the Office, which asks for changes of groups (KH-7.2b)."""
    now = web.engine().clock()
    if actor.unit is None or actor.unit != setting(session, now, "agency.office_unit"):
        return False
    known = views.startable(session, web.engine().mover, actor, now)
    return any(version.process_key == PROCEDURE for version, _program in known)


@blueprint.get("/people/groups")
@permission("people.view")
def groups_list() -> str:
    """Every group as it stands on a day, set against what ships."""
    reading, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    problems: dict[str, str] = {}
    day = arrivals.day_asked("on", problems) or day_of(now)
    found = _standings(reading, directory.visible_units(actor), day)
    return render_template(
        "people/groups.html",
        found=sorted(found, key=lambda one: (one.group.is_ended, one.own)),
        day=day,
        problems=problems,
        may_ask=_may_ask(reading, actor),
    )


@blueprint.get("/people/groups/<key>")
@permission("people.view")
def group(key: str) -> str:
    """One group: what it may do on a day, what it could and will, and who is in it."""
    reading, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    problems: dict[str, str] = {}
    day = arrivals.day_asked("on", problems) or day_of(now)
    visible = directory.visible_units(actor)
    known = {one.group.key: one for one in _standings(reading, visible, day)}
    changes = reading.scalars(
        sa.select(GroupChange)
        .where(GroupChange.group_key == key)
        .order_by(GroupChange.effective_from.desc(), GroupChange.id.desc())
    ).all()
    if key not in known and not changes:
        raise NotFound(thing=gettext("This group"))
    shown = known.get(key) or _standing(groups.changed(None, changes[0]), None, 0)
    there = groups.on_day(reading, day).get(key)
    return render_template(
        "people/group.html",
        key=key,
        shown=shown,
        is_there=there is not None and not there.is_ended,
        shipped=groups.catalogue().get(key),
        history=_history(key, list(changes)),
        hands=who.holders_of(reading, [row.changed_by for row in changes]),
        holders=_holders(reading, key, visible, day),
        most=MOST_HOLDERS,
        units=queries.units(reading, now),
        day=day,
        today=day_of(now),
        problems=problems,
        may_ask=_may_ask(reading, actor),
    )


def _history(key: str, changes: list[GroupChange]) -> list[dict[str, Any]]:
    """What was said of the group, the latest first, and what each change gave and took."""
    shipped = groups.catalogue().get(key)
    before = shipped.permissions if shipped else frozenset()
    told = []
    for row in reversed(changes):
        after = frozenset(row.permissions)
        told.append(
            {
                "row": row,
                "given": sorted(after - before),
                "withdrawn": sorted(before - after),
                "ends": not row.kinds,
            }
        )
        before = after
    return told[::-1]


def _holders(
    session: Session, key: str, visible: frozenset[str], on: date
) -> list[tuple[Grant, Account]]:
    query = (
        sa.select(Grant, Account)
        .join(Account, Account.id == Grant.account_id)
        .join(Person, Person.id == Account.person_id)
        .options(joinedload(Account.person))
        .where(Grant.group_key == key, *_held(visible, on))
        .order_by(Person.sort_key, Account.id, Grant.id)
        .limit(MOST_HOLDERS + 1)
    )
    return [(grant, account) for grant, account in session.execute(query)]


@blueprint.post("/people/groups/ask")
@permission("people.view")
def ask_group() -> ResponseReturnValue:
    """A request to change, make or end a group is begun, filled in as far as it is known."""
    reading, actor = web.reading(), web.signed_in()
    subject, key = request.form.get("subject", "group"), request.form.get("group", "")
    if subject not in ("group", "new_group", "end_group") or not _may_ask(reading, actor):
        raise NotFound(thing=gettext("This request"))
    if subject != "new_group" and key not in groups.on_day(reading, web.engine().clock()):
        raise NotFound(thing=gettext("This group"))
    moved = web.engine().start(PROCEDURE, None, actor=actor)
    filled = {"request.subject": subject}
    if subject != "new_group":
        filled["request.group"] = key
    if not moved.tasks:
        return redirect(url_for("cases.case", case_id=moved.case_id), 303)
    web.engine().save_draft(moved.tasks[0], filled, actor=actor)
    flash(gettext("Case %(code)s was started.", code=moved.case_code), "success")
    return redirect(url_for("inbox.task", task_id=moved.tasks[0]), 303)
