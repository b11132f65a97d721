"""The account log: every login, failure, lock, change and grant; the database lets none go."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import AccountLog
from app.people.settings import setting
from engine.calendar import ZONE
from engine.ports import Actor

# The closed vocabulary of events and what each is called on screen, in the order of a filter.
EVENTS = {
    "login": "Logged in",
    "login_failed": "Login failed",
    "password_right": "Password right, second factor asked",
    "factor_failed": "Second factor wrong",
    "logout": "Logged out",
    "idle_locked": "Screen locked after idling",
    "idle_unlocked": "Screen unlocked",
    "locked": "Account locked",
    "unlocked": "Account unlocked",
    "session_ended": "Login ended",
    "password_changed": "Password changed",
    "factor_added": "Second factor set up",
    "factor_removed": "Second factor removed",
    "factor_reset": "Second factor reset by an administrator",
    "passkey_added": "Passkey added",
    "passkey_renamed": "Passkey renamed",
    "passkey_removed": "Passkey removed",
    "passkey_copied": "Passkey refused: there are two of it",
    "recovery_codes_made": "Recovery codes made",
    "recovery_code_used": "Recovery code used",
    "password_voided": "Password made void",
    "terms_accepted": "Terms of use accepted",
    "recovery_asked": "New password asked for on the login page",
    "link_issued": "One-time link issued",
    "link_used": "One-time link used",
    "account_created": "Account created",
    "account_changed": "Account changed",
    "account_suspended": "Account suspended",
    "account_closed": "Account closed",
    "closing_reason_added": "Another reason for the closing recorded",
    "account_deleted": "Account deleted",
    "account_reopened": "Account opened again",
    "granted": "Right granted",
    "revoked": "Right revoked",
    "right_ended": "Right ends: its unit changes",
    "right_goes_on": "Right goes on: the change of its unit was called off",
    "right_called_off": "Right never begins: the change of a unit was called off",
    "grant_refused": "Right of the directory refused",
    "group_changed": "Duties of a group changed",
    "group_made": "Group made",
    "group_ended": "Group ended",
    "person_corrected": "Data of a person corrected",
    "enterprise_updated": "Data of an enterprise updated by itself",
    "delegation_permitted": "Acting for somebody permitted",
    "delegation_ended": "Acting for somebody ended",
    "acting_begun": "Began to act for somebody",
    "acting_ended": "Stopped acting for somebody",
    "account_handed_over": "Account handed over",
    "post_given": "Post given",
    "post_ended": "Post ended",
    "post_goes_on": "Post goes on: the change of its unit was called off",
    "post_called_off": "Post never begins: the change of a unit was called off",
    "unit_changed": "Unit changed",
    "unit_closed": "Unit closed",
    "unit_change_called_off": "Change of a unit called off",
    "planned_row_withdrawn": "Planned data of a unit withdrawn: its change was called off",
    "log_read": "Account log read",
    "list_exported": "List of accounts saved as a file",
    "list_imported": "List of accounts imported",
}


LEAST_MONTHS = 12
"""What the law asks for, whatever a setting says (QCVN 12:2026/BCA)."""


@dataclass(frozen=True)
class Origin:
    """Who does something to an account at an instant, and from where; for whom, if for another,
    and by which case's permission.
    """

    actor: str
    now: datetime
    address: str = ""
    behalf_of: str | None = None
    mandate: str | None = None

    @classmethod
    def of(cls, actor: Actor, now: datetime) -> Origin:
        number = None if actor.mandate is None else actor.mandate.number
        return cls(actor.name, now, actor.address or "", actor.behalf_of, number)


def record(
    session: Session,
    event: str,
    account: str,
    *,
    origin: Origin,
    unit: str | None = None,
    **details: Any,
) -> None:
    """One line more in the account log, in the caller's transaction.

    details: values of case data; None is left out.
    """
    session.add(AccountLog(**line(event, account, origin=origin, unit=unit, **details)))


def line(
    event: str, account: str, *, origin: Origin, unit: str | None = None, **details: Any
) -> dict[str, Any]:
    """The columns of a line of the account log; see `record`."""
    if event not in EVENTS:
        raise ValueError(f"{event} is no event of the account log")
    acting = {"done_for": origin.behalf_of, "mandate": origin.mandate}
    return {
        "at": origin.now,
        "event": event,
        "account": account[:120],
        "actor": origin.actor[:120],
        "unit_code": unit,
        "address": origin.address[:60],
        "details": {k: v for k, v in {**details, **acting}.items() if v is not None},
    }


@dataclass(frozen=True)
class Wanted:
    """What a reader of the log looks for.

    units: limits it to what the reader may see. with_strangers: failures under names that no
    account has, and other lines of no unit, are seen too.
    """

    units: frozenset[str]
    with_strangers: bool = False
    event: str | None = None
    account: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None  # id of the last line already shown


@dataclass(frozen=True)
class Age:
    """How old the log is. kept_from: the first day whose lines must stay at hand. older: how many
    lines are from before; total: how many there are.
    """

    kept_from: date
    older: int
    total: int


def age(session: Session, now: datetime) -> Age:
    """What of the log could be copied to an archive on that day (`log.months`, at least 12).

    Nothing is ever taken out: the database lets no line go.
    """
    months = max(LEAST_MONTHS, int(str(setting(session, now, "log.months"))))
    today = now.astimezone(ZONE).date()
    place = today.year * 12 + today.month - 1 - months
    year, month = place // 12, place % 12 + 1
    first = date(year, month, min(today.day, monthrange(year, month)[1]))
    begin = datetime.combine(first, time(), ZONE)
    count = sa.select(sa.func.count()).select_from(AccountLog)
    older = session.scalar(count.where(AccountLog.at < begin)) or 0
    return Age(first, older, session.scalar(count) or 0)


def lines(session: Session, wanted: Wanted, limit: int = 50) -> list[AccountLog]:
    """The newest lines first, at most `limit`; `before` goes on where a page ended."""
    seen = AccountLog.unit_code.in_(sorted(wanted.units))
    conditions = [sa.or_(seen, AccountLog.unit_code.is_(None)) if wanted.with_strangers else seen]
    if wanted.event in EVENTS:
        conditions.append(AccountLog.event == wanted.event)
    if wanted.account:
        name = wanted.account.strip().lower()
        conditions.append(sa.or_(AccountLog.account == name, AccountLog.actor == name))
    if wanted.since:
        conditions.append(AccountLog.at >= wanted.since)
    if wanted.until:
        conditions.append(AccountLog.at < wanted.until)
    if wanted.before:
        conditions.append(AccountLog.id < wanted.before)
    return list(
        session.scalars(
            sa.select(AccountLog).where(*conditions).order_by(AccountLog.id.desc()).limit(limit)
        )
    )
