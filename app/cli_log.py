"""The command about the account log: what of it could go to an archive."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.cli import the_engine
from app.people.log import age
from app.terminal import gettext


@click.command("log")
@with_appcontext
def log() -> None:
    """Say which lines of the account log are older than they must be kept; none is taken out."""
    engine = the_engine()
    with engine.reading() as session:
        found = age(session, engine.clock())
    told = gettext(
        "%(older)s of %(total)s lines are from before %(day)s and may be copied to an archive; "
        "none is taken out.",
        older=found.older,
        total=found.total,
        day=f"{found.kept_from:%d/%m/%Y}",
    )
    click.echo(told)
