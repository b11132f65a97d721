"""The tree of units as it is edited: one unit, its posts and fields, and changes from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import arrivals, law, picking, web, who
from app.corrections import queries as corrections
from app.people import directory, queries, refused
from app.people.blueprint import blueprint
from app.people.log import Origin
from app.people.models import Account, Post, UnitChange
from app.people.organisation import (
    calling_off,
    fields,
    managing,
    placing,
    reorganising,
    unit_queries,
    units,
)
from app.people.organisation.placing import Place
from app.people.organisation.plans import NewUnit
from app.people.rights import grants
from app.people.rights.groups import day_of
from app.web import permission
from engine.errors import NotFound, Refusal
from engine.ports import Actor

KINDS = ("rename", "move", "merge", "split", "close")


class UnitIncomplete(Refusal):
    """A unit needs a code of small letters, digits and hyphens, a name, and a basis. Fill in what is missing."""  # noqa: E501

    status = 422


class CodeUnfit(UnitIncomplete):
    """The code "{code}" is none: a unit's code is of small letters, digits and hyphens. Choose another."""  # noqa: E501


class NameMissing(UnitIncomplete):
    """A unit needs a name. Fill it in."""


class PersonMissing(UnitIncomplete):
    """Nobody is chosen for the post. Search for the person by a part of the name and choose them."""  # noqa: E501


class LastDayUnreadable(arrivals.DayUnreadable):
    __doc__ = arrivals.DayUnreadable.__doc__


_ABOUT: dict[type[Refusal], str] = {
    LastDayUnreadable: "until",
    reorganising.BackDated: "day",
    CodeUnfit: "code",
    NameMissing: "name",
    PersonMissing: "account",
    picking.NothingChosen: "account",
    UnitIncomplete: "code",
} | refused.COMMON


def day_posted(field: str, text: str | None = None) -> date | None:
    given = (request.form.get(field, "") if text is None else text).strip()
    return arrivals.day(given) if given else None


def text_posted(field: str, most: int = 300) -> str:
    return " ".join(request.form.get(field, "").split())[:most]


def basis_posted() -> str:
    basis = law.basis(request.form.get("basis", ""))[:500]
    if not basis:
        raise UnitIncomplete()
    return basis


def require_managed(code: str | None) -> Actor:
    """The reader, who may change that unit. Raises NotFound, so that nobody learns of others."""
    actor, now = web.signed_in(), web.engine().clock()
    if code is None or not managing.may(web.reading(), actor, "units.manage", code, now):
        raise NotFound(thing=gettext("This unit"))
    return actor


@blueprint.get("/units/<code>")
@permission("people.view")
def unit(code: str) -> str:
    """One unit as it stands on a day: its posts and fields, what it was, what is decided."""
    return _unit(code, refused.NOTHING)


def _again(code: str, form: str, refusal: Refusal, prefix: str = "") -> ResponseReturnValue:
    """The unit's page with the form that was refused, as it was filled in."""
    return _unit(code, refused.of(form, refusal, _ABOUT, prefix)), refusal.status


def _unit(code: str, was: refused.Refused) -> str:
    """The page; was: the form on it that was refused."""
    reading, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    spans = unit_queries.history(reading, code)
    if not spans:
        raise NotFound(thing=gettext("This unit"))
    problems: dict[str, str] = {}
    coming = managing.first_day(reading, code, now)
    day = arrivals.day_asked("on", problems) or coming or day_of(now)
    tree = queries.units(reading, day)
    may_manage = managing.may(reading, actor, "units.manage", code, now) and code in tree
    sees = may_manage or managing.may(reading, actor, "people.view", code, now)
    changes = reorganising.changes(reading, [code])
    return render_template(
        "people/unit.html",
        code=code,
        day=day,
        today=day_of(now),
        spans=spans,
        here=tree.get(code),
        units=queries.units(reading, now) | tree,
        posts=unit_queries.posts(reading, code, day) if sees else [],
        sees=sees,
        known=fields.known(reading),
        own_fields=fields.of_units(reading, day).get(code, []),
        changes=changes,
        hands=_deciders(reading, changes),
        may_call_off=[row.id for row in changes if _may_call_off(reading, row, now)],
        corrected=corrections.history(reading, "unit", [code]),
        may_manage=may_manage,
        may_appoint=may_manage and _may_appoint(reading, actor, code),
        person=_person(reading, actor, was.given if was.form == "post" else {}),
        was=was,
        problems=problems,
        kinds=KINDS if may_manage and _may_appoint(reading, actor, code) else KINDS[:1],
    )


