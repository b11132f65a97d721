"""What the procedure of changing rights calls."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from app.people import calls
from app.people.accounts import changes, procedures
from app.people.calls import account_of, held, loaded, origin_of, session_of
from app.people.log import Origin
from app.people.models import Account, Grant
from app.people.organisation import units as unit_tree
from app.people.rights import changes as rights_changes
from app.people.rights import duties, founding, grants, groups, in_force, training
from app.people.rights import words as rights_words
from app.people.rights.groups import day_of
from app.people.schemas import Day, Strict
from engine.errors import Refusal, Rejected
from engine.ports import Call, Operation
from engine.values import Record, Value

# Each refusal that the drawing may catch: its BPMN error, and its sentence in Vietnamese.
_ERRORS: dict[type[Refusal], tuple[str, str]] = {
    changes.NotInUse: ("NOT_IN_USE", "Tài khoản “{account}” không ở trạng thái đang sử dụng."),
    rights_changes.RightGone: (
        "RIGHT_GONE",
        "Quyền cần rút không còn là quyền hiện có của tài khoản.",
    ),
    rights_changes.NothingAsked: (
        "NOTHING_ASKED",
        "Đề nghị chưa nêu quyền nào được thêm hoặc bị rút.",
    ),
    rights_changes.DaysWrong: ("DAYS_WRONG", "Ngày hết hạn phải từ ngày có hiệu lực trở đi."),
    rights_changes.DutyUnknown: (
        "DUTY_UNKNOWN",
        "Nhóm “{group}” đã có hoặc không có quyền “{duty}”.",
    ),
    rights_changes.GroupChangesLater: (
        "CHANGES_LATER",
        "Nhóm “{group}” còn thay đổi vào ngày {day} đã được duyệt.",
    ),
    duties.PairApart: (
        "GROUP_NOT_FOR_KIND",
        "Nhóm “{group}” không được có cả quyền “{first}” và quyền “{second}”: {rule} ({source}).",
    ),
    founding.NameTaken: ("NAME_TAKEN", "Đã có nhóm tên “{name}”. Hãy chọn tên khác."),
    founding.GroupShipped: (
        "GROUP_SHIPPED",
        "Nhóm “{group}” do quy chế quy định, không chấm dứt được; chỉ có thể rút quyền của nhóm.",
    ),
    founding.GroupAtWork: (
        "GROUP_AT_WORK",
        "Nhóm “{group}” còn {tasks} việc đang mở. Hãy giao việc cho nhóm khác trước.",
    ),
    founding.GroupDrawn: (
        "GROUP_AT_WORK",
        "Nhóm “{group}” đang được dùng trong các quy trình có hiệu lực: {drawings}. Hãy thay bản"
        " vẽ của các quy trình này trước.",
    ),
    **{
        refusal: calls.ERRORS[refusal]
        for refusal in (
            grants.GroupUnknown,
            grants.GroupNotForKind,
            grants.FieldUnknown,
            duties.DutiesClash,
            training.TrainingMissing,
            unit_tree.UnitUnknown,
        )
    },
}
_CODES = (
    "ACCOUNT_UNKNOWN",
    "HOLDER_CHANGED",
    *dict.fromkeys(code for code, _sentence in _ERRORS.values()),
)


SUBJECTS = ("account", "group", "new_group", "end_group")
"""Whose rights change: an account's, a group's, of a group to be made, of one that ends."""


def _texts() -> fields.List:
    return fields.List(fields.String(), load_default=list, allow_none=True)


def _text() -> fields.String:
    return fields.String(load_default=None, allow_none=True)


class AddedSchema(Strict):
    """A group within a unit, as far as its scope; field: of the scope "field"."""

    group = fields.String(required=True)
    unit = fields.String(required=True)
    scope = fields.String(
        load_default="unit", validate=validate.OneOf(sorted(rights_words.SCOPES))
    )
    field = _text()


class OrderSchema(Strict):
    """Whose rights change, and how; ends: numbers of grants, as `rights_of` gives them.

    within: the unit whose account it must be, and within which rights may be given; null asks for
    all. until: the last day of a change for some days. training: proof of it. name: of a group
    that is to be made. person: as of `schemas.AccountSchema`.
    """

    subject = fields.String(required=True, validate=validate.OneOf(SUBJECTS))
    account = _text()
    within = _text()
    adds = fields.List(fields.Nested(AddedSchema), load_default=list, allow_none=True)
    ends = _texts()
    group = _text()
    name = _text()
    name_en = _text()
    duties_added = _texts()
    duties_withdrawn = _texts()
    effective_on = Day(required=True)
    until = Day(load_default=None, allow_none=True)
    basis = _text()
    training = _text()
    person = fields.Integer(load_default=None, allow_none=True)


class ExaminedSchema(Strict):
    """What would change, in words. powers: what it gives that decides over others' rights or the
    whole agency; wide: whether it reaches beyond one unit. account to unit: null of a group.
    """

    title = fields.String(required=True)
    account = _text()
    holder = _text()
    email = _text()
    kind = _text()
    status = _text()
    unit = _text()
    person = fields.Integer(load_default=None, allow_none=True)
    adds = fields.List(fields.Dict(), required=True)
    ends = fields.List(fields.Dict(), required=True)
    powers = _texts()
    wide = fields.Boolean(required=True)


class DoneSchema(Strict):
    """Whose rights have changed."""

    title = fields.String(required=True)


def operations() -> list[Operation]:
    """Both local."""
    return [
        Operation("rights.check", check, OrderSchema, ExaminedSchema, errors=_CODES),
        Operation("rights.change", change, OrderSchema, DoneSchema, errors=_CODES),
    ]


# -- operations


def check(call: Call, parameters: Record) -> Record:
    """What would change, when the change could be made on its day; else Rejected says all that
    is wrong, row by row.
    """
    asked = loaded(OrderSchema, parameters)
    session = session_of(call)
    examined = _examined(session, call, asked)
    if refusal := _tried(session, call, asked):
        rows = _faults(session, call, asked) if asked["subject"] == "account" else []
        raise calls.all_of(rows or [refusal])
    return examined


def _faults(session: Session, call: Call, asked: dict[str, Any]) -> list[Rejected]:
    """What is wrong with single rows, and with the others taken together.

    A right to be given is tried beside what is to be withdrawn: it may clash with that alone.
    """
    faults: list[Rejected] = []

    def fine(adds: list[Any], ends: list[Any]) -> bool:
        fault = _tried(session, call, asked | {"adds": adds, "ends": ends})
        faults.extend([fault] if fault else [])
        return fault is None

    ends = [one for one in asked["ends"] or () if fine([], [one])]
    adds = [row for row in asked["adds"] or () if fine([row], ends)]
    if faults and len(adds) > 1:
        fine(adds, ends)
    return faults


def _tried(session: Session, call: Call, asked: dict[str, Any]) -> Rejected | None:
    """Why the change could not be made; nothing of it stays."""
    try:
        with session.begin_nested() as attempt:
            _carry_out(session, call, asked)
            attempt.rollback()
    except Rejected as refusal:
        return refusal
    return None


def change(call: Call, parameters: Record) -> Record:
    """The rights are as the approved request says, from today on; else nothing is changed."""
    asked = loaded(OrderSchema, parameters)
    session = session_of(call)
    # What was done before a refusal must not stay in the case's transaction.
    with session.begin_nested():
        _carry_out(session, call, asked)
    return {"title": _title(session, call, asked)}


def _carry_out(session: Session, call: Call, asked: dict[str, Any]) -> None:
    today = day_of(call.now)
    day, origin = max(asked["effective_on"], today), origin_of(call)
    basis = asked["basis"] or call.case_code
    try:
        if asked["subject"] != "account":
            _change_group(session, asked, basis, day, origin=origin)
            return
        order = rights_changes.Order(
            adds=tuple(map(_membership, asked["adds"] or ())),
            ends=tuple(map(_number, asked["ends"] or ())),
            basis=basis,
            until=asked["until"],
            trained=asked["training"] or "",
        )
        account = _account(session, call, asked)
        rights_changes.carry_out(session, account, order, origin=origin, day=day)
    except tuple(_ERRORS) as refusal:
        raise _rejected(refusal) from refusal


def _change_group(
    session: Session, asked: dict[str, Any], basis: str, day: date, *, origin: Origin
) -> None:
    """The group is changed, made or ended."""
    adds, until = tuple(asked["duties_added"] or ()), asked["until"]
    if asked["subject"] == "new_group":
        new = founding.NewGroup(
            asked["name"] or "", asked["name_en"] or "", adds, basis=basis, until=until
        )
        founding.make(session, new, origin=origin, day=day)
    elif asked["subject"] == "end_group":
        founding.end(session, asked["group"] or "", day, origin=origin, basis=basis)
    else:
        ends = tuple(asked["duties_withdrawn"] or ())
        order = rights_changes.GroupOrder(asked["group"] or "", adds, ends, basis, until)
        rights_changes.change_group(session, order, origin=origin, day=day)


def _rejected(refusal: Refusal) -> Rejected:
    code, sentence = _ERRORS[type(refusal)]
    fields: dict[str, Any] = dict(refusal.fields)
    for name in ("first", "second", "duty"):
        if name in fields:
            fields[name] = rights_words.words_of(fields[name])
    return Rejected(code, sentence.format_map(fields))


def _account(session: Session, call: Call, asked: dict[str, Any]) -> Account:
    """The account, if the unit that asks may know of it and gives rights within itself alone."""
    if not asked["account"]:
        raise calls.unknown("")
    found = procedures.find(call, {"account": asked["account"], "within": asked["within"]})
    _require_within(session, call, asked)
    return held(session, {**asked, "account": str(found["account"])})


def _require_within(session: Session, call: Call, asked: dict[str, Any]) -> None:
    """A unit asks for rights in itself and below it; the Office for all."""
    within = asked["within"]
    if within is None:
        return
    own = in_force.below(session, {within}, call.now).get(within, frozenset())
    for row in asked["adds"] or ():
        if row["unit"] not in own or row["scope"] == "province":
            refusal = unit_tree.UnitUnknown(
                unit=row["unit"], day=day_of(call.now).strftime("%d/%m/%Y")
            )
            raise _rejected(refusal)


def _membership(row: dict[str, Any]) -> grants.Membership:
    scope = row["scope"] or "unit"
    return grants.Membership(
        row["group"],
        row["unit"],
        below=scope == "below",
        field=row["field"] if scope == "field" else None,
        everywhere=scope == "province",
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


# -- words


def _examined(session: Session, call: Call, asked: dict[str, Any]) -> Record:
    known = groups.on_day(session, asked["effective_on"])
    if asked["subject"] != "account":
        gained = set(asked["duties_added"] or ())
        given = [{"right": rights_words.words_of(duty)} for duty in asked["duties_added"] or ()]
        gone = [{"right": rights_words.words_of(duty)} for duty in _withdrawn(known, asked)]
        nobody: Record = dict.fromkeys(
            ("account", "holder", "email", "kind", "status", "unit", "person")
        )
        found: Record = nobody | {"wide": True}
    else:
        account = _account(session, call, asked)
        adds = list(map(_membership, asked["adds"] or ()))
        gained = set().union(*(known[one.group].permissions for one in adds if one.group in known))
        rows = _ending(session, call, account, asked)
        given, gone = (
            rights_words.rows(session, call.now, adds),
            rights_words.of_grants(session, call.now, rows),
        )
        found = {
            "account": account.name,
            "holder": account.person.full_name,
            "email": account.person.email,
            "kind": account.kind,
            "status": account.status,
            "unit": account.unit_code,
            "person": account.person_id,
            "wide": any(one.below or one.field or one.everywhere for one in adds),
        }
    powers: Value = [rights_words.words_of(power) for power in sorted(gained & grants.POWERS)]
    said: Record = {"title": _title(session, call, asked), "powers": powers}
    return found | said | {"adds": given, "ends": gone}


def _ending(session: Session, call: Call, account: Account, asked: dict[str, Any]) -> list[Grant]:
    """What would be withdrawn, with the days that a planned change of a unit parted from it."""
    numbers = tuple(map(_number, asked["ends"] or ()))
    try:
        return rights_changes.ending(session, account, numbers, day_of(call.now))
    except rights_changes.RightGone as refusal:
        raise _rejected(refusal) from refusal


def _withdrawn(known: dict[str, groups.Group], asked: dict[str, Any]) -> list[str]:
    if asked["subject"] == "end_group":
        ending = known.get(asked["group"] or "")
        return sorted(ending.permissions) if ending else []
    return list(asked["duties_withdrawn"] or ())


def _title(session: Session, call: Call, asked: dict[str, Any]) -> str:
    if asked["subject"] == "account":
        account = account_of(session, (asked["account"] or "").strip().lower())
        return f"tài khoản {account.name} của {account.person.full_name}"
    if asked["subject"] == "new_group":
        return f"nhóm mới {asked['name']}"
    known = groups.on_day(session, asked["effective_on"])
    key = asked["group"] or ""
    what = "chấm dứt nhóm" if asked["subject"] == "end_group" else "nhóm"
    return f"{what} {known[key].name if key in known else key}"
