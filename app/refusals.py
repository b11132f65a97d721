"""Refusals become answers here, once: a page, a part of a page for htmx, or JSON for programs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import structlog
from flask import Flask, current_app, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from app import web, who
from engine.errors import BundleRefused, Refusal, Sentence
from engine.forms import FormErrors

log = structlog.get_logger("quytrinh")


def words(refusal: Refusal) -> str:
    """The refusal's sentence in the reader's language."""
    return sentence(refusal.template, refusal.fields)


def sentence(template: str, fields: dict[str, Any]) -> str:
    """An English sentence with fields in braces, in the reader's language and with its fields."""
    shown = {name: _shown(name, value) for name, value in fields.items()}
    return gettext(template).format_map(shown)


def _shown(name: str, value: Any) -> Any:
    """A field as people read it: instants in local time, days as they are written here, a
    permission by its name, a sentence within the sentence in the reader's language.
    """
    if isinstance(value, Sentence):
        return sentence(value.template, dict(value.fields))
    if isinstance(value, datetime):
        return current_app.jinja_env.filters["instant"](value)
    if isinstance(value, date):
        return current_app.jinja_env.filters["day"](value)
    if name in ("right", "reason") and value:
        return gettext(str(value))
    if name in ("by", "candidates") and isinstance(value, str):
        now = web.engine().clock()
        return who.told(web.reading(), now, value, english=str(get_locale()) == "en")
    return value


def refuse(refusal: Refusal) -> ResponseReturnValue:
    """The answer to a refusal that no page has dealt with."""
    if isinstance(refusal, web.NotSignedIn) and not web.wants_json():
        return web.to_login()
    extra: dict[str, Any] = {}
    if isinstance(refusal, FormErrors):
        extra["errors"] = {
            path: [sentence(*message) for message in messages]
            for path, messages in refusal.errors.items()
        }
    if isinstance(refusal, BundleRefused):
        extra["findings"] = refusal.findings
    return answer(refusal.status, words(refusal), kind=type(refusal).__name__, extra=extra)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """The answer to an address that does not exist, a form that is too old, and the like."""
    if error.response is not None:
        return error.response
    status = error.code or 500
    if isinstance(error, CSRFError):
        log.warning("csrf", reason=error.description)
    return answer(status, "", kind=error.name.replace(" ", ""), headers=_kept(error))


def _kept(error: HTTPException) -> dict[str, str]:
    """What the status promises in its headers: the methods allowed, when to try again."""
    kept = ("Allow", "Retry-After")
    return {name: value for name, value in error.get_headers() if name in kept}


def defect(error: Exception) -> ResponseReturnValue:
    """The answer to a fault of ours: a code that the log explains, never a trace."""
    log.exception("defect", path=request.path, exc_info=error)
    return _broken(500)


def no_database(error: Exception) -> ResponseReturnValue:
    """The answer when the database cannot be asked."""
    reason = str(getattr(error, "orig", error)).splitlines()[0]
    log.error("database", path=request.path, reason=reason)
    return _broken(503)


def _broken(status: int) -> ResponseReturnValue:
    # The shell asks the database for counts and names; what is broken may be just that.
    g.broken = True
    return answer(status, "", kind="Defect", template="errors/500.html")


def answer(
    status: int,
    message: str,
    *,
    kind: str,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    template: str | None = None,
) -> ResponseReturnValue:
    """One answer in the form that the caller reads."""
    code = g.get("request_id", "")
    if web.wants_json():
        body = {"error": kind, "message": message or kind, "request": code, **(extra or {})}
        body["findings"] = [asdict(finding) for finding in body.get("findings", [])]
        return jsonify(body), status, headers or {}
    values = {"status": status, "message": message, "code": code, "kind": kind, **(extra or {})}
    if web.is_fragment() and status < 500:
        return render_template("errors/fragment.html", **values), status, headers or {}
    try:
        page = render_template(template or f"errors/{status}.html", **values)
    except TemplateNotFound:
        page = render_template("errors/page.html", **values)
    return page, status, headers or {}


def register(app: Flask) -> None:
    """Whatever a page of `app` raises is answered as above."""
    app.register_error_handler(Refusal, refuse)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, no_database)
    app.register_error_handler(InterfaceError, no_database)
    app.register_error_handler(Exception, defect)
