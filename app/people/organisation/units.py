"""What changes the tree of units and the posts in it: spans end and begin, none is overwritten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.log import Origin, line, record
from app.people.models import AccountLog, Person, Post, Unit, UnitSpan
from app.people.organisation import planned_posts
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from app.people.vietnamese import tidy
from engine.errors import Refusal

POSTS = ("head", "deputy", "member")
"""What somebody may be in a unit."""


class UnitWithinItself(Refusal):
    """Unit "{unit}" cannot belong to "{parent}", which is below it. Choose another unit above."""

    status = 422


class EndsBeforeItBegins(Refusal):
    """What begins on {first} cannot end on {last} already. Choose the same day or a later one."""

    status = 422


class UnitCodeTaken(Refusal):
    """The code "{code}" is or was a unit's, and is never given again. Choose another."""

    status = 422


class UnitUnknown(Refusal):
    """There is no unit "{unit}" on {day}. Choose one of the tree of that day."""

    status = 422


_LOCK = 0x756E697473


def lock(session: Session, *, shared: bool = False) -> None:
    """Two who change the tree do so one after the other: the second sees what the first has done.

    What a session has read of the tree before is read anew. shared: many may give posts and rights
    in it at once, and none while it changes; taken before any row is.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    held = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
    session.execute(sa.select(held(_LOCK)))
    if not shared:
        session.flush()
        session.expire_all()


def set_unit(
    session: Session,
    code: str,
    *,
    name: str,
    kind: str,
    parent: str | None,
    valid_from: date,
    origin: Origin,
    name_en: str | None = None,
    position: int = 0,
    basis: str = "",
) -> UnitSpan:
    """From that day on the unit is called and placed so; the span before ends on the day before.

    The unit is made if there is none of that code. A span that was to begin on the same day is
    corrected in place. What is changed holds on in spans that were to begin later, up to the one
    that changes it itself. Raises UnitUnknown and UnitWithinItself.
    """
    if parent is not None:
        require_unit(session, parent, valid_from)
        if code in above(session, parent, valid_from):
            raise within_itself(session, code, parent, valid_from)
    place = {"name": name, "name_en": name_en, "kind": kind, "parent_code": parent}
    span = _placed(session, code, valid_from, place | {"position": position})
    span.basis = basis
    record(
        session, "unit_changed", "", origin=origin, unit=code, name=name, parent=parent,
        valid_from=valid_from, basis=basis or None,
    )  # fmt: skip
    session.flush()  # The next unit of the caller may belong to this one.
    return span


def within_itself(session: Session, code: str, parent: str, day: date) -> UnitWithinItself:
    """The refusal to put a unit below itself, which names both as they are called on that day."""
    names = {one: span.name if (span := _on(session, one, day)) else one for one in (code, parent)}
    return UnitWithinItself(unit=names[code], parent=names[parent])


def _placed(session: Session, code: str, valid_from: date, place: Mapping[str, Any]) -> UnitSpan:
    before = _on(session, code, valid_from)
    was = {column: getattr(before, column) for column in place} if before else {}
    span = _span_from(session, code, valid_from)
    for column, value in place.items():
        setattr(span, column, value)
    _carry(session, span, was)
    return span


def _span_from(session: Session, code: str, valid_from: date) -> UnitSpan:
    """The span of the unit that begins on that day; the one before ends on the day before."""
    if session.get(Unit, code) is None:
        session.add(Unit(code=code))
    before = _on(session, code, valid_from)
    if before is not None and before.valid_from == valid_from:
        return before
    until = _day_before_next(session, code, valid_from) if before is None else before.valid_to
    if before is not None:
        before.valid_to = valid_from - timedelta(days=1)
    span = UnitSpan(unit_code=code, valid_from=valid_from, valid_to=until)
    session.add(span)
    return span


def _on(session: Session, code: str, day: date) -> UnitSpan | None:
    return session.scalar(
        sa.select(UnitSpan).where(UnitSpan.unit_code == code, holds(UnitSpan, day))
    )


def _carry(session: Session, span: UnitSpan, was: Mapping[str, Any]) -> None:
    """What the span changed goes on in those that follow it; what they change themselves stays."""
    changed = {column for column, value in was.items() if getattr(span, column) != value}
    following = sa.select(UnitSpan).where(
        UnitSpan.unit_code == span.unit_code, UnitSpan.valid_from > span.valid_from
    )
    for later in session.scalars(following.order_by(UnitSpan.valid_from)) if changed else ():
        changed = {column for column in changed if getattr(later, column) == was[column]}
        for column in changed:
            setattr(later, column, getattr(span, column))


def _day_before_next(session: Session, code: str, day: date) -> date | None:
    following = session.scalar(
        sa.select(sa.func.min(UnitSpan.valid_from)).where(
            UnitSpan.unit_code == code, UnitSpan.valid_from > day
        )
    )
    return following - timedelta(days=1) if following else None


def known_on(session: Session, codes: Iterable[str], on: date) -> frozenset[str]:
    """Those of the codes that are of units of that day; one statement."""
    spans = sa.select(UnitSpan.unit_code).where(
        UnitSpan.unit_code.in_(sorted(codes)), holds(UnitSpan, on)
    )
    return frozenset(session.scalars(spans))


def unknown(code: str, on: date) -> UnitUnknown:
    """The refusal of a unit that is not there on that day."""
    return UnitUnknown(unit=code, day=day_of(on).strftime("%d/%m/%Y"))


def require_unit(session: Session, code: str, on: date) -> UnitSpan:
    """The unit as it stands on that day. Raises UnitUnknown."""
    span = _on(session, code, on)
    if span is None:
        raise unknown(code, on)
    return span


def is_taken(session: Session, code: str) -> bool:
    """Whether the code is, was or will be a unit's; of one whose founding was called off it never
    was.
    """
    return (
        session.scalar(sa.select(UnitSpan.id).where(UnitSpan.unit_code == code).limit(1))
        is not None
    )


def parent_on(session: Session, code: str, day: date) -> str | None:
    """The unit above on that day; None at the top, and where there is no such unit then."""
    span = _on(session, code, day)
    return span.parent_code if span is not None else None


def require_free(session: Session, code: str) -> None:
    """Raises UnitCodeTaken."""
    if is_taken(session, code):
        raise UnitCodeTaken(code=code)


def is_code(text: str) -> bool:
    """Whether it may be a unit's code: small letters, digits, hyphens and dots."""
    return re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,79}", text) is not None


