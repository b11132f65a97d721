"""Logging in and out, and the locked screen."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from adapters import ldap
from app import refusals, web
from app.people import settings, visits
from app.people.blueprint import blueprint
from app.people.factors import kinds, proofs
from app.people.login import logins
from app.people.models import Login
from app.people.outside import directory, providers
from app.web import PUBLIC, SIGNED_IN, permission

LEFT = "left"
"""Where the browser's cookie keeps which stay was just left, to log out at its provider too."""


def tries() -> str:
    """How often one address may try passwords and links: "60 per minute; 1000 per hour".

    Beside the lock of an account: one machine does not try thousands of accounts. A whole agency
    may sit behind one address and come at eight, so the bounds that ship are wide.
    """
    reading, now = web.reading(), web.engine().clock()
    minute = settings.number(reading, now, "login.tries_per_minute")
    hour = settings.number(reading, now, "login.tries_per_hour")
    return f"{minute} per minute; {hour} per hour"


def wanted_page() -> str:
    """The page that somebody was on their way to, on this site; else where everybody begins."""
    return web.safe_next(request.values.get("next")) or "/"


def onwards(here: visits.Visit, *, wanted: str | None = None) -> ResponseReturnValue:
    """To the page that was wanted, by way of what the stay needs first."""
    next_page = wanted or wanted_page()
    shown = None if next_page == "/" else next_page
    if here.state == "locked":
        return redirect(url_for("people.locked", next=shown), 303)
    if here.state == "second_factor":
        return redirect(url_for("people.second_factor", next=shown), 303)
    if here.state == "terms":
        return redirect(url_for("people.terms_of_use", next=shown), 303)
    if here.state == "enrol":
        return redirect(url_for("people.factors", next=shown), 303)
    if here.state == "must_change":
        return redirect(url_for("people.password", next=shown), 303)
    return redirect(next_page, 303)


@blueprint.get("/login")
@permission(PUBLIC)
def login() -> ResponseReturnValue:
    """Asks for user name and password; who is logged in already is sent on."""
    here = visits.visit()
    return onwards(here) if here else login_page(has_ended=visits.has_ended())


def login_page(**more: Any) -> str:
    """The login page with the ways that this installation has. more: what was typed and wrong."""
    shown: dict[str, Any] = {
        "limits": None,
        "next": wanted_page(),
        "can_passkey": proofs.site() is not None,
        "providers": providers.offered(web.reading(), web.engine().clock()),
        "left": _just_left(),
    }
    if more.get("is_wrong") or more.get("is_passkey_wrong"):
        shown["limits"] = limits()
    return render_template("people/login.html", **shown, **more)


def _just_left() -> providers.Provider | None:
    """The provider that opened the stay which was just left, to be left too."""
    stay = web.reading().get(Login, session.get(LEFT) or 0)
    offered = providers.offered(web.reading(), web.engine().clock()) if stay else []
    found = [each for each in offered if stay is not None and stay.way == f"oidc:{each.key}"]
    return found[0] if found else None


@blueprint.post("/login")
@permission(PUBLIC)
@web.limiter.limit(tries)
def log_in() -> ResponseReturnValue:
    """Opens a stay, or says one sentence that is the same whatever was wrong."""
    name = request.form.get("user_name", "")
    asked = _directory()
    password = request.form.get("password", "")
    token = logins.log_in(web.engine(), name, password, visits.where(), asked)
    here = visits.enter(token) if token else None
    if here is not None:
        return onwards(here)
    web.reread()
    if asked is not None and asked.is_silent:
        silent = ldap.DirectorySilent()
        return login_page(refused=refusals.words(silent), user_name=name[:100]), silent.status
    return login_page(is_wrong=True, user_name=name[:100]), 422


def _directory() -> directory.Asking | None:
    """The directory that is asked where a password is not one kept here."""
    present = directory.present(web.reading(), web.engine().clock())
    return directory.Asking(web.engine(), present) if present is not None else None


def confirm(here: visits.Visit, password: str) -> bool:
    """Whether the holder of the stay sits there, by a password kept here or in the directory."""
    asked = _directory()
    web.close_reading(None)
    return logins.confirm(web.engine(), here.login, password, visits.where(), asked)


def limits() -> dict[str, int]:
    """How many wrong passwords lock an account, and for how many hours."""
    reading, now = web.reading(), web.engine().clock()
    return {
        "attempts": settings.number(reading, now, "login.attempts"),
        "hours": settings.number(reading, now, "login.lock_hours"),
    }


@blueprint.post("/logout")
@permission(PUBLIC)
def logout() -> ResponseReturnValue:
    """The stay has ended, on this browser."""
    here = visits.visit()
    if here is not None:
        logins.log_out(web.engine(), here.login, visits.where())
        flash(gettext("You have logged out."), "information")
    visits.leave()
    if here is not None and here.login.way.startswith("oidc:"):
        session[LEFT] = here.login.id
    return redirect(url_for("people.login"), 303)


@blueprint.get("/locked")
@permission(PUBLIC)
def locked() -> ResponseReturnValue:
    """Asks who was away for too long for the password, and keeps the page they were on."""
    here = visits.visit()
    if here is None:
        return redirect(url_for("people.login", next=_next_or_none()), 303)
    if here.state != "locked":
        return onwards(here)
    logins.lock(web.engine(), here.login, visits.where())
    return locked_page(here)


def locked_page(here: visits.Visit, **more: Any) -> str:
    """The locked screen of that stay. more: what was wrong."""
    shown: dict[str, Any] = {"account": here.account, "next": wanted_page(), "limits": None}
    if more:
        shown["limits"] = limits()
    return render_template("people/locked.html", **shown, **proofs.shown(here), **more)


def second_factor_page(here: visits.Visit, **more: Any) -> str:
    """Asks for the second factors that the account has. more: what was wrong."""
    has = kinds.of(web.reading(), here.account.id)
    can_passkey = "passkey" in has and proofs.site() is not None
    shown: dict[str, Any] = {"next": wanted_page(), "can_passkey": can_passkey, "limits": None}
    if more:
        shown["limits"] = limits()
    return render_template("people/second_factor.html", **shown, **more)


@blueprint.post("/locked")
@permission(PUBLIC)
@web.limiter.limit(tries)
def unlock() -> ResponseReturnValue:
    """The stay goes on if the password is right."""
    here = visits.visit()
    if here is None:
        return redirect(url_for("people.login", next=_next_or_none()), 303)
    password = request.form.get("password", "")
    if confirm(here, password):
        return redirect(wanted_page(), 303)
    return locked_page(here, is_wrong=True), 422


@blueprint.post("/session/keep")
@permission(SIGNED_IN)
def keep() -> ResponseReturnValue:
    """Somebody is at work on a page that asks the server for nothing: the stay is not idle."""
    return "", 204


def _next_or_none() -> str | None:
    return web.safe_next(request.values.get("next"))
