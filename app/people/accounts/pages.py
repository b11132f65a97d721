"""One's own account: who one is here, what one may do, where one is logged in."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import i18n, web
from app.people import directory, queries, refused, visits
from app.people.blueprint import blueprint
from app.people.login import logins
from app.people.models import Account
from app.people.organisation import organisations
from app.people.rights.groups import on_day
from app.web import SIGNED_IN, permission
from engine.errors import NotFound, Refusal


@blueprint.get("/account")
@permission(SIGNED_IN)
def account() -> str:
    """The reader's own profile, rights, stays and choices."""
    return _page(refused.NOTHING)


def _page(kept: refused.Refused) -> str:
    mine, now = _mine(), web.engine().clock()
    reading = web.reading()
    held = directory.grants_of(reading, mine)
    held_now, coming, past = directory.sorted_by_day(held, now)
    return render_template(
        "people/account.html",
        account=mine,
        grants=held_now,
        coming=coming,
        past=past,
        hands=directory.hands(reading, past),
        posts=directory.posts_of(reading, mine),
        groups=on_day(reading, now),
        units=queries.units_ever(reading, now),
        stays=logins.stays(reading, mine.id, now),
        here=_here().login.id,
        languages=i18n.LANGUAGES,
        organisation=reading.get(organisations.Organisation, mine.organisation_id or 0),
        kept=kept,
        errors=kept.errors,
    )


ABOUT: dict[type[Refusal], str] = {
    organisations.AddressUnreadable: "address",
    organisations.PhoneUnreadable: "phone",
}


@blueprint.post("/account/enterprise")
@permission(SIGNED_IN)
def update_enterprise() -> ResponseReturnValue:
    """An enterprise's account has brought the enterprise's address and telephone up to date."""
    mine = _mine()
    if mine.organisation_id is None:
        raise NotFound(thing=gettext("The enterprise"))
    given = {name: request.form.get(name, "")[:1000] for name in ABOUT.values()}
    try:
        with web.engine().writing() as writing:
            changed = organisations.update(writing, mine, **given, origin=visits.origin(mine))
    except Refusal as refusal:
        return _page(refused.of("enterprise", refusal, ABOUT)), 422
    if changed:
        flash(gettext("The data of your enterprise are up to date."), "success")
    return redirect(url_for("people.account"), 303)


@blueprint.post("/account/language")
@permission(SIGNED_IN)
def set_language() -> ResponseReturnValue:
    """Pages and letters speak this language to the reader, on every machine."""
    chosen = request.form.get("language", "")
    if chosen in i18n.LANGUAGES:
        with web.engine().writing() as writing:
            writing.get_one(Account, _mine().id).language = chosen
        session["language"] = chosen
    return redirect(url_for("people.account"), 303)


DISPLAY = {"density": ("", "airy"), "keys": ("", "off")}
"""What a person may choose of the display, on every machine; "" is what everybody begins with."""


@blueprint.post("/account/display")
@permission(SIGNED_IN)
def set_display() -> ResponseReturnValue:
    """Rows are as high and keys do as much as the reader chose, on every machine.

    Colours and contrast are no part of it: they belong to the screen that one sits at.
    """
    chosen = {
        name: request.form.getlist(name)[-1]
        for name, values in DISPLAY.items()
        if request.form.getlist(name)[-1:] in [[value] for value in values]
    }
    with web.engine().writing() as writing:
        mine = writing.get_one(Account, _mine().id)
        mine.display = {**(mine.display or {}), **chosen}
    if web.wants_json():
        return "", 204
    flash(gettext("Lists and keys are as you chose, on every machine."), "success")
    return redirect(url_for("people.account"), 303)


@blueprint.post("/account/stays/<int:login_id>/end")
@permission(SIGNED_IN)
def end_stay(login_id: int) -> ResponseReturnValue:
    """One of the reader's own stays has ended, on whatever machine it was."""
    mine = _mine()
    with web.engine().writing() as writing:
        logins.end(writing, login_id, mine, origin=visits.origin(mine))
    flash(gettext("That login has ended."), "success")
    return redirect(url_for("people.account"), 303)


def _here() -> visits.Visit:
    here = visits.visit()
    if here is None:
        raise web.NotSignedIn()
    return here


def _mine() -> Account:
    return _here().account
