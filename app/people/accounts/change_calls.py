"""What the procedure of moving on calls: what there is to hand over, the change, its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from app.people import accounts
from app.people.accounts import changes, procedures, successors
from app.people.accounts.known import Known
from app.people.acting import delegations
from app.people.calls import (
    ERRORS,
    account_of,
    all_of,
    held,
    loaded,
    origin_of,
    rejected,
    session_of,
)
from app.people.models import Account, Person
from app.people.organisation import units
from app.people.queries import unit_name
from app.people.rights import duties, grants, training
from app.people.rights.groups import day_of
from app.people.schemas import Day, FoundSchema, SoughtSchema, Strict
from engine.errors import Rejected
from engine.ports import Call, Operation
from engine.tables import Task
from engine.values import Record

_CAUGHT = (
    accounts.AccountExists,
    duties.DutiesClash,
    grants.GroupUnknown,
    grants.GroupNotForKind,
    training.TrainingMissing,
    units.UnitUnknown,
)
_CODES = (
    "ACCOUNT_UNKNOWN",
    "HOLDER_CHANGED",
    "ACCOUNT_CHANGED",
    "SUCCESSOR_UNKNOWN",
    "NOT_IN_USE",
    *dict.fromkeys(ERRORS[refusal][0] for refusal in _CAUGHT),
)


def _optional() -> fields.String:
    return fields.String(load_default=None, allow_none=True)


class ChangeSchema(SoughtSchema):
    """See `changes.Change`; post: member where none is said; successor: the account that takes the
    work over, if any.

    training: proof of it, of who comes into a group that administers, or takes over who is in one.
    person: as of `AccountSchema`.
    """

    kind = fields.String(required=True, validate=validate.OneOf(changes.KINDS))
    successor = _optional()
    unit = _optional()
    position = _optional()
    post = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(units.POSTS))
    groups = fields.List(fields.String(), load_default=None, allow_none=True)
    full_name = _optional()
    birth_date = Day(load_default=None, allow_none=True)
    sex = _optional()
    address = _optional()
    phone = _optional()
    email = _optional()
    basis = _optional()
    training = _optional()
    person = fields.Integer(load_default=None, allow_none=True)


class ChangeableSchema(FoundSchema):
    """How the account stands; work: how many open tasks it holds."""

    work = fields.Integer(required=True)


class ChangedSchema(Strict):
    """The name of the account, which never changes; successor: the one that takes the work over,
    null where none was asked for or it is not in use any more.
    """

    user_name = fields.String(required=True)
    successor = fields.String(load_default=None, allow_none=True)


class PassedSchema(Strict):
    """holder: whose delegations; to: who does what it did for others, null for nobody."""

    holder = fields.String(required=True)
    to = _optional()


class CountSchema(Strict):
    """How many there were."""

    count = fields.Integer(required=True)


def operations() -> list[Operation]:
    """All of them local; open work is handed over by the engine's own `work.hand_over`."""
    return [
        Operation("accounts.check_change", check, ChangeSchema, ChangeableSchema, errors=_CODES),
        Operation("accounts.change", change, ChangeSchema, ChangedSchema, errors=_CODES),
        Operation(
            "delegations.hand_over",
            hand_over,
            PassedSchema,
            CountSchema,
            errors=("ACCOUNT_UNKNOWN",),
        ),
    ]


def check(call: Call, parameters: Record) -> Record:
    """How the account stands, when the change could be made today; else Rejected says why not."""
    asked = loaded(ChangeSchema, parameters)
    sought: Record = {"account": asked["account"], "within": asked["within"]}
    found = procedures.find(call, sought)
    session = session_of(call)
    account = account_of(session, str(found["account"]))
    if account.status != "active" or account.kind != "internal":
        sentence = f"Tài khoản “{account.name}” không phải tài khoản nội bộ đang sử dụng."
        raise Rejected("NOT_IN_USE", sentence)
    if wrong := list(_faults(session, call, account, asked)):
        raise all_of(wrong)
    return {**found, "work": _work(session, account)}


def _faults(
    session: Session, call: Call, account: Account, asked: dict[str, Any]
) -> Iterator[Rejected]:
    """Everything for which the change could not be made."""
    if asked["kind"] != "new_holder":
        yield from successors.wrong(session, account, asked["successor"] or "")
    for attempt in _attempts(session, call, account, asked):
        try:
            attempt()
        except Rejected as told:
            yield told
        except _CAUGHT as refusal:
            yield rejected(refusal)


