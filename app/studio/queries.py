"""What the pages of process owners show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import law, web, who
from app.i18n import language
from app.studio import comparing
from app.studio.models import Proposal
from engine import bpmn_reader, deploying, views
from engine.bundles import Bundle, drawing_path
from engine.check import Finding, check_bundle
from engine.errors import NotFound, Refusal
from engine.program import Program
from engine.scenarios import ScenarioResult
from engine.scenarios import run as run_scenarios
from engine.tables import Case, Task, Version


@dataclass(frozen=True)
class Element:
    """One element of a drawing as its list of clauses shows it."""

    id: str
    name: str
    kind: str
    lane: str
    clauses: list[law.Clause]


@dataclass(frozen=True)
class Examined:
    """A proposal, checked and tried."""

    row: Proposal
    findings: list[Finding]
    scenarios: list[ScenarioResult]
    changes: list[comparing.Change]
    base: Version | None

    @property
    def errors(self) -> int:
        return sum(f.severity == "error" for f in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors

    @property
    def failed(self) -> int:
        return sum(not result.passed for result in self.scenarios)

    @property
    def may_deploy(self) -> bool:
        return not self.errors and not self.failed


def names(session: Session, accounts: list[str]) -> who.Names:
    """Who deployed and uploaded, in words."""
    now = web.engine().clock()
    return who.names(session, now, people=accounts, english=language() == "en")


def listed(session: Session) -> list[dict[str, Any]]:
    """Every process with its version in force and its open cases, by name."""
    now = web.engine().clock()
    counted = sa.select(Case.process_key, sa.func.count()).where(Case.status == "open")
    open_cases = dict(session.execute(counted.group_by(Case.process_key)).all())
    return [
        {"version": version, "open_cases": open_cases.get(version.process_key, 0)}
        for version in deploying.all_in_force(session, now)
    ]


def proposals(session: Session, key: str | None = None) -> list[Proposal]:
    """Proposals that are still open, newest first."""
    query = sa.select(Proposal).where(Proposal.closed_at.is_(None))
    if key is not None:
        query = query.where(Proposal.process_key == key)
    return list(session.scalars(query.order_by(Proposal.id.desc())))


def chosen_version(view: views.ProcessView, number: int | None) -> Version:
    """The version of that number, else the one in force. Raises NotFound."""
    for version in view.versions:
        if version.number == number or (number is None and version.id == view.in_force):
            return version
    raise NotFound(thing=gettext("version %(number)s", number=number or "?"))


def elements(version: Version) -> list[Element]:
    """The elements of the version's drawing with the clauses that they carry out."""
    program = Program(Bundle(version.process_key, version.files))
    return [
        Element(
            id=node.id,
            name=_named(node),
            kind=node.kind,
            lane=node.lane or "",
            clauses=law.clauses(node.properties.get("legal_basis")),
        )
        for node in program.process.nodes()
        if node.name or node.properties.get("legal_basis")
    ]


def _named(node: Any) -> str:
    english = node.properties.get("name_en") if language() == "en" else None
    return str(english or node.name or node.id)


def examine(session: Session, row: Proposal) -> Examined:
    """The proposal checked against what there is, and its scenarios run in memory."""
    engine, now = web.engine(), web.engine().clock()
    bundle = Bundle(row.process_key, row.files)
    findings = check_bundle(bundle, deploying.catalogue(session, engine.surroundings))
    results: list[ScenarioResult] = []
    if not any(f.severity == "error" for f in findings):
        results = run_scenarios(bundle, surroundings=engine.surroundings, session=session, now=now)
    base = session.get(Version, row.base_version_id) if row.base_version_id else None
    old = base.files if base is not None else {}
    changes = comparing.compare(old, row.files, drawing_path(row.process_key))
    return Examined(row, findings, results, changes, base)


def marks(examined: Examined) -> dict[str, Any]:
    """Findings and differences beside the elements of the drawing."""
    findings: dict[str, list[dict[str, str]]] = {}
    for finding in examined.findings:
        if finding.element:
            findings.setdefault(finding.element, []).append(
                {"severity": finding.severity, "text": message(finding)}
            )
    kinds: dict[str, list[str]] = {"added": [], "changed": [], "removed": []}
    for change in examined.changes:
        if change.element and change.kind != "removed":
            kinds[change.kind].append(change.element)
    return {"findings": findings, **kinds}


def message(finding: Finding) -> str:
    """What a finding says, in the reader's language."""
    return words(finding.message, finding.fields)


def words(template: str, fields: Mapping[str, Any]) -> str:
    """A sentence of the engine with its fields, translated."""
    from app.refusals import sentence

    return sentence(template, dict(fields))


def touched(session: Session, key: str) -> list[tuple[str, int]]:
    """Open cases by the step at which they wait, most first."""
    query = (
        sa.select(Task.name, sa.func.count(Task.case_id.distinct()))
        .where(Task.process_key == key, Task.status == "open")
        .group_by(Task.name)
    )
    return Counter(dict(session.execute(query).all())).most_common()


def drawing_or_refusal(files: Mapping[str, str], key: str) -> Refusal | None:
    """Why the drawing cannot be shown, or None."""
    path = drawing_path(key)
    try:
        bpmn_reader.read(files.get(path, ""), path)
    except Refusal as problem:
        return problem
    return None
