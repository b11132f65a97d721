"""People and their rights, for those who look after them; the tree of units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import arrivals, law, refusals, web
from app.people import accounts, directory, log, queries, visits
from app.people.blueprint import blueprint
from app.people.factors import holding
from app.people.log import Origin
from app.people.login import link_letters, links, logins
from app.people.models import Account, Grant
from app.people.organisation import fields, managing
from app.people.organisation import units as unit_tree
from app.people.registers import finding
from app.people.rights import duties, explaining, grants, in_force, letters, lineage, training
from app.people.rights.duties import Days
from app.people.rights.groups import day_of, on_day
from app.people.rights.reach import reach
from app.web import permission
from engine.errors import NotFound, NotPermitted, Refusal
from engine.ports import Actor

ABOUT: dict[type[Refusal], str] = {
    grants.GroupUnknown: "group",
    grants.GroupNotForKind: "group",
    duties.DutiesClash: "group",
    grants.FieldUnknown: "field",
    unit_tree.UnitUnknown: "unit",
    NotPermitted: "scope",
    managing.NamedFromAbove: "group",
    grants.AlreadyHeld: "group",
    grants.BackDated: "valid_from",
    unit_tree.EndsBeforeItBegins: "valid_to",
    training.TrainingMissing: "training",
    law.BasisMissing: "basis",
}
"""At which field of the form the refusal of a right is told."""


@blueprint.get("/people")
@permission("people.view")
def people() -> str:
    """The accounts of the units that the reader looks after."""
    reading, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    wanted = directory.Wanted(
        text=request.args.get("q", "")[:100],
        unit=request.args.get("unit") or None,
        status=request.args.get("status") or None,
        after=request.args.get("after") or None,
    )
    units = queries.units(reading, now)
    visible = directory.visible_units(actor)
    return render_template(
        "people/list.html",
        wanted=wanted,
        page=directory.people(reading, actor, wanted, now),
        units=units,
        choices=[unit for unit in units.values() if unit.code in visible],
        may_import=actor.may("rights.grant"),
        counts_customers=actor.may("people.statistics"),
        now_at=now,
    )


@blueprint.get("/people/<name>")
@permission("people.view")
def person(name: str) -> str:
    """One account: its holder, rights now and before, and what was done to it."""
    shown = _person(name, {}, {})
    visits.note_reader(about=name)
    return shown


def _person(name: str, typed: Mapping[str, str], problems: dict[str, str]) -> str:
    """The page, with what was typed to grant a right and what is wrong with it, by field."""
    reading, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    account = directory.account_seen_by(reading, actor, name)
    wrong_day: dict[str, str] = {}
    on = arrivals.day_asked("on", wrong_day)
    on = None if on == day_of(now) else on  # Today has its own page, where things are changed.
    held = directory.grants_of(reading, account)
    held_now, coming, past = directory.sorted_by_day(held, on or now)
    seen = directory.visible_units(actor)
    until = in_force.instant_of(on) if on else None
    can_log = log.Wanted(seen, account.unit_code is None, account=account.name, until=until)
    told = log.lines(reading, can_log, limit=15)
    return render_template(
        "people/person.html",
        account=account,
        in_force=held_now,
        coming=coming,
        past=past,
        posts=directory.posts_of(reading, account, on),
        corrected=directory.corrected(reading, account),
        lines=told,
        hands=directory.hands(reading, held, told, account.created_by),
        events=log.EVENTS,
        groups=on_day(reading, date.max),
        units=queries.units_ever(reading, now) | (queries.units(reading, on) if on else {}),
        now_at=now,
        on=on,
        wrong_day=wrong_day,
        state=explaining.statuses(reading, [account], on or now)[account.id],
        unit=reading.scalar(sa.select(finding.unit_on(on)).where(Account.id == account.id)),
        holder=explaining.holders(reading, [account], on or now)[account.id],
        typed=typed,
        problems=problems,
        may_manage=on is None and _may_manage(reading, actor, account, now),
        stays=logins.stays(reading, account.id, now),
        factor=holding.kept(reading, account),
        **_choices(reading, actor, account, now) | ({"may_grant": False} if on else {}),
    )


def _choices(session: Session, actor: Actor, account: Account, now: datetime) -> dict[str, Any]:
    """Groups that the account's kind may be in, and units where the reader may grant."""
    units = queries.units(session, now)
    granting = directory.visible_units(actor, "rights.grant")
    reach = grants.Reach(actor.rights, grants.workplaces(session, now))
    is_own = queries.is_own_account(session, actor, account)
    return {
        "may_grant": bool(granting) and not is_own,
        "grantable_groups": [
            group
            for group in on_day(session, now).values()
            if account.kind in group.kinds
            and all(
                reach.covers(power, frozenset()) for power in group.permissions & grants.POWERS
            )
        ],
        "may_everywhere": reach.everywhere <= granting,
        "grantable_units": [unit for unit in units.values() if unit.code in granting],
        "today": day_of(now),
        "fields_of_work": fields.known(session),
    }


