"""What the procedure of changing data calls: examined, applied, undone; what its forms offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy.orm import Session

from app.corrections import queries
from app.corrections.models import Correction
from app.corrections.subjects import Field, Hand, Place, Subject, Wrong
from engine.calendar import ZONE
from engine.errors import Rejected
from engine.ports import Call, Fact, Operation
from engine.values import Record, Value

_CODES = ("ITEM_UNKNOWN", "VALUE_WRONG", "NOTHING_CHANGED", "VALUE_CHANGED")
_NONE = "(trống)"


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class WantedSchema(_Strict):
    """A field and the value that it is to have."""

    field = fields.String(required=True)
    after = fields.String(load_default="", allow_none=True, validate=validate.Length(max=4000))


class AskedSchema(_Strict):
    """What is to change. within: the unit that asks; null asks for all."""

    kind = fields.String(required=True)
    item = fields.String(required=True, allow_none=True)
    within = fields.String(load_default=None, allow_none=True)
    changes = fields.List(fields.Nested(WantedSchema), required=True, allow_none=True)


class ChangeSchema(_Strict):
    """A value before and after, as texts; label: what the field is called."""

    field = fields.String(required=True)
    label = fields.String(required=True)
    before = fields.String(required=True)
    after = fields.String(required=True)


class ExaminedSchema(_Strict):
    """What would change. account: whose own data they are, null otherwise. examined_at: the
    instant of which all this is.
    """

    title = fields.String(required=True)
    kind = fields.String(required=True)
    item = fields.String(required=True)
    account = fields.String(required=True, allow_none=True)
    initial = fields.Boolean(required=True)
    examined_at = fields.Raw(required=True)
    changes = fields.List(fields.Nested(ChangeSchema), required=True)


class ApplySchema(_Strict):
    """What was approved: the changes as they were examined, and when."""

    kind = fields.String(required=True)
    item = fields.String(required=True)
    changes = fields.List(fields.Nested(ChangeSchema), required=True)
    examined_at = fields.Raw(load_default=None, allow_none=True)


class Nothing(Schema):
    """There are no parameters."""


class CountSchema(_Strict):
    """How many values have changed."""

    count = fields.Integer(required=True)


class Corrections:
    """The operations and facts over the kinds of data that there are."""

    def __init__(self, subjects: Mapping[str, Subject]) -> None:
        self.subjects = subjects

    def operations(self) -> list[Operation]:
        """All of them local."""
        return [
            Operation("data.check", self.check, AskedSchema, ExaminedSchema, errors=_CODES),
            Operation("data.apply", self.apply, ApplySchema, CountSchema, errors=_CODES),
            Operation("data.undo", self.undo, Nothing, CountSchema, errors=_CODES),
        ]

    def facts(self) -> dict[str, Fact]:
        """What forms offer to choose from: [{"label": "Họ và tên", "value": "full_name"}, ...]."""
        return {
            "data_kinds": self.kinds,
            "data_items": self.items,
            "data_fields": self.fields,
        }

    # -- operations

    def check(self, call: Call, parameters: Record) -> Record:
        """What would change, with the values of now; else Rejected says why not."""
        asked = cast("dict[str, Any]", AskedSchema().load(parameters))
        kind, item = asked["kind"], (asked["item"] or "").strip()
        place, within = Place(_session(call), call.now, item), asked["within"]
        subject = self._subject(kind, within)
        title = subject.title(place, within)
        if title is None:
            raise _unknown(item)
        known = {one.name: one for one in subject.fields(place)}
        before = subject.read(place)
        changes: dict[str, Value] = {}
        wrong: list[str] = []
        for wanted in asked["changes"] or ():
            given = known.get(wanted["field"])
            if given is None:
                raise Rejected("VALUE_WRONG", "Có mục không được phép điều chỉnh.")
            try:
                after = _accepted(subject, place, given, wanted["after"] or "")
            except Rejected as refusal:
                # All that is wrong is said at once, so that it is mended at once.
                wrong.append(str(refusal))
                continue
            changes[given.name] = {
                "field": given.name,
                "label": given.label,
                "before": before[given.name],
                "after": after,
            }
        if wrong:
            raise Rejected("VALUE_WRONG", " ".join(wrong))
        rows = [row for row in changes.values() if row["before"] != row["after"]]
        if not rows:
            raise Rejected("NOTHING_CHANGED", "Đề nghị không làm thay đổi giá trị nào.")
        account = item if kind == "person" else None
        is_initial = subject.is_initial(item)
        said: Record = {"title": title, "kind": kind, "item": item, "account": account}
        return said | {"initial": is_initial, "changes": rows, "examined_at": call.now}

    def apply(self, call: Call, parameters: Record) -> Record:
        """The values are as approved, unless one of them is no longer what it was."""
        asked = cast("dict[str, Any]", ApplySchema().load(parameters))
        rows = [(row["field"], row["label"], row["before"], row["after"], None)
                for row in asked["changes"]]  # fmt: skip
        self._require_same(call, asked["kind"], asked["item"], asked["examined_at"])
        return {"count": self._write(call, asked["kind"], asked["item"], rows)}

    def undo(self, call: Call, _parameters: Record) -> Record:
        """What this case has changed is as it was before, unless it has changed again since."""
        done = queries.of_case(_session(call), call.case_id)
        if not done:
            return {"count": 0}
        rows = [(row.field, row.label, row.after, row.before, row.id) for row in done]
        self._require_same(call, done[0].kind, done[0].item, done[0].changed_at)
        return {"count": self._write(call, done[0].kind, done[0].item, rows)}

    def _require_same(self, call: Call, kind: str, item: str, at: Any) -> None:
        """Raises Rejected("ITEM_UNKNOWN") where the item was about somebody else at that instant,
        such as an account that has another holder now.
        """
        since = self._subject(kind, None).since(Place(_session(call), call.now, item))
        if since is not None and isinstance(at, datetime) and at < since:
            sentence = f"“{item}” từ {since.astimezone(ZONE):%d/%m/%Y} là của người khác."
            raise Rejected("ITEM_UNKNOWN", f"{sentence} Hãy lập đề nghị mới nếu vẫn cần.")

    def _write(
        self,
        call: Call,
        kind: str,
        item: str,
        rows: list[tuple[str, str, str, str, int | None]],
    ) -> int:
        """rows: (field, label, value that must hold, value to write, number of what it undoes)."""
        place, subject = Place(_session(call), call.now, item), self._subject(kind, None)
        if subject.title(place, None) is None:
            raise _unknown(item)
        now = subject.read(place)
        for field, label, before, _after, _undoes in rows:
            if now.get(field, "") != before:
                said = f"“{label}” nay là “{now.get(field) or _NONE}”"
                raise Rejected("VALUE_CHANGED", f"{said}, khi xét là “{before or _NONE}”.")
        hand = Hand(call.actor, call.case_code)
        values = {field: after for field, _label, _before, after, _undoes in rows}
        try:
            with place.session.begin_nested():
                subject.write(place, values, hand)
        except Wrong as problem:
            raise Rejected("VALUE_WRONG", str(problem)) from problem
        for field, label, before, after, undoes in rows:
            place.session.add(
                Correction(
                    kind=kind,
                    item=item,
                    field=field,
                    label=label,
                    before=before,
                    after=after,
                    case_id=call.case_id,
                    case_code=call.case_code,
                    changed_at=call.now,
                    changed_by=call.actor,
                    undoes=undoes,
                )
            )
        return len(rows)

    def _subject(self, kind: str, within: str | None) -> Subject:
        found = self.subjects.get(kind)
        if found is None or (found.office_only and within is not None):
            raise _unknown(kind)
        return found

    # -- facts

    def kinds(self, _session: Session, _now: datetime, within: Value = None) -> Value:
        """The kinds of data of which a unit may ask changes; null asks for all."""
        return [
            {"label": subject.label, "value": kind}
            for kind, subject in self.subjects.items()
            if within is None or not subject.office_only
        ]

    def items(self, session: Session, now: datetime, kind: Value, within: Value = None) -> Value:
        """What there is of a kind, as far as the unit may ask for it."""
        found = self.subjects.get(str(kind))
        unit = None if within is None else str(within)
        if found is None or (found.office_only and unit is not None):
            return []
        return [{"label": name, "value": key} for name, key in found.items(session, now, unit)]

    def fields(
        self, session: Session, now: datetime, kind: Value, item: Value, *asked: Value
    ) -> Value:
        """What of an item may be changed, with its value of now if the account `reader` may see
        it: to ask for a change is no way to read what one is not shown (Law 91/2025).

        asked: the unit that asks, as for `items`, and the reader.
        """
        within, reader = (*asked, None, None)[:2]
        found, key = self.subjects.get(str(kind)), str(item or "").strip()
        unit = None if within is None else str(within)
        if found is None or (found.office_only and unit is not None):
            return []
        place = Place(session, now, key)
        if found.title(place, unit) is None:
            return []
        values = found.read(place) if found.shows(place, str(reader or "")) else {}
        return [
            {"label": _labelled(one, values.get(one.name)), "value": one.name}
            for one in found.fields(place)
        ]


def _labelled(field: Field, value: str | None) -> str:
    said = [] if value is None else [f"đang là: {value or _NONE}"]
    said += [f"ghi dạng {field.hint}"] if field.hint else []
    return f"{field.label} ({', '.join(said)})" if said else field.label


def _accepted(subject: Subject, place: Place, given: Field, text: str) -> str:
    try:
        return subject.accepted(place, given, text.strip())
    except Wrong as problem:
        raise Rejected("VALUE_WRONG", f"“{given.label}”: {problem}") from problem


def _unknown(item: str) -> Rejected:
    return Rejected("ITEM_UNKNOWN", f"Không có “{item}” trong phạm vi được đề nghị.")


def _session(call: Call) -> Session:
    if call.session is None:
        raise TypeError("operations on data run inside the case's transaction")
    return call.session
