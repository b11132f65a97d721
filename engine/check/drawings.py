"""Checks all files that belong together: each by itself, then what they name in each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from typing import Any

from engine import bpmn_reader
from engine.bpmn import BPMN, Drawing
from engine.bpmn_reader.drawing import GLOBAL_TASKS, read_drawing
from engine.catalogues import FOLDER as CATALOGUES
from engine.check.calls import check_calls
from engine.check.choices import check_choices
from engine.check.data import check_data
from engine.check.decided import at, check_decisions
from engine.check.document import Document, is_true, kind_of, spot
from engine.check.echoes import check_echoes
from engine.check.events import check_events
from engine.check.finding import UNSEEN, Finding, Guard, Purpose, Still, found, unguarded, weigh
from engine.check.flows import check_flows
from engine.check.foreign import check_foreign
from engine.check.formed import wrong_types
from engine.check.gateways import check_gateways
from engine.check.imports import check_imports
from engine.check.intake import of_another_program
from engine.check.interchange import check_interchange
from engine.check.key_types import check_key_types
from engine.check.keys import check_keys
from engine.check.kinds import Types
from engine.check.languages import check_vendors, with_languages
from engine.check.links import check_links
from engine.check.message_flows import check_message_flows
from engine.check.owned import check_owned
from engine.check.passing import Passages
from engine.check.picture import check_picture
from engine.check.references import Known, Names, check_references
from engine.check.schema import check_schema, is_bpmn
from engine.check.structure import check_structure
from engine.check.style import check_style
from engine.check.subscriptions import check_subscriptions
from engine.check.texts import texts_of
from engine.check.variables import check_variables, variables_of
from engine.check.wording import check_wording
from engine.decisions import DecisionInvalid, Decisions, read_decisions
from engine.decisions.models import Load
from engine.errors import Refusal, Sentence
from engine.forms import Form, FormInvalid
from engine.registers import FOLDER as REGISTERS
from engine.wellformed import as_text

SCENARIOS = "processes/scenarios/"
DESCRIBED = (f"{REGISTERS}/", f"{CATALOGUES}/")
_PARTS = re.compile(rb'"components"\s*:\s*\[')
_TYPED = re.compile(rb'"(?:type|schemaVersion)"\s*:\s*["0-9]')
MOST_ELEMENTS = 150_000
"""BPMN elements of one drawing; more do not fit into the memory that a check may take."""

MOST_WHOLE = 20_000
"""BPMN elements of a drawing that every rule looks at; what people draw has some hundreds. In a
larger one style, diagram and variables are left out, and it is said so.
"""

MOST_ATTRIBUTES = 200
"""Attributes of one element; reading them all takes time that grows with the square."""

MOST_ALIKE = 100
"""Findings of one rule in one file; whoever has mended so many will ask again."""

_SAID_ALREADY = {
    "no-outgoing": {"no-implicit-end", "no-disconnected"},
    "start-leads-nowhere": {"no-implicit-end", "no-disconnected"},
    "boundary-ends": {"no-implicit-end", "no-disconnected"},
    "event-leads-nowhere": {"no-implicit-end", "no-disconnected"},
    "event-not-reached": {"no-implicit-start", "no-disconnected"},
    "end-not-reached": {"no-implicit-start", "no-disconnected"},
    "gateway-one-way": {"superfluous-gateway", "no-implicit-start", "no-implicit-end"},
    "no-condition": {"conditional-flows"},
    "boundary-alone": {"dangling-reference", "wrong-reference", "unreachable"},
    "foreign-collection": {"no-collection"},
    "foreign-work": {"no-operation"},
    "foreign-person": {"nobody"},
    "foreign-addition": {"no-decision", "no-called", "empty-script"},
    "foreign-sending": {"no-message"},
    "no-incoming": {"no-implicit-start", "no-disconnected", "unreachable"},
    "no-start": {"start-event-required"},
    "dangling-reference": {"no-message", "no-signal"},
    "no-end": {"end-event-required"},
    "timer-invalid": {"timer-words"},
    "timer-words": {"unwritten-variable", "bad-expression", "type-error"},
    "empty-process": {"start-event-required", "end-event-required"},
    "unreachable": {"no-implicit-start", "no-disconnected"},
}
"""Advice that a weightier finding at the same element already gives."""


@dataclass
class Files:
    """Files by path, and what could be read of them.

    fetch: the bytes of a file beside one of them, for imports; load: the same for decisions.
    beside: files that those may name; they are read for what they hold and not examined.
    guard: looks at each, and may end one that takes too long.
    """

    contents: Mapping[str, bytes]
    fetch: Callable[[str, str], bytes | None] = lambda _path, _location: None
    load: Callable[[str], Load | None] = lambda _path: None
    beside: Mapping[str, bytes] = field(default_factory=dict)
    guard: Guard = unguarded
    others: dict[str, Drawing] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    drawings: dict[str, Drawing] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    decisions: dict[str, Decisions] = field(default_factory=dict)

    @cached_property
    def passages(self) -> Passages:
        """What is passed in one step, in all processes; for when every file has been read."""
        drawn = [*self.others.values(), *self.drawings.values()]
        return Passages({p.id: p for d in drawn for p in d.callable}.get)


def check_all(files: Files, known: Known, purpose: Purpose) -> list[Finding]:
    """All findings about files that belong together. Never raises for what a file holds."""
    findings: list[Finding] = []
    # Drawings last: they name what is in the others.
    for path, content in sorted(files.contents.items(), key=lambda f: format_of(*f) == "bpmn"):
        told = files.guard(path, partial(_one, files, path, content, known))
        if any(finding.rule in UNSEEN for finding in told):
            files.drawings.pop(path, None)
        findings += _weighed(files, path, purpose, iter(told))
    for path, content in files.beside.items():
        _note(files, path, content)
    names = _names(files, is_strict=purpose.is_deployed)
    for path in files.drawings:
        told = files.guard(path, partial(_drawing, files, path, (names, known), purpose))
        findings += _weighed(files, path, purpose, iter(told))
    drawn = [*files.drawings.values(), *files.others.values()]
    between = [*check_calls(drawn), *check_echoes(drawn, files.passages)]
    for path in files.drawings if between else ():
        findings += _weighed(files, path, purpose, iter([f for f in between if f.file == path]))
    return _cut(_without_echoes(findings))


def _note(files: Files, path: str, content: bytes) -> None:
    """What a file beside the given ones holds that these may name; nothing where it is broken."""
    kind = format_of(path, content)
    try:
        if kind == "bpmn":
            files.others[path] = read_drawing(
                bpmn_reader.parse_xml(content, path, comments=False), path
            )
        elif kind == "dmn":
            files.decisions[path] = read_decisions(content, path=path, load=files.load(path))
        elif kind == "form":
            files.forms[path] = Form.parse(content.decode(), path=path)
    except (Refusal, DecisionInvalid, FormInvalid, UnicodeDecodeError):
        return


def _names(files: Files, *, is_strict: bool) -> Names:
    """What drawings may name in the files."""
    given = {**files.beside, **files.contents}
    drawings = [*files.drawings.values(), *files.others.values()]
    return Names(
        forms=frozenset(p for p, c in given.items() if format_of(p, c) == "form"),
        decisions=frozenset(i for d in files.decisions.values() for i in d.ids),
        processes=frozenset(p.id for d in drawings for p in d.callable),
        called=frozenset(
            n.called for d in drawings for p in d.processes for n in p.nodes() if n.called
        ),
        is_strict=is_strict,
        templates={p: c.decode(errors="replace") for p, c in given.items() if p.endswith(".typ")},
        described={
            p: c.decode(errors="replace")
            for p, c in given.items()
            if any(folder in p for folder in DESCRIBED)
        },
    )


def _one(files: Files, path: str, content: bytes, known: Known) -> Iterator[Finding]:
    """A file by itself."""
    kind = format_of(path, content)
    reader = {"dmn": _decisions, "form": _form}.get(kind)
    if not content.strip():
        yield found(path, "empty-file")
    elif kind in ("bpmn", "") and (program := of_another_program(content)) is not None:
        yield found(path, "other-format", program=program)
    elif kind == "bpmn":
        yield from _read(files, path, content)
    elif reader is not None:
        yield from reader(files, path, content, known)
    elif not path.startswith((SCENARIOS, *DESCRIBED)) and not path.endswith(".typ"):
        yield found(path, "unknown-format")


def _weighed(
    files: Files, path: str, purpose: Purpose, findings: Iterator[Finding]
) -> Iterator[Finding]:
    told = list(findings)  # What runs is known only when the file has been read.
    return weigh(told, purpose, _still(files, path, purpose))


def format_of(path: str, content: bytes) -> str:
    """bpmn, dmn, form or typ: by the end of a file's name, else by how it begins; else empty."""
    for end in ("bpmn", "dmn", "form", "typ"):
        if path.endswith(f".{end}"):
            return end
    if any(folder in path for folder in (SCENARIOS, *DESCRIBED)):
        return ""
    head = as_text(content[:4096], "ignore").lstrip("\ufeff \t\r\n")
    if head[:1] == "{" and not any(folder in path for folder in (SCENARIOS, *DESCRIBED)):
        # Scenarios may be named like anything, but are no form of a type.
        start = content[:65536]
        is_form = _PARTS.search(start) and _TYPED.search(start)
        return "form" if is_form else ""
    if head[:1] != "<":
        return ""
    return "dmn" if "spec/DMN/" in head else "bpmn"


