"""Passwords: argon2id, the tenant's rules, and one way to set them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from app.people import vietnamese
from app.people.factors import kinds as factors
from app.people.models import Account, OldPassword
from app.people.settings import number

# OWASP's least for argon2id: sixteen people who log in at once share a small machine, and the lock
# after five tries is what stops guessing.
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
ALL_KINDS = 4  # Small letters, capitals, digits, signs.
LONGEST = 200  # Hashing takes time by length: nobody may send a book as a password.

# The hash of a long random text that was thrown away. It is verified where there is no account, so
# that the answer takes as long as for one that exists. It must have HASHER's own parameters.
NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$Rak5nBZ9lkgT9k4AOLLTYg$"
    "VLbWln26qAtTnRkIPRk2tjiMobT1FwZp8s3P7p6tHt4"
)

Problem = tuple[str, dict[str, Any]]
"""A sentence for the person who chose the password, untranslated, and its fields."""


def hashed(password: str) -> str:
    """The argon2id hash; the same letters composed or decomposed give the same password."""
    return HASHER.hash(_normal(password))


def matches(password: str, password_hash: str | None) -> bool:
    """Whether it is the password; takes as long when there is none to compare with."""
    try:
        HASHER.verify(password_hash or NOBODY, _normal(password)[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def problems(session: Session, now: datetime, account: Account, password: str) -> list[Problem]:
    """Why this account may not take that password, by the rules in force; empty when it may.

    Source: vn-rules 5.2 (length, four classes); the numbers are settings.
    """
    least = least_length(session, now, account)
    classes = number(session, now, "password.classes")
    found = list(_problems(account, password, least=least, classes=classes))
    # Comparing costs a hash each, so it is done for a password that is otherwise good.
    if not found and _was_used(session, now, account, password):
        found.append(("You have used this password before; choose another one.", {}))
    return found


def least_length(session: Session, now: datetime, account: Account) -> int:
    """How long the account's password must be: less is enough beside a second factor.

    Source: TCVN 14423:2026, 8 with and 14 without.
    """
    has_factor = factors.of(session, account.id)
    name = "password.min_length_with_factor" if has_factor else "password.min_length"
    return number(session, now, name)


def had_one(session: Session, account: Account) -> bool:
    """Whether the holder has ever chosen a password: a link then replaces one that was lost."""
    return bool(session.scalar(sa.select(sa.exists().where(OldPassword.account_id == account.id))))


def _was_used(session: Session, now: datetime, account: Account, password: str) -> bool:
    """Whether it is the present password or, of an administrator, one of the last ones."""
    if account.password_hash and matches(password, account.password_hash):
        return True
    if account.kind != "administrator":
        return False
    latest = (
        sa.select(OldPassword.password_hash)
        .where(OldPassword.account_id == account.id)
        .order_by(OldPassword.id.desc())
        .limit(number(session, now, "password.history"))
    )
    return any(matches(password, old) for old in session.scalars(latest))


def _problems(account: Account, password: str, *, least: int, classes: int) -> Iterator[Problem]:
    if len(password) < least:
        yield (
            "The password has {count} characters; use at least {least}.",
            {"count": len(password), "least": least},
        )
    if len(password) > LONGEST:
        yield "The password is longer than {most} characters; use fewer.", {"most": LONGEST}
    if kinds(password) < classes and classes == ALL_KINDS:
        yield (
            "Use all of these: a small letter, a capital letter, a digit and a sign such as "
            "! or @.",
            {},
        )
    elif kinds(password) < classes:
        yield (
            "Use at least {classes} of these: a small letter, a capital letter, a digit, a sign "
            "such as ! or @.",
            {"classes": classes},
        )
    if vietnamese.slug(account.user_name) in vietnamese.slug(password):
        yield "The password contains the user name; others would try that first.", {}


def kinds(password: str) -> int:
    """How many of the four classes it has: small letters, capitals, digits, signs."""
    text = _normal(password)
    return (
        any(letter.islower() for letter in text)
        + any(letter.isupper() for letter in text)
        + any(letter.isdigit() for letter in text)
        + any(not letter.isalnum() for letter in text)
    )


def set_password(
    session: Session,
    account: Account,
    password: str,
    must_change: bool = False,
    *,
    now: datetime | None = None,
) -> None:
    """The account logs in with this password from now on; the rules are not asked.

    now: when the holder chose it; left out, when the account was made (demo data).
    """
    account.password_hash = hashed(password)
    session.add(account)
    session.add(
        OldPassword(
            account=account, password_hash=account.password_hash, set_at=now or account.created_at
        )
    )
    account.password_set_at = now or account.created_at
    account.must_change = must_change
    account.failed_count = 0
    account.locked_until = None
