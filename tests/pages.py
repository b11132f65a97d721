"""Pages as somebody sees them, without a browser: `page.as_(clerk).get("/inbox")`."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from app.people import queries, visits
from app.people.login import logins
from engine import Actor
from tests.worlds import Character


class Page:
    """A test client that is logged in as one character and sends what a form would send."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def as_(self, character: Character) -> Page:
        """A new browser in which the character is logged in; `nobody` is not."""
        page = Page(self.app)
        if character.name:
            with page.client.session_transaction() as cookie:
                cookie[visits.COOKIE_KEY] = begin_stay(self.app, character)
        return page

    def get(self, url: str, **options: Any) -> TestResponse:
        """The answer to opening an address; redirects are not followed."""
        return self.client.get(url, buffered=True, **options)

    def post(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """The answer to sending a form with its security code."""
        return self.client.post(url, data={**(data or {}), "csrf_token": self.code()}, **options)

    def actor(self, character: Character) -> Actor:
        """Who the character is to the engine now."""
        return actor_of(self.app, character)

    def code(self) -> str:
        """The security code of this browser's forms, as every page shows it."""
        with self.client.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", "0" * 40)
        return str(URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(raw))


def begin_stay(app: Flask, character: Character) -> str:
    """The token of a new stay of the character, as if the password had just been right."""
    engine = app.extensions["engine"]
    with engine.writing() as session:
        account = queries.find_account(session, character.name)
        return logins.begin(session, account, now=engine.clock(), where=logins.Where("127.0.0.1"))


def actor_of(app: Flask, character: Character) -> Actor:
    """The engine's Actor that the character is now."""
    engine = app.extensions["engine"]
    with engine.reading() as session:
        return queries.actor_of(session, character.name, engine.clock())
