"""The letter that brings a new one-time link to the holder of an account, and to nobody else."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from app import i18n, words
from app.people import settings
from app.people.models import Account
from engine import Engine
from engine.errors import Refusal


class AddressMissing(Refusal):
    """No e-mail address is known for {name}, so the link cannot be sent. Ask an administrator of the whole agency to hand one over."""  # noqa: E501

    status = 422


def send(
    engine: Engine,
    session: Session,
    account: Account,
    *,
    link: str,
    until: datetime,
    is_first: bool = False,
) -> str:
    """The link goes to the holder's own address after the commit; the address is the answer.

    link: its whole address, still sealed, so that the waiting errand is worth nothing to readers.
    Raises AddressMissing.
    """
    address = account.person.email
    if not address:
        raise AddressMissing(name=account.person.full_name)
    letter = {
        "to": address,
        **_words(session, account, link, until, engine.clock(), is_first=is_first),
    }
    engine.enqueue(session, "mail.send", letter, key=f"link-letter:{link}")
    return address


def _words(
    session: Session,
    account: Account,
    link: str,
    until: datetime,
    now: datetime,
    *,
    is_first: bool,
) -> dict[str, str]:
    """Subject and text in the language that the holder reads."""
    with force_locale(account.language or i18n.LANGUAGES[0]):
        when = words.instant(until)
        lines = [
            gettext("Dear %(name)s,", name=account.person.full_name),
            "",
            gettext("An account was opened for you.")
            if is_first
            else gettext(
                "A new one-time link was made for your account. The old password is gone."
            ),
            "",
            gettext("User name: %(name)s", name=account.name),
            gettext("Choose a password: %(link)s", link=link),
            "",
            gettext("The link works once, until %(when)s. Give it to nobody.", when=when),
            "",
            str(settings.setting(session, now, "agency.name") or ""),
            gettext("This letter was sent by the software; do not answer it."),
        ]
        subject = (
            gettext("Your new account") if is_first else gettext("A new link for your account")
        )
        return {"subject": subject, "text": "\n".join(lines)}
