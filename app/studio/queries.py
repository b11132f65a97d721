"""What the pages of process owners show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import law, refusals, shell, web, who
from app.i18n import language
from app.studio import describing
from app.studio.models import Proposal
from engine import deploying, views
from engine.bundles import Bundle
from engine.check import Finding
from engine.errors import NotFound
from engine.program import Program
from engine.scenarios import ScenarioResult
from engine.tables import Case, Draft, Task, Version


@dataclass(frozen=True)
class Element:
    """One element of a drawing, as lists that lead to it name it."""

    id: str
    name: str
    kind: str


def names(session: Session, accounts: list[str]) -> who.Names:
    """Who deployed and uploaded, in words."""
    now = web.engine().clock()
    return who.names(session, now, people=accounts, english=language() == "en")


def listed(session: Session) -> list[dict[str, Any]]:
    """Every process with its version in force, the next one to come, and its open cases, by name.

    version: the one in force, or of a process that has none yet the next one to come.
    """
    now = web.engine().clock()
    counted = sa.select(Case.process_key, sa.func.count()).where(Case.status == "open")
    open_cases = dict(session.execute(counted.group_by(Case.process_key)).all())
    in_force = {one.process_key: one for one in deploying.all_in_force(session, now)}
    rows = []
    for process in shell.in_order(views.processes(session)):
        coming = views.process(session, process.key, now).planned[:1]
        version = in_force.get(process.key)
        if version is None and not coming:
            continue  # Deployed, but put in force by nobody.
        rows.append(
            {
                "version": version or views.version(session, coming[0].version_id),
                "is_in_force": version is not None,
                "planned": coming[0] if coming else None,
                "open_cases": open_cases.get(process.key, 0),
            }
        )
    return rows


def proposals(session: Session, key: str | None = None) -> list[Proposal]:
    """Proposals that are still open, newest first."""
    query = sa.select(Proposal).where(Proposal.closed_at.is_(None))
    if key is not None:
        query = query.where(Proposal.process_key == key)
    return list(session.scalars(query.order_by(Proposal.id.desc())))


def chosen_version(view: views.ProcessView, number: int | None) -> Version:
    """The version of that number, else the one in force, else the next to come, else the newest.

    Raises NotFound.
    """
    others = [view.in_force, *(one.version_id for one in view.planned), view.versions[0].id]
    usual = next(version_id for version_id in others if version_id is not None)
    for version in view.versions:
        if version.number == number or (number is None and version.id == usual):
            return version
    raise NotFound(thing=gettext("version %(number)s", number=number or "?"))


def by_clause(version: Version) -> list[tuple[str, list[Element]]]:
    """Every provision that the drawing carries out, with the elements that do.

    [("Khoản 4 Điều 8, ...", [Element, ...]), ...] by source and article; last, under "", the steps
    that name none.
    """
    program = Program(Bundle(version.process_key, version.files))
    found: dict[str, list[Element]] = {}
    order: dict[str, tuple[str, ...]] = {}
    without = []
    among = describing.elements(program.processes.values())
    for node in program.process.nodes():
        name = describing.name(node, among)
        element = Element(node.id, name, describing.kind(node))
        clauses = law.clauses(node.properties.get("legal_basis"))
        for clause in clauses:
            found.setdefault(clause.citation, []).append(element)
            order.setdefault(clause.citation, _place(clause.mark))
        if not clauses:
            without.append(element)
    rows = sorted(found.items(), key=lambda row: order[row[0]])
    return rows + ([("", without)] if without else [])


def basis(version: Version) -> str:
    """The provisions that the process itself carries out, as its drawing names them.

    By which decision a version was put in force is another thing: its own `legal_basis`.
    """
    program = Program(Bundle(version.process_key, version.files))
    return program.process.properties.get("legal_basis") or version.legal_basis


def _place(mark: str) -> tuple[str, ...]:
    """Sorts HP-8.2 before HP-10.1, and both before KH-3."""
    return tuple(part.rjust(6) for part in re.split(r"[-.]", mark))


def in_force(session: Session, key: str) -> Version | None:
    """The version on which new cases start, None before the first is deployed."""
    return deploying.version_in_force(session, key, web.engine().clock())


def file_in_force(session: Session, key: str, path: str) -> dict[str, str]:
    """One file of the version in force by its path. Raises NotFound."""
    current = in_force(session, key)
    if current is None or path not in current.files:
        raise NotFound(thing=path)
    return {path: current.files[path]}


def found_at(findings: list[Finding]) -> dict[str, list[dict[str, str]]]:
    """What was found at each element, in the reader's language."""
    found: dict[str, list[dict[str, str]]] = {}
    for finding in findings:
        if finding.element:
            told = {"severity": finding.severity, "text": message(finding)}
            found.setdefault(finding.element, []).append(told)
    return found


def focus(shown: Mapping[str, Any]) -> list[str]:
    """The elements that a phone shows first: what is found, else what differs."""
    for kind in ("findings", "added", "removed", "changed"):
        if shown.get(kind):
            return list(shown[kind])[:3]
    return []


def message(finding: Finding) -> str:
    """What a finding says, in the reader's language."""
    return words(finding.message, finding.fields)


def words(template: str, fields: Mapping[str, Any]) -> str:
    """A sentence of the engine with its fields, translated; kinds of elements in words."""
    shown = dict(fields)
    if "kind" in shown:
        shown["kind"] = describing.kind_words(str(shown["kind"])).lower()
    return refusals.sentence(template, shown)


def problem(result: ScenarioResult) -> str:
    """How a scenario went wrong, in the reader's language."""
    said = ((one.at, words(one.message, one.fields)) for one in result.says)
    return "; ".join(f"{at}: {text}" if at else text for at, text in said)


@dataclass(frozen=True)
class Touched:
    """What a deployment leaves as it is: open cases on their versions, and people's work."""

    cases: int
    held: int
    drafts: int
    steps: list[tuple[str, int]]


def touched(session: Session, key: str) -> Touched:
    """Open cases with their tasks and drafts, and at which steps they wait, most first."""
    english = language() == "en"
    name = sa.func.coalesce(Task.name_en, Task.name) if english else Task.name
    of_process = sa.select(Case.id).where(Case.process_key == key)
    mine = (Task.case_id.in_(of_process), Task.status == "open")
    steps = sa.select(name, sa.func.count(Task.case_id.distinct())).where(*mine).group_by(name)
    count = sa.func.count()
    drafts = sa.select(count).select_from(Draft).join(Task, Task.id == Draft.task_id)
    held = sa.select(count).select_from(Task).where(*mine, Task.assignee.is_not(None))
    cases = sa.select(count).where(Case.process_key == key, Case.status == "open")
    return Touched(
        cases=session.scalar(cases) or 0,
        held=session.scalar(held) or 0,
        drafts=session.scalar(drafts.where(*mine)) or 0,
        steps=Counter(dict(session.execute(steps).all())).most_common(),
    )
