"""Codes of an authenticator, six digits that hold half a minute (RFC 6238).

The secret is kept nowhere: it is made of a random nonce in the database and the installation's
key, so that neither a copy of the database nor the key alone gives a code. With another key, as
after a restore without it, authenticators are set up anew; recovery codes still work.
"""

from __future__ import annotations

import base64
import hmac
import io
import re
import secrets
from datetime import datetime

import pyotp
import segno
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.factors.models import Totp

SECONDS = 30
# Clocks of telephones differ: the code before and the code after are taken too (RFC 6238, 5.2).
DRIFT = (0, -1, 1)
_DIGITS = re.compile(r"[0-9]{6}")


def new_nonce() -> str:
    """What a new secret is made of."""
    return secrets.token_urlsafe(24)


def secret(nonce: str, key: bytes) -> str:
    """The secret as authenticators take it: 32 letters and digits, 160 bits (RFC 4226, 4)."""
    made = hmac.new(key, f"totp:{nonce}".encode(), "sha256").digest()
    return base64.b32encode(made[:20]).decode()


def address(secret: str, name: str, issuer: str) -> str:
    """The otpauth address that brings the secret into an authenticator."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def drawing(text: str) -> str:
    """The text as a QR code: an SVG element, black on white on any screen."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, scale=4, border=4, light="#fff", svgclass=None,
        lineclass=None,
    )  # fmt: skip
    return out.getvalue().decode().strip()


def counter_of(code: str, secret: str, now: datetime) -> int | None:
    """The half minute for which the code is right; None if it is wrong just now."""
    digits = re.sub(r"\s", "", code)
    if not _DIGITS.fullmatch(digits):
        return None
    present = int(now.timestamp()) // SECONDS
    made = pyotp.TOTP(secret)
    # Every code is compared, so that the time taken does not tell which one came near.
    right = [
        present + drift
        for drift in DRIFT
        if hmac.compare_digest(made.generate_otp(present + drift), digits)
    ]
    return right[0] if right else None


def find(session: Session, account_id: int) -> Totp | None:
    """The account's authenticator, if one is set up."""
    return session.scalar(sa.select(Totp).where(Totp.account_id == account_id))


def take(session: Session, account_id: int, code: str, *, now: datetime, key: bytes) -> bool:
    """Whether the code is right and was not taken before; then it is taken.

    One statement takes it, so that of two who send the same code at once one is refused. A code
    older than the last one taken is refused too (RFC 6238, 5.2).
    """
    row = find(session, account_id)
    if row is None:
        return False
    counter = counter_of(code, secret(row.nonce, key), now)
    if counter is None:
        return False
    taken = session.scalar(
        sa.update(Totp)
        .where(Totp.id == row.id, Totp.last_counter < counter)
        .values(last_counter=counter)
        .returning(Totp.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None
