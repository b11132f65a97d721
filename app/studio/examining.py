"""Proposals, examined. Their files come from anywhere: everything that reads what is in them is
done in a process that may take so much time and memory and no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from app import drawings, web
from app.apart import Broken, TooHard, apart, beyond
from app.studio import comparing, describing, queries, renaming
from app.studio.models import Proposal
from engine import bpmn_reader, deploying, views
from engine.bpmn import Drawing
from engine.bundles import Bundle, drawing_path
from engine.check import Catalogue, Finding, check_bundle
from engine.check.finding import packed, unpacked
from engine.errors import Refusal
from engine.scenarios import run as run_scenarios
from engine.tables import Version

Record = dict[str, Any]

MOST_NAMED = 2
"""Of the things that a proposal changes: how many its name tells."""


MOST_LETTERS = 14
"""Of a badge: a longer one would cover the next element."""


@dataclass(frozen=True)
class FileRow:
    """A file of a proposal. state against what is in force: "", "added", "changed", "removed"."""

    path: str
    state: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Tried:
    """How a scenario went; what went wrong at which step, in the reader's language."""

    name: str
    passed: bool
    step: int
    problem: str


@dataclass(frozen=True)
class Examined:
    """A proposal, checked and tried.

    name: what its drawing calls the process. is_shown: whether the drawing can be shown.
    """

    row: Proposal
    findings: list[Finding]
    scenarios: list[Tried]
    changes: list[comparing.Change]
    current: Version | None
    elements: Mapping[str, str]
    name: str
    is_shown: bool

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


def examine(session: Session, row: Proposal) -> Examined:
    """The proposal checked against what there is, and its scenarios run in memory."""
    bundle = Bundle(row.process_key, row.files)
    current = queries.in_force(session, row.process_key)
    old = dict(current.files) if current is not None else {}
    known = deploying.catalogue(session, web.engine().surroundings)
    try:
        about, *records = apart(lambda: _examined(bundle, old, known))
    except (TooHard, Broken) as problem:
        finding = beyond(drawing_path(bundle.key), problem)
        return Examined(row, [finding], [], [], current, {}, bundle.key, False)
    kinds: dict[str, list[Any]] = {"finding": [], "scenario": [], "change": []}
    made = {
        "finding": unpacked,
        "scenario": lambda record: Tried(**record),
        "change": lambda record: comparing.Change(**record),
    }
    for record in records:
        for kind, parts in record.items():
            kinds[kind].append(made[kind](parts))
    findings, scenarios, changes = kinds.values()
    return Examined(row, findings, scenarios, changes, current, **about)


def _examined(bundle: Bundle, old: Mapping[str, str], known: Catalogue) -> Iterator[Record]:
    """What the drawing is called and what it names, then findings, scenarios and changes."""
    drawing = _drawing(bundle.files, bundle.key)
    yield {
        "elements": names_in(drawing) if drawing is not None else {},
        "name": _called(drawing, bundle.key),
        "is_shown": drawing is not None,
    }
    findings = check_bundle(bundle, known)
    yield from ({"finding": packed(finding)} for finding in findings)
    if not any(finding.severity == "error" for finding in findings):
        surroundings, session = web.engine().surroundings, web.reading()
        for one in run_scenarios(bundle, surroundings=surroundings, session=session):
            tried = Tried(one.name, one.passed, one.step, queries.problem(one))
            yield {"scenario": asdict(tried)}
    for change in comparing.compare(old, bundle.files, drawing_path(bundle.key)):
        yield {"change": asdict(change)}


def _drawing(files: Mapping[str, str], key: str) -> Drawing | None:
    """The drawing of a proposal; None of one that cannot be read."""
    path = drawing_path(key)
    try:
        return bpmn_reader.read(files.get(path, ""), path)
    except Refusal:
        return None


def _called(drawing: Drawing | None, key: str) -> str:
    """What the drawing calls the process, the key when it cannot be read."""
    process = drawing.process(key) if drawing is not None else None
    return describing.name(process, {}) if process is not None and process.name else key


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
    findings = queries.found_at(examined.findings)
    parts: dict[str, list[str]] = {}
    for change in examined.changes:
        if change.element and change.kind == "changed":
            parts.setdefault(change.element, []).append(change.part)
    added = [c.element for c in examined.changes if c.kind == "added" and c.element]
    changed = {e: "" if e in findings else _badge(words) for e, words in parts.items()}
    return {"findings": findings, "added": added, "changed": changed}


def _badge(parts: list[str]) -> str:
    """What a changed element says on the drawing: "Hạn" or "3 chỗ"."""
    if len(parts) == 1 and len(parts[0]) <= MOST_LETTERS:
        return parts[0]
    return ngettext("%(num)d place", "%(num)d places", len(parts))


@dataclass(frozen=True)
class Summary:
    """A proposal in a list: what its process is called, and what it changes of the version on
    which it was made, in a few words: "Duyệt đề nghị, check.form và 2 chỗ khác".
    """

    name: str
    changes: str


def summaries(session: Session, rows: list[Proposal]) -> dict[int, Summary]:
    """What the lists say of each proposal, by its number."""
    if not rows:
        return {}
    bases = {r.id: r.base_version_id for r in rows}
    old = {n: views.version(session, v).files if v is not None else None for n, v in bases.items()}
    new = {row.id: (row.process_key, dict(row.files)) for row in rows}

    def work() -> Iterator[Record]:
        for number, (key, files) in new.items():
            made = Summary(_called(_drawing(files, key), key), _changes(old[number], files, key))
            yield {"number": number, **asdict(made)}

    try:
        found = apart(work)
    except (TooHard, Broken):
        unknown = gettext("cannot be compared: one of the files takes too long to read")
        return {row.id: Summary(row.process_key, unknown) for row in rows}
    return {one.pop("number"): Summary(**one) for one in found}


def _changes(old: Mapping[str, str] | None, new: Mapping[str, str], key: str) -> str:
    if old is None:
        return gettext("a new process")
    changes = comparing.compare(old, new, drawing_path(key))
    names = list(dict.fromkeys(change.what for change in changes))
    if not names:
        return gettext("nothing changed yet")
    named, more = ", ".join(names[:MOST_NAMED]), len(names) - MOST_NAMED
    if more <= 0:
        return named
    others = ngettext("%(num)d other place", "%(num)d other places", more)
    return gettext("%(named)s and %(others)s", named=named, others=others)


def diagram(text: str, language: str) -> str:
    """A drawing for the viewer, laid out where it was not; as it is where that takes too long."""
    try:
        return str(apart(lambda: [{"shown": drawings.shown(text, language)}])[0]["shown"])
    except (TooHard, Broken):
        return text


def follow(old: Mapping[str, str], new: Mapping[str, str], key: str) -> dict[str, str]:
    """`renaming.follow`; `new` as it is where that takes too long, which its page then says."""
    if old == new:
        return dict(new)
    try:
        spoken = apart(lambda: [_respoken(old, new, key)])[0]
    except (TooHard, Broken):
        return dict(new)
    return {**new, **spoken}


def _respoken(old: Mapping[str, str], new: Mapping[str, str], key: str) -> Record:
    """The files that speak of renamed elements by their new names, as they then are."""
    files = renaming.follow(old, new, key)
    return {path: text for path, text in files.items() if new[path] != text}
