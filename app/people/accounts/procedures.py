"""What the procedures on existing accounts call: found, barred, closed, opened again, deleted."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import accounts, schemas
from app.people.accounts import deleting, endings, former, successors
from app.people.acting import delegations
from app.people.calls import (
    ERRORS,
    account_of,
    held,
    loaded,
    origin_of,
    rejected,
    session_of,
    unknown,
)
from app.people.login import links
from app.people.models import Account, Login
from app.people.organisation import heirs, units
from app.people.organisation.organisations import Organisation
from app.people.rights import duties, in_force, training
from app.people.rights.groups import day_of
from engine.errors import Rejected
from engine.ports import Call, Operation
from engine.values import Record

_BARS = accounts.AccountExists, duties.DutiesClash, training.TrainingMissing, units.UnitUnknown
"""Why a closed account may not be opened again."""
_HELD = "ACCOUNT_UNKNOWN", "HOLDER_CHANGED"
_STANDING = *_HELD, "ACCOUNT_CHANGED"


def operations() -> list[Operation]:
    """All of them local, like those that make accounts."""
    return [
        Operation(
            "accounts.find",
            find,
            schemas.SoughtSchema,
            schemas.FoundSchema,
            errors=("ACCOUNT_UNKNOWN",),
        ),
        Operation(
            "accounts.void_password",
            void_password,
            schemas.AccountSchema,
            schemas.Nothing,
            errors=_HELD,
        ),
        Operation(
            "accounts.close",
            close,
            schemas.CloseSchema,
            schemas.ClosedSchema,
            errors=_STANDING,
        ),
        Operation(
            "accounts.delete",
            delete,
            schemas.StandingSchema,
            schemas.Nothing,
            errors=_STANDING,
        ),
        Operation(
            "accounts.reopen",
            reopen,
            schemas.ReopenSchema,
            schemas.ReopenedSchema,
            errors=(*_STANDING, "NOT_CLOSED", *dict.fromkeys(ERRORS[one][0] for one in _BARS)),
        ),
    ]


def find(call: Call, parameters: Record) -> Record:
    """How the account stands. Rejected("ACCOUNT_UNKNOWN") as well when it is another unit's, and
    when it was deleted.

    within: the unit, with those below it, to which an official's account must belong; null asks
    for all. Administration accounts belong to no unit's procedures (HP-6.3). customers: whether
    one of a customer, who is of no unit, may be asked for.
    """
    session = session_of(call)
    asked = loaded(schemas.SoughtSchema, parameters)
    name = asked["account"].strip().lower()
    account = account_of(session, name)
    is_barred = account.unit_code is None and not asked["customers"]
    if account.deleted_at or is_barred or not reaches(session, call, account, asked["within"]):
        raise unknown(name)
    return {
        "account": account.name,
        "holder": account.person.full_name,
        "sex": account.person.sex,
        "email": account.person.email,
        "kind": account.kind,
        "status": account.status,
        "unit": account.unit_code,
        "since": account.created_at,
        "last_login_at": account.last_login_at,
        "logins": _open_logins(session, call, account),
        "untrained": not account.person.training
        and training.group_held(session, account, call.now) is not None,
        "organisation": _organisation(session, account),
        "closed": former.closing(session, account),
        "person": account.person_id,
    }


def reaches(session: Session, call: Call, account: Account, within: str | None) -> bool:
    """Whether who asks for that unit may know of the account; None: who asks for the agency."""
    if account.kind == "administrator":
        return within is None
    if within is None or account.unit_code is None:
        return True
    unit = heirs.home(session, account.unit_code, day_of(call.now)) or account.unit_code
    return unit in in_force.below(session, {within}, call.now).get(within, ())


def _organisation(session: Session, account: Account) -> str | None:
    found = session.get(Organisation, account.organisation_id) if account.organisation_id else None
    return found.name if found is not None else None


def _open_logins(session: Session, call: Call, account: Account) -> int:
    return session.scalar(
        sa.select(sa.func.count(Login.id)).where(
            Login.account_id == account.id, Login.ended_at.is_(None), Login.ends_at > call.now
        )
    ) or 0  # fmt: skip


def _asked(call: Call, parameters: Record) -> tuple[Session, Account, str]:
    """The account that an operation is about, and the basis on which it acts."""
    session = session_of(call)
    asked = loaded(schemas.AccountSchema, parameters)
    return session, held(session, asked), asked["basis"] or call.case_code


def require_reach(session: Session, call: Call, account: Account, within: str | None) -> None:
    """Raises Rejected("ACCOUNT_CHANGED") where the account has left the unit that asked, or what
    that unit has become, and those below it.
    """
    today = day_of(call.now)
    unit = heirs.home(session, within, today) or within if within is not None else None
    if not reaches(session, call, account, unit):
        raise _changed(account, "đã chuyển sang đơn vị khác")


def _require_standing(session: Session, account: Account, asked: dict[str, Any]) -> None:
    """Raises Rejected("ACCOUNT_CHANGED") where it was opened, or closed otherwise, since."""
    then, now = asked["closed"], former.closing(session, account)
    if then is not None and (now is None or any(now.get(key) != then[key] for key in then)):
        opened = "đã được mở lại"
        raise _changed(account, opened if now is None else "đã đóng theo một quyết định khác")


def _changed(account: Account, how: str) -> Rejected:
    sentence = (
        f"Tài khoản “{account.name}” {how} sau khi lập đề nghị. Hãy lập đề nghị mới theo "
        "tình trạng hiện nay nếu vẫn cần."
    )
    return Rejected("ACCOUNT_CHANGED", sentence)


def void_password(call: Call, parameters: Record) -> Record:
    """The account is logged out everywhere and its password worth nothing; it stays open."""
    session, account, basis = _asked(call, parameters)
    links.void_password(session, account, origin=origin_of(call), basis=basis)
    return {}


def close(call: Call, parameters: Record) -> Record:
    """The account is closed and logged out everywhere; nobody acts for it, nor it for others."""
    session, asked = session_of(call), loaded(schemas.CloseSchema, parameters)
    account = held(session, asked)
    require_reach(session, call, account, asked["within"])
    delegations.hand_over(session, account, None, origin=origin_of(call))
    endings.close(
        session,
        account,
        origin=origin_of(call),
        basis=asked["basis"] or call.case_code,
        reason=asked["reason"] or "",
        case=call.case_code,
    )
    return {"successor": successors.still(session, account, asked["successor"])}


def delete(call: Call, parameters: Record) -> Record:
    """Login, password and rights are gone for ever; who the account was stays known."""
    session, asked = session_of(call), loaded(schemas.StandingSchema, parameters)
    account = held(session, asked)
    _require_standing(session, account, asked)
    basis = asked["basis"] or call.case_code
    try:
        deleting.delete(session, account, origin=origin_of(call), basis=basis)
    except endings.AccountDeleted as refusal:
        raise unknown(account.name) from refusal
    return {}


def reopen(call: Call, parameters: Record) -> Record:
    """The account is open under its old name, or followed by one under a new name.

    Nobody can log in before the holder has chosen a password on a one-time link.
    """
    session = session_of(call)
    asked = loaded(schemas.ReopenSchema, parameters)
    account = held(session, asked)
    _require_standing(session, account, asked)
    opened = endings.follow if asked["new_name"] else endings.reopen
    basis = asked["basis"] or call.case_code
    try:
        # What was done before a refusal must not stay in the case's transaction.
        with session.begin_nested():
            result = opened(
                session, account, origin=origin_of(call), basis=basis,
                trained=asked["training"] or "",
            )  # fmt: skip
    except endings.StillOpen as refusal:
        sentence = f"Tài khoản “{account.name}” không ở trạng thái đóng."
        raise Rejected("NOT_CLOSED", sentence) from refusal
    except endings.AccountDeleted as refusal:
        raise unknown(account.name) from refusal
    except _BARS as refusal:
        raise rejected(refusal) from refusal
    return {"user_name": (result or account).name}
