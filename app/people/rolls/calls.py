"""What the procedure of lists calls: a list read and judged, its accounts made row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from flask_babel import force_locale
from marshmallow import fields, validate

from app.people import accounts, rolls
from app.people.accounts import Application
from app.people.calls import loaded, origin_of, rejected, session_of
from app.people.login import links
from app.people.models import Account
from app.people.rights import in_force
from app.people.rights.grants import Membership
from app.people.rights.groups import asked_by_units
from app.people.rolls.columns import columns
from app.people.rolls.judging import Judged
from app.people.rolls.reading import Cell
from app.people.schemas import Day, Strict
from app.people.settings import number
from engine.errors import Refusal, Rejected
from engine.ports import Call, Operation
from engine.values import Record

MOST_EVER = 1000
"""How many people one request may name at most: who decides reads every one of them. The setting
`account.list.most` says how many it is.
"""
TOLD = 8
"""How many reasons are told where nobody got an account."""
MOST_FAULTS = 500
"""How many faults of a list are told at once."""
PART = " | "
"""Between row, column, value and what to do in the line of a fault; forms make a table of them."""
DEFAULT = ("chuyen-vien",)
TYPED = (
    "full_name",
    "unit",
    "birth_date",
    "sex",
    "address",
    "position",
    "phone",
    "email",
    "groups",
)

Content = Callable[[str], bytes]
"""The bytes of a stored file by their hash."""


class TypedSchema(Strict):
    """A row as the form has it; groups: the key of one group."""

    full_name = fields.String(required=True)
    birth_date = Day(load_default=None, allow_none=True)
    sex = fields.String(load_default=None, allow_none=True)
    address = fields.String(load_default=None, allow_none=True)
    position = fields.String(load_default=None, allow_none=True)
    phone = fields.String(load_default=None, allow_none=True)
    email = fields.String(load_default=None, allow_none=True)
    groups = fields.String(load_default=None, allow_none=True)


class AskedSchema(Strict):
    """unit: whose people they are, with those below it. files: the list's file as a form has
    taken it in; rows: what was typed in its place.
    """

    unit = fields.String(required=True)
    files = fields.List(fields.Dict(), load_default=list, allow_none=True)
    rows = fields.List(fields.Nested(TypedSchema), load_default=list, allow_none=True)


class PersonSchema(Strict):
    """A row that can be put forward. groups: keys; group_names: as people read them; unit_name
    likewise. training: number of a certificate. present: why the person gets none, as they have
    an account or stand there twice.
    """

    row = fields.Integer(required=True)
    full_name = fields.String(required=True)
    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    birth_date = Day(required=True, allow_none=True)
    sex = fields.String(required=True, allow_none=True)
    address = fields.String(required=True)
    position = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    email = fields.String(required=True)
    groups = fields.List(fields.String(), required=True)
    group_names = fields.String(required=True)
    present = fields.String(required=True, allow_none=True)
    training = fields.String(load_default="", allow_none=True)


class ReadSchema(Strict):
    """The people of a list in its order."""

    people = fields.List(fields.Nested(PersonSchema), required=True)


class CreateSchema(Strict):
    """people: those approved. basis: of their rights; the case's code without one. training:
    proof of it for those who come into a group that administers.
    """

    people = fields.List(
        fields.Nested(PersonSchema), required=True, validate=validate.Length(1, MOST_EVER)
    )
    basis = fields.String(load_default="", allow_none=True)
    training = fields.String(load_default="", allow_none=True)


class MadeSchema(Strict):
    """What became of a row: a user name and a one-time link, or the reason why not."""

    row = fields.Integer(required=True)
    full_name = fields.String(required=True)
    sex = fields.String(required=True, allow_none=True)
    email = fields.String(required=True)
    user_name = fields.String(required=True, allow_none=True)
    link = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class ResultsSchema(Strict):
    """What became of each row, in order."""

    results = fields.List(fields.Nested(MadeSchema), required=True)


def operations(content: Content) -> list[Operation]:
    """All of them local."""
    return [
        Operation(
            "accounts.read_list",
            partial(read_list, content),
            AskedSchema,
            ReadSchema,
            errors=("LIST_WRONG",),
        ),
        Operation(
            "accounts.create_list",
            create_list,
            CreateSchema,
            ResultsSchema,
            errors=("NOBODY_CREATED",),
        ),
    ]


def read_list(content: Content, call: Call, parameters: Record) -> Record:
    """The people whom a list names; nothing is changed. Rejected("LIST_WRONG") says which rows are
    wrong, and how, a line for each fault: a list goes on whole or not at all.
    """
    session, asked = session_of(call), loaded(AskedSchema, parameters)
    reached = in_force.below(session, {asked["unit"]}, call.now).get(asked["unit"], frozenset())
    found = rolls.Desk.of_units(session, reached | {asked["unit"]}, call.now, DEFAULT)
    asked_for = asked_by_units()
    desk = replace(found, may_give=lambda group, _unit: group in asked_for, asks_training=False)
    try:
        roll = _roll(content, asked)
        rows = roll.judge(session, desk, call.now)
        judged = [one for one in rows if one.status != "skipped"]
    except Refusal as refusal:
        sentence = _vietnamese(refusal.template).format_map(refusal.fields)
        raise Rejected("LIST_WRONG", sentence) from refusal
    faults = [words for one in judged for words in _faults(one)]
    most = number(session, call.now, "account.list.most")
    if not judged or len(judged) > most:
        faults = [f"Danh sách phải có từ 1 đến {most} người; danh sách này có {len(judged)}."]
    if faults:
        more = len(faults) - MOST_FAULTS
        told = faults[:MOST_FAULTS] + ([f"Còn {more} lỗi khác."] if more > 0 else [])
        raise Rejected("LIST_WRONG", "\n".join(told))
    return {"people": [_person(one, desk) for one in judged]}


def _roll(content: Content, asked: dict[str, Any]) -> rolls.Roll:
    """The file's list, else what was typed, laid out as a file would be."""
    if asked["files"]:
        file = asked["files"][0]
        return rolls.read(content(file["sha256"]), file["name"])
    typed = [{**row, "unit": asked["unit"]} for row in asked["rows"]]
    rows: list[list[Cell]] = [[row[name] for name in TYPED] for row in typed]
    # Without a header the first row is row 1, as whoever typed it counts.
    return rolls.Roll("", "unicode", "unicode", rows, rolls.Layout(-1, dict(enumerate(TYPED))))


