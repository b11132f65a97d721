"""What the pages of process owners show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from app import law, refusals, web, who
from app.i18n import language
from app.studio import comparing, describing
from app.studio.models import Proposal
from engine import bpmn_reader, deploying, views
from engine.bpmn import Drawing
from engine.bundles import Bundle, drawing_path
from engine.check import Finding, check_bundle
from engine.errors import NotFound, ProcessNotFound, Refusal
from engine.program import Program
from engine.scenarios import ScenarioResult
from engine.scenarios import run as run_scenarios
from engine.tables import Case, Draft, Task, Version

MOST_LETTERS = 14
"""Of a badge: a longer one would cover the next element."""


@dataclass(frozen=True)
class Element:
    """One element of a drawing, as lists that lead to it name it."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True)
class FileRow:
    """A file of a proposal. state against what is in force: "", "added", "changed", "removed"."""

    path: str
    state: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Examined:
    """A proposal, checked and tried."""

    row: Proposal
    findings: list[Finding]
    scenarios: list[ScenarioResult]
    changes: list[comparing.Change]
    current: Version | None
    elements: Mapping[str, str]

    @property
    def is_overtaken(self) -> bool:
        """Whether another version came into force after the files were uploaded."""
        return self.current is not None and self.current.id != self.row.base_version_id

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
        is_new = self.current is None
        return not self.errors and not self.failed and (is_new or bool(self.changes))

    @property
    def removed(self) -> list[comparing.Change]:
        """Elements that are drawn no longer."""
        return [c for c in self.changes if c.kind == "removed" and c.element]

    @property
    def files(self) -> list[FileRow]:
        """The files, those first that differ from what is in force."""
        old = self.current.files if self.current is not None else {}
        rows = [FileRow(path, _state(path, old, self.row.files)) for path in self.row.files]
        rows += [FileRow(path, "removed") for path in old if path not in self.row.files]
        return sorted(rows, key=lambda row: (not row.state, row.name))


def _state(path: str, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    if path not in old:
        return "added"
    return "changed" if old[path] != new[path] else ""


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
    for process in views.processes(session):
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


MOST_NAMED = 2
"""Of the things that a proposal changes: how many its name tells."""


def summaries(session: Session, rows: list[Proposal]) -> dict[int, str]:
    """What each proposal changes of the version on which it was made, in a few words.

    {7: "Duyệt đề nghị, check.form và 2 chỗ khác"}
    """
    return {row.id: _summary(session, row) for row in rows}


def _summary(session: Session, row: Proposal) -> str:
    if row.base_version_id is None:
        return gettext("a new process")
    old = views.version(session, row.base_version_id).files
    changes = comparing.compare(old, row.files, drawing_path(row.process_key))
    names = list(dict.fromkeys(change.what for change in changes))
    if not names:
        return gettext("nothing changed yet")
    named, more = ", ".join(names[:MOST_NAMED]), len(names) - MOST_NAMED
    if more <= 0:
        return named
    others = ngettext("%(num)d other place", "%(num)d other places", more)
    return gettext("%(named)s and %(others)s", named=named, others=others)


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


def process_name(files: Mapping[str, str], key: str) -> str:
    """What the drawing calls the process, the key when it cannot be read."""
    path = drawing_path(key)
    try:
        process = bpmn_reader.read(files.get(path, ""), path).process(key)
    except Refusal:
        return key
    return describing.name(process, {}) if process is not None and process.name else key


def examine(session: Session, row: Proposal) -> Examined:
    """The proposal checked against what there is, and its scenarios run in memory."""
    engine, now = web.engine(), web.engine().clock()
    bundle = Bundle(row.process_key, row.files)
    findings = check_bundle(bundle, deploying.catalogue(session, engine.surroundings))
    results: list[ScenarioResult] = []
    if not any(f.severity == "error" for f in findings):
        results = run_scenarios(bundle, surroundings=engine.surroundings, session=session, now=now)
    current = in_force(session, row.process_key)
    old = current.files if current is not None else {}
    changes = comparing.compare(old, row.files, drawing_path(row.process_key))
    return Examined(row, findings, results, changes, current, _element_names(row))


def in_force(session: Session, key: str) -> Version | None:
    """The version on which new cases start, None before the first is deployed."""
    try:
        return deploying.in_force(session, key, web.engine().clock())
    except ProcessNotFound:
        return None


def file_in_force(session: Session, key: str, path: str) -> dict[str, str]:
    """One file of the version in force by its path. Raises NotFound."""
    current = in_force(session, key)
    if current is None or path not in current.files:
        raise NotFound(thing=path)
    return {path: current.files[path]}


def _element_names(row: Proposal) -> dict[str, str]:
    """What the elements of the proposal's drawing are called, by id."""
    path = drawing_path(row.process_key)
    try:
        return names_in(bpmn_reader.read(row.files.get(path, ""), path))
    except Refusal:
        return {}


def names_in(drawing: Drawing) -> dict[str, str]:
    """What the elements of a drawing are called, by id."""
    among = describing.elements(drawing.processes)
    return {key: describing.name(one, among) for key, one in among.items()}


def marks(examined: Examined, *, of_current: bool = False) -> dict[str, Any]:
    """Findings and differences beside the elements of the proposed drawing, or what goes of the
    one in force.
    """
    if of_current:
        changed = {c.element: "" for c in examined.changes if c.kind == "changed" and c.element}
        return {"removed": [c.element for c in examined.removed], "changed": changed}
    findings = found_at(examined.findings)
    parts: dict[str, list[str]] = {}
    for change in examined.changes:
        if change.element and change.kind == "changed":
            parts.setdefault(change.element, []).append(change.part)
    added = [c.element for c in examined.changes if c.kind == "added" and c.element]
    changed = {e: "" if e in findings else _badge(words) for e, words in parts.items()}
    return {"findings": findings, "added": added, "changed": changed}


def found_at(findings: list[Finding]) -> dict[str, list[dict[str, str]]]:
    """What was found at each element, in the reader's language."""
    found: dict[str, list[dict[str, str]]] = {}
    for finding in findings:
        if finding.element:
            told = {"severity": finding.severity, "text": message(finding)}
            found.setdefault(finding.element, []).append(told)
    return found


def _badge(parts: list[str]) -> str:
    """What a changed element says on the drawing: "Hạn" or "3 chỗ"."""
    if len(parts) == 1 and len(parts[0]) <= MOST_LETTERS:
        return parts[0]
    return ngettext("%(num)d place", "%(num)d places", len(parts))


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


def drawing_or_refusal(files: Mapping[str, str], key: str) -> Refusal | None:
    """Why the drawing cannot be shown, or None."""
    path = drawing_path(key)
    try:
        bpmn_reader.read(files.get(path, ""), path)
    except Refusal as problem:
        return problem
    return None
