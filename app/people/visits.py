"""Who sits in front of this request: the stay that the cookie names, and the Actor it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import g, request, session

from app import web
from app.people import logins, rights
from app.people.log import Origin
from app.people.models import Account, Login
from engine.ports import Actor

COOKIE_KEY = "login"


@dataclass(frozen=True)
class Visit:
    """A stay that has not ended, and whether somebody may work in it just now."""

    login: Login
    state: logins.State

    @property
    def is_proven(self) -> bool:
        """Whether the holder has shown all that a login asks for, and sits there now."""
        return self.state not in ("locked", "second_factor")

    @property
    def account(self) -> Account:
        return self.login.account


def visit() -> Visit | None:
    """The stay of this request; None for a stranger. Asked once a request, one statement."""
    if "visit" not in g:
        g.visit = _visit()
    return cast("Visit | None", g.visit)


def _visit() -> Visit | None:
    token = session.get(COOKIE_KEY)
    if not isinstance(token, str):
        return None
    now = web.engine().clock()
    login = logins.find(web.reading(), token, now)
    return Visit(login, logins.state(login, now)) if login else None


def current_actor() -> Actor | None:
    """Who acts, with the rights of this moment; None unless the stay is open.

    While the screen is locked or the password must be changed, nobody acts: the guard sends people
    to the login page, and that sends them on to where they can mend it.
    """
    here = visit()
    if here is None or here.state != "open":
        return None
    now = web.engine().clock()
    logins.see(web.engine(), here.login, now)
    return rights.actor_for(web.reading(), here.account, now, address=where().address)


def where() -> logins.Where:
    """From where this request comes."""
    return logins.Where(request.remote_addr or "", request.user_agent.string)


def origin(account: Account) -> Origin:
    """The account's holder as the one who does something now."""
    return Origin(account.name, web.engine().clock(), where().address)


def enter(token: str) -> Visit | None:
    """The cookie names the new stay and nothing of an older one; the language stays."""
    leave()
    session[COOKIE_KEY] = token
    web.reread()
    here = visit()
    if here is not None and here.account.language:
        session["language"] = here.account.language
    return here


def leave() -> None:
    """The cookie names no stay any more."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    g.pop("visit", None)
    web.forget_actor()
