"""A case's journal told in sentences, for people who do not know entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from app import shell, words
from app.cases.showing import Sheet, step_name
from app.who import Names
from engine.forms import Form
from engine.ports import SYSTEM

QUIET = frozenset({"task_claimed", "task_released", "call_retried"})
"""What moves nothing and tells a reader little: kept to the tab of the journal."""

MOST_ANSWERS = 4
MOST_LETTERS = 300

_SENTENCES: dict[str, Callable[[str], str]] = {
    "case_started": lambda _: gettext("The case was started"),
    "task_completed": lambda e: gettext("“%(step)s” was done", step=e),
    "task_claimed": lambda e: gettext("“%(step)s” was claimed", step=e),
    "task_released": lambda e: gettext("“%(step)s” was handed back to its group", step=e),
    "task_assigned": lambda e: gettext("“%(step)s” was handed over", step=e),
    "work_handed_over": lambda _: gettext("Work was handed over to somebody else"),
    "timer_fired": lambda e: gettext("The time of “%(step)s” came", step=e),
    "message_received": lambda e: gettext("“%(step)s” arrived", step=e),
    "signal_received": lambda e: gettext("A signal arrived: “%(step)s”", step=e),
    "call_returned": lambda e: gettext("The system carried out “%(step)s”", step=e),
    "call_rejected": lambda e: gettext("The other system refused “%(step)s”", step=e),
    "call_stuck": lambda e: gettext("“%(step)s” is stuck; the administrators are told", step=e),
    "call_retried": lambda e: gettext("“%(step)s” is tried again", step=e),
    "case_cancelled": lambda _: gettext("The case was cancelled"),
    "deadlines_recounted": lambda _: gettext("Deadlines were counted again by the new calendar"),
    "unit_succeeded": lambda _: gettext("The case goes on in another unit"),
    "comment_added": lambda _: gettext("A comment was written"),
    "file_attached": lambda _: gettext("A file was added"),
    "case_migrated": lambda _: gettext("The case moved to another version of its process"),
}
_DOTS = {"call_stuck": "late", "call_rejected": "late", "case_cancelled": "late"}


@dataclass(frozen=True)
class Teller:
    """Tells the entries of one case in one language."""

    sheet: Sheet
    names: Names
    due_at: datetime | None = None
    """The deadline of the case: without one no clock of it can stand still."""
    paused_at: datetime | None = None
    erased: frozenset[str] = frozenset()
    """The sha256 of the files that were destroyed and whose names are not told any more."""

    @property
    def is_stopped(self) -> bool:
        """Whether the clock of the case stands still."""
        return words.is_stopped(self.paused_at, self.due_at)

    def step(self, element: str | None) -> str:
        """The name of an element of the drawing in the reader's language."""
        node = self.sheet.program.nodes.get(element or "")
        return element or "" if node is None else step_name(node, self.sheet.language)

    def title(self, entry: Any) -> str:
        """What happened, as one sentence."""
        step = self.step(element_of(entry)) or str(entry.input.get("name") or "")
        if entry.kind == "message_received" and entry.actor != SYSTEM.name:
            return gettext("“%(step)s” was sent", step=step)
        sentence = _SENTENCES.get(entry.kind)
        return sentence(step) if sentence else step or gettext("Something happened")

    def who(self, entry: Any) -> str:
        """Who did it, and for whom."""
        if entry.actor == SYSTEM.name:
            return gettext("The system")
        if entry.behalf_of:
            other = self.names.person(entry.behalf_of)
            number = entry.input.get("mandate")
            if number:
                words = gettext("%(who)s for %(other)s by %(number)s")
                return words % {"who": entry.actor_label, "other": other, "number": number}
            return gettext("%(who)s for %(other)s", who=entry.actor_label, other=other)
        return str(entry.actor_label)

    def right(self, entry: Any) -> str:
        """By which right, in words."""
        if not entry.right:
            return ""
        if entry.right.startswith("="):
            return gettext("named in person")
        if "@" in entry.right:
            return self.names.candidate(entry.right)
        return gettext(entry.right)  # A permission; the area of people translates their names.

    def text(self, entry: Any) -> str:
        """What was said or decided, in a line or two."""
        given = entry.input
        if entry.kind == "comment_added":
            return _short(given.get("text"))
        if entry.kind == "file_attached":
            if given.get("sha256") in self.erased:
                return gettext("The file was destroyed")
            return str(given.get("name") or "")
        if entry.kind in ("case_cancelled", "call_rejected"):
            return _short(given.get("reason") or given.get("message"))
        if entry.kind == "work_handed_over":
            return self._handed_over(given)
        if entry.kind == "task_assigned":
            return gettext("To %(who)s", who=self.names.person(given.get("to")))
        if entry.kind == "unit_succeeded":
            before, after = (self.names.unit(given.get(key)) for key in ("before", "after"))
            told = gettext("%(after)s in place of %(before)s", after=after, before=before)
            return " · ".join(part for part in (told, _short(given.get("basis"))) if part)
        if entry.kind == "call_returned":
            return _not_shown(given.get("result"))
        if entry.kind in ("task_completed", "message_received"):
            said = self.sheet.answers(given.get("data") or {}, self._form(entry))
            return " · ".join(map(_short, said[:MOST_ANSWERS]))
        return ""

    def _form(self, entry: Any) -> Form | None:
        """The form of a message, whose fields may be called as those of other forms."""
        node = self.sheet.program.nodes.get(element_of(entry) or "")
        own = node.properties.get("form") if node is not None else None
        return self.sheet.program.forms.get(own) if own else None

    def _handed_over(self, given: Any) -> str:
        who = self.names.person(given["from"])
        if given["to"] is None:
            return gettext("From %(who)s back to the groups", who=who)
        return gettext("From %(who)s to %(to)s", who=who, to=self.names.person(given["to"]))

    def waiting(self, task: Any) -> dict[str, Any]:
        """An open task, as the item of the timeline that stands above what happened."""
        stopped = words.is_stopped(task.paused, task.due_at, self.due_at)
        late = task.due_at is not None and task.due_at < self.sheet.now and not stopped
        name = self.step(task.element)
        if task.assignee:
            title = gettext(
                "Now: “%(step)s”, with %(who)s", step=name, who=self.names.person(task.assignee)
            )
        else:
            title = gettext("Now: “%(step)s”, waiting to be claimed", step=name)
        since = gettext("Since %(when)s", when=words.instant(task.created_at))
        due = gettext("due %(when)s", when=words.instant(task.due_at)) if task.due_at else ""
        kind = "hold" if stopped else "late" if late else "now"
        return {
            "title": title,
            "date": " · ".join(part for part in (since, due) if part),
            "text": "",
            "kind": kind,
        }

    def standing(self, steps: list[str], states: list[str]) -> list[dict[str, Any]]:
        """Where the case waits for no person, as items above what happened; states: how it
        stands, where the drawing has words for that.
        """
        titles = states or [
            gettext("Now: the case waits at “%(step)s”", step=step) for step in steps
        ]
        kind = "hold" if self.is_stopped else "now"
        return [{"title": title, "date": "", "text": "", "kind": kind} for title in titles]

    def ended(self, row: Any) -> list[dict[str, Any]]:
        """With what a completed case has ended, as the item of the timeline above what happened.

        A case that was cancelled says so itself, in the entry of who cancelled it.
        """
        if row.status != "completed":
            return []
        said = (
            gettext("The case ended: %(outcome)s", outcome=shell.outcome(row))
            if row.outcome
            else ""
        )
        return [
            {
                "title": said or gettext("The case ended"),
                "date": words.instant(row.closed_at),
                "text": "",
                "kind": "",
            }
        ]

    def told(self, entries: Iterable[Any]) -> list[dict[str, Any]]:
        """What a reader of the history wants, newest first, as items of a timeline."""
        items: list[dict[str, Any]] = []
        done: set[str] = set()
        for entry in entries:
            if entry.kind not in QUIET:
                items.append(
                    {
                        "title": self.title(entry),
                        "date": f"{words.instant(entry.at)} · {self.who(entry)}",
                        "text": self.text(entry),
                        "kind": _DOTS.get(entry.kind, ""),
                    }
                )
            items += self._by_machine(entry, done)
            done.update(mark[1:] for mark in entry.path if mark.startswith("-"))
        return items[::-1]

    def _by_machine(self, entry: Any, done: set[str]) -> list[dict[str, Any]]:
        """What the machine did by itself in the same step, in order: operations, also those that
        were refused, and to which task of before it went back. done: elements passed before.
        """
        date = f"{words.instant(entry.at)} · {gettext('The system')}"
        told = [
            (sentence(self.step(element)), kind)
            for sentence, element, kind in _deeds(entry, self.sheet.program.nodes, done)
        ]
        return [
            {"title": title, "date": date, "text": "", "kind": kind}
            for title, kind in dict.fromkeys(told)
        ]

    def journal(self, entry: Any) -> dict[str, Any]:
        """One line of the journal, with its proof."""
        node = self.sheet.program.nodes.get(element_of(entry) or "")
        return {
            "seq": entry.seq,
            "title": self.title(entry),
            "who": self.who(entry),
            "right": self.right(entry),
            "law": node.properties.get("legal_basis", "") if node is not None else "",
            "at": entry.at,
            "hash": entry.hash,
        }

    def people(self, entries: Iterable[Any]) -> list[dict[str, str]]:
        """Everybody who did something, once, with the last thing they did."""
        parts: dict[str, dict[str, str]] = {}
        for entry in entries:
            if entry.actor == SYSTEM.name:
                continue
            before = parts.get(entry.actor, {}).get("part", "")
            part = self.step(element_of(entry)) or before or _BESIDE.get(entry.kind, _started)()
            parts[entry.actor] = {"label": entry.actor_label, "part": part}
        return list(parts.values())


