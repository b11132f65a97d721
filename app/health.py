"""GET /healthz: whether this process can work, for people and load balancers that watch it."""

from __future__ import annotations

import configparser
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from app import config, migrations, web
from app.tick import Tick

blueprint = Blueprint("health", __name__)


def version() -> str:
    """The release, as setup.cfg names it."""
    metadata = configparser.ConfigParser()
    metadata.read(config.ROOT / "setup.cfg", encoding="utf-8")
    return metadata["metadata"]["version"]


@blueprint.get("/healthz")
@web.permission(web.PUBLIC)
def healthz() -> ResponseReturnValue:
    """200 when all is well, 503 when the database, its structure or the clock is not.

    {"status": "ok", "database": "sqlite", "migration": {"current": "0001", "head": "0001"},
     "ticks": {"every_seconds": 5, "last_at": "2026-11-22T08:00:00+00:00"}, "version": "0.1.0"}
    """
    state = {**_database(), "ticks": _ticks(current_app.extensions["tick"]), "version": version()}
    migration = state["migration"]
    well = (
        state["database"] != "unreachable"
        and migration["current"] == migration["head"]
        and not state["ticks"]["late"]
    )
    return jsonify({"status": "ok" if well else "broken", **state}), 200 if well else 503


def _database() -> dict[str, Any]:
    bind: sa.Engine = current_app.extensions["bind"]
    try:
        current = migrations.current(bind)
    except SQLAlchemyError:
        return {"database": "unreachable", "migration": {"current": None, "head": None}}
    return {
        "database": bind.dialect.name,
        "migration": {"current": current, "head": migrations.head()},
    }


def _ticks(tick: Tick) -> dict[str, Any]:
    """Late means that nothing has ticked for ten times as long as it should take."""
    last = tick.last_at
    late = (
        last is not None
        and tick.is_running
        and tick.engine.clock() - last > timedelta(seconds=max(10 * tick.seconds, 60))
    )
    return {
        "every_seconds": tick.seconds,
        "last_at": last.isoformat() if last else None,
        "late": late,
    }


def register(app: Flask) -> None:
    """`app` answers /healthz; no rate limit and no log-in stands before it."""
    app.register_blueprint(blueprint)
    app.extensions["version"] = version()
