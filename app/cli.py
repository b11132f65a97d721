"""The command line, `./quytrinh`: what administrators, owners and auditors do without a browser.

Exit status: 0 fine, 1 findings or differences, 2 could not run. Whoever uses it never sees a
traceback for what they can mend themselves. Content commands are in `app.cli_content`, the
server's in `app.cli_serve`.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, NoReturn

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup, ScriptInfo, with_appcontext
from sqlalchemy.exc import DBAPIError

from app import config, migrations, terminal
from app.terminal import gettext, localised, ngettext, speak, words
from engine import Engine
from engine.errors import BundleRefused, Refusal


def the_engine() -> Engine:
    """The engine, on a database that this code can work with. Raises DatabaseUnusable."""
    migrations.require_usable(current_app.extensions["bind"], current_too=True)
    engine: Engine = current_app.extensions["engine"]
    return engine


def refuse_bundle(refusal: BundleRefused) -> None:
    """Says why a process was not deployed, finding by finding."""
    from app import cli_content

    click.echo(words(refusal), err=True)
    cli_content.print_findings(refusal.findings, as_json=False)


def print_json(line: dict[str, Any]) -> None:
    """One JSON object on one line."""
    click.echo(json.dumps(line, ensure_ascii=False, default=str))


@click.group()
def db() -> None:
    """The database's structure."""


@db.command("upgrade")
@click.argument("revision", default="head")
@with_appcontext
def db_upgrade(revision: str) -> None:
    """Bring the database up to date and give an empty one the shipped calendar and hours."""
    upgrade(revision)
    _say_revision()


@db.command("downgrade")
@click.argument("revision")
@with_appcontext
def db_downgrade(revision: str) -> None:
    """Take the database back to an older revision; "base" empties it."""
    bind = current_app.extensions["bind"]
    migrations.require_usable(bind)
    migrations.downgrade(bind, revision)
    _say_revision()


def _say_revision() -> None:
    at = migrations.current(current_app.extensions["bind"])
    click.echo(gettext("The database is at %(revision)s.", revision=at or gettext("nothing")))


@db.command("current")
@with_appcontext
def db_current() -> None:
    """Say where the database stands and where the code is."""
    bind = current_app.extensions["bind"]
    migrations.require_usable(bind)
    at, head = migrations.current(bind), migrations.head()
    click.echo(gettext("database %(at)s, code %(head)s", at=at or gettext("nothing"), head=head))
    sys.exit(0 if at == head else 1)


def upgrade(revision: str = "head") -> None:
    """The database has the code's structure and the data that every installation begins with."""
    from app import areas

    bind = current_app.extensions["bind"]
    migrations.require_usable(bind)
    migrations.upgrade(bind, revision)
    engine: Engine = current_app.extensions["engine"]
    if revision == "head":
        with engine.writing() as session:
            areas.load_shipped(session, engine.clock())


@click.command("tick")
@with_appcontext
def tick() -> None:
    """Do what is due now: timers, calls to other systems, errands."""
    the_engine()
    count = current_app.extensions["tick"].once()
    click.echo(ngettext("%(num)d job done", "%(num)d jobs done", count))


@click.command("verify")
@click.argument("code", required=False)
@click.option("--all", "all_cases", is_flag=True, help="Every case.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@with_appcontext
def verify(code: str | None, all_cases: bool, as_json: bool) -> None:
    """Prove from the journal that a case, by code or id, or every case came to be as it stands."""
    if bool(code) == all_cases:
        raise click.UsageError(gettext("Name one case, or say --all."))
    from app import cli_content

    count = wrong = 0
    for verdict in cli_content.verdicts(the_engine(), code):
        count += 1
        wrong += not verdict.holds
        cli_content.print_verdict(verdict, as_json)
    if not as_json:
        told = gettext("%(count)s verified, %(wrong)s with differences", count=count, wrong=wrong)
        click.echo(told)
    sys.exit(1 if wrong else 0)


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Fill an empty database with the demo agency, and say who can log in."""
    from app import cli_serve

    the_engine()
    cli_serve.load_demo()
    cli_serve.print_logins()


@click.command("bench", context_settings={"ignore_unknown_options": True})
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a figure.")
def bench(names: tuple[str, ...], as_json: bool) -> None:
    """Measure what must hold (all of it, or the NAMES), on databases of its own."""
    command = [sys.executable, "-m", "tests.bench", *names, *(["--json"] if as_json else [])]
    os.chdir(config.ROOT)
    os.execv(sys.executable, command)  # noqa: S606 - our own module, no shell


def register(app: Flask) -> None:
    """`flask --app wsgi` and `./quytrinh` know the same commands."""
    from app import (
        cli_ask,
        cli_check,
        cli_content,
        cli_coverage,
        cli_decide,
        cli_log,
        cli_serve,
        cli_simulate,
    )

    content = (cli_content.deploy, cli_check.check, cli_coverage.show)
    asked = (cli_ask.ask, cli_decide.decide, cli_simulate.run)
    for command in (db, tick, verify, demo, bench, cli_log.log, *content, *asked):
        app.cli.add_command(command)
    app.cli.add_command(cli_serve.serve)


class CommandLine(FlaskGroup):
    """Lists the application's commands alone: Flask adds those of any installed package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return ctx.ensure_object(ScriptInfo).load_app().cli.list_commands(ctx)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        found = super().get_command(ctx, name)
        return localised(found) if found is not None else None


def check_settings() -> None:
    """Ends with one sentence and status 2 when `serve` could not start with this environment.

    `./run` asks before it builds anything, so that nobody waits minutes for a spelling mistake.
    """
    from app import cli_serve

    try:
        settings = config.read()
        settings.secret_key()
        cli_serve.require_port(settings.host, settings.port)
    except Refusal as refusal:
        click.echo(words(refusal), err=True)
        sys.exit(2)


def _group() -> CommandLine:
    """All commands, in the terminal's language."""
    from app import create_app

    speak()
    group = CommandLine(
        name="quytrinh",
        create_app=create_app,
        add_default_commands=False,
        load_dotenv=False,
        set_debug_flag=False,
        add_version_option=False,
        help=gettext(terminal.paragraphs(__doc__)[0]),
    )
    group.params = []  # Flask's own options choose another application; this one has no choice.
    return group


def main() -> None:
    """Runs one command; what the user can mend is one sentence and status 2."""
    try:
        _group().main(prog_name="quytrinh", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except BundleRefused as refusal:
        refuse_bundle(refusal)
        sys.exit(1)
    except Refusal as refusal:
        _end(words(refusal))
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        _end(
            gettext(
                "The database refused: %(reason)s. See that it runs and has room.", reason=reason
            )
        )
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.filename is None:
            raise
        reason = gettext(error.strerror or str(error))
        _end(gettext("%(file)s cannot be used: %(reason)s.", file=error.filename, reason=reason))


def _end(told: str) -> NoReturn:
    """Could not run, and says why."""
    click.echo(told, err=True)
    sys.exit(2)
