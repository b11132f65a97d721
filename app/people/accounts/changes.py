"""What becomes of an account when its holder moves on (HP-8.6, QN-6.4): another unit, another
holder, or the end; each in the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people import accounts
from app.people.accounts import (
    AccountExists,
    Application,
    end_logins,
    endings,
    holding,
    idle,
    opening,
)
from app.people.accounts.applications import named
from app.people.accounts.known import Known
from app.people.factors import voiding
from app.people.log import Origin, record
from app.people.login import links
from app.people.models import Account, Person, Post
from app.people.organisation import calling_off, units
from app.people.rights import duties, grants, training
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from app.people.whose import OF_AGENCY
from engine.errors import Refusal

KINDS = ("new_holder", "transfer", "resignation", "retirement")


class NotInUse(Refusal):
    """The account "{account}" is not in use. Only an account in use can be changed."""

    status = 409


@dataclass(frozen=True)
class Change:
    """What is to become of an account, and by which decision.

    unit, position, post, groups: of a transfer, groups in the new unit; post: head, deputy or
    member. holder: the new one, of a
    new_holder. trained: proof of training, for groups that administer.
    """

    kind: str
    basis: str
    unit: str | None = None
    position: str = ""
    post: str = "member"
    groups: tuple[str, ...] = ()
    holder: Application | None = None
    trained: str = ""


def carry_out(session: Session, account: Account, change: Change, *, origin: Origin) -> None:
    """The account is as the change says. Raises NotInUse, AccountExists, UnitUnknown,
    GroupUnknown, GroupNotForKind, TrainingMissing, DutiesClash.
    """
    if change.kind == "new_holder":
        opening.one_at_a_time(session)
    holding.hold(session, account)
    # The link of a new holder would open nothing.
    if account.status == "closed" or (change.kind == "new_holder" and account.status != "active"):
        raise NotInUse(account=account.name)
    if change.kind == "transfer":
        _transfer(session, account, change, origin)
    elif change.kind == "new_holder":
        _new_holder(session, account, change, origin)
    else:
        _leave(session, account, change, origin)


def _leave(session: Session, account: Account, change: Change, origin: Origin) -> None:
    """Who leaves the agency holds no post in any unit any more, and none of their accounts of it
    stays open; but the last administrator's, without which nobody could open another.
    """
    held = sa.select(Post.unit_code).where(
        Post.person_id == account.person_id,
        sa.or_(Post.valid_to.is_(None), Post.valid_to >= day_of(origin.now)),
    )
    for unit in sorted(set(session.scalars(held))):
        _end_posts(session, account.person, unit, origin)
    theirs = sa.select(Account).options(joinedload(Account.person)).where(
        Account.person_id == account.person_id, OF_AGENCY, Account.status != "closed"
    )  # fmt: skip
    for each in session.scalars(theirs.order_by(Account.id)).all():
        if each.id == account.id or each.id != idle.last_administrator(session):
            endings.close(session, each, origin=origin, basis=change.basis)


def _transfer(session: Session, account: Account, change: Change, origin: Origin) -> None:
    """The holder works in another unit under the same name, with the rights asked for there.

    Those of the old unit end, also where they were still to come.
    """
    new = str(change.unit)
    units.require_unit(session, new, origin.now)
    for group in change.groups:
        grants.require_group(session, account.kind, group, origin.now)
    before = account.unit_code
    _end_posts(session, account.person, before, origin)
    units.give_post(
        session, account.person, new, kind=change.post, title=change.position,
        valid_from=day_of(origin.now), origin=origin, basis=change.basis,
    )  # fmt: skip
    for row in grants.not_over(session, account, day_of(origin.now), locked=True):
        grants.revoke(session, row, account, origin=origin, basis=change.basis)
    for group in change.groups:
        membership = grants.Membership(group, new)
        grants.grant(
            session, account, membership, origin=origin, basis=change.basis,
            trained=change.trained,
        )  # fmt: skip
    account.unit_code = new
    account.label = change.position or account.label
    record(
        session, "account_changed", account.name, origin=origin, unit=new, before=before,
        after=new, basis=change.basis or None,
    )  # fmt: skip


def _new_holder(session: Session, account: Account, change: Change, origin: Origin) -> None:
    """The account is another person's: rights and work stay, the password and the devices of the
    old one are worth nothing (HP-8.6).
    """
    assert change.holder is not None
    present = accounts.holder(session, change.holder)
    if present is not None and present.id != account.id:
        raise AccountExists(holder=present.person.full_name, account=present.name)
    former = account.person
    post = _post(session, former, account.unit_code, origin)
    kind, title = (post.kind, post.title) if post is not None else ("member", "")
    _end_posts(session, former, account.unit_code, origin)
    account.person = _person(session, change.holder)
    training.require_of_account(
        session, account, account.person, now=origin.now, proof=change.trained
    )
    session.add(account.person)
    session.flush()  # The post needs the person's number.
    duties.require_holder(session, account, account.person_id, day_of(origin.now))
    if account.unit_code is not None:
        units.give_post(
            session, account.person, account.unit_code, kind=kind,
            title=change.holder.position or title, valid_from=day_of(origin.now),
            origin=origin, basis=change.basis,
        )  # fmt: skip
    account.label = change.holder.position or account.label
    account.password_hash, account.must_change = None, True
    account.barred_at = origin.now
    account.failed_count, account.locked_until = 0, None
    # What the former holder accepted and chose is not theirs: terms are read at the first login.
    account.terms_version = account.terms_accepted_at = account.last_login_at = None
    account.language = account.display = account.idle_warned_at = None
    account.activated_at = origin.now
    links.close_all(session, account, origin.now)
    voiding.drop(session, account, origin=origin)
    end_logins(session, account, origin=origin)
    record(
        session, "account_handed_over", account.name, origin=origin, unit=account.unit_code,
        before=former.full_name, after=account.person.full_name, basis=change.basis or None,
    )  # fmt: skip


def _person(session: Session, holder: Application) -> Person:
    """The person as opening an account would know them, so that all their accounts are one hand;
    a new one where nobody is known by that name and birth date.

    Whoever has an account already keeps the address by which links reach them.
    """
    known = Known.read(session, [holder])
    person = known.person(holder)
    if person is not None and person in known.with_account.get(named(holder) or ("",), ()):
        return person
    return opening.brought_up_to_date(person, holder)


def _post(session: Session, person: Person, unit: str | None, origin: Origin) -> Post | None:
    held = sa.select(Post).where(
        Post.person_id == person.id, Post.unit_code == unit, holds(Post, origin.now)
    )
    return session.scalar(held.order_by(Post.id).limit(1))


def _end_posts(session: Session, person: Person, unit: str | None, origin: Origin) -> None:
    """Posts in the unit end on the day before; one that began today ends today. One that was to
    come in a unit that takes this one over never begins.
    """
    today = day_of(origin.now)
    heirs = calling_off.taking_over(session, unit) if unit is not None else set()
    coming = sa.and_(Post.unit_code.in_(heirs | {unit}), Post.valid_from > today)
    held = sa.select(Post).where(
        Post.person_id == person.id,
        sa.or_(sa.and_(Post.unit_code == unit, holds(Post, today)), coming),
    )
    for post in session.scalars(held).all():
        first, eve = post.valid_from, timedelta(days=1)
        post.valid_to = first - eve if first > today else max(first, today - eve)
        record(
            session, "post_ended", "", origin=origin, unit=post.unit_code, person=person.full_name,
            kind=post.kind, title=post.title or None,
        )  # fmt: skip
