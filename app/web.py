"""What every page stands on: the engine, the reading session, who acts and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session

from engine import Engine
from engine.errors import Refusal
from engine.ports import Actor

PUBLIC = "public"
"""For pages that need no account."""

HAND = "_hand"
"""The field in which every form says for whom it was opened: the case that permits acting for
somebody else, empty for one's own work."""

SIGNED_IN = "signed in"
"""For pages of everybody who is logged in, whatever their rights."""

View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, headers_enabled=True)


class NotSignedIn(Refusal):
    """You are not logged in, or your session has ended. Log in to go on; drafts are kept."""

    status = 401


class HandChanged(Refusal):
    """This page was opened while you acted for somebody else than now. Nothing was sent. Go back
    to copy what you typed, then open the page again.
    """

    status = 409


class NotWhileActing(Refusal):
    """You are acting for somebody else, and only their tasks are open to you here. Stop acting for them, then open this page again."""  # noqa: E501

    status = 403


def permission(name: str) -> Callable[[View], View]:
    """Says which right a route needs: `PUBLIC`, `SIGNED_IN`, or the name of a permission.

    It stands between the route and the function, so that the function that is routed carries it:
        @blueprint.get("/inbox")
        @permission("inbox.work")
        def mine(): ...
    `guard` enforces it before the function runs; a page that needs the right *in one unit* asks
    again by `actor().require(name, unit)`.
    """

    def mark(view: View) -> View:
        view.permission = name  # type: ignore[attr-defined]  # functions take attributes
        return view

    return mark


def engine() -> Engine:
    """The application's one engine."""
    return cast(Engine, current_app.extensions["engine"])


def reading() -> Session:
    """The request's one reading session, opened at the first call and closed with the request."""
    if "reading" not in g:
        g.reading_context = engine().reading()
        g.reading = g.reading_context.__enter__()
    return cast(Session, g.reading)


def reread() -> Session:
    """A new reading session: what a door has changed in this request is seen through it."""
    close_reading(None)
    return reading()


def actor() -> Actor | None:
    """Who acts in this request, with the rights of this moment; None for a stranger."""
    if "actor" not in g:
        g.actor = _actor_of_session()
    return cast("Actor | None", g.actor)


def signed_in() -> Actor:
    """Who acts, on a page that nobody sees without logging in. Raises NotSignedIn."""
    current = actor()
    if current is None:
        raise NotSignedIn()
    return current


def forget_actor() -> None:
    """The next `actor()` reads the session anew: called after logging in or out."""
    g.pop("actor", None)


def wants_json() -> bool:
    """Whether the caller is a program: it prefers JSON to a page."""
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) == "application/json"


def is_fragment() -> bool:
    """Whether htmx asked, so that a part of a page is the answer."""
    return "HX-Request" in request.headers


def is_waiting() -> bool:
    """Whether a page asks by itself how far something is: nobody need sit before it."""
    return "X-Waiting" in request.headers


def safe_next(target: str | None) -> str | None:
    """The target if it is a path of this site, so that no link can send people elsewhere."""
    if not target:
        return None
    parts = urlsplit(target.replace("\\", "/"))
    is_path = target.startswith("/") and not target.startswith("//")
    return target if is_path and not parts.scheme and not parts.netloc else None


def login_url() -> str:
    """Where to log in, remembering the page that was asked for (or the page a form stood on)."""
    wanted = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    if wanted is None and request.referrer:
        parts = urlsplit(request.referrer)
        wanted = parts.path if parts.netloc == request.host else None
    return url_for("people.login", next=safe_next(wanted) if wanted != "/" else None)


def guard() -> ResponseReturnValue | None:
    """Lets nobody past who lacks the right that the route names; no name, no way in."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None  # Flask answers 404 or 405 itself.
    needed = getattr(view, "permission", None)
    if needed is None:
        current_app.logger.error("The route %s names no permission.", request.endpoint)
        abort(403)
    if needed == PUBLIC:
        return None
    current = actor()
    if current is None:
        return to_login()
    if needed != SIGNED_IN:
        if current.mandate is not None and not current.may(needed):
            raise NotWhileActing()
        current.require(needed)
    _require_same_hand(current)
    return None


def hand() -> str:
    """What a form carries in the field `HAND`."""
    current = actor()
    return current.mandate.number if current and current.mandate else ""


def _require_same_hand(current: Actor) -> None:
    """Raises HandChanged for a form that was opened for one and is sent for another: acting may
    have ended meanwhile, or begun in another window.
    """
    sent = request.form.get(HAND) if request.method == "POST" else None
    if sent is not None and sent != hand():
        raise HandChanged()


def to_login() -> ResponseReturnValue:
    """Sends a stranger to the login page; htmx and programs are told by status 401."""
    if is_fragment():
        return "", 401, {"HX-Redirect": login_url()}
    if wants_json():
        raise NotSignedIn()
    return redirect(login_url(), 303)


def close_reading(_error: BaseException | None) -> None:
    """Ends the request's reading session."""
    context = g.pop("reading_context", None)
    g.pop("reading", None)
    if context is not None:
        context.__exit__(None, None, None)


def register(app: Flask) -> None:
    """Every request of `app` passes the guard and gives its session back."""
    csrf.init_app(app)
    limiter.init_app(app)
    app.view_functions["static"].permission = PUBLIC  # type: ignore[attr-defined]
    app.before_request(guard)
    app.teardown_request(close_reading)
    app.add_template_global(hand, "hand_of_form")


def _actor_of_session() -> Actor | None:
    # People stands on this module, so it is imported when the first request needs it.
    from app.people import visits

    return visits.current_actor()