def _deciders(session: Session, changes: list[UnitChange]) -> who.Holders:
    """Who decided these changes, and who called them off."""
    named = [name for row in changes for name in (row.decided_by, row.called_off_by)]
    return who.holders_of(session, named)


def _may_call_off(session: Session, change: UnitChange, now: datetime) -> bool:
    """Whether the reader is led to calling the change off; the page itself asks for more."""
    actor, above = web.signed_in(), change.plan.get("parent")
    if not calling_off.is_planned(change, now):
        return False
    if change.kind == "open":
        return actor.may("units.manage", above)
    is_name = change.kind == "rename" and actor.may("units.manage", change.unit_code)
    return is_name or _may_appoint(session, actor, change.unit_code)


def _person(session: Session, actor: Actor, given: Mapping[str, str]) -> picking.Picker:
    """The search for who is to hold a post, as it was filled in."""
    words, chosen = picking.words_for(given, "account"), given.get("account", "")
    account = queries.find_account(session, chosen) if chosen else None
    is_seen = account is not None and directory.is_seen(session, actor, account, "people.view")
    kept = [_choice(account)] if account is not None and is_seen else []
    found = _found(session, actor, words) if words else None
    return picking.Picker(kept, words, found, total=0)


def _found(session: Session, actor: Actor, words: str) -> picking.Found:
    own = queries.accounts_of_holder(session, actor.name)  # Nobody gives a post to themselves.
    rows, total = directory.officials(session, actor, words, besides=own, limit=picking.SHOWN)
    return picking.Found([_choice(row) for row in rows], total)


def _choice(account: Account) -> picking.Choice:
    return picking.Choice(account.name, f"{account.person.full_name} ({account.name})")


@blueprint.post("/units/<code>/posts/people")
@permission("units.manage")
def people_for_post(code: str) -> ResponseReturnValue:
    """Who is found for a post, among the people whom the reader may see."""
    actor = require_managed(code)
    _, words = picking.asked(request.form)
    return picking.answer(_found(web.reading(), actor, words))


def _may_appoint(session: Session, actor: Actor, code: str) -> bool:
    """Heads and deputies are named from above: nobody makes the head who approves their requests
    from within the unit.
    """
    now = web.engine().clock()
    above = managing.above(session, code, now)
    return managing.may(session, actor, "units.manage", above or code, now)


def require_above(session: Session, actor: Actor, code: str, kind: str) -> None:
    """What alters the tree above a unit is for who looks after the unit above; a name is not."""
    if kind not in KINDS or (kind != "rename" and not _may_appoint(session, actor, code)):
        raise NotFound(thing=gettext("This change"))


@blueprint.post("/units/<code>/below")
@permission("units.manage")
def found_unit(code: str) -> ResponseReturnValue:
    """There is a new unit below this one from a day on."""
    actor, now = require_managed(code), web.engine().clock()
    try:
        new, day = new_unit_posted("code", "name"), day_posted("day") or day_of(now)
        if new is None:
            raise UnitIncomplete()
        with web.engine().writing() as session:
            place = Place(
                "open", new.code, day, basis_posted(), new.name, new.name_en,
                level="division", parent=code,
            )  # fmt: skip
            placing.decide(session, place, origin=Origin.of(actor, now))
    except Refusal as refusal:
        return _again(code, "below", refusal, "new-")
    flash(gettext("The unit is entered."), "success")
    return redirect(url_for("people.unit", code=new.code, on=day.isoformat()), 303)


