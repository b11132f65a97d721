"""`./quytrinh check`: what must be mended in files from anywhere. Needs no database.

Exit status: 0 fit (warnings are advice), 1 errors, 2 could not run.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from app import offered
from app.terminal import gettext, localised, ngettext, sentence, speak
from engine.check.bounded import MEGABYTES, SECONDS, Broken, Shares, TooHard, bounded
from engine.check.finding import Finding, found, unguarded
from engine.check.intake import walk
from engine.check.places import check_paths
from engine.check.rules import RULES


@click.command("check")
@click.argument("files", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
@click.option(
    "--import", "for_import", is_flag=True, help="Say what a drawing lacks that was never to run."
)
def check(files: tuple[str, ...], as_json: bool, for_import: bool) -> None:
    """Say what must be mended in drawings, decisions and forms.

    A FILE is a .bpmn, .dmn or .form file anywhere, or a folder of them. What lies in a folder's
    processes/bpmn is examined as for a deploy. Several files are looked at together, within
    10 seconds of processor time; a file that no time was left for is named.

    In JSON: {file, line, element, rule, severity, message, remedy, page}, errors first; the page
    is where the product's manual explains the rule, below its address. Status 0 with nothing or
    warnings, 1 with an error, 2 where nothing could be looked at.
    """
    paths = [(name, from_where(name)) for name in files]
    for name, path in paths:
        if not name or not os.path.lexists(path):
            raise click.UsageError(gettext("There is no file %(name)s.", name=name))

    count = sum(1 for _, path in paths for _file in _files(path))
    guard = Shares() if count > 1 else unguarded

    def work() -> Iterator[dict[str, Any]]:
        each = check_paths(paths, offered.catalogue, for_import=for_import, guard=guard)
        return map(shown, each)

    try:
        records = bounded(work)
    except (TooHard, Broken) as problem:
        rule = "too-hard" if isinstance(problem, TooHard) else "not-examined"
        given = [found(name, rule, seconds=SECONDS, memory=MEGABYTES) for name in files]
        records = list(map(shown, given))
    records.sort(key=lambda record: record["severity"] != "error")
    print_records(records, files, as_json=as_json)
    if not as_json:
        conclude(records, files, for_import=for_import)
    sys.exit(1 if any(r["severity"] == "error" for r in records) else 0)


def from_where(path: str) -> Path:
    """A path as the caller meant it: `./quytrinh` changes into its own folder. Links stay."""
    return Path(os.path.normpath(Path(os.environ.get("QUYTRINH_FROM", ".")).absolute() / path))


def _files(path: Path) -> Iterator[Path]:
    return walk(path) if os.path.isdir(path) else iter((path,))  # noqa: PTH112 - never raises


def shown(finding: Finding) -> dict[str, Any]:
    """A finding as JSON prints it, in the terminal's language; under "told", as people read it.

    Names that are no text, as disks may hold them, are made printable. Under "lacks" stands
    whether a process could not run here for want of it.
    """
    record = {
        **finding.record(),
        "message": sentence(finding.message, finding.fields),
        "remedy": sentence(finding.remedy, finding.fields) if finding.remedy else "",
        "page": f"/manual/rules/{finding.rule}",
    }
    where = f"{finding.file}:{finding.line or 1}"
    told = f"{where}: {gettext(finding.severity)}: {record['message']} [{finding.rule}]"
    if finding.remedy:
        told += f"\n    {record['remedy']}"
    weight = RULES[finding.rule].weight if finding.rule in RULES else ""
    lacks = finding.severity == "warning" and weight in {"wrong", "run", "deploy"}
    return {
        key: value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
        for key, value in {**record, "told": told, "lacks": lacks}.items()
    }


def print_records(records: list[dict[str, Any]], files: tuple[str, ...], *, as_json: bool) -> None:
    """One JSON object a finding, or each as compilers write theirs."""
    for record in records:
        fields = {key: value for key, value in record.items() if key not in ("told", "lacks")}
        told = json.dumps(fields, ensure_ascii=False) if as_json else record["told"]
        click.echo(told)
    if not records and not as_json:
        for name in files:
            click.echo(gettext("%(name)s: nothing to mend", name=name))


def conclude(records: list[dict[str, Any]], files: tuple[str, ...], *, for_import: bool) -> None:
    """How much there is, what is missing for a run here, and where each rule is explained."""
    if not records:
        return
    errors = sum(record["severity"] == "error" for record in records)
    warnings = len(records) - errors
    counts = [ngettext("%(num)d error", "%(num)d errors", errors)] if errors else []
    counts += [ngettext("%(num)d warning", "%(num)d warnings", warnings)] if warnings else []
    click.echo(f"\n{', '.join(counts)}")
    lacking = sum(record["lacks"] for record in records)
    if lacking and not errors and not for_import:
        said = gettext("Fit to be shown; what is missing before it can run here is told by")
        click.echo(f"{said} ./quytrinh check --import {shlex.join(files)}")
    local = f"http://localhost:{os.environ.get('PORT') or 8000}"
    address = os.environ.get("QUYTRINH_ADDRESS", "").rstrip("/") or local
    page = f"{address}/manual/rules/{records[0]['rule']}"
    click.echo(gettext("Each rule has a page in the manual: %(page)s", page=page))


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
