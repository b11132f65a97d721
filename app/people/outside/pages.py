"""Single sign-on on screen: to the provider and back, and out again."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from adapters import oidc
from app import i18n, refusals, web
from app.people import visits
from app.people.blueprint import blueprint
from app.people.login.pages import LEFT, login_page, onwards, tries, wanted_page
from app.people.models import Login
from app.people.outside import doors, providers
from app.web import PUBLIC, permission
from engine.errors import Refusal

ON_THE_WAY = "oidc"
"""Where the browser's signed cookie keeps a login that is on its way to a provider."""

MINUTES = 10
"""How long somebody may take at the provider."""


def _provider(key: str) -> tuple[providers.Provider, oidc.Client]:
    provider = providers.find(web.reading(), web.engine().clock(), key)
    return provider, providers.client(provider, i18n.language())


@blueprint.get("/login/with/<key>")
@permission(PUBLIC)
@web.limiter.limit(tries)
def go_to_provider(key: str) -> ResponseReturnValue:
    """Sends the browser to the provider; by a link, since forms lead to this site only."""
    _known, client = _provider(key)
    here = visits.visit()
    next_page = wanted_page()
    # Who is logged in already comes to show again that it is they.
    again = here is not None
    web.close_reading(None)  # The provider may be slow.
    try:
        begun = oidc.begin(client, again=again)
    except Refusal as refusal:
        return _refused(refusal)
    session[ON_THE_WAY] = {
        "key": key,
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "next": next_page,
        "again": again,
        "at": int(web.engine().clock().timestamp()),
    }
    return redirect(begun.url, 303)


@blueprint.get("/login/from/<key>")
@permission(PUBLIC)
@web.limiter.limit(tries)
def come_from_provider(key: str) -> ResponseReturnValue:
    """Opens a stay for whom the provider names, or says what is wrong."""
    provider, client = _provider(key)
    sent = session.pop(ON_THE_WAY, None) or {}
    now = web.engine().clock()
    is_own = sent.get("key") == key and now.timestamp() - sent["at"] < MINUTES * 60
    web.close_reading(None)
    if not is_own:
        return _refused(oidc.unasked(client))
    begun = oidc.Begun(
        "", state=str(sent["state"]), nonce=str(sent["nonce"]), verifier=str(sent["verifier"])
    )
    try:
        since = datetime.fromtimestamp(int(sent["at"]), UTC) if sent.get("again") else None
        identity = oidc.finish(client, begun, request.args.to_dict(), now=now, since=since)
        token = doors.log_in(web.engine(), provider, identity, visits.where())
        here = visits.enter(token) if token else None
        if here is None:
            raise doors.NobodyHere(name=client.name)
    except Refusal as refusal:
        return _refused(refusal)
    return onwards(here, wanted=str(sent["next"]))


@blueprint.errorhandler(providers.WayNotInUse)
def _refused(refusal: Refusal) -> ResponseReturnValue:
    web.reread()
    return login_page(refused=refusals.words(refusal)), refusal.status


@blueprint.get("/logout/with/<key>")
@permission(PUBLIC)
def leave_provider(key: str) -> ResponseReturnValue:
    """Sends who has just logged out here on to be logged out at the provider."""
    _known, client = _provider(key)
    stay = web.reading().get(Login, session.pop(LEFT, None) or 0)
    is_own = stay is not None and stay.ended_at is not None and stay.way == f"oidc:{key}"
    token = (stay.id_token if stay is not None and is_own else None) or ""
    site = current_app.extensions["settings"].url
    web.close_reading(None)
    try:
        url = oidc.logout_url(client, id_token=token, back=f"{site}{url_for('people.login')}")
    except Refusal as refusal:
        return _refused(refusal)
    return redirect(url or url_for("people.login"), 303)


@web.csrf.exempt
@blueprint.post("/logout/from/<key>")
@permission(PUBLIC)
@web.limiter.limit(tries)
def left_at_provider(key: str) -> ResponseReturnValue:
    """The provider's own call: whom it has logged out has left here too (Back-Channel Logout)."""
    token = request.form.get("logout_token", "")[:20_000]
    if not token:
        return "", 400
    provider, client = _provider(key)
    web.close_reading(None)
    try:
        left = oidc.logged_out(client, token, now=web.engine().clock())
    except Refusal:
        return "", 400
    doors.log_out(web.engine(), provider, left, visits.where())
    return "", 200