def _may_manage(session: Session, actor: Actor, account: Account, now: datetime) -> bool:
    """Whether the reader may let in or lock out: none mightier, nor who leads beside them."""
    is_own = queries.is_own_account(session, actor, account)
    if is_own or not directory.is_seen(session, actor, account, "people.manage"):
        return False
    theirs = in_force.actor_for(session, account, now).rights
    reach = grants.Reach(actor.rights, grants.workplaces(session, now), "people.manage")
    return managing.may_lock_out(session, actor, theirs, account.unit_code, now) and all(
        reach.covers(power, units) for power, units in theirs.items() if power in grants.POWERS
    )


def _managed(session: Session, name: str) -> tuple[Account, Origin]:
    """The account that the reader is about to change. Raises NotFound, NotPermitted, OwnRights."""
    actor, now = web.signed_in(), web.engine().clock()
    account = directory.held_by(session, actor, name, "people.manage")
    if queries.is_own_account(session, actor, account):
        raise grants.OwnRights()
    if not _may_manage(session, actor, account, now):
        raise grants.MightierAccount(account=account.name)
    return account, Origin.of(actor, now)


def manage(name: str, change: Callable[..., object]) -> None:
    """The account is changed, by whom and when, in one transaction.

    Raises NotFound, NotPermitted, OwnRights, MightierAccount.
    """
    with web.engine().writing() as session:
        account, origin = _managed(session, name)
        change(session, account, origin=origin)


@blueprint.post("/people/<name>/unlock")
@permission("people.manage")
def unlock_account(name: str) -> ResponseReturnValue:
    """A lock after wrong passwords is gone."""
    manage(name, accounts.unlock)
    flash(gettext("The account is unlocked."), "success")
    return back(name)


@blueprint.post("/people/<name>/link")
@permission("people.manage")
def new_link(name: str) -> ResponseReturnValue:
    """A new one-time link goes to the holder's address; the old password is gone (QN-6.3c).

    Whoever reads the link becomes the holder. It is shown, this once, only where no address is
    known and the reader administers the whole agency.
    """
    engine, site = web.engine(), current_app.extensions["settings"].url
    with engine.writing() as session:
        account, origin = _managed(session, name)
        accounts.require_status(account, "active")
        path, expires_at = links.issue(session, account, origin=origin)
        link = f"{site}{path}"
        if account.person.email or not _grants_everywhere(session, origin.now):
            address = link_letters.send(engine, session, account, link=link, until=expires_at)
            words = gettext("The new link was sent to %(address)s.", address=address)
            flash(words, "success")
            return back(name)
    link = links.opened(link, current_app.config["SECRET_KEY"])
    return render_template("people/link.html", account=account, link=link, expires_at=expires_at)


def _grants_everywhere(session: Session, now: datetime) -> bool:
    held = web.signed_in().rights.get("rights.grant", frozenset())
    return grants.workplaces(session, now) <= held


def on_a_basis(
    name: str, field: str, change: Callable[[str], None], done: str
) -> ResponseReturnValue:
    """The change is made; without a basis the page says so at the field."""
    try:
        change(_basis())
    except law.BasisMissing as refusal:
        return _person(name, {}, {field: refusals.words(refusal)}), refusal.status
    flash(done, "success")
    return back(name)


@blueprint.post("/people/<name>/grants")
@permission("rights.grant")
def grant(name: str) -> ResponseReturnValue:
    """The account is in one more group, as far as the reader's own right to grant reaches."""
    days: dict[str, date | None] = {}
    problems: dict[str, str] = {}
    for field in ("valid_from", "valid_to"):
        try:
            days[field] = _day(field)
        except arrivals.DayUnreadable as refusal:
            problems[field] = refusals.words(refusal)
    if problems:
        _granted_to(web.reading(), name, directory.account_seen_by)
        return _person(name, request.form, problems), 422
    try:
        _grant(name, days)
    except Refusal as refusal:
        field = next((ABOUT[kind] for kind in ABOUT if isinstance(refusal, kind)), None)
        if field is None:
            raise
        return _person(name, request.form, {field: refusals.words(refusal)}), refusal.status
    flash(gettext("The right is granted."), "success")
    return back(name)


