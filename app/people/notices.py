"""A letter to the holder of an account about what somebody decided of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from app import i18n
from app.people.models import Account, Person
from app.people.settings import setting
from engine import Engine

Words = Callable[[bool], tuple[str, list[str]]]
"""Subject and lines, made while the reader's language is spoken; given whether it is English."""


def send(
    engine: Engine,
    session: Session,
    account: Account,
    words: Words,
    *,
    key: str,
    now: datetime,
    person: Person | None = None,
) -> None:
    """The letter goes out after the commit, once for each key; nothing where no address is known.

    account: with its person loaded. person: the reader, where it is not the holder of today.
    """
    reader = person or account.person
    if not reader.email:
        return
    language = (account.language if person is None else None) or i18n.LANGUAGES[0]
    with force_locale(language):
        subject, lines = words(language == "en")
        text = [
            gettext("Dear %(name)s,", name=reader.full_name),
            "",
            *lines,
            "",
            str(setting(session, now, "agency.name") or ""),
            gettext("This letter was sent by the software; do not answer it."),
        ]
    letter = {"to": reader.email, "subject": subject, "text": "\n".join(text)}
    engine.enqueue(session, "mail.send", letter, key=key)
