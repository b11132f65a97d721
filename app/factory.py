"""Makes the application: its parts, its settings, the files in front of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app import (
    Clock,
    areas,
    arrivals,
    assets,
    cli,
    config,
    health,
    i18n,
    logs,
    refusals,
    routing,
    safety,
    shell,
    tick,
    utc_now,
    web,
)
from engine import Engine, Store
from engine.database import connect


def create_app(
    settings: config.Config | None = None,
    *,
    clock: Clock = utc_now,
    bind: sa.Engine | None = None,
) -> Flask:
    """The WSGI application of one installation.

    settings: read from the environment when left out. clock: what the engine and all pages call
    now. bind: the database, when the caller has opened it already. Nothing is read from the
    database here, so that commands which create or migrate it can run.
    """
    settings = settings or config.read()
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.url_rule_class = routing.Route
    _configure(app, settings)
    bind = bind or connect(settings.database_url)
    app.extensions["settings"] = settings
    app.extensions["bind"] = bind
    app.extensions["engine"] = Engine(
        bind, areas.surroundings(clock, settings), Store(settings.home / "files")
    )
    parts = (logs, arrivals, web, safety, i18n, assets, shell, refusals, health, tick, areas, cli)
    for part in parts:
        part.register(app)
    app.wsgi_app = _in_front(app, settings)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: config.Config) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key(),
        TESTING=settings.testing,
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        # The longest form has some hundred fields; a request with a million is an attack.
        MAX_FORM_PARTS=2000,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_NAME="quytrinh",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        # The token lives as long as the session: a form left open over lunch is sent, not refused.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.is_https,
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI="memory://",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _in_front(app: Flask, settings: config.Config) -> Callable[..., object]:
    """The static files, served without the application, behind as many proxies as are trusted."""
    inner = app.wsgi_app
    if settings.proxies:
        n = settings.proxies
        inner = ProxyFix(inner, x_for=n, x_proto=n, x_host=n)
    static = WhiteNoise(
        inner,
        max_age=3600,
        immutable_file_test=lambda _path, url: url.startswith("/static/dist/") and "-" in url,
        add_headers_function=safety.static_headers,
    )
    static.add_files(str(config.ROOT / "app" / "static"), prefix="static/")
    return static