def _grant(name: str, days: Mapping[str, date | None]) -> None:
    """The right is given as posted, for these days."""
    with web.engine().writing() as session:
        account, origin = _granted_to(session, name)
        accounts.require_status(account, "active", "suspended")
        membership = _membership()
        first, last = days.get("valid_from") or day_of(origin.now), days.get("valid_to")
        grants.require_group(session, account.kind, membership.group, first)
        _require_scope(session, membership, Days(first, last), origin.now)
        grants.require_new(session, account, membership, Days(first, last))
        basis = _basis()
        row = grants.grant(
            session,
            account,
            membership,
            origin=origin,
            **days,
            basis=basis,
            trained=request.form.get("training", ""),
        )
        letters.tell_right(web.engine(), session, account, row, origin=origin, basis=basis)


@blueprint.post("/people/<name>/grants/<int:grant_id>/revoke")
@permission("rights.grant")
def revoke(name: str, grant_id: int) -> ResponseReturnValue:
    """The account is no longer in the group, from this moment."""
    return on_a_basis(
        name,
        f"basis-{grant_id}",
        lambda basis: _revoke(name, grant_id, basis),
        gettext("The right is revoked."),
    )


def _revoke(name: str, grant_id: int, basis: str) -> None:
    with web.engine().writing() as session:
        account, origin = _granted_to(session, name)
        row = session.get(Grant, grant_id)
        if row is None or row.account_id != account.id:
            raise NotFound(thing=gettext("This right"))
        left = Days(max(row.valid_from, day_of(origin.now)), row.valid_to)
        _require_scope(session, grants.Membership.of(row), left, origin.now)
        lineage.lock(session, [row])
        if row.revoked_at is not None:
            raise grants.RightGone(basis=row.revoked_basis or "…")
        grants.withdraw(session, row, account, origin=origin, basis=basis)
        letters.tell_right(web.engine(), session, account, row, origin=origin, basis=basis)


def _granted_to(
    session: Session, name: str, find: Callable[..., Account] = directory.held_by
) -> tuple[Account, Origin]:
    """The account whose rights the reader is about to change; never those of the same person."""
    actor = web.signed_in()
    account = find(session, actor, name)
    if queries.is_own_account(session, actor, account):
        raise grants.OwnRights()
    return account, Origin.of(actor, web.engine().clock())


def _require_scope(
    session: Session, membership: grants.Membership, days: Days, now: datetime
) -> None:
    """The reader may give, or take, what the group brings on any of these days."""
    scope, some = membership.scope, grants.over(session, membership.group, days)
    managing.require_from_above(session, web.signed_in(), some, membership.unit, now)
    # A field may come to further units below, so whoever grants in one must reach them all.
    scope = scope._replace(below=scope.spreads, field=None)
    grants.require_may_grant(
        some,
        spread=reach(session, [scope], now)[scope],
        reach=grants.Reach(web.signed_in().rights, grants.workplaces(session, now)),
    )


def _membership() -> grants.Membership:
    """The group and how far, as the form posts it: scope is unit, below, field or province."""
    scope = request.form.get("scope", "unit")
    if scope not in ("unit", "below", "field", "province"):
        abort(400)
    return grants.Membership(
        request.form.get("group", ""),
        request.form.get("unit", ""),
        below=scope == "below" or request.form.get("below") == "yes",
        field=(request.form.get("field") or None) if scope == "field" else None,
        everywhere=scope == "province",
    )


def _basis() -> str:
    return law.basis(request.form.get("basis", ""))[:500]


def _day(field: str) -> date | None:
    text = request.form.get(field, "").strip()
    return arrivals.day(text) if text else None


def back(name: str) -> ResponseReturnValue:
    return redirect(url_for("people.person", name=name), 303)


@blueprint.get("/units")
@permission("people.view")
def units() -> str:
    """The tree of units as it stands on a day."""
    reading, now = web.reading(), web.engine().clock()
    problems: dict[str, str] = {}
    day = arrivals.day_asked("on", problems) or day_of(now)
    return render_template(
        "people/units.html",
        day=day,
        problems=problems,
        tree=queries.tree(reading, day),
        heads=directory.heads(reading, day),
        accounts=_accounts_by_unit(reading, day if day < day_of(now) else None),
        visible=directory.visible_units(web.signed_in()),
    )


def _accounts_by_unit(session: Session, past: date | None) -> dict[str | None, int]:
    """By unit, how many accounts are at work in it, or were at the end of that day."""
    unit = finding.unit_on(past).label("unit")
    counts = (
        sa.select(unit, sa.func.count())
        .select_from(Account)
        .where(finding.state_on(past) == "active")
        .group_by(unit)
    )
    if past is not None:
        counts = counts.where(Account.created_at < in_force.instant_of(past))
    return dict(session.execute(counts).all())
