"""What the auditor's pages show: steps in words, what each changed, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from app import law, refusals, rendering, verdicts, web, who, words
from app.cases import history
from app.cases.showing import OWN, Sheet, value_words
from app.i18n import language
from app.who import Names
from engine import Verdict, views
from engine.auditing import AuditStep, audit, learned
from engine.bpmn import SCOPES
from engine.bundles import form_name
from engine.ports import Actor
from engine.proof import Difference

LETS_IN = "/first-password/"
"""Where a link begins with which somebody chooses a first password, without any other."""


def names_of(session: Session, rows: Iterable[Any], now: datetime) -> Names:
    """What the people and units of a list of cases are called."""
    found = list(rows)
    return who.names(
        session,
        now,
        people=[row.started_by for row in found],
        units=[row.unit for row in found],
        english=language() == "en",
    )


def status_words() -> dict[str, str]:
    """The states that a case can have."""
    return {
        "open": gettext("In progress"),
        "completed": gettext("Completed"),
        "cancelled": gettext("Cancelled"),
    }


def difference_words(difference: Difference) -> str:
    """One difference as a sentence in the reader's language."""
    return verdicts.words(difference, gettext=gettext, sentence=refusals.sentence)


def verdict_words(verdict: Verdict, replay: CaseReplay) -> dict[str, Any]:
    """The verdict as the alert above the drawing says it."""
    if verdict.holds:
        heading = gettext(
            "The journal is whole: %(count)s of %(count)s steps have the right hash and "
            "come to rest at the same place when run again",
            count=verdict.entries,
        )
        text = gettext("Verified at %(when)s.", when=words.instant(web.engine().clock()))
        return {"kind": "proof", "heading": heading, "text": text, "step": None}
    first, *_more = verdict.differences
    if not first.in_journal:
        said = " ".join(difference_words(one) for one in verdict.differences)
        doubt = gettext(
            "What the journal says is proved; go by it. Tell the Office and leave the database as "
            "it is."
        )
        heading = gettext("The journal is whole, but data beside it were changed")
        return {"kind": "bad", "heading": heading, "text": f"{said} {doubt}", "step": None}
    number = replay.position(first.seq)
    heading = gettext("The first difference is at step %(step)s", step=number)
    doubt = gettext(
        "What stands from step %(step)s on is not proved. Tell the Office and leave the "
        "database as it is.",
        step=number,
    )
    text = f"{difference_words(first)} {doubt}"
    return {"kind": "bad", "heading": heading, "text": text, "step": number}


@dataclass(frozen=True)
class Changed:
    """One value that a step changed; `is_named` says whether a form or the drawing names it."""

    label: str
    is_named: bool
    before: str
    after: str


