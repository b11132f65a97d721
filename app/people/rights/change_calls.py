"""What the procedure of changing rights calls."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from app.people import calls
from app.people.accounts import changes, procedures
from app.people.calls import account_of, loaded, origin_of, session_of
from app.people.models import Account, Grant
from app.people.organisation import units as unit_tree
from app.people.rights import changes as rights_changes
from app.people.rights import duties, grants, groups, in_force, training
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
    *dict.fromkeys(code for code, _sentence in _ERRORS.values()),
)


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
    all. until: the last day of a change for some days. training: proof of it.
    """

    subject = fields.String(required=True, validate=validate.OneOf(["account", "group"]))
    account = _text()
    within = _text()
    adds = fields.List(fields.Nested(AddedSchema), load_default=list, allow_none=True)
    ends = _texts()
    group = _text()
    duties_added = _texts()
    duties_withdrawn = _texts()
    effective_on = Day(required=True)
    until = Day(load_default=None, allow_none=True)
    basis = _text()
    training = _text()


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
    """What would change, when the change could be made on its day; else Rejected says why not."""
    asked = loaded(OrderSchema, parameters)
    session = session_of(call)
    examined = _examined(session, call, asked)
    with session.begin_nested() as tried:
        _carry_out(session, call, asked)
        tried.rollback()
    return examined


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
        if asked["subject"] == "group":
            changed = rights_changes.GroupOrder(
                group=asked["group"] or "",
                adds=tuple(asked["duties_added"] or ()),
                ends=tuple(asked["duties_withdrawn"] or ()),
                basis=basis,
                until=asked["until"],
            )
            rights_changes.change_group(session, changed, origin=origin, day=day)
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


def _rejected(refusal: Refusal) -> Rejected:
    code, sentence = _ERRORS[type(refusal)]
    return Rejected(code, sentence.format_map(refusal.fields))


def _account(session: Session, call: Call, asked: dict[str, Any]) -> Account:
    """The account, if the unit that asks may know of it and gives rights within itself alone."""
    if not asked["account"]:
        raise calls.unknown("")
    found = procedures.find(call, {"account": asked["account"], "within": asked["within"]})
    _require_within(session, call, asked)
    return account_of(session, str(found["account"]))


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
    if asked["subject"] == "group":
        gained = set(asked["duties_added"] or ())
        given = [{"right": rights_words.words_of(duty)} for duty in asked["duties_added"] or ()]
        gone = [{"right": rights_words.words_of(duty)} for duty in asked["duties_withdrawn"] or ()]
        nobody: Record = dict.fromkeys(("account", "holder", "email", "kind", "status", "unit"))
        found: Record = nobody | {"wide": True}
    else:
        account = _account(session, call, asked)
        adds = list(map(_membership, asked["adds"] or ()))
        gained = set().union(*(known[one.group].permissions for one in adds if one.group in known))
        ends = [session.get(Grant, _number(one)) for one in asked["ends"] or ()]
        rows = [row for row in ends if row is not None]
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
            "wide": any(one.below or one.field or one.everywhere for one in adds),
        }
    powers: Value = [rights_words.words_of(power) for power in sorted(gained & grants.POWERS)]
    said: Record = {"title": _title(session, call, asked), "powers": powers}
    return found | said | {"adds": given, "ends": gone}


def _title(session: Session, call: Call, asked: dict[str, Any]) -> str:
    if asked["subject"] == "account":
        account = account_of(session, (asked["account"] or "").strip().lower())
        return f"tài khoản {account.name} của {account.person.full_name}"
    known = groups.on_day(session, asked["effective_on"])
    key = asked["group"] or ""
    return f"nhóm {known[key].name if key in known else key}"
