"""What service tasks and drawings may ask of this area, by name."""

from __future__ import annotations

from app.people import accounts, schemas
from app.people.accounts import former, procedures
from app.people.calls import ERRORS, account_of, held, loaded, origin_of, rejected, session_of
from app.people.login import links
from app.people.queries import facts
from app.people.rights import grants
from engine.errors import Rejected
from engine.ports import Call, Operation
from engine.values import Record

__all__ = ["facts", "operations"]

_CODES = tuple(dict.fromkeys(code for code, _ in ERRORS.values()))


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
            schemas.NewLinkSchema,
            schemas.LinkSchema,
            errors=("ACCOUNT_UNKNOWN", "HOLDER_CHANGED", "NOT_IN_USE"),
        ),
        Operation(
            "accounts.suspend",
            suspend,
            schemas.AccountSchema,
            schemas.Nothing,
            errors=("ACCOUNT_UNKNOWN",),
        ),
        *procedures.operations(),
    ]


def check(call: Call, parameters: Record) -> Record:
    """Nobody has such an account yet; Rejected("ACCOUNT_EXISTS") names the one there is."""
    application = _application(call, parameters)
    present = accounts.holder(session_of(call), application)
    if present is not None:
        raise rejected(accounts.already(present))
    _present, gone = former.asked(session_of(call), application)
    return {"free": True, "former": [account.name for account in gone]}


def create(call: Call, parameters: Record) -> Record:
    """The account is open under a new name with the rights asked for; else nothing is changed."""
    session = session_of(call)
    try:
        # What was done before a refusal must not stay in the case's transaction.
        with session.begin_nested():
            account = accounts.open_account(
                session, _application(call, parameters), origin=origin_of(call)
            )
    except tuple(ERRORS) as refusal:
        raise rejected(refusal) from refusal
    return {"user_name": account.name, "account_id": account.id}


def issue_first_link(call: Call, parameters: Record) -> Record:
    """The holder may choose a password on a new link; what was valid before is not any more.

    Second factors end too where somebody else may know the password. Rejected("NOT_IN_USE") of an
    account that is suspended or closed: the link would open nothing.
    """
    session = session_of(call)
    asked = loaded(schemas.NewLinkSchema, parameters)
    account, origin = held(session, asked), origin_of(call)
    if account.status != "active":
        sentence = f"Tài khoản “{account.name}” không còn ở trạng thái đang sử dụng."
        raise Rejected("NOT_IN_USE", sentence)
    if asked["disclosed"]:
        basis = asked["basis"] or call.case_code
        links.void_password(session, account, origin=origin, basis=basis)
    path, expires_at = links.issue(session, account, origin=origin)
    return {"link": path, "expires_at": expires_at, "email": account.person.email}


def suspend(call: Call, parameters: Record) -> Record:
    """The account cannot log in until it is opened again."""
    session = session_of(call)
    asked = loaded(schemas.AccountSchema, parameters)
    basis = asked["basis"] or call.case_code
    accounts.suspend(
        session,
        account_of(session, str(parameters["account"])),
        origin=origin_of(call),
        basis=basis,
    )
    return {}


def _application(call: Call, parameters: Record) -> accounts.Application:
    asked = loaded(schemas.ApplicationSchema, parameters)
    memberships = tuple(
        grants.Membership(
            row["group"], row["unit"], bool(row["below"]), row["field"], bool(row["everywhere"])
        )
        for row in asked.pop("groups") or ()
    )
    given = {name: value for name, value in asked.items() if value is not None}
    given["despite"] = tuple(given["despite"]) if "despite" in given else ()
    given["basis"] = given.get("basis") or call.case_code
    return accounts.Application(**given, groups=memberships)
