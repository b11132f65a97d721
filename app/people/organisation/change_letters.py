"""Letters about a change of units: to everybody whose unit, post or rights it changes, and to the
heads of the units to which people come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session, joinedload

from app import who
from app.people import notices
from app.people.acting import scopes
from app.people.log import Origin
from app.people.models import Account, Delegation, Grant, Person, Post, UnitChange
from app.people.organisation import calling_off, heirs, traces
from app.people.organisation.plans import Plan
from app.people.rights.reach import holds
from engine import Engine

POSTS = {
    "head": lazy_gettext("Head of the unit"),
    "deputy": lazy_gettext("Deputy head"),
    "member": lazy_gettext("Member of the unit"),
}


@dataclass
class _News:
    """What a change ends and begins for the holder of one account; a post or a candidacy each."""

    account: Account
    moves_to: str | None = None
    posts_end: list[Post] = field(default_factory=list)
    posts_begin: list[Post] = field(default_factory=list)
    rights_end: list[Grant] = field(default_factory=list)
    rights_begin: list[Grant] = field(default_factory=list)
    is_bare: bool = False
    come: list[str] = field(default_factory=list)
    come_bare: list[str] = field(default_factory=list)
    standing_in: list[Delegation] = field(default_factory=list)


def tell(engine: Engine, session: Session, change: UnitChange, *, origin: Origin) -> None:
    """The letters on a merger, split or closing that was decided or called off just now.

    Nobody is told of a new name or place: unit, posts and rights stay as they are.
    """
    if "people" not in change.plan:
        return
    session.flush()
    plan = Plan.of(change)
    news = _gathered(session, change, plan)
    _receiving(session, plan, news)
    if plan.ends:
        _standing_in(session, plan, news)
    _send(engine, session, change, news.values(), origin=origin)


def _gathered(session: Session, change: UnitChange, plan: Plan) -> dict[int, _News]:
    """By account, what the change wrote for its holder."""
    wrote = change.wrote or {"begun": {}, "altered": {}}
    rights = {which: _rows(session, wrote[which], Grant) for which in ("altered", "begun")}
    posts = {which: _rows(session, wrote[which], Post) for which in ("altered", "begun")}
    people = {post.person_id for rows in posts.values() for post in rows}
    mine = Account.unit_code == change.unit_code
    found = session.scalars(
        sa.select(Account).options(joinedload(Account.person)).where(
            Account.status != "closed",
            sa.or_(
                mine, sa.and_(Account.person_id.in_(people), Account.unit_code.is_not(None)),
                Account.id.in_({row.account_id for rows in rights.values() for row in rows}),
            ),
        ).order_by(Account.id)
    )  # fmt: skip
    news = {account.id: _News(account) for account in found}
    for one in news.values():
        number, person = one.account.id, one.account.person_id
        one.rights_end = [row for row in rights["altered"] if row.account_id == number]
        one.rights_begin = [row for row in rights["begun"] if row.account_id == number]
        one.posts_end = [post for post in posts["altered"] if post.person_id == person]
        one.posts_begin = [post for post in posts["begun"] if post.person_id == person]
        one.is_bare = bool(one.rights_end) and not _holds_anything(session, number, plan.day)
        if one.account.unit_code == change.unit_code:
            goal = plan.people.get(number, plan.into)
            one.moves_to = goal if goal != change.unit_code else None
    return {
        number: one
        for number, one in news.items()
        if one.moves_to or one.posts_end or one.rights_end or plan.ends
    }


def _rows(session: Session, wrote: dict[str, Any], kind: type[Any]) -> list[Any]:
    found = (traces.found(session, kind.__tablename__, key) for key in wrote.get(
        kind.__tablename__, {}))  # fmt: skip
    return [row for row in found if row is not None]


def _holds_anything(session: Session, account: int, on: date) -> bool:
    held = sa.select(Grant.id).where(
        Grant.account_id == account, Grant.revoked_at.is_(None),
        sa.or_(Grant.valid_to.is_(None), Grant.valid_to >= on),
    )  # fmt: skip
    return session.scalar(held.limit(1)) is not None


def _receiving(session: Session, plan: Plan, news: dict[int, _News]) -> None:
    """Heads of the units to which people come learn who comes, and who has no right yet."""
    coming: dict[str, list[_News]] = defaultdict(list)
    for one in news.values():
        if one.moves_to is not None:
            coming[one.moves_to].append(one)
    heads = (
        sa.select(Account, Post.unit_code)
        .join(Account.person)
        .join(Post, Post.person_id == Person.id)
        .options(joinedload(Account.person))
        .where(
            Post.kind == "head", Post.unit_code.in_(sorted(coming)), holds(Post, plan.day),
            Account.status != "closed", Account.unit_code == Post.unit_code,
        )
        .order_by(Account.id)
    )  # fmt: skip
    for account, unit in session.execute(heads).all():
        told = news.setdefault(account.id, _News(account))
        told.come += [one.account.person.full_name for one in coming[unit]]
        told.come_bare += [one.account.person.full_name for one in coming[unit] if one.is_bare]


def _standing_in(session: Session, plan: Plan, news: dict[int, _News]) -> None:
    """Who may act for somebody in a unit that is no more, and for whom, learn whether they still
    may.
    """
    for row in scopes.naming(session, plan.unit, plan.day):
        for account in (row.grantor, row.grantee):
            news.setdefault(account.id, _News(account)).standing_in.append(row)


def _send(
    engine: Engine, session: Session, change: UnitChange, news: Iterable[_News], *, origin: Origin
) -> None:
    plan = Plan.of(change)
    heir = heirs.beside(session, change.unit_code, plan.day)
    units = {
        change.unit_code,
        *({heir} - {None}),
        *calling_off.targets(change),
        *(new.code for new in plan.new_units),
    }
    for one in news:
        rows = [*one.posts_end, *one.posts_begin, *one.rights_end, *one.rights_begin]
        units |= {row.unit_code for row in rows}
    eve = plan.day - timedelta(days=1)
    both = {en: who.names(session, plan.day, units=units, english=en) for en in (False, True)}
    key = f"unit-change-letter:{change.id}:{'off' if change.called_off_at else 'decided'}"
    for one in news:

        def words(english: bool, one: _News = one) -> tuple[str, list[str]]:
            subject, lines = _words(change, plan, one, both[english], eve)
            return subject, lines + _acting(change, one, heir, both[english])

        notices.send(
            engine, session, one.account, words, key=f"{key}:{one.account.id}", now=origin.now
        )


def _words(
    change: UnitChange, plan: Plan, one: _News, names: who.Names, eve: date
) -> tuple[str, list[str]]:
    """Subject and lines of one letter in the language that is spoken now."""
    unit, day = names.unit(change.unit_code), f"{change.day:%d/%m/%Y}"
    said = {
        "merge": gettext(
            "From %(day)s the unit “%(unit)s” is merged into another.", day=day, unit=unit
        ),
        "split": gettext("From %(day)s the unit “%(unit)s” is split.", day=day, unit=unit),
        "close": gettext("From %(day)s the unit “%(unit)s” is no more.", day=day, unit=unit),
    }[change.kind]
    subject = gettext("Change of the unit “%(unit)s” from %(day)s", unit=unit, day=day)
    lines = [said, gettext("Basis: %(basis)s", basis=change.basis)]
    if change.called_off_at is not None:
        off = gettext("This change was called off: your unit, posts and rights stay as they were.")
        reason = gettext("Reason: %(reason)s", reason=change.called_off_reason or "–")
        return gettext("Called off: %(subject)s", subject=subject), [*lines, "", off, reason]
    return subject, [*lines, "", *_changes(one, names, eve), *_coming(one)]


def _changes(one: _News, names: who.Names, eve: date) -> list[str]:
    """What becomes of the reader's own unit, posts and rights."""
    lines = []
    if one.moves_to is not None:
        lines.append(gettext("Your unit from then on: %(unit)s", unit=names.unit(one.moves_to)))
    for post in one.posts_end:
        said = _post(post, names)
        lines.append(gettext("Post that ends with %(day)s: %(post)s", day=_day(eve), post=said))
    for post in one.posts_begin:
        lines.append(gettext("New post: %(post)s", post=_post(post, names)))
    for row in one.rights_end:
        said = names.candidate(f"{row.group_key}@{row.unit_code}")
        lines.append(gettext("Right that ends with %(day)s: %(right)s", day=_day(eve), right=said))
    for row in one.rights_begin:
        said = names.candidate(f"{row.group_key}@{row.unit_code}")
        lines.append(gettext("New right: %(right)s", right=said))
    if one.is_bare:
        lines += [
            "",
            gettext(
                "No right is left to you from then on, so that you will have no tasks. "
                "Ask the head of your unit to request the rights that you need."
            ),
        ]
    return lines


