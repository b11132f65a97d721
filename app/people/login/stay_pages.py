"""The stays of other people's accounts, ended by who looks after them."""

from __future__ import annotations

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.people import accounts
from app.people.blueprint import blueprint
from app.people.directory_pages import back, manage
from app.people.log import Origin
from app.people.login import logins
from app.people.models import Account
from app.web import permission


@blueprint.post("/people/<name>/stays/end")
@permission("people.manage")
def end_stays(name: str) -> ResponseReturnValue:
    """Every stay of the account has ended: its holder logs in again."""
    manage(name, accounts.end_logins)
    flash(gettext("All logins of the account have ended."), "success")
    return back(name)


@blueprint.post("/people/<name>/stays/<int:login_id>/end")
@permission("people.manage")
def end_one_stay(name: str, login_id: int) -> ResponseReturnValue:
    """One stay of the account has ended, on whatever machine it was."""

    def end(session: Session, account: Account, *, origin: Origin) -> None:
        logins.end(session, login_id, account, origin=origin)

    manage(name, end)
    flash(gettext("That login has ended."), "success")
    return back(name)
