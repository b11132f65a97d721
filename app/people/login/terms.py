"""The terms of use: content with dates of effect, accepted once for each text (HP-5.2)."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy.orm import Session

from app.people.log import Origin, record
from app.people.models import Account
from app.people.settings import setting


def text(session: Session, now: datetime, language: str) -> list[str]:
    """The paragraphs in force, in the language if there are any in it; empty when none are asked
    for.
    """
    english = _lines(session, now, "terms.text_en") if language == "en" else []
    return english or _lines(session, now, "terms.text")


def version(session: Session, now: datetime) -> str:
    """What tells the text in force from every other: its sha256; empty when there is none.

    Source: requirements HP-5.2. The texts themselves stand in the history of the settings.
    """
    texts = [_lines(session, now, name) for name in ("terms.text", "terms.text_en")]
    if not texts[0]:
        return ""
    return hashlib.sha256(json.dumps(texts, ensure_ascii=False).encode()).hexdigest()


def is_wanted(session: Session, account: Account, now: datetime) -> bool:
    """Whether the holder has yet to accept the terms in force."""
    current = version(session, now)
    return bool(current) and account.terms_version != current


def accept(session: Session, account: Account, *, origin: Origin) -> None:
    """The holder has accepted the terms in force; the log says which and when."""
    account.terms_version = version(session, origin.now)
    account.terms_accepted_at = origin.now
    record(
        session,
        "terms_accepted",
        account.name,
        origin=origin,
        unit=account.unit_code,
        version=account.terms_version[:12],
    )


def _lines(session: Session, now: datetime, name: str) -> list[str]:
    lines = setting(session, now, name)
    return [str(line) for line in lines] if isinstance(lines, list) else []