def require_order(first: date, last: date | None) -> None:
    """Raises EndsBeforeItBegins for a span whose last day is before its first."""
    if last is not None and last < first:
        days = {"first": first.strftime("%d/%m/%Y"), "last": last.strftime("%d/%m/%Y")}
        raise EndsBeforeItBegins(**days)


def end_post(session: Session, post: Post, last: date, *, origin: Origin, basis: str) -> None:
    """The post holds until that day, which may be the day before today, and is on record; nor does
    it go on in the unit to which a planned change sends its holder.
    """
    _cut_for_good(
        session,
        post,
        max(last, day_of(origin.now) - timedelta(days=1)),
        origin=origin,
        basis=basis,
    )


def _cut_for_good(session: Session, post: Post, last: date, *, origin: Origin, basis: str) -> None:
    """With the post end those in which it is to go on once a planned change of its unit begins."""
    until = last if post.valid_to is None else min(last, post.valid_to)
    cut_post(session, post, until, origin=origin, basis=basis)
    for later in planned_posts.going_on(session, post):
        if later.valid_to is None or later.valid_to > last:
            cut_post(session, later, last, origin=origin, basis=basis)


def cut_post(session: Session, post: Post, last: date, *, origin: Origin, basis: str) -> None:
    """The post holds until that day; before its first: it never begins. It is on record."""
    post.valid_to = last
    person = session.get_one(Person, post.person_id)
    record(
        session, "post_ended", "", origin=origin, unit=post.unit_code, person=person.full_name,
        kind=post.kind, title=post.title or None, valid_to=post.valid_to, basis=basis or None,
    )  # fmt: skip


def above(session: Session, code: str, on: date) -> list[str]:
    """The code itself and those of the units above it on that day, up to the root."""
    tree = sa.select(UnitSpan.unit_code, UnitSpan.parent_code).where(holds(UnitSpan, on))
    parents = dict(session.execute(tree).all())
    path: list[str] = []
    here: str | None = code
    while here is not None and here not in path:
        path.append(here)
        here = parents.get(here)
    return path


def give_post(
    session: Session,
    person: Person,
    unit: str,
    *,
    kind: str,
    title: str,
    valid_from: date,
    origin: Origin,
    valid_to: date | None = None,
    basis: str = "",
) -> Post:
    """The person holds the post in the unit; kind: head, deputy, member.

    A unit has one head at a time: the head before ends on the day before, and where another was
    to head it later, this one does so until the eve. Raises UnitUnknown, EndsBeforeItBegins.
    """
    require_order(valid_from, valid_to)
    lock(session, shared=True)
    require_unit(session, unit, valid_from)
    if kind == "head":
        # Of two who name a head at once the second finds the first's.
        held = sa.select(Unit.code).where(Unit.code == unit).with_for_update(key_share=True)
        session.execute(held)
        _end_head(session, unit, valid_from, origin=origin, basis=basis)
        valid_to = _until_next_head(session, unit, valid_from, valid_to)
    post, said = post_columns(
        person, unit, kind=kind, title=title, valid_from=valid_from, origin=origin,
        valid_to=valid_to, basis=basis,
    )  # fmt: skip
    row = Post(**post)
    session.add_all([row, AccountLog(**said)])
    return row


def post_columns(
    person: Person,
    unit: str,
    *,
    kind: str,
    title: str,
    valid_from: date,
    origin: Origin,
    valid_to: date | None = None,
    basis: str = "",
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of the post and of its line in the log, once it was found to be in order."""
    post = {
        "person_id": person.id,
        "unit_code": unit,
        "kind": kind,
        "title": tidy(title),
        "valid_from": valid_from,
        "valid_to": valid_to,
        "basis": basis,
    }
    said = {"person": person.full_name, "kind": kind, "title": title or None}
    said |= {"valid_from": valid_from, "basis": basis or None}
    return post, line("post_given", "", origin=origin, unit=unit, **said)


def _end_head(session: Session, unit: str, day: date, *, origin: Origin, basis: str) -> None:
    """Whoever heads the unit on that day does so until the day before."""
    heads = sa.select(Post).where(Post.unit_code == unit, Post.kind == "head", holds(Post, day))
    for former in session.scalars(heads):
        _cut_for_good(session, former, day - timedelta(days=1), origin=origin, basis=basis)


def _until_next_head(session: Session, unit: str, first: date, last: date | None) -> date | None:
    """The last day of a head's post that begins on that day: no later than the next one's eve."""
    coming = sa.select(sa.func.min(Post.valid_from)).where(
        Post.unit_code == unit, Post.kind == "head", Post.valid_from > first,
        sa.or_(Post.valid_to.is_(None), Post.valid_to >= Post.valid_from),
    )  # fmt: skip
    begins = session.scalar(coming)
    if begins is None or (last is not None and last < begins):
        return last
    return begins - timedelta(days=1)
