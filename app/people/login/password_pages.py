"""Choosing a password: on the first link, because one must, or because one wants to."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import web
from app.people import accounts, settings, visits
from app.people.blueprint import blueprint
from app.people.factors import needs, proofs
from app.people.login import choosing, links, logins, passwords
from app.people.login.pages import confirm, onwards, tries, wanted_page
from app.people.models import Account
from app.people.queries import find_account
from app.web import PUBLIC, permission

Errors = list[dict[str, str]]


@blueprint.get("/first-password/<token>")
@permission(PUBLIC)
@web.limiter.limit(tries)
def first_password(token: str) -> ResponseReturnValue:
    """Who holds the link chooses the password of its account."""
    link = links.find(web.reading(), _number(token), web.engine().clock())
    if link is None:
        return render_template("people/link_gone.html"), 404
    return _first(link.account, [])


@blueprint.post("/first-password/<token>")
@permission(PUBLIC)
@web.limiter.limit(tries)
def choose_first_password(token: str) -> ResponseReturnValue:
    """The account has the password, the link is spent, the holder is logged in."""
    engine = web.engine()
    link = links.find(web.reading(), _number(token), engine.clock())
    if link is None:
        return render_template("people/link_gone.html"), 404
    password, errors = _chosen(link.account)
    if errors:
        return _first(link.account, errors), 422
    with engine.writing() as session:
        current = links.find(session, _number(token), engine.clock())
        if current is None:
            raise links.LinkGone()
        origin = visits.origin(current.account)
        links.use(session, current, origin=origin)
        choosing.choose_password(engine, session, current.account, password, origin=origin)
        accounts.end_logins(session, current.account, origin=origin)
        where, now = visits.where(), origin.now
        steps = needs.steps(session, current.account, now, where.address)
        if needs.SECOND_FACTOR not in steps:
            logins.forget_failures(current.account, now)
        started = logins.begin(session, current.account, now=now, where=where, steps=steps)
    here = visits.enter(started)
    flash(gettext("Your password is set."), "success")
    return onwards(here) if here else redirect("/", 303)


def _first(account: Account, errors: Errors) -> str:
    """The form of a link, with words for whom it is and for what follows the password."""
    session, now = web.reading(), web.engine().clock()
    return render_template(
        "people/first_password.html",
        **_shown(account, errors),
        had_one=passwords.had_one(session, account),
        steps=needs.steps(session, account, now, visits.where().address),
    )


def _number(token: str) -> str | None:
    return links.number_of(token, current_app.config["SECRET_KEY"])


@blueprint.get("/password")
@permission(PUBLIC)
def password() -> ResponseReturnValue:
    """Whoever is logged in may choose another password, and whoever must sees nothing else."""
    here = visits.visit()
    if here is None or not here.is_proven:
        return web.to_login()
    return _form(here, [])


@blueprint.post("/password")
@permission(PUBLIC)
@web.limiter.limit(tries)
def change_password() -> ResponseReturnValue:
    """The new password holds; the other stays of the account have ended."""
    here = visits.visit()
    if here is None or not here.is_proven:
        return web.to_login()
    errors = _present_is_wrong(here)
    chosen, problems = _chosen(here.account)
    if errors or problems:
        return _form(here, errors + problems), 422
    engine = web.engine()
    with engine.writing() as session:
        account = find_account(session, here.account.name)
        if account is None:
            return web.to_login()
        origin = visits.origin(account)
        choosing.choose_password(engine, session, account, chosen, origin=origin)
        accounts.end_logins(session, account, origin=origin, but=here.login)
    flash(gettext("Your new password holds from now on."), "success")
    return redirect(wanted_page(), 303)


def _present_is_wrong(here: visits.Visit) -> Errors:
    """Who left the screen open must not lose the account; who just logged in is not asked."""
    return [] if here.state == "must_change" else present_is_wrong(here)


def present_is_wrong(here: visits.Visit) -> Errors:
    """What to mend where the present password, which the form asks for, is not the holder's.

    Who has just shown that it is they need not type it again.
    """
    given = request.form.get("present", "")
    if not given and logins.is_fresh(web.reading(), here.login, web.engine().clock()):
        return []
    if confirm(here, given):
        return []
    words = gettext("This is not your present password. Type it as you do when you log in.")
    return [{"field": "present", "text": words}]


def _chosen(account: Account) -> tuple[str, Errors]:
    """The password as typed twice, and what must be mended, by field."""
    typed = request.form.get("password", "")
    found = passwords.problems(web.reading(), web.engine().clock(), account, typed)
    errors = [
        {"field": "password", "text": gettext(template).format_map(fields)}
        for template, fields in found
    ]
    if not errors and typed != request.form.get("repeated", ""):
        words = gettext("The two passwords differ. Type the same one twice.")
        errors = [{"field": "repeated", "text": words}]
    return typed, errors


def _shown(account: Account, errors: Errors) -> dict[str, Any]:
    session, now = web.reading(), web.engine().clock()
    by_field: dict[str, str] = {}
    for error in errors:
        by_field[error["field"]] = " ".join(
            filter(None, (by_field.get(error["field"]), error["text"]))
        )
    return {
        "account": account,
        "errors": errors,
        "by_field": by_field,
        "least": passwords.least_length(session, now, account),
        "classes": settings.number(session, now, "password.classes"),
    }


def _form(here: visits.Visit, errors: Errors) -> str:
    return render_template(
        "people/password.html",
        **_shown(here.account, errors),
        must_change=here.state == "must_change",
        next=wanted_page(),
        **proofs.shown(here),
    )
