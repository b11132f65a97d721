"""What drawings do with catalogues: change an entry, and read entries on a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from app.catalogues import changing, queries
from app.catalogues.models import OPEN
from app.people.schemas import Day, Strict
from engine.errors import Defect, Rejected
from engine.ports import Call, Fact, Operation
from engine.values import Record, Value


class ChangeSchema(Strict):
    """catalogue: its key, one of the property `catalogues` of the process. action: "add",
    "replace", "correct", "lock" or "remove". key: of the entry, not for "add". content: by column;
    all of them, for "correct" those that change. on: from when, today without. reason: why.
    is_trial: whether it is only found out what would be done.
    """

    catalogue = fields.String(required=True)
    action = fields.String(required=True, validate=validate.OneOf(changing.ACTIONS))
    key = fields.String(load_default=None, allow_none=True)
    content = fields.Dict(keys=fields.String(), load_default=dict, allow_none=True)
    on = Day(load_default=None, allow_none=True)
    reason = fields.String(load_default="", allow_none=True)
    is_trial = fields.Boolean(load_default=False)


class ChangedRowSchema(Strict):
    """A content that changes: its column, what that is called, and whether it is basic."""

    name = fields.String(required=True)
    label = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)
    basic = fields.Boolean(required=True)


class ChangedSchema(Strict):
    """key, label, version, on: of the entry as it is now written; changes: what is new of it."""

    key = fields.String(required=True)
    label = fields.String(required=True)
    version = fields.Integer(required=True)
    on = Day(required=True)
    changes = fields.List(fields.Nested(ChangedRowSchema), required=True)


def _change(call: Call, parameters: Record) -> Record:
    if call.session is None:
        raise Defect
    asked: dict[str, Any] = ChangeSchema().load(parameters)
    described = queries.of_case(call.session, call.case_id, asked["catalogue"])
    if described is None:
        said = f"Quy trình không quản lý danh mục “{asked['catalogue']}”."
        raise Rejected("CATALOGUE_UNKNOWN", said)
    order = changing.Order(
        asked["catalogue"], described, asked["action"], asked["key"], asked["content"] or {},
        queries.day(asked["on"], call.now), asked["reason"] or "",
    )  # fmt: skip
    if order.action == "lock" and order.on < queries.day(None, call.now):
        said = f"Không khóa từ ngày {order.on:%d/%m/%Y} đã qua; chọn từ hôm nay trở đi."
        raise Rejected("BACK_DATED", said)
    if asked["is_trial"]:
        planned = changing.plan(call.session, order)
    else:
        hand = changing.Hand(call.actor, call.now, call.case_id, call.case_code)
        planned = changing.keep(call.session, order, hand)
    rows: list[Any] = [
        {
            "name": one.column.name,
            "label": one.column.label,
            "before": one.before,
            "after": one.after,
            "basic": one.is_basic,
        }
        for one in planned.changes
    ]
    row = planned.row
    own: Record = {"key": row.entry, "label": row.label, "version": row.version}
    return {**own, "on": row.effective_from, "changes": rows}


def operations() -> list[Operation]:
    """`catalogues.change`, inside the case's transaction."""
    return [
        Operation(
            "catalogues.change", _change, ChangeSchema, ChangedSchema, errors=changing.ERRORS
        )
    ]


def catalogue(
    session: Session, now: datetime, name: str, on: Any = None, state: Any = OPEN
) -> Value:
    """The entries of a catalogue on a day (today when left out), by what they are called; the open
    ones, or those of the state "locked".
    """
    found = queries.on_day(session, name, queries.day(on, now))
    return [queries.told(row) for row in found if row.state == state]


def catalogue_entry(session: Session, now: datetime, name: str, key: Any, on: Any = None) -> Value:
    """An entry on a day, locked or open; None where there is none."""
    row = queries.one(session, name, str(key), queries.day(on, now)) if key is not None else None
    return None if row is None else queries.told(row)


def facts() -> dict[str, Fact]:
    """What drawings may ask of catalogues."""
    return {"catalogue": catalogue, "catalogue_entry": catalogue_entry}
