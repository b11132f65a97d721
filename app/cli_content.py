"""Commands about drawings and cases: deploy, check, and what verify prints."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from app import config
from app.cli import print_json, refuse_bundle, the_engine
from app.terminal import gettext, ngettext, sentence
from app.verdicts import words as verdict_words
from engine import Engine, Verdict, bpmn_reader
from engine.bundles import Bundle
from engine.check import Finding
from engine.errors import BundleRefused
from engine.ports import SYSTEM
from engine.tables import Activation, Case, Version

# Whoever may start this program may replace its code, so it may deploy what ships with it.
RELEASE = replace(SYSTEM, rights={"studio.deploy": frozenset({"*"})})


@click.command("deploy")
@click.argument("keys", nargs=-1)
@click.option("--legal-basis", default="", help="Decision that brings it into force.")
@click.option("--note", default="", help="What is new, for the list of versions.")
@with_appcontext
def deploy(keys: tuple[str, ...], legal_basis: str, note: str) -> None:
    """Deploy the shipped processes KEYS, or all; what is deployed already is left alone.

    A version that an owner has put in force stays in force: the shipped one waits beside it.
    """
    engine, refused = the_engine(), 0
    for key in keys or Bundle.keys(config.ROOT):
        try:
            click.echo(deploy_one(engine, key, legal_basis=legal_basis, note=note))
        except BundleRefused as refusal:
            refused += 1
            refuse_bundle(refusal)
    sys.exit(1 if refused else 0)


def deploy_one(engine: Engine, key: str, *, legal_basis: str = "", note: str = "") -> str:
    """Deploys one shipped process unless that very bundle is deployed. Returns what happened."""
    bundle = Bundle.read(config.ROOT, key)
    with engine.reading() as session:
        number = session.scalar(
            sa.select(Version.number).where(
                Version.process_key == key, Version.sha256 == bundle.sha256
            )
        )
        own = session.scalar(_deployer_in_force(key)) in (None, SYSTEM.name)
    if number is not None:
        return gettext("%(key)s: version %(n)s is deployed already", key=key, n=number)
    basis = legal_basis or _own_basis(bundle)
    version = engine.deploy(bundle, actor=RELEASE, legal_basis=basis, note=note, activate=own)
    if own:
        return gettext("%(key)s: version %(n)s deployed, in force", key=key, n=version.number)
    return gettext(
        "%(key)s: version %(n)s deployed, waits, because an owner's version is in force",
        key=key,
        n=version.number,
    )


def _deployer_in_force(key: str) -> sa.Select[Any]:
    """Who deployed the version that new cases of the process start on."""
    return (
        sa.select(Version.deployed_by)
        .join(Activation, Activation.version_id == Version.id)
        .where(Activation.process_key == key)
        .order_by(Activation.active_from.desc(), Activation.id.desc())
        .limit(1)
    )


def _own_basis(bundle: Bundle) -> str:
    """The clause that the drawing itself names as its basis."""
    drawing = bpmn_reader.read(bundle.drawing, bundle.key)
    return next(
        (process.properties["legal_basis"] for process in drawing.processes
         if process.properties.get("legal_basis")),
        "",
    )  # fmt: skip


def print_findings(findings: list[Finding], *, as_json: bool) -> None:
    """Each finding as compilers write theirs: file, line, what, and how to mend it."""
    for finding in findings:
        if as_json:
            print_json(asdict(finding))
            continue
        where = f"{finding.file}:{finding.line or 1}"
        what = sentence(finding.message, finding.fields)
        click.echo(f"{where}: {gettext(finding.severity)}: {what} [{finding.rule}]")
        if finding.remedy:
            click.echo(f"    {sentence(finding.remedy, finding.fields)}")


def verdicts(engine: Engine, code: str | None) -> Iterator[Verdict]:
    """The verdict on the case of that code or id, or on every case.

    Raises UsageError if there is no such case.
    """
    if code is None:
        yield from engine.verify_all()
        return
    with engine.reading() as session:
        case_id = session.scalar(sa.select(Case.id).where(Case.code == code))
        # Ids are 32 bits wide on PostgreSQL, which refuses to compare them with more.
        if case_id is None and code.isdecimal() and len(code) < 10:
            case_id = session.scalar(sa.select(Case.id).where(Case.id == int(code)))
    if case_id is None:
        raise click.UsageError(
            gettext("There is no case %(code)s. Give a case's code or its number.", code=code)
        )
    yield engine.verify(case_id)


def print_verdict(verdict: Verdict, as_json: bool) -> None:
    """One line for what holds, and one more for each difference."""
    if as_json:
        print_json(asdict(verdict))
        return
    word = gettext("holds") if verdict.holds else gettext("DIFFERS")
    entries = ngettext("%(num)d entry", "%(num)d entries", verdict.entries)
    click.echo(f"{verdict.case_code}: {word}, {entries}")
    for difference in verdict.differences:
        message = verdict_words(difference, gettext=gettext, sentence=sentence)
        click.echo("    " + gettext("entry %(n)s: %(what)s", n=difference.seq, what=message))