Deed = tuple[Callable[[str], str], str, str]
"""A sentence, the element that it is about, how the item looks."""


def _deeds(entry: Any, nodes: Mapping[str, Any], done: Set[str]) -> Iterator[Deed]:
    own, path = element_of(entry), entry.path
    kinds = {mark: nodes[mark[1:]].kind for mark in path if mark[1:] in nodes}
    refused = [mark for mark, kind in kinds.items() if mark[0] == "!" and kind == "serviceTask"]
    by_rule = any(mark[0] == "-" and kind == "businessRuleTask" for mark, kind in kinds.items())
    decides = entry.actor == SYSTEM.name or by_rule or bool(refused)
    passed = {*done}
    for mark in path:
        sign, element, kind = mark[0], mark[1:], kinds.get(mark)
        passed.update([element] if sign == "-" else [])
        if sign == "-" and kind == "serviceTask" and element != own:
            yield _SENTENCES["call_returned"], element, ""
        elif mark in refused and f"+{element}" in path:
            # Why stands where the drawing shows it: it may name what not every reader may know.
            yield _not_done, element, "late"
        elif sign == "+" and kind == "userTask" and element in passed and decides:
            yield _back, element, "late"


def _not_done(step: str) -> str:
    return gettext("The system could not carry out “%(step)s”", step=step)


