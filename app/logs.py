"""Logs: one line a request, with an id that the error page and the request's other lines show."""

from __future__ import annotations

import logging
import secrets
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("quytrinh")


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def to_standard_error(form: str = "text") -> None:
    """Sends the process's log to standard error, as text or as one JSON object a line."""
    shared = list(SHARED)
    last: Any = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    if form == "json":
        shared.append(structlog.processors.format_exc_info)
        last = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # A line for each tick and each look at the database says nothing that /healthz does not.
    for talkative in ("apscheduler", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


def begin() -> None:
    """Gives the request its id, the proxy's if it sent a plain one."""
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if given.isalnum() and len(given) <= 64 else secrets.token_hex(6)
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id)


def end(response: Response) -> Response:
    """Writes the request's line: never a query string, which may hold names and one-time links."""
    response.headers["X-Request-Id"] = g.request_id
    actor = g.get("actor")
    log.info(
        "request",
        method=request.method,
        path=request.path if "token" not in (request.view_args or {}) else request.endpoint,
        status=response.status_code,
        ms=round((time.perf_counter() - g.began) * 1000, 1),
        account=actor.name if actor else None,
        address=request.remote_addr,
    )
    return response


def register(app: Flask) -> None:
    """Every request of `app` has an id and leaves a line in the log of the standard library."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    app.before_request(begin)
    app.after_request(end)