@dataclass(frozen=True)
class CaseReplay:
    """A case with its steps, ready to be shown."""

    row: Any
    program: Any
    steps: list[AuditStep]
    teller: history.Teller
    version: Any

    @property
    def last(self) -> int:
        return len(self.steps)

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The list beside the drawing; also what the player reads as JSON."""
        return [self._item(number, step) for number, step in enumerate(self.steps, 1)]

    def position(self, seq: int) -> int:
        """Which step an entry is: its number, less those before it that somebody removed."""
        return sum(step.entry.seq < seq for step in self.steps) + 1

    def _item(self, number: int, step: AuditStep) -> dict[str, Any]:
        entry = step.entry
        return {
            "n": number,
            "title": self.teller.title(entry),
            "who": f"{self.teller.who(entry)}, {words.instant(entry.at)}",
            "at": _second(entry.at),
            "kind": "system" if entry.actor == "system" else "person",
            "marks": self.marks(step),
            "url": url_for("audit.replay", case_id=self.row.id, step=number),
            "panel_url": url_for("audit.step", case_id=self.row.id, number=number),
        }

    def marks(self, step: AuditStep) -> dict[str, Any]:
        """What the drawing shows after the step."""
        seen = step.marks
        # A sub-process is where its steps are: painted as a whole it would hide which of them.
        scopes = {node.id for node in self.program.nodes.values() if node.kind in SCOPES}
        done = self._ended_at(step) or history.element_of(step.entry)
        now = {e: "" for e in seen.now if e not in seen.hold and e not in scopes}
        past = {
            element: gettext("%(count)s times", count=times) if times > 1 else ""
            for element, times in seen.past.items()
            if element not in {*seen.now, *seen.hold, *scopes}
        }
        found = {"past": past, "now": now, "hold": dict.fromkeys(seen.hold, "")}
        if done:
            # What the step has done has passed, unless work goes on there: it was only claimed.
            kind = next((kind for kind in ("now", "hold") if done in found[kind]), "past")
            found[kind][done] = gettext("Step %(n)s", n=step.entry.seq)
        return {**found, "late": {}, "flows": seen.flows, "step": done}

    def _ended_at(self, step: AuditStep) -> str | None:
        """The end event at which the case has come to its end, once it has."""
        if self.row.status != "completed" or step.marks.now:
            return None
        nodes = self.program.nodes
        for earlier in reversed(self.steps):
            if earlier.entry.seq <= step.entry.seq:
                for element in (mark[1:] for mark in reversed(earlier.entry.path)):
                    if element in nodes and nodes[element].kind == "endEvent":
                        return str(element)
        return None

    def panel(self, number: int) -> dict[str, Any]:
        """Who, for whom, by which right and clause; what was entered and what it changed."""
        step = self.steps[number - 1]
        entry = step.entry
        node = self.program.nodes.get(history.element_of(entry) or "")
        basis = node.properties.get("legal_basis") if node is not None else None
        return {
            "entry": entry,
            "previous": self.steps[number - 2].entry.hash if number > 1 else "",
            "title": self.teller.title(entry),
            "who": entry.actor_label if entry.behalf_of else self.teller.who(entry),
            "behalf": self.teller.names.person(entry.behalf_of) if entry.behalf_of else "",
            "at": _second(entry.at),
            "right": self.teller.right(entry),
            "clauses": law.clauses(basis),
            "changed": self._changed(step),
            "form": self._form(step, node),
            "facts": self._facts(learned(entry)),
            "said": self.teller.text(entry),
        }

    def _changed(self, step: AuditStep) -> list[Changed] | None:
        if step.changed is None:
            return None
        sheet, found = self.teller.sheet, []
        for path, old, new in step.changed:
            if path.split(".")[0] in OWN:
                continue
            asked = path in sheet.fields
            label = sheet.label(path) if asked else sheet.names.get(path, path)
            before, after = (
                sheet.said(path, value) if asked and value is not None else self._said(path, value)
                for value in (old, new)
            )
            found.append(Changed(label, label != path, before, after))
        return found

    def _said(self, path: str, value: Any) -> str:
        """A value that no form asks for. A link that lets its reader in is for nobody but whom it
        was sent to.
        """
        if isinstance(value, str) and value.startswith(LETS_IN):
            return gettext("one-time link, not shown")
        return self.teller.sheet.names.get(f"{path}.{value}") or value_words(value)

    def _form(self, step: AuditStep, node: Any) -> Markup | None:
        """The form as it was sent, read only; of a step that is not proved it would look empty."""
        if step.changed is None or step.entry.kind != "task_completed" or node is None:
            return None
        form = self.program.form(form_name(node))
        if form is None:
            return None
        return rendering.render_values(
            form, {**step.data, **step.entry.input["data"]}, context=step.data, now=step.entry.at
        )

    def _facts(self, facts: list[list[Any]]) -> list[tuple[str, str]]:
        """What the step learned from outside: ("head_of(vp)", "an")."""
        found = []
        for name, arguments, answer in facts:
            asked = ", ".join(value_words(a) for a in arguments)
            found.append((f"{name}({asked})", value_words(answer)))
        return found


def _second(at: datetime) -> str:
    """An instant with its second: of two steps in a minute an auditor asks which came first."""
    return f"{words.instant(at)}:{at.second:02}"


def replay(session: Session, case_id: int, actor: Actor) -> CaseReplay:
    """A case with its steps. Raises NotFound."""
    mover, now = web.engine().mover, web.engine().clock()
    found = audit(session, mover, case_id, actor)
    row = views.case_row(session, case_id)
    entries = [step.entry for step in found.steps]
    names = who.names(
        session,
        now,
        people=[name for e in entries for name in history.people_in(e)],
        units=[row.unit, *((e.right or "").partition("@")[2] for e in entries)],
        english=language() == "en",
    )
    data = next((step.data for step in reversed(found.steps) if step.data), {})
    gone = history.nameless(views.files(session, case_id))
    teller = history.Teller(Sheet(found.program, data, now, language()), names, erased=gone)
    version = views.version(session, row.version_id)
    return CaseReplay(row, found.program, found.steps, teller, version)