def _back(step: str) -> str:
    return gettext("Back at “%(step)s”", step=step)


def people_in(entry: Any) -> list[str | None]:
    """The accounts that an entry speaks of."""
    given = entry.input
    return [entry.actor, entry.behalf_of, given.get("to"), given.get("from")]


def element_of(entry: Any) -> str | None:
    """The element of the drawing that an entry is about.

    The answer of a call names only its token; the element is the first that the step has left.
    """
    named = entry.input.get("element")
    left = (mark[1:] for mark in entry.path if mark.startswith("-"))
    return named or (next(left, None) if entry.kind.startswith("call_") else None)


def nameless(files: Iterable[Any]) -> frozenset[str]:
    """The sha256 of the files whose names were destroyed with their content."""
    return frozenset(file.sha256 for file in files if not file.name)


def _not_shown(result: Any) -> str:
    """What of its data a paper could not show, so that somebody looks at it before it goes out."""
    signs = result.get("missing") if isinstance(result, dict) else None
    if not isinstance(signs, list) or not signs:
        return ""
    shown = _short(" ".join(map(str, signs)))
    return gettext("The paper shows “□” for what no typeface has: %(signs)s", signs=shown)


def _started() -> str:
    return gettext("Started the case")


_BESIDE = {
    "comment_added": lambda: gettext("Comments"),
    "file_attached": lambda: gettext("Files"),
}


def _short(text: Any) -> str:
    said = str(text or "").strip()
    return said if len(said) <= MOST_LETTERS else f"{said[:MOST_LETTERS].rstrip()}…"
