"""By what people log in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Way:
    """By what a stay is opened: "password", "passkey", or by whom from outside: "oidc:province".

    subject, session, id_token: what the provider calls the holder and its own login, so that it
    can end this one (Back-Channel Logout 1.0, 2.4). shown_at: when it last asked the holder for
    the password or more, as far as it says so.
    """

    name: str
    subject: str | None = None
    session: str | None = None
    id_token: str | None = None
    shown_at: datetime | None = None


PASSWORD, PASSKEY = Way("password"), Way("passkey")