def _cut(findings: list[Finding]) -> list[Finding]:
    """The first of each rule in each file, and how many there are of it in all."""
    counts = Counter((f.file, f.rule) for f in findings)
    seen: Counter[tuple[str, str]] = Counter()
    kept: list[Finding] = []
    for finding in findings:
        key = (finding.file, finding.rule)
        seen[key] += 1
        if seen[key] <= MOST_ALIKE:
            kept.append(finding)
        elif seen[key] == MOST_ALIKE + 1:
            more = counts[key] - MOST_ALIKE
            kept.append(found(finding.file, "more", count=more, key=finding.rule))
    return kept


def _without_echoes(findings: list[Finding]) -> list[Finding]:
    said: set[tuple[str, str | None, str]] = set()
    for finding in findings:
        for echo in _SAID_ALREADY.get(finding.rule, ()):
            said.add((finding.file, finding.element, echo))
    left = [f for f in findings if (f.file, f.element, f.rule) not in said]
    # That a time is words may be seen by its type, and again by what it reads.
    seen: set[tuple[str, str | None, str]] = set()
    kept = []
    for finding in left:
        if finding.rule == "timer-words":
            key = (finding.file, finding.element, finding.fields["text"])
            if key in seen:
                continue
            seen.add(key)
        kept.append(finding)
    return kept


