"""Who sits in front of this request: the stay that the cookie names, and the Actor it gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import flash, g, request, session
from flask_babel import gettext

from app import web
from app.people import acting
from app.people.acting import delegations
from app.people.log import Origin, record
from app.people.login import logins
from app.people.models import Account, Delegation, Login
from app.people.rights import in_force
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


def has_ended() -> bool:
    """Whether this browser comes from a stay that is over: by time, or because somebody ended it.
    Who logged out here left it behind.
    """
    return isinstance(session.get(COOKIE_KEY), str) and visit() is None


def current_actor() -> Actor | None:
    """Who acts, with the rights of this moment; None unless the stay is open.

    While the screen is locked or the password must be changed, nobody acts: the guard sends people
    to the login page, and that sends them on to where they can mend it.
    """
    here = visit()
    if here is None or here.state != "open":
        return None
    now = web.engine().clock()
    if not web.is_waiting():
        logins.see(web.engine(), here.login, now)
    if here.login.delegation_id is not None:
        found = _acting(here, now)
        if found is not None:
            return found
    return in_force.actor_for(web.reading(), here.account, now, address=where().address)


def _acting(here: Visit, now: datetime) -> Actor | None:
    """The holder acting for another, as they have chosen; when that has come to its end, their
    own work goes on, and they are told once.
    """
    assert here.login.delegation_id is not None
    row = delegations.find(web.reading(), here.login.delegation_id)
    found = acting.actor_for(web.reading(), row, now, address=where().address) if row else None
    if found is not None and row is not None:
        g.delegation = row
        return found
    with web.engine().writing() as writing:
        acting.stop(writing, here.login, origin=origin(here.account))
    if row is not None:
        words = gettext("You act for %(who)s no more: the permission of %(number)s has ended.")
        flash(words % {"who": row.grantor.person.full_name, "number": row.number}, "warning")
    return None


def delegation() -> Delegation | None:
    """By what this request acts for another; None for one's own work."""
    return g.get("delegation") if web.actor() is not None else None


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


def revisit() -> Visit | None:
    """The stay of this request as it is after what was just changed."""
    web.reread()
    g.pop("visit", None)
    web.forget_actor()
    return visit()


def leave() -> None:
    """The cookie names no stay any more."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    g.pop("visit", None)
    g.pop("delegation", None)
    web.forget_actor()


def note_reader(**details: Any) -> None:
    """Reading the log is logged too (vn-rules 5.2)."""
    actor = web.signed_in()
    conditions = request.query_string.decode()[:300] or None
    with web.engine().writing() as session:
        record(
            session, "log_read", "", origin=Origin.of(actor, web.engine().clock()),
            unit=actor.unit, conditions=conditions, **details,
        )  # fmt: skip
