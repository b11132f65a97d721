"""The second factor on screen: shown at login, set up and removed by its holder, reset."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from app import web
from app.people import settings, visits
from app.people.blueprint import blueprint
from app.people.directory_pages import back, manage
from app.people.factors import asking, holding, needs, proofs, recovering, totp
from app.people.login.pages import onwards, second_factor_page, tries, wanted_page
from app.people.login.password_pages import Errors, present_is_wrong
from app.web import PUBLIC, permission

Page = Callable[..., ResponseReturnValue]
OFFERED = "totp"
"""Where the browser's cookie keeps the nonce of the secret that the page shows: worth nothing
without the installation's key, and the same picture after reloading.
"""


def after_proof(*states: str) -> Callable[[Page], Callable[..., ResponseReturnValue]]:
    """The page is for a reader whose stay is in one of these states, and who has shown once more
    that it is they; it is given the visit. Everybody else logs in, or mends the password first.
    """

    def guarded(page: Page) -> Callable[..., ResponseReturnValue]:
        @wraps(page)
        def shown(**route: Any) -> ResponseReturnValue:
            here = visits.visit()
            if here is None or here.state not in states:
                return web.to_login()
            errors = password_is_wrong(here)
            return (factors_page(here, errors), 422) if errors else page(here, **route)

        return shown

    return guarded


@blueprint.get("/login/code")
@permission(PUBLIC)
def second_factor() -> ResponseReturnValue:
    """Asks who has shown the password for a code; everybody else is sent where they belong."""
    here = visits.visit()
    if here is None:
        return web.to_login()
    if here.state != "second_factor":
        return onwards(here)
    return second_factor_page(here)


@blueprint.post("/login/code")
@permission(PUBLIC)
@web.limiter.limit(tries)
def show_second_factor() -> ResponseReturnValue:
    """The stay is open if the code is right."""
    here = visits.visit()
    if here is None or here.state != "second_factor":
        return web.to_login()
    token = holding.show(
        web.engine(),
        here.login,
        request.form.get("code", "")[:100],
        where=visits.where(),
        key=_key(),
    )
    entered = visits.enter(token) if token else None
    if entered is not None:
        return onwards(entered)
    web.reread()
    return second_factor_page(here, is_wrong=True), 422


@blueprint.get("/login/recover")
@permission(PUBLIC)
def recover() -> str:
    """Asks who has lost the password for the user name, and for a code if there is one."""
    return render_template("people/recover.html")


def _typed_code() -> str:
    return request.form.get("code", "").strip()[:100]


def asks() -> str:
    """How often one address may have somebody verified: "20 per hour" (recovery.asks_per_hour)."""
    times = settings.number(web.reading(), web.engine().clock(), "recovery.asks_per_hour")
    return f"{times} per hour"


@blueprint.post("/login/recover")
@permission(PUBLIC)
@web.limiter.limit(tries)
@web.limiter.limit(asks, exempt_when=lambda: bool(_typed_code()))
def ask_for_link() -> ResponseReturnValue:
    """The answer is the same whether a link is on its way, a case begins, or neither.

    Who types a code is answered by it; who types none is verified by somebody. Who types no name
    is asked for it.
    """
    name, is_disclosed = request.form.get("user_name", "")[:100], "disclosed" in request.form
    if not name.strip():
        errors = [{"field": "user_name", "text": gettext("Enter your user name.")}]
        return render_template("people/recover.html", errors=errors), 422
    if not _typed_code():
        asking.ask(web.engine(), name, suspected=is_disclosed, where=visits.where())
        return render_template("people/recover.html", is_asked=True)
    recovering.ask(
        web.engine(),
        name,
        _typed_code(),
        where=visits.where(),
        key=_key(),
        site=current_app.extensions["settings"].url,
        disclosed=is_disclosed,
    )
    return render_template("people/recover.html", is_sent=True)


@blueprint.get("/account/second-factor")
@permission(PUBLIC)
def factors() -> ResponseReturnValue:
    """The reader's second factor, or how to set one up; whoever must sees nothing else."""
    here = visits.visit()
    if here is None or here.state not in ("open", "enrol"):
        return web.to_login()
    return factors_page(here, [])


