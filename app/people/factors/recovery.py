"""Recovery codes: ten at a time, shown once, each good for one login without the authenticator."""

from __future__ import annotations

import base64
import re
import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.factors.models import RecoveryCode
from app.people.login.logins import token_hash

COUNT = 10


def make(session: Session, account_id: int, now: datetime) -> list[str]:
    """Ten new codes, "abcd-efgh-2345-wxyz", and the ones before are worth nothing.

    Eighty random bits: no machine finds one from its plain hash.
    """
    drop(session, account_id)
    plain = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(COUNT)]
    session.add_all(
        RecoveryCode(account_id=account_id, code_hash=_hash(account_id, code), made_at=now)
        for code in plain
    )
    return ["-".join(re.findall("....", code)) for code in plain]


def drop(session: Session, account_id: int) -> None:
    """The account has no recovery codes."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def left(session: Session, account_id: int) -> int:
    """How many codes of the account are still good."""
    unused = sa.select(sa.func.count()).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(unused) or 0


def take(session: Session, account_id: int, code: str, now: datetime) -> bool:
    """Whether it is an unused code of the account; then it is used, by one of two at once.

    Spaces, hyphens and capitals do not matter.
    """
    plain = re.sub(r"[\s-]", "", code).lower()
    taken = session.scalar(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == _hash(account_id, plain),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


def _hash(account_id: int, plain: str) -> str:
    return token_hash(f"recovery:{account_id}:{plain}")
