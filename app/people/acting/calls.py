"""What the procedure of delegation calls, and what its forms ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from app.people import queries, vietnamese
from app.people.acting import delegations
from app.people.calls import all_of, loaded, origin_of, session_of
from app.people.queries import find_account
from app.people.rights import in_force
from app.people.rights.groups import on_day
from app.people.schemas import Day, Nothing, Strict
from engine import views
from engine.errors import Refusal, Rejected
from engine.ports import Call, Fact, Operation
from engine.values import Record, Value

# Each refusal that a drawing may catch: its BPMN error, and its sentence in Vietnamese.
_ERRORS: dict[type[Refusal], tuple[str, str]] = {
    delegations.GranteeUnknown: (
        "GRANTEE_UNKNOWN",
        "“{account}” không phải tài khoản nội bộ đang sử dụng.",
    ),
    delegations.SamePerson: ("GRANTEE_UNKNOWN", "Không ai tự ủy quyền cho mình."),
    delegations.BeginsInPast: ("DAYS_WRONG", "Ngày bắt đầu {day} đã qua; chọn từ hôm nay trở đi."),
    delegations.EndsFirst: ("DAYS_WRONG", "Ngày kết thúc {last} ở trước ngày bắt đầu {first}."),
    delegations.TooLong: (
        "DAYS_WRONG",
        "Ủy quyền kéo dài nhiều nhất {most} ngày; đề nghị này là {days} ngày.",
    ),
    delegations.NotOwnGroup: (
        "NOT_OWN",
        "Người ủy quyền không thuộc nhóm “{group}” trong những ngày đó.",
    ),
    delegations.PassedOn: (
        "PASSED_ON",
        "Việc ở nhóm “{group}” do người khác ủy quyền; không được ủy quyền lại.",
    ),
    delegations.AlreadyPermitted: (
        "DAYS_WRONG",
        "{number} đã cho phép như vậy từ {first} đến {last}; hãy chọn những ngày sau đó, hoặc"
        " chấm dứt trước.",
    ),
    delegations.UnitNotReached: (
        "NOT_OWN",
        "Các nhóm của người ủy quyền không bao gồm đơn vị “{unit}”.",
    ),
}
_CODES = tuple(dict.fromkeys(code for code, _ in _ERRORS.values()))


def _chosen() -> fields.List:
    return fields.List(fields.String(), load_default=None, allow_none=True)


class DelegationSchema(Strict):
    """Who may do what for whom, and when; no list at all means all of the grantor's work."""

    kind = fields.String(required=True, validate=validate.OneOf(delegations.KINDS))
    grantor = fields.String(required=True)
    grantee = fields.String(required=True)
    valid_from = Day(required=True)
    valid_to = Day(required=True)
    processes = _chosen()
    groups = _chosen()
    units = _chosen()
    basis = fields.String(load_default="", allow_none=True)


class PermittedSchema(Strict):
    """until: the first instant at which the delegation gives nothing any more; by: who has
    permitted it.
    """

    number = fields.String(required=True)
    until = fields.Raw(required=True)
    by = fields.String(required=True)


class FreeSchema(Strict):
    """That it may be permitted is all there is to know."""

    free = fields.Boolean(required=True)


class EndedSchema(Strict):
    """Whether it was still giving something."""

    ended = fields.Boolean(required=True)


def operations() -> list[Operation]:
    """All of them local."""
    return [
        Operation("delegations.check", check, DelegationSchema, FreeSchema, errors=_CODES),
        Operation("delegations.permit", permit, DelegationSchema, PermittedSchema, errors=_CODES),
        Operation("delegations.end", end, Nothing, EndedSchema),
    ]


def facts() -> dict[str, Fact]:
    """What forms offer to choose from: [{"label": "Văn thư", "value": "van-thu"}, ...]."""
    return {"groups_of": groups_of, "processes": processes, "units_now": units_now}


def check(call: Call, parameters: Record) -> Record:
    """The delegation could be permitted as it was asked for; else Rejected says all of it."""
    try:
        found = list(delegations.faults(session_of(call), _order(parameters), call.now))
    except delegations.GranteeUnknown as refusal:
        found = [refusal]
    if found:
        said = [_rejected(refusal) for refusal in found]
        raise all_of(said)
    return {"free": True}


def permit(call: Call, parameters: Record) -> Record:
    """The grantee may act for the grantor on those days, by this case."""
    order = _order(parameters)
    try:
        row = delegations.permit(session_of(call), call.case_code, order, origin=origin_of(call))
    except tuple(_ERRORS) as refusal:
        raise _rejected(refusal) from refusal
    until = in_force.instant_of(row.valid_to)
    return {"number": row.number, "until": until, "by": row.permitted_by}


def end(call: Call, _parameters: Record) -> Record:
    """What this case permitted is permitted no more."""
    session = session_of(call)
    return {"ended": delegations.end(session, call.case_code, origin=origin_of(call))}


def _order(parameters: Record) -> delegations.Order:
    asked = loaded(DelegationSchema, parameters)
    # A list from which nothing was chosen leaves out nothing, as a list that was not shown.
    lists = {name: tuple(asked[name] or ()) or None for name in ("processes", "groups", "units")}
    return delegations.Order(**{**asked, **lists, "basis": asked["basis"] or ""})


def _rejected(refusal: Refusal) -> Rejected:
    code, sentence = _ERRORS[type(refusal)]
    return Rejected(code, sentence.format_map(refusal.fields))


def groups_of(session: Session, now: datetime, account: Value) -> Value:
    """The account's own groups today, by name."""
    found = find_account(session, str(account))
    if found is None:
        return []
    actor = queries.actor_of(session, found, now)
    keys = {who.partition("@")[0] for who in actor.candidacies}
    known = [(group.name, key) for key, group in on_day(session, now).items() if key in keys]
    return _in_order(known)


def _in_order(rows: Iterable[tuple[str, str]]) -> Value:
    """As choices, in the order of Vietnamese words."""
    ordered = sorted(rows, key=lambda row: (vietnamese.sort_key(row[0]), row[1]))
    return [{"label": name, "value": key} for name, key in ordered]


def processes(session: Session, _now: datetime) -> Value:
    """Every process there is, by name."""
    return _in_order((row.name, row.key) for row in views.processes(session))


def units_now(session: Session, now: datetime) -> Value:
    """The units of today, in the order of the tree."""
    return [{"label": row.name, "value": row.code} for row in queries.tree(session, now)]
