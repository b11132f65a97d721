"""Passkeys on screen: logging in, standing in for the code or the password, added and removed.

Each is two requests: the browser's script fetches the question, then the form sends the answer.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import web
from app.people import settings, visits
from app.people.blueprint import blueprint
from app.people.factors import passkey_doors, passkeys, proofs
from app.people.factors.pages import after_proof, factors_page, password_is_wrong
from app.people.login.pages import (
    locked_page,
    login_page,
    onwards,
    second_factor_page,
    tries,
    wanted_page,
)
from app.web import PUBLIC, permission
from engine.errors import Refusal

ASKED = "passkey"
"""Where the browser's signed cookie keeps what it was asked."""


class PasskeysElsewhere(Refusal):
    """Passkeys cannot be used at this address. Open the site at its own address, which begins with https."""  # noqa: E501

    status = 409


def _site() -> passkeys.Site:
    found = proofs.site()
    if found is None:
        raise PasskeysElsewhere()
    return found


def _ask(purpose: str) -> passkeys.Asked:
    asked = passkeys.Asked.now(purpose, web.engine().clock())
    session[ASKED] = {
        "challenge": asked.challenge,
        "purpose": asked.purpose,
        "until": asked.until,
    }
    return asked


def _answer(purpose: str) -> passkeys.Answer:
    """What the form brings; the question is gone from the cookie, whatever becomes of it."""
    challenge = passkeys.challenge_of(session.pop(ASKED, None), purpose, web.engine().clock())
    return passkeys.Answer(request.form.get("answer", ""), challenge, _site())


# -- logging in


@blueprint.post("/login/passkey/question")
@permission(PUBLIC)
@web.limiter.limit(tries)
def ask_for_login() -> dict[str, Any]:
    """The same for everybody: the device knows whose passkeys it holds, and no name is asked."""
    return passkeys.question(_site(), _ask("login"))


@blueprint.post("/login/passkey")
@permission(PUBLIC)
@web.limiter.limit(tries)
def log_in_by_passkey() -> ResponseReturnValue:
    """Opens a stay, or says one sentence that is the same whatever was wrong."""
    token = passkey_doors.log_in(web.engine(), _answer("login"), visits.where())
    here = visits.enter(token) if token else None
    return onwards(here) if here else (login_page(is_passkey_wrong=True), 422)


@blueprint.post("/login/code/passkey/question")
@permission(PUBLIC)
@web.limiter.limit(tries)
def ask_for_factor() -> ResponseReturnValue:
    """Asks who has shown the password for one of their own passkeys."""
    here = visits.visit()
    if here is None or here.state != "second_factor":
        return web.to_login()
    own = passkeys.own(web.reading(), here.account.id)
    return passkeys.question(_site(), _ask(f"factor:{here.login.id}"), own)


@blueprint.post("/login/code/passkey")
@permission(PUBLIC)
@web.limiter.limit(tries)
def show_passkey() -> ResponseReturnValue:
    """The stay is open if the passkey is the holder's."""
    here = visits.visit()
    if here is None or here.state != "second_factor":
        return web.to_login()
    answer = _answer(f"factor:{here.login.id}")
    token = passkey_doors.show(web.engine(), here.login, answer, visits.where())
    entered = visits.enter(token) if token else None
    if entered is not None:
        return onwards(entered)
    visits.revisit()
    return second_factor_page(here, is_passkey_wrong=True), 422


# -- showing again who sits there


@blueprint.post("/session/proof/question")
@permission(PUBLIC)
@web.limiter.limit(tries)
def ask_for_proof() -> ResponseReturnValue:
    """Asks who is logged in, or sits before a locked screen, for one of their own passkeys."""
    here = visits.visit()
    if here is None or here.state not in ("open", "locked"):
        return web.to_login()
    own = passkeys.own(web.reading(), here.account.id)
    return passkeys.question(_site(), _ask(f"proof:{here.login.id}"), own)


