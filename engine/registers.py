"""Registers of the law as content: which columns a list of cases has, in the law's order.

`processes/registers/KEY.json` describes one: {"title", "title_en", "legal_basis", "columns":
[{"name", "label", "label_en", "width"?}, ...], "given": name, "sort": "-name", "period": name,
"filter": [name or {"name", "label", "label_en"}, ...], "print": {"paper": "A4", "orientation":
"landscape"}, "formerly": {name: [former name, ...]}}. What is narrowed by and is no column itself
says its label. A process says in its property `registers` in which its cases stand. A column is
one of the process's declared columns or one of `OWN`; without a name it is left empty, to be
filled in by hand. given: only cases in which this column has a value stand in the register.
period: the day by which it is narrowed to a time. formerly: how columns were called in earlier
versions, whose cases stand under the new name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from engine.errors import Sentence

FOLDER = "processes/registers"
OWN: Mapping[str, str] = {
    "code": "text", "title": "text", "unit": "text", "status": "text", "outcome": "text",
    "started_by": "text", "started_at": "instant", "closed_at": "instant", "due_at": "instant",
}  # fmt: skip
"""What every case has without declaring it, and of which kind it is."""
DAYS = ("date", "instant")
PAPERS = ("A4", "A3")
WAYS = ("portrait", "landscape")


class RegisterInvalid(Exception):
    """A description that cannot be used; `problem` says why."""

    def __init__(self, problem: Sentence) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True)
class Column:
    """name: of the case's column, None for one that is filled in by hand. width: its share."""

    label: str
    label_en: str
    name: str | None = None
    width: int = 10


@dataclass(frozen=True)
class Register:
    """A register as its newest deployed description has it.

    unseen: what it is narrowed by without being one of its columns, with what that is called.
    """

    title: str
    title_en: str
    legal_basis: str
    columns: tuple[Column, ...]
    sort: str
    is_descending: bool
    given: str | None = None
    period: str | None = None
    filters: tuple[str, ...] = ()
    unseen: tuple[Column, ...] = ()
    paper: str = "A4"
    orientation: str = "landscape"
    kinds: Mapping[str, str] = field(default_factory=dict)
    formerly: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def names(self, name: str) -> tuple[str, ...]:
        """The names that a column has or had, the asked one first."""
        for new, former in self.formerly.items():
            if name == new or name in former:
                return tuple(dict.fromkeys((name, new, *former)))
        return (name,)

    @property
    def named(self) -> list[str]:
        """Every column that it names, each once."""
        said = [column.name for column in self.columns]
        all_of = [*said, self.sort, self.given, self.period, *self.filters]
        return list(dict.fromkeys(name for name in all_of if name))


@dataclass(frozen=True)
class Entered:
    """What cases stand in a register with: the columns that it named before, and the kinds of all
    that the versions of those cases declare.
    """

    named: tuple[str, ...]
    kinds: Mapping[str, str]


_TEXT: dict[str, Any] = {"required": True, "validate": validate.Length(min=1, max=300)}


class _ColumnSchema(Schema):
    label = fields.String(**_TEXT)
    label_en = fields.String(**_TEXT)
    name = fields.String()
    width = fields.Integer(validate=validate.Range(1, 100))


class _PrintSchema(Schema):
    paper = fields.String(load_default="A4", validate=validate.OneOf(PAPERS))
    orientation = fields.String(load_default="landscape", validate=validate.OneOf(WAYS))


class _UnseenSchema(Schema):
    name = fields.String(**_TEXT)
    label = fields.String(**_TEXT)
    label_en = fields.String(**_TEXT)


class _Filter(fields.Field[Any]):
    """The name of a column, or a name with what it is called."""

    def _deserialize(self, value: Any, *_place: Any, **_more: Any) -> Any:
        return value if isinstance(value, str) else _UnseenSchema().load(value)


class _RegisterSchema(Schema):
    title = fields.String(**_TEXT)
    title_en = fields.String(**_TEXT)
    legal_basis = fields.String(**_TEXT)
    columns = fields.List(
        fields.Nested(_ColumnSchema), required=True, validate=validate.Length(1, 40)
    )
    sort = fields.String(**_TEXT)
    given = fields.String()
    period = fields.String()
    filter = fields.List(_Filter(), load_default=list)
    print = fields.Nested(_PrintSchema, load_default=dict)
    formerly = fields.Dict(
        keys=fields.String(**_TEXT),
        values=fields.List(fields.String(**_TEXT), validate=validate.Length(1, 20)),
        load_default=dict,
    )


def register_path(key: str) -> str:
    """Where the description of a register lies."""
    return f"{FOLDER}/{key}.json"


def parse(text: str) -> Register:
    """The register that a file describes. Raises RegisterInvalid."""
    try:
        said: Any = _RegisterSchema().load(json.loads(text))
    except ValidationError as problem:
        places = ", ".join(_places(problem.messages))
        raise RegisterInvalid(Sentence("look at {places}", {"places": places})) from None
    except (ValueError, RecursionError) as problem:
        raise RegisterInvalid(Sentence("it is no JSON: {words}", {"words": problem})) from None
    filters = [{"name": one} if isinstance(one, str) else one for one in said["filter"]]
    return Register(
        said["title"],
        said["title_en"],
        said["legal_basis"],
        tuple(Column(**column) for column in said["columns"]),
        said["sort"].removeprefix("-"),
        said["sort"].startswith("-"),
        said.get("given"),
        said.get("period"),
        tuple(one["name"] for one in filters),
        tuple(Column(**one) for one in filters if "label" in one),
        **{"paper": "A4", "orientation": "landscape", **said["print"]},
        formerly={name: tuple(former) for name, former in said["formerly"].items()},
    )


def _places(messages: Any, path: str = "") -> Iterator[str]:
    """Where a description is wrong: "columns.0.label_en"."""
    if not isinstance(messages, dict):
        yield path
        return
    for key, inner in messages.items():
        yield from _places(inner, f"{path}.{key}" if path else str(key))


def problems(register: Register, columns: Mapping[str, str]) -> Iterator[Sentence]:
    """What does not fit a process that declares these columns (name: kind)."""
    known = {**OWN, **columns}
    for name in register.named:
        if name not in known:
            names = ", ".join(sorted(columns))
            said = {"name": name, "known": names}
            yield Sentence("the process declares no column {name}; it declares {known}", said)
    for name in register.formerly:
        if name not in known:
            yield Sentence("formerly names {name}, which is no column", {"name": name})
    called = {column.name for column in (*register.columns, *register.unseen)}
    for name in register.filters:
        if name not in called:
            yield Sentence("{name} of the filter is no column and has no label", {"name": name})
    if register.period is not None and known.get(register.period, "date") not in DAYS:
        yield Sentence("{name} is no day", {"name": register.period})


def gone(register: Register, columns: Mapping[str, str], before: Entered) -> Iterator[str]:
    """The columns of cases that stand there which the register, by a process that declares
    `columns`, would not show any more: neither under their name nor as a former one of their kind.
    """
    kinds = {**OWN, **columns}
    kept = {
        former: kinds.get(name) for name in register.named for former in register.names(name)
    }  # fmt: skip
    for name in before.named:
        if name in before.kinds and kept.get(name) != before.kinds[name]:
            yield name


def loses_entries(register: Register, columns: Mapping[str, str], before: Entered) -> bool:
    """Whether cases that stand there would not any more, for want of what must have a value."""
    name = register.given
    if name is None or name in OWN:
        return False
    kind = columns.get(name)
    return all(before.kinds.get(former) != kind for former in register.names(name))
