"""Case data as people read them: labels of the forms, words of options, numbers as written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from flask_babel import format_decimal, gettext

from app import words
from engine.bpmn import SCOPES
from engine.feel import FeelError
from engine.forms import Field, Form, Option
from engine.forms.expressions import Expression, Scope
from engine.forms.sources import choices
from engine.forms.templating import Template, TemplateBroken

OWN = frozenset({"initiator", "unit", "case"})
"""What the engine itself puts into every case; the page shows it in its own places."""


@dataclass(frozen=True)
class Sheet:
    """The data of one case under the labels of the forms of its version."""

    program: Any
    record: Mapping[str, Any]
    now: datetime
    language: str
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields of all forms by the dotted path that they fill in.

        Of two forms that show the same value the one that asks for it, and not only repeats it,
        is taken for its label.
        """
        found: dict[str, Field] = {}
        for form in self.program.forms.values():
            for one in form.walk():
                if one.holds_value and (one.name not in found or one.readonly is False):
                    found[one.name] = one
        return found

    @cached_property
    def conditions(self) -> str:
        """All conditions of the drawing's flows, to see which answers decide the way."""
        scopes = [s for p in self.program.processes.values() for s in p.scopes.values()]
        return "\n".join(flow.condition or "" for s in scopes for flow in s.flows.values())

    @cached_property
    def names(self) -> dict[str, str]:
        """What the drawing calls the data that no form asks for: its property `labels`, for
        readers of English `labels_en`; "found.kind.internal" stands for one value of a path.

        {"deadline": "Hạn trả kết quả", "found.kind": "Loại tài khoản"}
        """
        said = self.program.process.properties
        text = (self.language == "en" and said.get("labels_en")) or said.get("labels", "")
        pairs = (part.partition(":") for part in text.split(";"))
        return {path.strip(): words.strip() for path, _colon, words in pairs if words.strip()}

    def called(self, path: str) -> str:
        """What the drawing calls a value, or a form, or else its own name."""
        return self.names.get(path) or (self.label(path) if path in self.fields else path)

    def told(self, path: str, value: Any) -> str:
        """A value in words, by the field that asks for it if there is one."""
        return self.said(path, value) if path in self.fields else value_words(value)

    def label(self, path: str) -> str:
        """What a form calls the value at a path."""
        return self._label(self.fields[path])

    def _label(self, field: Field) -> str:
        kinds = (
            field.words(kind, self.language) for kind in ("label", "date_label", "time_label")
        )
        template = next((words for words in kinds if words is not None), None)
        return template.source if template is not None and template.is_plain else field.label

    def all(self) -> list[tuple[str, str]]:
        """Everything in the case that a form asks for, as (label, words), in the forms' order."""
        given = {key: value for key, value in self.record.items() if key not in OWN}
        values = dict(self.leaves(given))
        return [
            (self.label(path), self.said(path, values[path]))
            for path in self.fields
            if path in values and values[path] not in (None, "", []) and not self._is_hidden(path)
        ]

    @cached_property
    def _conditions_of(self) -> dict[str, list[list[Expression]]]:
        """By path: for each field that asks for it, what hides it, itself or what it stands in."""
        found: dict[str, list[list[Expression]]] = {}
        for form in self.program.forms.values():
            for one in form.fields:
                _add_conditions(found, one, [])
        return found

    def _is_hidden(self, path: str) -> bool:
        """Whether no form would ask for the value now, for what has been answered since: it was
        entered before another answer made it void.

        A condition that reads more than answers may have changed for other reasons.
        """
        answered = {path.partition(".")[0] for path in self.fields} | OWN
        scope = Scope(self.record, self.functions, self.now, self.language)
        asked = self._conditions_of.get(path, [])
        return bool(asked) and all(
            any(
                {name.partition(".")[0] for name in one.names} <= answered
                and one.evaluate(scope) is True
                for one in hides
            )
            for hides in asked
        )

    def leaves(self, record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
        """(dotted path, value) of all that is no record, or that one field holds whole."""
        for key, value in record.items():
            path = f"{prefix}{key}"
            if isinstance(value, Mapping) and path not in self.fields:
                yield from self.leaves(value, f"{path}.")
            else:
                yield path, value

    def answers(self, data: Mapping[str, Any], form: Form | None = None) -> list[str]:
        """What was decided and remarked, as "Label: words": choices that set the way or under
        which the form says what follows, and texts.

        Any other choice (the sex of a person) is data, not a decision. form: the one that was
        filled in, where its fields do not stand below the data of the case.
        """
        found, own = [], {one.name: one for one in form.walk()} if form is not None else {}
        for path, value in self.leaves(data):
            field = own.get(path) or self.fields.get(path)
            if field is None or value in (None, "", []):
                continue
            decides = field.type in ("radio", "select") and (
                path in self.conditions or any(one.note for one in self._options(field))
            )
            if decides or field.type == "textarea":
                found.append(f"{self._label(field)}: {self._told(field, value)}")
        return found

    def said(self, path: str, value: Any) -> str:
        """A value of a field in words; of one of its options, the option's words."""
        return self._told(self.fields[path], value)

    def _told(self, field: Field, value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(self._told(field, item) for item in value)
        if field.type == "dynamiclist" and isinstance(value, Mapping):
            return self._row(field, value)
        for option in self._options(field):
            if option.value == value and type(option.value) is type(value):
                return option.text(self.language)
        if isinstance(value, str) and "unit_name" in self.functions and _offers_units(field):
            return str(self.functions["unit_name"](value) or value)  # Not offered any more.
        return value_words(value)

    def _row(self, row: Field, value: Mapping[str, Any]) -> str:
        """A row of a list by its first answer and the others: "Dự án (Giá trị: 5; Ghi chú: -)"."""
        asked = [one for child in row.children for one in child.walk() if one.holds_value]
        given = dict(self.leaves(value))
        said = [
            (one.label, self._told(one, given[one.name]))
            for one in asked
            if given.get(one.name) not in (None, "", [])
        ]
        more = "; ".join(f"{label}: {words}" for label, words in said[1:])
        return f"{said[0][1]} ({more})" if more else said[0][1] if said else value_words(value)

    def _options(self, field: Field) -> Iterator[Option]:
        """The options of a field. Those that are computed were perhaps others when it was filled
        in, so they are also worked out for an empty case, and at last, since that asks the
        database, with what the agency knows: its units, its people.
        """
        for names in (self.record, {}):
            yield from choices(field, Scope(names, {}, self.now, self.language))
        if isinstance(field.source, Expression) and self.functions:
            if field.name not in self._asked:
                scope = Scope(self.record, self.functions, self.now, self.language)
                self._asked[field.name] = choices(field, scope)
            yield from self._asked[field.name]

    @cached_property
    def _asked(self) -> dict[str, tuple[Option, ...]]:
        """By name of a field, the options that were worked out with what the agency knows."""
        return {}


def _offers_units(field: Field) -> bool:
    """Whether its options are units of the organisation, worked out."""
    return isinstance(field.source, Expression) and "units_" in field.source.text


def _add_conditions(
    found: dict[str, list[list[Expression]]], one: Field, above: list[Expression]
) -> None:
    hides = [*above, one.hide] if one.hide is not None else above
    if one.holds_value and one.readonly is False:
        found.setdefault(one.name, []).append(hides)
    for child in one.children if one.type == "group" else ():
        _add_conditions(found, child, hides)


def value_words(value: Any) -> str:
    """A value as a reader sees it: 22/11/2026, 1.234,5, Có, names of files."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, (int, Decimal)):
        return str(format_decimal(value))
    if isinstance(value, datetime):
        return words.instant(value)
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, list):
        return ", ".join(map(value_words, value))
    if isinstance(value, Mapping):
        named = value.get("name")
        parts = (f"{k}: {value_words(v)}" for k, v in value.items() if v is not None)
        return str(named) if named else "; ".join(parts)
    return "" if value is None else str(value)


def versions_of(program: Any, record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a case has kept several times, the first one first: the list in its data that the
    property `versions` of its process names; nothing without that.
    """
    name = program.process.properties.get("versions", "")
    found = record.get(name) if name else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def step_name(node: Any, language: str) -> str:
    """What a drawing calls one of its elements, in the reader's language."""
    english = node.properties.get("name_en") if language == "en" else None
    return str(english or node.name or node.id)


def state_of(node: Any, columns: Mapping[str, Any], now: datetime, language: str) -> str:
    """How a case stands that waits at an element, in the owner's own words; "" without such.

    The property `state` ("Có hiệu lực đến hết {{valid_to}}", for readers of English `state_en`)
    is filled from what the process declares as columns.
    """
    own = node.properties
    text = (language == "en" and own.get("state_en")) or own.get("state")
    try:
        return Template.parse(text).render(Scope(columns, {}, now, language)) if text else ""
    except (TemplateBroken, FeelError):
        return ""


def without_listeners(nodes: Sequence[Any]) -> list[Any]:
    """Without what only listens: events at a border, and event sub-processes that have not begun,
    unless there is nothing else.
    """
    held = [node for node in nodes if node.kind != "boundaryEvent" and not node.by_event]
    return held or [node for node in nodes if node.kind != "boundaryEvent"]


def where(
    nodes: Sequence[Any], columns: Mapping[str, Any], now: datetime, language: str
) -> list[str]:
    """In words, each once, where a case stands that waits at these elements."""
    held = without_listeners(nodes)
    words = filter(None, (state_of(node, columns, now, language) for node in held))
    return list(dict.fromkeys(words)) or list(
        dict.fromkeys(step_name(node, language) for node in held)
    )


def is_step(node: Any) -> bool:
    """Whether a node of the drawing is work, and not an event or a gateway."""
    return bool(node.kind.endswith("Task") or node.kind == "callActivity")


def last_passed(entries: list[Any], count: int = 2) -> list[str]:
    """The elements that a closed case passed last, the end first: what a phone shows of it."""
    left = [mark[1:] for entry in entries for mark in entry.path if mark.startswith("-")]
    return list(dict.fromkeys(reversed(left)))[:count]


def marks(found: Any) -> dict[str, Any]:
    """What the drawing shows of a case: the way taken, where it stands, what is late or on hold.

    {"past": {"Receive": "2 lần"}, "now": {"Check": ""}, "late": {}, "hold": {}, "flows": ["F1"]}
    """
    seen, nodes = found.marks, found.program.nodes
    late = {task.element: gettext("Overdue") for task in found.tasks if task.element in seen.late}
    timed = {task.element for task in found.tasks if task.due_at is not None}
    hold = {
        element: ""
        for element in seen.hold
        if element not in late and (found.row.due_at is not None or element in timed)
    }
    # A sub-process is where its steps are: painted as a whole it would hide which of them it is.
    scopes = {node.id for node in nodes.values() if node.kind in SCOPES}
    here = {e: "" for e in seen.now if e not in late and e not in hold and e not in scopes}
    past = {
        element: gettext("%(count)s times", count=times) if times > 1 else ""
        for element, times in seen.past.items()
        if element not in {*late, *hold, *here, *scopes}
    }
    return {"past": past, "now": here, "late": late, "hold": hold, "flows": seen.flows}