def _attempts(
    session: Session, call: Call, account: Account, asked: dict[str, Any]
) -> Iterator[Callable[[], object]]:
    """Each part of the change, to be tried without the others."""
    trained = asked["training"] or ""
    if asked["kind"] == "transfer":
        yield lambda: _require_elsewhere(session, call, account, asked)
        yield lambda: units.require_unit(session, str(asked["unit"]), call.now)
        for group in asked["groups"] or ():
            yield lambda key=group: training.check(
                account.person,
                grants.require_group(session, account.kind, key, call.now),
                trained,
            )
    if asked["kind"] == "new_holder":
        yield lambda: _check_trained(session, call, account, asked)
        yield lambda: _check_new_person(session, call, account, asked)
        yield lambda: _check_apart(session, call, account, asked)


def _require_elsewhere(
    session: Session, call: Call, account: Account, asked: dict[str, Any]
) -> None:
    if asked["unit"] == account.unit_code:
        name = unit_name(session, call.now, asked["unit"]) or asked["unit"]
        sentence = f"“{name}” là đơn vị hiện nay của tài khoản; hãy chọn đơn vị chuyển đến."
        raise Rejected("UNIT_UNKNOWN", sentence)


def _check_trained(session: Session, call: Call, account: Account, asked: dict[str, Any]) -> None:
    held = training.group_held(session, account, call.now)
    if held is not None:
        new = Person(full_name=str(asked["full_name"]))
        training.check(new, held, asked["training"] or "")


def _check_apart(session: Session, call: Call, account: Account, asked: dict[str, Any]) -> None:
    """What the account brings goes with what its new holder has by other accounts."""
    holder = _holder(asked)
    person = Known.read(session, [holder]).person(holder)
    if person is not None:
        duties.require_holder(session, account, person.id, day_of(call.now))


def _check_new_person(
    session: Session, call: Call, account: Account, asked: dict[str, Any]
) -> None:
    present = accounts.holder(session, _holder(asked))
    if present is None or present.id == account.id:
        return
    within = asked["within"]
    is_elsewhere = within is not None and present.unit_code is None
    if is_elsewhere or not procedures.reaches(session, call, present, within):
        # Whoever asks for their unit learns nothing of who works in another.
        sentence = "Người này đã có tài khoản. Hãy hỏi Văn phòng trước khi đề nghị lại."
        raise Rejected("ACCOUNT_EXISTS", sentence)
    raise accounts.AccountExists(holder=present.person.full_name, account=present.name)


def _holder(asked: dict[str, Any]) -> accounts.Application:
    return accounts.Application(
        full_name=str(asked["full_name"]),
        birth_date=asked["birth_date"],
        sex=asked["sex"],
        address=asked["address"] or "",
        position=asked["position"] or "",
        phone=asked["phone"],
        email=asked["email"],
    )


def _work(session: Session, account: Account) -> int:
    held = sa.select(sa.func.count(Task.id)).where(
        Task.assignee == account.name, Task.status == "open"
    )
    return session.scalar(held) or 0


def change(call: Call, parameters: Record) -> Record:
    """The account is as the approved request says; else nothing is changed."""
    session, asked = session_of(call), loaded(ChangeSchema, parameters)
    account = held(session, asked)
    procedures.require_reach(session, call, account, asked["within"])
    order = changes.Change(
        kind=asked["kind"],
        basis=asked["basis"] or call.case_code,
        unit=asked["unit"],
        position=asked["position"] or "",
        post=asked["post"] or "member",
        groups=tuple(asked["groups"] or ()),
        holder=_holder(asked) if asked["kind"] == "new_holder" else None,
        trained=asked["training"] or "",
    )
    try:
        # What was done before a refusal must not stay in the case's transaction.
        with session.begin_nested():
            changes.carry_out(session, account, order, origin=origin_of(call))
    except changes.NotInUse as refusal:
        sentence = f"Tài khoản “{account.name}” không còn ở trạng thái đang sử dụng."
        raise Rejected("NOT_IN_USE", sentence) from refusal
    except _CAUGHT as refusal:
        raise rejected(refusal) from refusal
    successor = successors.still(session, account, asked["successor"])
    return {"user_name": account.name, "successor": successor}


def hand_over(call: Call, parameters: Record) -> Record:
    """Nobody acts for the holder any more; for whom the holder acted, the other one does."""
    session, asked = session_of(call), loaded(PassedSchema, parameters)
    to = account_of(session, asked["to"]) if asked["to"] else None
    old = account_of(session, asked["holder"])
    return {"count": delegations.hand_over(session, old, to, origin=origin_of(call))}
