"""Accounts that were: why one was closed, and which of an enterprise's leave it without one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.accounts.applications import Application
from app.people.models import Account, AccountLog
from app.people.organisation import organisations
from app.people.organisation.organisations import Organisation

_CLOSINGS = "account_closed", "closing_reason_added"


def closing(session: Session, account: Account) -> dict[str, Any] | None:
    """When, by which case and for which reason a closed account was closed, as the log tells;
    None of one that is not closed. reasons: all that were decided since it was last open, for a
    second case may find a graver one (KH-12.6a5).
    """
    if account.status != "closed":
        return None
    kept = sa.select(AccountLog.event, AccountLog.details).where(
        AccountLog.account == account.name, AccountLog.event.in_(_CLOSINGS)
    )
    last: Any = {}
    reasons: list[str] = []
    for event, details in session.execute(kept.order_by(AccountLog.id)):
        said = details or {}
        if event == "account_closed":
            last, reasons = said, []
        reasons += [said["reason"]] if said.get("reason") else []
    case, reason = last.get("case"), last.get("reason")
    return {"at": account.deactivated_at, "case": case, "reason": reason, "reasons": reasons}


def of_enterprise(
    session: Session, organisation: Organisation, despite: Collection[str]
) -> tuple[Account | None, list[Account]]:
    """The enterprise's account, of several the latest, and those before which are none any more.

    A closed account counts: its name is the code, so that it is opened again and not made anew.
    One that was deleted does not, nor one that was closed for a reason in `despite`: whoever had
    it was not the enterprise.
    """
    query = (
        sa.select(Account)
        .options(joinedload(Account.person))
        .where(Account.organisation_id == organisation.id)
        .order_by(Account.id.desc())
    )
    gone: list[Account] = []
    for account in session.scalars(query):
        reasons = (closing(session, account) or {}).get("reasons", ())
        if account.deleted_at is None and not set(reasons) & set(despite):
            return account, gone
        gone.append(account)
    return None, gone


def asked(session: Session, application: Application) -> tuple[Account | None, list[Account]]:
    """As `of_enterprise`, of the one with one of the codes for which an account is asked."""
    codes = application.enterprise_code, application.tax_code
    kept = organisations.find(session, *codes) if application.enterprise_code else None
    return of_enterprise(session, kept, application.despite) if kept else (None, [])