def _faults(one: Judged) -> Iterable[str]:
    where = f"Dòng {one.row}"
    if one.application.full_name:
        where += f" ({one.application.full_name})"
    if one.status == "wrong":
        for fault in one.faults:
            with force_locale("en"):  # Whatever the reader's language is, cases speak Vietnamese.
                says, asks = map(str, rolls.FAULTS[fault.code])
            told = f"{_vietnamese(says) % dict(fault.fields)} {_vietnamese(asks)}"
            yield _line(where, fault.column, fault.value, told.strip())
    elif not one.application.email:
        asks = "Chưa có thư điện tử để gửi thông tin tài khoản. Hãy điền địa chỉ của người đó."
        yield _line(where, "email", "", asks)


def _line(where: str, column: str, value: str, told: str) -> str:
    known = columns().get(column)
    name = known.name if known is not None else ""
    parts = (where, name, value, told)
    return PART.join(" ".join(part.replace("|", "/").split()) or "–" for part in parts)


def _vietnamese(sentence: str) -> str:
    """The sentence in the language of the drawings, whether or not somebody reads a page now."""
    return str(_catalogue().gettext(sentence))


@cache
def _catalogue() -> Translations | NullTranslations:
    return Translations.load(Path(__file__).parents[1] / "translations", ["vi"])


def _person(one: Judged, desk: rolls.Desk) -> Record:
    who = one.application
    keys = [membership.group for membership in who.groups]
    return {
        "row": one.row,
        "full_name": who.full_name,
        "unit": str(who.unit),
        "unit_name": desk.units[str(who.unit)],
        "birth_date": who.birth_date,
        "sex": who.sex,
        "address": who.address,
        "position": who.position,
        "phone": who.phone,
        "email": str(who.email),
        "groups": list(keys),
        "group_names": ", ".join(desk.groups[key].name for key in keys),
        "present": _present(one),
        "training": who.training,
    }


def _present(one: Judged) -> str | None:
    if one.status == "there":
        name = f" “{one.account}”" if one.account else ""
        return f"Đã có tài khoản nội bộ{name}; mỗi người chỉ có một tài khoản."
    return f"Trùng với dòng {one.twin}." if one.status == "twice" else None


def create_list(call: Call, parameters: Record) -> Record:
    """Each person has an account with a one-time link, or the reason why not; no refusal touches
    the others. Rejected("NOBODY_CREATED") when nobody got one.
    """
    session, asked = session_of(call), loaded(CreateSchema, parameters)
    basis = asked["basis"] or call.case_code
    origin, trained = origin_of(call), asked["training"] or ""
    applications = [_application(person, basis, trained) for person in asked["people"]]
    made = accounts.open_accounts(session, applications, origin=origin)
    opened = [account for account in made if isinstance(account, Account)]
    paths = [path for path, _until in links.issue_first(session, opened, origin=origin)]
    linked = dict(zip((account.name for account in opened), paths, strict=True))
    people = zip(asked["people"], made, strict=True)
    results = [_told(person, outcome, linked) for person, outcome in people]
    if not any(row["user_name"] for row in results):
        reasons = " ".join(f"{row['full_name']}: {row['reason']}" for row in results[:TOLD])
        raise Rejected("NOBODY_CREATED", reasons)
    return {"results": list(results)}


def _told(person: dict[str, Any], made: Account | Refusal, linked: dict[str, str]) -> Record:
    told: Record = {name: person[name] for name in ("row", "full_name", "sex", "email")}
    if isinstance(made, Refusal):
        return {**told, "user_name": None, "link": None, "reason": str(rejected(made))}
    return {**told, "user_name": made.name, "link": linked[made.name], "reason": None}


def _application(person: dict[str, Any], basis: str, trained: str) -> Application:
    return Application(
        full_name=person["full_name"],
        unit=person["unit"],
        birth_date=person["birth_date"],
        sex=person["sex"],
        address=person["address"],
        position=person["position"],
        phone=person["phone"],
        email=person["email"],
        groups=tuple(Membership(key, person["unit"]) for key in person["groups"]),
        basis=basis,
        training=person["training"] or trained,
    )
