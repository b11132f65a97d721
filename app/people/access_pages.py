"""An account is stopped, or opened again, on its holder's page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import web
from app.people import accounts
from app.people.blueprint import blueprint
from app.people.directory_pages import manage, on_a_basis
from app.people.log import Origin
from app.people.models import Account
from app.people.rights import letters
from app.web import permission


def _let_in_or_out(
    change: Callable[..., object],
    standing: str,
    session: Session,
    account: Account,
    *,
    origin: Origin,
    basis: str,
) -> None:
    """The account, which stands so, is stopped or opened again, and its holder told.

    Raises StandsOtherwise.
    """
    accounts.require_status(account, standing)
    change(session, account, origin=origin, basis=basis)
    if account.status != standing:
        letters.tell_access(web.engine(), session, account, origin=origin, basis=basis)


def _when(standing: str, change: Callable[..., object], name: str) -> Callable[[str], None]:
    """Makes the change of the account on a basis, while it stands so."""
    return lambda basis: manage(name, partial(_let_in_or_out, change, standing, basis=basis))


@blueprint.post("/people/<name>/suspend")
@permission("people.manage")
def suspend(name: str) -> ResponseReturnValue:
    """The account cannot log in until it is opened again."""
    return on_a_basis(
        name,
        "basis-access",
        lambda basis: manage(
            name, partial(_let_in_or_out, accounts.suspend, "active", basis=basis)
        ),
        gettext("The account is suspended."),
    )


@blueprint.post("/people/<name>/resume")
@permission("people.manage")
def resume(name: str) -> ResponseReturnValue:
    """The account may log in again."""
    return on_a_basis(
        name,
        "basis-access",
        lambda basis: manage(
            name, partial(_let_in_or_out, accounts.resume, "suspended", basis=basis)
        ),
        gettext("The account is open again."),
    )