def _read(files: Files, path: str, content: bytes) -> Iterator[Finding]:
    """What a file of BPMN holds, judged by the standard; a document and a drawing when it can be
    read.
    """
    try:
        root = bpmn_reader.parse_xml(content, path, comments=False)
        if not is_bpmn(root):
            bpmn_reader.read(content, path)
        count = sum(1 for _ in root.iter(f"{{{BPMN}}}*"))
        if count > MOST_ELEMENTS:
            yield found(path, "too-many-elements", count=count, most=MOST_ELEMENTS)
            return
        most = max(len(e.attrib) for e in root.iter(f"{{{BPMN}}}*"))
        if most > MOST_ATTRIBUTES:
            yield found(path, "too-many-attributes", count=most, most=MOST_ATTRIBUTES)
            return
        document = files.documents[path] = Document.of(root, path)
        files.drawings[path] = read_drawing(root, path)
    except Refusal as problem:
        reason = Sentence(problem.template, problem.fields)
        yield at(found(path, "unreadable", problem=reason), None, problem.fields.get("line"))
        return
    yield from check_imports(document, lambda place: files.fetch(path, place))
    for check in (check_schema, check_links, check_flows, check_message_flows,
                  check_gateways, check_events, check_data, check_wording, check_choices,
                  check_subscriptions, check_vendors, check_foreign):  # fmt: skip
        yield from check(document)
    if _is_large(document):
        yield found(path, "large-drawing", count=count, most=MOST_WHOLE)
        return
    yield from check_style(document)
    yield from check_picture(document)
    yield from check_interchange(document)


