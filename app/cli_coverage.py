"""`coverage`: which clause of the regulations is carried out by what. It needs no database.

Exit status: 0 always when the list could be made, 2 when the content cannot be read.
"""

from __future__ import annotations

import json
import sys

import click

from app import config, coverage, terminal
from app.terminal import gettext, localised, speak
from engine.errors import Refusal


@click.command("coverage")
@click.option("--json", "as_json", is_flag=True, help="One list: [{id, text, kind, elements}].")
@click.option("--missing", is_flag=True, help="Only the clauses that nothing names yet.")
def show(as_json: bool, missing: bool) -> None:
    """List every clause of the five regulations with what carries it out.

    Elements of drawings carry a clause out by naming it in their legal basis; rules, pages and
    tests by standing in processes/clauses.csv.
    """
    try:
        rows = coverage.of_folder(config.ROOT)
    except Refusal as refusal:
        click.echo(terminal.words(refusal), err=True)
        sys.exit(2)
    shown = [row for row in rows if not (missing and row.is_carried)]
    if as_json:
        click.echo(json.dumps([row.line() for row in shown], ensure_ascii=False, indent=1))
        return
    _print(shown)
    carried = sum(row.is_carried for row in rows)
    said = gettext("%(carried)s of %(total)s clauses are carried out by something.")
    click.echo(said % {"carried": carried, "total": len(rows)})


def _print(rows: list[coverage.Row]) -> None:
    nothing = gettext("nothing yet")
    for row in rows:
        text = row.text if terminal.language() == "vi" else row.text_en
        click.echo(f"{row.id:<12} {row.kind:<12} {text}")
        by_process: dict[str, list[str]] = {}
        for one in row.elements:
            by_process.setdefault(one.process, []).append(one.element)
        for process, elements in by_process.items():
            click.echo(f"{'':<13}{process}: {', '.join(elements)}")
        for one in row.carriers:
            click.echo(f"{'':<13}{one.path}: {one.name}")
        if not row.is_carried:
            click.echo(f"{'':<13}{nothing}")


def main() -> None:
    """Runs the command by itself, without the application."""
    speak()
    localised(show)(args=sys.argv[2:], prog_name="quytrinh coverage")
