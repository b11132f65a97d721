"""What service tasks and drawings may ask of this area, by name."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy.orm import Session

from app.people import accounts, grants, links, schemas, units, usernames
from app.people.log import Origin
from app.people.models import Account
from app.people.queries import facts, find_account
from engine.errors import Refusal, Rejected
from engine.ports import Call, Operation
from engine.values import Record

__all__ = ["facts", "operations"]

# Each refusal that a drawing may catch: the BPMN error by which it knows it, and the sentence that
# stays in the case, in the language of its drawing.
_ERRORS: dict[type[Refusal], tuple[str, str]] = {
    accounts.AccountExists: ("ACCOUNT_EXISTS", "{holder} đã có tài khoản “{account}”."),
    usernames.NameTaken: ("NAME_TAKEN", "Tên đăng nhập “{name}” đã được cấp trước đây."),
    usernames.PlaceMissing: ("NAME_IMPOSSIBLE", "Chưa đặt phần tên sau dấu chấm trong thiết lập."),
    usernames.EnterpriseCodeWrong: (
        "NAME_IMPOSSIBLE",
        "Mã số doanh nghiệp “{given}” không có 10 hoặc 13 chữ số.",
    ),
    usernames.WantedNameOdd: (
        "NAME_IMPOSSIBLE",
        "Tên đăng nhập “{given}” có ký tự khác chữ thường không dấu, chữ số và dấu chấm.",
    ),
    usernames.NameImpossible: (
        "NAME_IMPOSSIBLE",
        "Không tạo được tên đăng nhập từ “{given}” vì không có chữ cái La-tinh.",
    ),
    grants.GroupUnknown: ("GROUP_UNKNOWN", "Không có nhóm “{group}”."),
    grants.GroupNotForKind: (
        "GROUP_NOT_FOR_KIND",
        "Nhóm “{group}” không dành cho loại tài khoản này.",
    ),
    units.UnitUnknown: ("UNIT_UNKNOWN", "Ngày {day} không có đơn vị “{unit}”."),
}
_CODES = tuple(dict.fromkeys(code for code, _ in _ERRORS.values()))


def operations() -> list[Operation]:
    """All of them local: they change our own registers inside the case's transaction."""
    return [
        Operation(
            "accounts.check",
            check,
            schemas.ApplicationSchema,
            schemas.CheckedSchema,
            errors=("ACCOUNT_EXISTS",),
        ),
        Operation(
            "accounts.create",
            create,
            schemas.ApplicationSchema,
            schemas.CreatedSchema,
            errors=_CODES,
        ),
        Operation(
            "accounts.issue_first_link",
            issue_first_link,
            schemas.AccountSchema,
            schemas.LinkSchema,
            errors=("ACCOUNT_UNKNOWN",),
        ),
        Operation(
            "accounts.suspend",
            suspend,
            schemas.AccountSchema,
            schemas.Nothing,
            errors=("ACCOUNT_UNKNOWN",),
        ),
    ]


def check(call: Call, parameters: Record) -> Record:
    """Nobody has such an account yet; Rejected("ACCOUNT_EXISTS") names the one there is."""
    present = accounts.holder(_session(call), _application(call, parameters))
    if present is not None:
        raise _rejected(
            accounts.AccountExists(holder=present.person.full_name, account=present.name)
        )
    return {"free": True}


def create(call: Call, parameters: Record) -> Record:
    """The account is open under a new name with the rights asked for; else nothing is changed."""
    session = _session(call)
    try:
        # What was done before a refusal must not stay in the case's transaction.
        with session.begin_nested():
            account = accounts.open_account(
                session, _application(call, parameters), origin=_origin(call)
            )
    except tuple(_ERRORS) as refusal:
        raise _rejected(refusal) from refusal
    return {"user_name": account.name, "account_id": account.id}


def _rejected(refusal: Refusal) -> Rejected:
    code, sentence = _ERRORS[type(refusal)]
    return Rejected(code, sentence.format_map(refusal.fields))


def issue_first_link(call: Call, parameters: Record) -> Record:
    """The holder may choose a password on a new link; what was valid before is not any more."""
    session = _session(call)
    path, expires_at = links.issue(session, _account(session, parameters), origin=_origin(call))
    return {"link": path, "expires_at": expires_at}


def suspend(call: Call, parameters: Record) -> Record:
    """The account cannot log in until it is opened again."""
    session = _session(call)
    asked = _loaded(schemas.AccountSchema, parameters)
    basis = asked["basis"] or call.case_code
    accounts.suspend(session, _account(session, parameters), origin=_origin(call), basis=basis)
    return {}


def _session(call: Call) -> Session:
    if call.session is None:
        raise TypeError("operations on accounts run inside the case's transaction")
    return call.session


def _origin(call: Call) -> Origin:
    return Origin(call.actor, call.now)


def _loaded(schema: type[schemas.Strict], parameters: Record) -> dict[str, Any]:
    return cast("dict[str, Any]", schema().load(parameters))


def _application(call: Call, parameters: Record) -> accounts.Application:
    asked = _loaded(schemas.ApplicationSchema, parameters)
    memberships = tuple(
        grants.Membership(row["group"], row["unit"], bool(row["below"]))
        for row in asked.pop("groups") or ()
    )
    given = {name: value for name, value in asked.items() if value is not None}
    given["basis"] = given.get("basis") or call.case_code
    return accounts.Application(**given, groups=memberships)


def _account(session: Session, parameters: Record) -> Account:
    account = find_account(session, str(parameters["account"]))
    if account is None:
        raise Rejected("ACCOUNT_UNKNOWN", f"Không có tài khoản “{parameters['account']}”.")
    return account
