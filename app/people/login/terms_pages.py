"""The terms of use on screen, accepted at the first login and whenever they have changed."""

from __future__ import annotations

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from app import i18n, web
from app.people import visits
from app.people.blueprint import blueprint
from app.people.factors import needs
from app.people.login import terms
from app.people.login.pages import onwards, wanted_page
from app.people.models import Login
from app.people.queries import find_account
from app.web import PUBLIC, permission


@blueprint.get("/terms")
@permission(PUBLIC)
def terms_of_use() -> ResponseReturnValue:
    """The terms in force; who has yet to accept them sees nothing else."""
    here = visits.visit()
    if here is None or here.state not in ("open", "terms"):
        return web.to_login()
    return _page(here)


@blueprint.post("/terms")
@permission(PUBLIC)
def accept_terms() -> ResponseReturnValue:
    """The text that was shown is accepted; if it changed meanwhile, the new one is shown."""
    here = visits.visit()
    if here is None or here.state not in ("open", "terms"):
        return web.to_login()
    with web.engine().writing() as session:
        account = find_account(session, here.account.name)
        login = session.get_one(Login, here.login.id)
        origin = visits.origin(here.account)
        shown = request.form.get("version", "")
        is_current = shown == terms.version(session, origin.now)
        if account is not None and is_current:
            if terms.is_wanted(session, account, origin.now):
                terms.accept(session, account, origin=origin)
            login.steps = [step for step in login.steps if step != needs.TERMS]
    if not is_current:
        return _page(here)
    entered = visits.revisit()
    return onwards(entered) if entered else redirect(wanted_page(), 303)


def _page(here: visits.Visit) -> str:
    session, now = web.reading(), web.engine().clock()
    return render_template(
        "people/terms.html",
        paragraphs=terms.text(session, now, i18n.language()),
        version=terms.version(session, now),
        accepted_at=None if here.state == "terms" else here.account.terms_accepted_at,
        must=here.state == "terms",
        next=wanted_page(),
    )
