"""`serve`: the web server with its clock, and what `./run` does before it listens."""

from __future__ import annotations

import errno
import socket
import sys
from typing import Any

import click
import sqlalchemy as sa
import structlog
from flask import current_app
from flask.cli import with_appcontext
from gunicorn.app.base import BaseApplication

from app import cli, config, logs, migrations
from app.terminal import gettext
from engine import Engine
from engine.bundles import Bundle
from engine.errors import Refusal

log = structlog.get_logger("quytrinh")


class PortTaken(Refusal):
    """Port {port} of {host} is taken by another program: stop it, or choose another port with PORT=8001."""  # noqa: E501

    status = 503


class PortForbidden(Refusal):
    """This user may not listen on port {port}: choose one above 1023 with PORT=8001."""

    status = 503


class DatabaseInUse(Refusal):
    """The database is not empty, so the demo was not loaded. Name an empty one in QUYTRINH_HOME or QUYTRINH_DATABASE_URL."""  # noqa: E501

    status = 409


@click.command("serve")
@click.option(
    "--prepare",
    is_flag=True,
    help="First upgrade the database, deploy shipped processes, fill an empty one with the demo.",
)
@with_appcontext
def serve(prepare: bool) -> None:
    """Listen on HOST:PORT until Ctrl-C, with the clock that looks for due work."""
    from app import areas

    settings: config.Config = current_app.extensions["settings"]
    require_port(settings.host, settings.port)
    areas.SETTER.require_typefaces()
    if prepare:
        get_ready()
    migrations.require_usable(current_app.extensions["bind"], current_too=True)
    banner = gettext("Quytrinh listens at %(url)s (Ctrl-C stops it).", url=settings.url)
    if is_demo():
        banner += "\n\n" + logins_table()
    bind: sa.Engine = current_app.extensions["bind"]
    # Nothing may be open at the fork: a connection that two processes hold mixes their answers on
    # PostgreSQL, and SQLite forbids carrying one across a fork.
    bind.dispose()
    logs.to_standard_error(settings.log)
    Server(settings, banner, bind).run()


def require_port(host: str, port: int) -> None:
    """Raises PortTaken or PortForbidden if nobody could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise PortForbidden(port=port) from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise config.ConfigurationWrong(
                    problem=f"QUYTRINH_HOST {host} is no address of this machine."
                ) from error
            raise PortTaken(host=host, port=port) from error


def get_ready() -> None:
    """The database is up to date and has the shipped processes; an empty one gets the demo, and
    one in which loading the demo was interrupted gets it again.
    """
    from app import cli_content, demo

    cli.upgrade()
    engine: Engine = current_app.extensions["engine"]
    with engine.reading() as session:
        is_torn = demo.is_torn(session)
    if is_torn:
        click.echo(gettext("Loading the demo was interrupted; it begins anew."), err=True)
        migrations.downgrade(current_app.extensions["bind"], "base")
        cli.upgrade()
    if is_empty():
        # The demo deploys when its story begins: no version may be younger than its cases.
        load_demo()
    for key in Bundle.keys(config.ROOT):
        cli_content.deploy_one(engine, key)


def is_empty() -> bool:
    """Whether nobody has an account yet."""
    from app.people.models import Account

    engine: Engine = current_app.extensions["engine"]
    with engine.reading() as session:
        return session.scalar(sa.select(Account.id).limit(1)) is None


def is_demo() -> bool:
    """Whether the database holds the demo, so that its logins may be shown."""
    from app import demo

    engine: Engine = current_app.extensions["engine"]
    with engine.reading() as session:
        return demo.is_loaded(session)


def load_demo() -> None:
    """The empty database holds the demo agency. Raises DatabaseInUse for one that is not empty."""
    from app import demo

    if not is_empty():
        raise DatabaseInUse()
    click.echo(gettext("Loading the demo agency ..."), err=True)
    summary = demo.load(current_app.extensions["engine"], current_app._get_current_object())
    told = gettext(
        "%(units)s units, %(people)s accounts, %(cases)s cases.",
        units=summary.units,
        people=summary.people,
        cases=summary.cases,
    )
    click.echo(told, err=True)


def print_logins() -> None:
    """Who can log in to the demo, and with which password."""
    click.echo(logins_table())


def logins_table() -> str:
    """The demo's logins as aligned lines."""
    from app import demo

    rows = demo.logins()
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"  {name:<{widths[0]}}  {word:<{widths[1]}}  {who}" for name, word, who in rows]
    return "\n".join([gettext("Demo logins (user name, password, who):"), *lines])


def _why() -> str:
    """What ends the arbiter, asked while it handles what a signal has raised in it."""
    ended = isinstance(sys.exception(), (StopIteration, KeyboardInterrupt))
    return "signal" if ended else "error"


class Server(BaseApplication):
    """gunicorn with processes of many threads; each process ticks too."""

    def __init__(self, settings: config.Config, banner: str, bind: sa.Engine) -> None:
        self.settings = settings
        self.banner = banner
        self.bind = bind
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn is told; nothing is read from its own files or variables."""
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        options: dict[str, Any] = {
            "bind": [f"{host}:{self.settings.port}"],
            "worker_class": "gthread",
            "workers": self.settings.workers,
            "threads": self.settings.threads,
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 15,
            "loglevel": "warning",
            "control_socket_disable": True,
            "proc_name": "quytrinh",
            # What the parent may still have held is forgotten, not closed: closing would end the
            # parent's session on PostgreSQL. The worker opens its own in `load`.
            "post_fork": lambda _arbiter, _worker: self.bind.dispose(close=False),
            "when_ready": lambda _arbiter: click.echo(self.banner),
            "post_worker_init": lambda worker: worker.wsgi.extensions["tick"].start(),
            "worker_exit": lambda _arbiter, worker: worker.wsgi.extensions["tick"].stop(),
            # gunicorn tells of a signal only at a level at which it also tells of each worker.
            "on_exit": lambda _arbiter: log.info("stopped", reason=_why()),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made after the fork: no connection is shared between processes."""
        from app import create_app

        return create_app(self.settings)