def new_unit_posted(code_field: str, name_field: str) -> NewUnit | None:
    code, name = text_posted(code_field, 80).lower(), text_posted(name_field)
    if not code and not name:
        return None
    if not units.is_code(code):
        raise CodeUnfit(code=text_posted(code_field, 80))
    if not name:
        raise NameMissing()
    return NewUnit(code, name, text_posted(f"{name_field}_en") or None)


@blueprint.post("/units/<code>/fields")
@permission("units.manage")
def set_fields(code: str) -> ResponseReturnValue:
    """The unit works in the chosen fields from a day on."""
    actor, now = require_managed(code), web.engine().clock()
    try:
        day = day_posted("day") or day_of(now)
        with web.engine().writing() as session:
            reorganising.require_not_past(day, now)
            units.lock(session, shared=True)
            units.require_unit(session, code, day)
            wanted = set(request.form.getlist("field")) & fields.known(session).keys()
            origin = Origin.of(actor, now)
            fields.set_fields(session, code, wanted, day, origin=origin, basis=basis_posted())
    except Refusal as refusal:
        return _again(code, "fields", refusal, "fields-")
    flash(gettext("The fields of work are kept."), "success")
    return redirect(url_for("people.unit", code=code, on=day.isoformat()), 303)


@blueprint.post("/units/<code>/posts")
@permission("units.manage")
def give_post(code: str) -> ResponseReturnValue:
    """Somebody holds a post in the unit; a person may hold several."""
    require_managed(code)
    if picking.FIND in request.form:  # Without scripts the page shows who was found.
        return _unit(code, refused.Refused("post", given=request.form))
    try:
        day = _give_post(code)
    except Refusal as refusal:
        return _again(code, "post", refusal)
    flash(gettext("The post is given."), "success")
    return redirect(url_for("people.unit", code=code, on=day.isoformat()), 303)


def _give_post(code: str) -> date:
    """The post is given as posted; its first day."""
    actor, now = web.signed_in(), web.engine().clock()
    kind, until = request.form.get("kind", "member"), None
    day = day_posted("day") or day_of(now)
    try:
        until = day_posted("until")
    except arrivals.DayUnreadable as refusal:
        raise LastDayUnreadable(**refusal.fields) from refusal
    if words := picking.words_for(request.form, "account"):
        raise picking.NothingChosen(words=words)
    if not (name := text_posted("account", 120)):
        raise PersonMissing()
    with web.engine().writing() as session:
        account = directory.account_seen_by(session, actor, name)
        if queries.is_own_account(session, actor, account):
            raise grants.OwnRights()
        if account.unit_code is None:
            raise NotFound(thing=account.name)  # An enterprise holds no post.
        if kind not in units.POSTS:
            raise NotFound(thing=gettext("This post"))
        if kind != "member" and not _may_appoint(session, actor, code):
            raise NotFound(thing=gettext("This post"))
        reorganising.require_not_past(day, now)
        units.give_post(
            session, account.person, code, kind=kind, title=text_posted("title", 200),
            valid_from=day, valid_to=until, origin=Origin.of(actor, now), basis=basis_posted(),
        )  # fmt: skip
    return day


@blueprint.post("/units/<code>/posts/<int:post_id>/end")
@permission("units.manage")
def end_post(code: str, post_id: int) -> ResponseReturnValue:
    """The post ends with a day, at the earliest yesterday."""
    actor, now = require_managed(code), web.engine().clock()
    try:
        with web.engine().writing() as session:
            post = session.get(Post, post_id)
            if post is None or post.unit_code != code:
                raise NotFound(thing=gettext("This post"))
            if post.kind != "member" and not _may_appoint(session, actor, code):
                raise NotFound(thing=gettext("This post"))
            last, basis = day_posted("day") or day_of(now), basis_posted()
            units.end_post(session, post, last, origin=Origin.of(actor, now), basis=basis)
    except Refusal as refusal:
        return _again(code, f"end-{post_id}", refusal, f"end-{post_id}-")
    flash(gettext("The post ends."), "success")
    return redirect(url_for("people.unit", code=code), 303)
