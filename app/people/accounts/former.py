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


def closing(session: Session, account: Account) -> dict[str, Any] | None:
    """When, by which case and for which reason a closed account was closed, as the log tells;
    None of one that is not closed.
    """
    if account.status != "closed":
        return None
    query = sa.select(AccountLog.details).where(
        AccountLog.account == account.name, AccountLog.event == "account_closed"
    )
    said = session.scalar(query.order_by(AccountLog.id.desc()).limit(1)) or {}
    return {"at": account.deactivated_at, "case": said.get("case"), "reason": said.get("reason")}


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
        reason = (closing(session, account) or {}).get("reason")
        if account.deleted_at is None and reason not in despite:
            return account, gone
        gone.append(account)
    return None, gone


def asked(session: Session, application: Application) -> tuple[Account | None, list[Account]]:
    """As `of_enterprise`, of the one with one of the codes for which an account is asked."""
    codes = application.enterprise_code, application.tax_code
    kept = organisations.find(session, *codes) if application.enterprise_code else None
    return of_enterprise(session, kept, application.despite) if kept else (None, [])
