"""Passkeys: what a browser is asked, and whether its answer is right (WebAuthn level 3).

A passkey always comes with user verification, a finger or a PIN on the device, so that it is two
factors by itself. Attestation is not asked: whose make the device is does not matter here.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
import webauthn
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json,
    parse_authentication_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from app.people.factors.models import Passkey, SpentChallenge

MINUTES = 5
"""How long an answer may take: people look for the device, and no longer than that."""

LONGEST = 20_000
"""Letters that an answer may have; the longest real ones, signed by many hands, have some 8000."""

# A key whose other half was thrown away: answers by keys that nobody has are compared with it, so
# that the time taken does not tell which keys exist.
NOBODY = bytes.fromhex(
    "a50102032620012158203190ff7ca85e4764510e5850328558f9967772b2c244e757acb86f32c6005c7e"
    "2258203394a26d1a8f51f204c5d51acdade58ffbf673d281b99a72abb67f31818bd5d7"
)
_VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True)
class Site:
    """What passkeys are bound to: Site("quytrinh.sonhai.example", "https://quytrinh...")."""

    id: str
    origin: str


def site(address: str) -> Site | None:
    """The site at that address; None where browsers allow no passkeys: without https, except on
    this very machine, and where the host is a number (WebAuthn, 5.1.3 and 13.4.9).
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "https" and host != "localhost":
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Site(host, f"{parts.scheme}://{parts.netloc}") if host else None
    return None


@dataclass(frozen=True)
class Asked:
    """A challenge on its way to a browser: for what it is, and until when it may be answered.

    purpose: "login", or what is done in which stay: "factor:17". Kept in the browser's signed
    cookie, so that strangers who only ask leave no rows behind.
    """

    challenge: str
    purpose: str
    until: str

    @classmethod
    def now(cls, purpose: str, now: datetime) -> Asked:
        until = now + timedelta(minutes=MINUTES)
        return cls(bytes_to_base64url(secrets.token_bytes(32)), purpose, until.isoformat())


def challenge_of(asked: Any, purpose: str, now: datetime) -> bytes | None:
    """What was asked for that purpose, if there is still time to answer; else None."""
    if not isinstance(asked, dict) or asked.get("purpose") != purpose:
        return None
    if datetime.fromisoformat(str(asked["until"])) <= now:
        return None
    return base64url_to_bytes(str(asked["challenge"]))


# -- what the browser is asked, as the JSON that WebAuthn's script functions take


def question(place: Site, asked: Asked, own: Sequence[Passkey] = ()) -> dict[str, Any]:
    """For navigator.credentials.get: any passkey of the site, or one of these."""
    options = webauthn.generate_authentication_options(
        rp_id=place.id,
        challenge=base64url_to_bytes(asked.challenge),
        timeout=MINUTES * 60_000,
        allow_credentials=_descriptors(own),
        user_verification=_VERIFIED,
    )
    return _plain(options)


@dataclass(frozen=True)
class Holder:
    """For whom a passkey is made; handle: base64url, says nothing of the holder."""

    handle: str
    name: str
    full_name: str
    agency: str


def invitation(
    place: Site, asked: Asked, holder: Holder, own: Sequence[Passkey]
) -> dict[str, Any]:
    """For navigator.credentials.create: a passkey that needs no user name, on a device that has
    none of the holder's yet.
    """
    options = webauthn.generate_registration_options(
        rp_id=place.id,
        rp_name=f"Quytrinh {holder.agency}".strip(),
        user_id=base64url_to_bytes(holder.handle),
        user_name=holder.name,
        user_display_name=holder.full_name,
        challenge=base64url_to_bytes(asked.challenge),
        timeout=MINUTES * 60_000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_descriptors(own),
    )
    return _plain(options)


def _plain(options: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(options_to_json(options))
    return plain


def _descriptors(own: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(base64url_to_bytes(row.credential_id)) for row in own]


# -- what the browser answers


@dataclass(frozen=True)
class Answer:
    """What a browser sent for a challenge; challenge: None if it was too late or never asked."""

    text: str
    challenge: bytes | None
    site: Site


def made(session: Session, answer: Answer, *, now: datetime) -> VerifiedRegistration | None:
    """The key that a device has made for the challenge; None if the answer is not right."""
    if answer.challenge is None or len(answer.text) > LONGEST:
        return None
    try:
        found = webauthn.verify_registration_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=answer.site.id,
            expected_origin=answer.site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        return None
    return found if _spend(session, answer.challenge, now) else None


@dataclass(frozen=True)
class Shown:
    """A passkey whose device has answered rightly; is_copy: its count went back, so that there
    must be two of it (WebAuthn, 6.1.1).
    """

    row: Passkey
    is_copy: bool = False


def shown(session: Session, answer: Answer, *, now: datetime) -> Shown | None:
    """Whose device has answered the challenge; its count is kept. None if that is not right.

    A passkey that was copied is not shown by anybody.
    """
    if answer.challenge is None or len(answer.text) > LONGEST:
        return None
    try:
        given = parse_authentication_credential_json(answer.text)
        row = _of_id(session, given.id)
        found = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=answer.challenge,
            expected_rp_id=answer.site.id,
            expected_origin=answer.site.origin,
            credential_public_key=row.public_key if row is not None else NOBODY,
            # The count is compared below: one that went back is more than a wrong answer.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        return None
    handle = given.response.user_handle
    if row is None or row.copied_at is not None or not _is_of(row, handle):
        return None
    if not _spend(session, answer.challenge, now):
        return None
    return Shown(row, is_copy=not _count(session, row, found.new_sign_count, now))


def _is_of(row: Passkey, handle: bytes | None) -> bool:
    """Whether the device names the same holder; one that was told the keys' ids need not."""
    return handle is None or hmac.compare_digest(bytes_to_base64url(handle), row.user_handle)


def _count(session: Session, row: Passkey, count: int, now: datetime) -> bool:
    """Whether the device's count went up, or it does not count at all; then it is kept.

    One statement: of two who show copies at once, one is found out.
    """
    never = sa.and_(Passkey.sign_count == 0, sa.literal(count) == 0)
    kept = session.scalar(
        sa.update(Passkey)
        .where(Passkey.id == row.id, sa.or_(Passkey.sign_count < count, never))
        .values(sign_count=count, last_used_at=now)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    return kept is not None


def _spend(session: Session, challenge: bytes, now: datetime) -> bool:
    """Whether the challenge was not answered before; now it is."""
    session.execute(sa.delete(SpentChallenge).where(SpentChallenge.until < now))
    digest = hashlib.sha256(challenge).hexdigest()
    try:
        with session.begin_nested():
            until = now + timedelta(minutes=MINUTES)
            session.add(SpentChallenge(challenge_hash=digest, until=until))
    except IntegrityError:
        return False
    return True


# -- rows


def own(session: Session, account_id: int) -> list[Passkey]:
    """The account's passkeys that open it, the first added first."""
    return [row for row in every(session, account_id) if row.copied_at is None]


def every(session: Session, account_id: int) -> list[Passkey]:
    """All passkeys of the account, the copied ones too."""
    rows = sa.select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)
    return list(session.scalars(rows))


def handle_of(session: Session, account_id: int) -> str:
    """What passkeys of the account call their holder: the same for all, made at the first."""
    rows = every(session, account_id)
    return rows[0].user_handle if rows else bytes_to_base64url(secrets.token_bytes(32))


def _of_id(session: Session, credential_id: str) -> Passkey | None:
    return session.scalar(sa.select(Passkey).where(Passkey.credential_id == credential_id[:1400]))
