"""The areas of the application, and what they bring: pages, tables, operations, facts."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from datetime import datetime
from types import ModuleType

from flask import Flask
from sqlalchemy.orm import Session

from adapters import sandbox, smtp
from app.config import Config, ConfigurationWrong
from engine.ports import Fact, Operation, Surroundings

AREAS = ("people", "inbox", "cases", "studio", "audit", "operations")


def modules(name: str) -> list[ModuleType]:
    """The modules of that name in all areas that have one: modules("models")."""
    found = (f"app.{area}.{name}" for area in AREAS)
    return [module for path in found if _exists(path) and (module := _early(path))]


def _early(path):  # EARLY
    try:
        return importlib.import_module(path)
    except ImportError as error:
        import logging

        logging.getLogger(__name__).warning("%s is not there yet: %s", path, error)
        return None


def _exists(path: str) -> bool:
    try:
        return importlib.util.find_spec(path) is not None
    except ModuleNotFoundError:
        return False


def import_models() -> None:
    """All tables are known to the metadata."""
    modules("models")


def operations(settings: Config) -> dict[str, Operation]:
    """Everything that service tasks may call, by name. Two of one name are a mistake of ours."""
    found: dict[str, Operation] = {}
    given = [
        module.operations() for module in modules("operations") if hasattr(module, "operations")
    ]
    for operation in [one for some in [*given, adapters(settings)] for one in some]:
        if operation.name in found:
            raise RuntimeError(f"two operations are called {operation.name}")
        found[operation.name] = operation
    return found


def adapters(settings: Config) -> list[Operation]:
    """The operations of outside systems; letters stay in the home folder if no server is named."""
    if not settings.mail_url:
        return [sandbox.operation(settings.home / "mail", settings.mail_from)]
    try:
        server = smtp.read_url(settings.mail_url)
        return [smtp.operation(server, settings.mail_from)]
    except ValueError as error:
        raise ConfigurationWrong(problem=f"QUYTRINH_MAIL_URL or _FROM: {error}") from error


def facts() -> dict[str, Fact]:
    """What drawings may ask of the world, by name."""
    found: dict[str, Fact] = {}
    for module in modules("operations") + modules("queries"):
        if hasattr(module, "facts"):
            found.update(module.facts())
    return found


def surroundings(clock: Callable[[], datetime], settings: Config) -> Surroundings:
    """Everything the engine needs from outside."""
    from app.people import queries

    # Letters lead people to the site, and only its configuration knows where that is.
    known = facts() | {"site_url": lambda _session, _now: settings.url}
    return Surroundings(
        clock=clock, operations=operations(settings), facts=known, groups=queries.groups
    )


def register(app: Flask) -> None:
    """The pages of every area."""
    for module in modules("pages"):
        app.register_blueprint(module.blueprint)


def load_shipped(session: Session, now: datetime) -> None:
    """What every installation begins with is there; nothing is loaded beside existing rows."""
    for module in modules("operations"):
        if hasattr(module, "load_shipped"):
            module.load_shipped(session, now)