@blueprint.post("/account/second-factor")
@permission(PUBLIC)
@web.limiter.limit(tries)
@after_proof("open", "enrol")
def set_up_factor(here: visits.Visit) -> ResponseReturnValue:
    """The authenticator is set up if its code is right; its recovery codes are shown this once."""
    codes = holding.set_up(
        web.engine(),
        here.login,
        holding.Offer(str(session.get(OFFERED, "")), request.form.get("code", "")[:20]),
        origin=visits.origin(here.account),
        key=_key(),
    )
    if codes is None:
        words = gettext(
            "The code is not right. Wait for the next one, and check that the clock of the device "
            "is right."
        )
        return factors_page(here, [{"field": "code", "text": words}]), 422
    session.pop(OFFERED, None)
    return render_template("people/recovery_codes.html", codes=codes, next=wanted_page())


@blueprint.post("/account/second-factor/codes")
@permission(PUBLIC)
@web.limiter.limit(tries)
@after_proof("open")
def renew_codes(here: visits.Visit) -> ResponseReturnValue:
    """New recovery codes are shown this once; the ones before are worth nothing."""
    origin = visits.origin(here.account)
    codes = holding.renew_codes(web.engine(), here.account.name, origin=origin)
    return render_template("people/recovery_codes.html", codes=codes, next="/account")


@blueprint.post("/account/second-factor/remove")
@permission(PUBLIC)
@web.limiter.limit(tries)
@after_proof("open")
def remove_factor(here: visits.Visit) -> ResponseReturnValue:
    """The authenticator is gone, where a passkey is left or no rule requires a second factor."""
    holding.remove(web.engine(), here.account.name, origin=visits.origin(here.account))
    flash(gettext("The authenticator is removed."), "success")
    return redirect(url_for("people.factors"), 303)


@blueprint.post("/people/<name>/second-factor/reset")
@permission("people.manage")
def reset_factor(name: str) -> ResponseReturnValue:
    """The holder, who lost the second factor, logs in without it and sets up another."""

    def reset(writing: Any, account: Any, **more: Any) -> None:
        holding.reset(web.engine(), writing, account, **more)

    manage(name, reset)
    flash(gettext("The second factor is removed, and the holder is told by letter."), "success")
    return back(name)


def password_is_wrong(here: visits.Visit) -> Errors:
    """An open screen must not be enough; who has just typed the password is not asked again."""
    return [] if here.state == "enrol" else present_is_wrong(here)


def factors_page(here: visits.Visit, errors: Errors) -> str:
    """The reader's second factors, with what they may do about them."""
    here = visits.revisit() or here
    reading, now = web.reading(), web.engine().clock()
    kept = holding.kept(reading, here.account)
    is_required = needs.is_required(reading, here.account, now, visits.where().address)
    has_authenticator = kept is not None and kept.authenticator is not None
    is_setting_up = not has_authenticator or bool(request.values.get("another"))
    return render_template(
        "people/factors.html",
        account=here.account,
        kept=kept,
        is_required=is_required,
        can_passkey=proofs.site() is not None,
        site_url=current_app.extensions["settings"].url,
        **proofs.shown(here),
        must=here.state == "enrol",
        errors=errors,
        by_field={error["field"]: error["text"] for error in errors},
        next=wanted_page(),
        **(_offer(here) if is_setting_up else {}),
    )


def _offer(here: visits.Visit) -> dict[str, Any]:
    """The secret that an authenticator may take, as picture and as letters."""
    nonce = session.setdefault(OFFERED, totp.new_nonce())
    secret = totp.secret(str(nonce), _key())
    agency = settings.setting(web.reading(), web.engine().clock(), "agency.short_name")
    address = totp.address(secret, here.account.name, f"Quytrinh {agency or ''}".strip())
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    # The picture is made by us of letters that are ours.
    return {"picture": Markup(totp.drawing(address)), "secret": " ".join(groups)}  # noqa: S704


def _key() -> bytes:
    key: bytes = current_app.config["SECRET_KEY"]
    return key
