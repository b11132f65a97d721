"""`./quytrinh check`: what must be mended in files from anywhere. Needs no database.

Exit status: 0 fit (warnings are advice), 1 errors, 2 could not run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click

from app.terminal import gettext, localised, sentence, speak
from engine.check.bounded import MEGABYTES, SECONDS, Broken, TooHard, bounded
from engine.check.finding import Catalogue, Finding, found
from engine.check.intake import walk
from engine.check.places import check_paths

MORE_SECONDS = 0.5
"""What each further file adds to the time that the first few may take together."""


@click.command("check")
@click.argument("files", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
@click.option(
    "--import", "for_import", is_flag=True, help="Say what a drawing lacks that was never to run."
)
def check(files: tuple[str, ...], as_json: bool, for_import: bool) -> None:
    """Say what must be mended in drawings, decisions and forms.

    A FILE is a .bpmn, .dmn or .form file anywhere, or a folder of them. What lies in a folder's
    processes/bpmn is examined as for a deploy. Several files are looked at together.
    """
    paths = [(name, from_where(name)) for name in files]
    for name, path in paths:
        if not name or not os.path.lexists(path):
            raise click.UsageError(gettext("There is no file %(name)s.", name=name))

    def work() -> Iterator[dict[str, Any]]:
        return map(shown, check_paths(paths, known, for_import=for_import))

    count = sum(1 for _, path in paths for _file in _files(path))
    seconds = SECONDS + MORE_SECONDS * max(0, count - 10)
    try:
        records = bounded(work, seconds=seconds)
    except (TooHard, Broken) as problem:
        rule = "too-hard" if isinstance(problem, TooHard) else "not-examined"
        given = [found(name, rule, seconds=round(seconds), memory=MEGABYTES) for name in files]
        records = list(map(shown, given))
    print_records(records, files, as_json=as_json)
    sys.exit(1 if any(r["severity"] == "error" for r in records) else 0)


def from_where(path: str) -> Path:
    """A path as the caller meant it: `./quytrinh` changes into its own folder. Links stay."""
    return Path(os.path.normpath(Path(os.environ.get("QUYTRINH_FROM", ".")).absolute() / path))


def _files(path: Path) -> Iterator[Path]:
    return walk(path) if os.path.isdir(path) else iter((path,))  # noqa: PTH112 - never raises


@cache
def known() -> Catalogue:
    """What drawings may name in this installation, without opening its database."""
    from app import areas, config, utc_now
    from app.people.rights.groups import catalogue
    from engine import duties

    surroundings = areas.surroundings(utc_now, config.read())
    return Catalogue(
        operations=dict(surroundings.operations),
        functions=frozenset(surroundings.facts),
        groups=frozenset(catalogue()),
        duties=duties.known(surroundings.duties),
    )


def shown(finding: Finding) -> dict[str, Any]:
    """A finding as JSON prints it; under "told", as people read it in the terminal's language.

    Names that are no text, as disks may hold them, are made printable.
    """
    where = f"{finding.file}:{finding.line or 1}"
    what = sentence(finding.message, finding.fields)
    told = f"{where}: {gettext(finding.severity)}: {what} [{finding.rule}]"
    if finding.remedy:
        told += f"\n    {sentence(finding.remedy, finding.fields)}"
    record = {**finding.record(), "told": told}
    return {
        key: value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
        for key, value in record.items()
    }


def print_records(records: list[dict[str, Any]], files: tuple[str, ...], *, as_json: bool) -> None:
    """One JSON object a finding, or each as compilers write theirs."""
    for record in records:
        told = record.pop("told")
        click.echo(json.dumps(record, ensure_ascii=False) if as_json else told)
    if not records and not as_json:
        for name in files:
            click.echo(gettext("%(name)s: nothing to mend", name=name))


def main() -> None:
    """Runs the command by itself, without the application around it."""
    speak()
    try:
        localised(check).main(args=sys.argv[2:], prog_name="quytrinh check", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