@blueprint.post("/session/proof")
@permission(PUBLIC)
@web.limiter.limit(tries)
def prove() -> ResponseReturnValue:
    """The screen is not locked any more, and no page asks for the password for some minutes."""
    here = visits.visit()
    if here is None or here.state not in ("open", "locked"):
        return web.to_login()
    answer = _answer(f"proof:{here.login.id}")
    if passkey_doors.confirm(web.engine(), here.login, answer, visits.where()):
        return redirect(wanted_page(), 303)
    if here.state == "locked":
        entered = visits.revisit()
        return (locked_page(entered, is_passkey_wrong=True), 422) if entered else web.to_login()
    flash(gettext("The passkey was not accepted. Try again, or type your password."), "warning")
    return redirect(wanted_page(), 303)


# -- the holder's own passkeys


@blueprint.post("/account/passkeys/question")
@permission(PUBLIC)
@web.limiter.limit(tries)
def ask_for_new() -> ResponseReturnValue:
    """What a device makes a passkey of, for who has shown again that it is they."""
    here = visits.visit()
    if here is None or here.state not in ("open", "enrol"):
        return web.to_login()
    errors = password_is_wrong(here)
    if errors:
        return {"errors": [error["text"] for error in errors]}, 422
    reading, now = web.reread(), web.engine().clock()
    holder = passkeys.Holder(
        handle=passkeys.handle_of(reading, here.account.id),
        name=here.account.name,
        full_name=here.account.person.full_name,
        agency=str(settings.setting(reading, now, "agency.short_name") or ""),
    )
    asked = _ask(f"new:{here.login.id}:{holder.handle}")
    return passkeys.invitation(_site(), asked, holder, passkeys.every(reading, here.account.id))


@blueprint.post("/account/passkeys")
@permission(PUBLIC)
@web.limiter.limit(tries)
def add_passkey() -> ResponseReturnValue:
    """The passkey opens the account; recovery codes are shown once, if it is the first factor."""
    here = visits.visit()
    if here is None or here.state not in ("open", "enrol"):
        return web.to_login()
    # The question was asked of this very stay, a few minutes ago, after the password.
    purpose = str((session.get(ASKED) or {}).get("purpose", ""))
    start, _, handle = purpose.rpartition(":")
    if start != f"new:{here.login.id}":
        purpose = "none"
    added = passkey_doors.add(
        web.engine(), here.login, _answer(purpose), request.form.get("name", ""),
        handle=handle, origin=visits.origin(here.account),
    )  # fmt: skip
    if added is None:
        words = gettext("The passkey was not accepted. Nothing is changed; try again.")
        return factors_page(here, [{"field": "name", "text": words}]), 422
    if added.codes:
        return render_template("people/recovery_codes.html", codes=added.codes, next=wanted_page())
    flash(gettext("The passkey is added."), "success")
    return _back()


@blueprint.post("/account/passkeys/<int:number>/name")
@permission(PUBLIC)
def rename_passkey(number: int) -> ResponseReturnValue:
    """The holder calls the passkey something else."""
    here = visits.visit()
    if here is None or here.state != "open":
        return web.to_login()
    passkey_doors.rename(
        web.engine(), here.account.name, number, request.form.get("name", ""),
        origin=visits.origin(here.account),
    )  # fmt: skip
    flash(gettext("The passkey has its new name."), "success")
    return _back()


@blueprint.post("/account/passkeys/<int:number>/remove")
@permission(PUBLIC)
@web.limiter.limit(tries)
@after_proof("open")
def remove_passkey(here: visits.Visit, number: int) -> ResponseReturnValue:
    """The passkey opens nothing any more."""
    origin = visits.origin(here.account)
    passkey_doors.remove(web.engine(), here.account.name, number, origin=origin)
    flash(gettext("The passkey is removed."), "success")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("people.factors"), 303)