def _coming(one: _News) -> list[str]:
    """Who comes to the unit that the reader leads."""
    if not one.come:
        return []
    lines = ["", gettext("These people come to your unit: %(names)s.", names="; ".join(one.come))]
    if one.come_bare:
        lines.append(
            gettext(
                "Of these without any right: %(names)s. Request for them the rights that "
                "they need.",
                names="; ".join(one.come_bare),
            )
        )
    return lines


def _acting(change: UnitChange, one: _News, heir: str | None, names: who.Names) -> list[str]:
    """What becomes of the delegations for the work of a unit that is no more."""
    if change.called_off_at is not None or not one.standing_in:
        return []
    lines = [""]
    for row in one.standing_in:
        said = gettext(
            "%(who)s may act for %(whom)s in this unit until %(day)s (%(number)s).",
            who=row.grantee.person.full_name, whom=row.grantor.person.full_name,
            day=_day(row.valid_to), number=row.number,
        )  # fmt: skip
        lines.append(said)
    if heir is not None:
        told = gettext(
            "From then on that holds in “%(unit)s”, to which this work goes.",
            unit=names.unit(heir),
        )
    else:
        told = gettext(
            "From then on that gives nothing, since the work goes to a unit above. "
            "Whoever needs it asks for a new one."
        )
    return [*lines, told]


def _post(post: Post, names: who.Names) -> str:
    return f"{post.title or POSTS.get(post.kind, post.kind)}, {names.unit(post.unit_code)}"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
