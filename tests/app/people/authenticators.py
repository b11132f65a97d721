"""A telephone in the hand of a character: it gives codes as a real one would."""

from __future__ import annotations

import pyotp
from flask import Flask

from app.people import queries
from app.people.factors import holding, recovery, totp
from app.people.factors.models import Totp
from tests.worlds import Character


class Authenticator:
    """Gives the character's codes: `code()` is the one of this half minute."""

    def __init__(self, app: Flask, character: Character) -> None:
        self.engine = app.extensions["engine"]
        nonce = totp.new_nonce()
        self.secret = totp.secret(nonce, app.config["SECRET_KEY"])
        with self.engine.writing() as session:
            account = queries.find_account(session, character.name)
            now = self.engine.clock()
            session.add(Totp(account_id=account.id, nonce=nonce, added_at=now, last_counter=0))
            self.recovery_codes = recovery.make(session, account.id, now)

    def code(self, seconds: int = 0) -> str:
        """The code that the telephone shows so many seconds from now."""
        return pyotp.TOTP(self.secret).at(int(self.engine.clock().timestamp()) + seconds)


def is_kept(app: Flask, character: Character) -> bool:
    """Whether the character has a second factor."""
    with app.extensions["engine"].reading() as session:
        return holding.kept(session, queries.find_account(session, character.name)) is not None