def _is_large(document: Document) -> bool:
    return len(document.elements) > MOST_WHOLE


def _drawing(
    files: Files, path: str, around: tuple[Names, Known], purpose: Purpose
) -> Iterator[Finding]:
    """What a drawing needs to run, and what it names outside itself."""
    names, known = around
    drawing, document = files.drawings[path], files.documents[path]
    instead = list(_instead(document)) if not drawing.processes else []
    yield from instead
    yield from check_structure(
        drawing, files.passages, is_deployed=purpose.is_deployed, is_other=bool(instead)
    )

    def form(name: str) -> Form | None:
        return files.forms.get(names.form(name) or "")

    yield from check_keys(path, drawing.processes)
    called = names.called | {task.id for task in drawing.tasks}
    types: dict[str, Types] = {}
    for process in drawing.callable:
        expressions = texts_of(process)
        texts = list(with_languages(document, expressions, is_deployed=purpose.is_deployed))
        yield from check_references(
            drawing, process, texts, names=names, known=known, alike=document.alike
        )
        if not _is_large(document):
            written = variables_of(process, texts, form, called)
            types[process.id] = written.types
            yield from check_variables(path, texts, written, document.alike)
            yield from check_owned(path, process, form)
    yield from check_key_types(document, drawing.processes, types) if types else ()


def _instead(document: Document) -> Iterator[Finding]:
    """What a file without a process holds that shows how parties work together (9.5, 11): of what
    is drawn inside one another, the outermost.
    """
    for kind in ("choreography", "globalChoreographyTask", "globalConversation"):
        for one in document.all(kind):
            yield found(document.path, "not-run", spot(one), kind=kind)
    for kind in ("conversation", "callConversation", "subConversation"):
        for one in document.all(kind):
            if kind_of(one.getparent()) == "collaboration":
                yield found(document.path, "not-run", spot(one), kind=kind)


def _still(files: Files, path: str, purpose: Purpose) -> Still:
    """Ids of all that is inside processes which do not ask to be run."""
    document = files.documents.get(path)
    if document is None:
        return Still()
    default = "true" if purpose.is_deployed else "false"
    return Still(_inside(document, default), _inside(document, "true"))


def _inside(document: Document, default: str) -> frozenset[str]:
    """Ids of all inside processes that are not executable; `default`: whether one is that says
    nothing. Global tasks are asked to run by the processes of their file.
    """
    processes = list(document.all("process"))
    still = [p for p in processes if not is_true(p, "isExecutable", default)]
    if len(still) == len(processes) and (processes or default == "false"):
        still += document.all(*GLOBAL_TASKS)
    parts = chain.from_iterable(one.iter(f"{{{BPMN}}}*") for one in still)
    return frozenset(part.get("id") for part in parts if part.get("id"))


def _form(files: Files, path: str, content: bytes, known: Known) -> Iterator[Finding]:
    try:
        text = content.decode()
    except UnicodeDecodeError as problem:
        yield found(path, "not-text", position=problem.start + 1)
        return
    try:
        form = Form.parse(text, path=path)
        findings: Any = (*form.warnings, *wrong_types(form, text))
        files.forms[path] = form
    except FormInvalid as problem:
        findings = problem.findings
    for f in findings:
        if f.rule == "unknown-function" and f.fields["function"] in known().functions:
            continue
        yield Finding(path, f.line, f.element, f.rule, f.severity, f.message, f.remedy, f.fields)


def _decisions(files: Files, path: str, content: bytes, known: Known) -> Iterator[Finding]:
    """What a file of decisions cannot do, and what its tables leave out or say twice."""
    try:
        files.decisions[path] = read_decisions(content, path=path, load=files.load(path))
    except DecisionInvalid as problem:
        reason = problem.sentence
        yield at(found(path, "decision-invalid", problem=reason), problem.element, problem.line)
        return
    yield from check_decisions(files.decisions[path], path, known)
