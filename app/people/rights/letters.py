"""Letters to the holder of an account: a right given or withdrawn, the account stopped or open."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy.orm import Session

from app import who
from app.people import notices
from app.people.log import Origin
from app.people.models import Account, Grant
from engine import Engine


def tell_right(
    engine: Engine, session: Session, account: Account, row: Grant, *, origin: Origin, basis: str
) -> None:
    """The holder learns of a right that was given or withdrawn on screen, and by whom."""
    session.flush()  # The row gets its number.
    is_given = row.revoked_at is None

    def words(english: bool) -> tuple[str, list[str]]:
        names = who.names(
            session, origin.now, people=[origin.actor], units=[row.unit_code], english=english
        )
        right = names.candidate(f"{row.group_key}@{row.unit_code}")
        subject = (
            gettext("You have a new right: %(right)s", right=right)
            if is_given
            else gettext("A right of yours was withdrawn: %(right)s", right=right)
        )
        lines = [gettext("User name: %(name)s", name=account.name)]
        lines.append(gettext("Right: %(right)s", right=right))
        if is_given and row.valid_to is not None:
            first, last = f"{row.valid_from:%d/%m/%Y}", f"{row.valid_to:%d/%m/%Y}"
            lines.append(gettext("From %(first)s to %(last)s", first=first, last=last))
        elif is_given:
            lines.append(gettext("From %(first)s on", first=f"{row.valid_from:%d/%m/%Y}"))
        return subject, [*lines, *_by(names, origin, basis)]

    key = f"right-letter:{row.id}:{'given' if is_given else 'withdrawn'}"
    notices.send(engine, session, account, words, key=key, now=origin.now)


def tell_access(
    engine: Engine, session: Session, account: Account, *, origin: Origin, basis: str
) -> None:
    """The holder learns that the account was stopped or may be used again, and by whom."""

    def words(english: bool) -> tuple[str, list[str]]:
        names = who.names(session, origin.now, people=[origin.actor], english=english)
        subject = (
            gettext("Your account may be used again")
            if account.status == "active"
            else gettext("Your account was suspended")
        )
        lines = [gettext("User name: %(name)s", name=account.name)]
        return subject, [*lines, *_by(names, origin, basis)]

    key = f"access-letter:{account.id}:{origin.now.isoformat()}"
    notices.send(engine, session, account, words, key=key, now=origin.now)


def _by(names: who.Names, origin: Origin, basis: str) -> list[str]:
    return [
        gettext("By: %(who)s", who=names.person(origin.actor)),
        gettext("Basis: %(basis)s", basis=basis),
        "",
        gettext("Do you think that this is wrong? Ask the head of your unit or the Office."),
    ]
