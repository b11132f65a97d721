"""How an account ends and comes back: closed, opened again, or followed by one of a new name.

Each in the caller's transaction. What is closed can do nothing; who it was stays known.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.accounts import (
    AccountExists,
    begin,
    end_logins,
    holding,
    opening,
    telling,
    usernames,
)
from app.people.factors import voiding
from app.people.log import Origin, record
from app.people.login import links
from app.people.models import Account
from app.people.organisation import heirs, units
from app.people.rights import duties, grants, training
from app.people.rights.groups import day_of
from engine.errors import Refusal


class StillOpen(Refusal):
    """The account "{account}" is not closed, so that it cannot be opened again."""

    status = 409


class AccountDeleted(Refusal):
    """The account "{account}" was deleted and never comes back. Ask for a new one."""

    status = 409


def require_kept(account: Account) -> None:
    """Raises AccountDeleted."""
    if account.deleted_at is not None:
        raise AccountDeleted(account=account.name)


def close(
    session: Session,
    account: Account,
    *,
    origin: Origin,
    basis: str,
    reason: str = "",
    case: str = "",
) -> None:
    """Nobody can log in with the account, which is logged out everywhere; its name stays taken.

    The password, second factors and open links are worth nothing any more, also should it be
    opened again (KH-12.4a5, KH-12.6a4, KH-12.4b2). Grants stay, and give nothing to who cannot
    log in. Cases that wait for the account's end are told of it after the commit. reason, case:
    why and by which case, where a procedure says so; see `former.closing`. Of an account that is
    closed already the further reason is kept.
    """
    holding.hold(session, account)
    if account.status == "closed":
        if reason:
            event = "closing_reason_added"
            _log(session, event, account, origin, basis, reason=reason, case=case or None)
        return
    account.status = "closed"
    account.deactivated_at = origin.now
    account.password_hash = None
    account.must_change = True
    links.close_all(session, account, origin.now)
    voiding.drop(session, account, origin=origin)
    end_logins(session, account, origin=origin)
    _log(
        session, "account_closed", account, origin, basis, reason=reason or None, case=case or None
    )
    telling.tell_closed(session, account, now=origin.now, basis=basis)


def reopen(
    session: Session, account: Account, *, origin: Origin, basis: str, trained: str = ""
) -> None:
    """The closed account may be used again under its old name, once it has a new password.

    An account of a unit that is no more is of the unit that took it over, else of the one above.
    trained: proof of training, where the account is in a group that administers. Raises StillOpen,
    AccountDeleted, AccountExists when the person has got another of the kind meanwhile,
    TrainingMissing, DutiesClash with what the person has been given by other accounts meanwhile.
    """
    _require_closed(session, account)
    training.require_of_account(session, account, account.person, now=origin.now, proof=trained)
    account.unit_code = _home(session, account, origin)
    account.status = "active"
    account.activated_at, account.deactivated_at = origin.now, None
    account.failed_count, account.locked_until = 0, None
    account.basis = basis
    # Of accounts that were closed before closing took the devices away.
    account.password_hash, account.must_change = None, True
    account.barred_at = origin.now
    voiding.drop(session, account, origin=origin)
    session.flush()
    duties.require_holder(session, account, account.person_id, day_of(origin.now))
    _log(session, "account_reopened", account, origin, basis)


def follow(
    session: Session, account: Account, *, origin: Origin, basis: str, trained: str = ""
) -> Account:
    """A new account with a new name has the rights of the closed one, which stays closed.

    So it is after an intrusion: who knew the old name and password knows nothing (KH-12.6a5).
    trained: as for `reopen`. Raises StillOpen, AccountDeleted, AccountExists, TrainingMissing,
    DutiesClash.
    """
    _require_closed(session, account)
    training.require_of_account(session, account, account.person, now=origin.now, proof=trained)
    new = Account(
        realm=account.realm,
        user_name=usernames.following(session, account.realm, account.user_name, origin.now),
        kind=account.kind,
        label=account.label,
        person=account.person,
        unit_code=_home(session, account, origin),
        organisation_id=account.organisation_id,
        language=account.language,
        basis=basis,
    )
    begin(session, new, origin=origin, follows=account)
    _hand_rights(session, account, new, origin=origin, basis=basis)
    return new


def _require_closed(session: Session, account: Account) -> None:
    opening.one_at_a_time(session)
    holding.hold(session, account)
    require_kept(account)
    if account.status != "closed":
        raise StillOpen(account=account.name)
    same = Account.person_id == account.person_id
    if account.organisation_id is not None:  # Whoever heads it now.
        same = sa.or_(same, Account.organisation_id == account.organisation_id)
    other = session.scalar(
        sa.select(Account).where(
            same,
            Account.kind == account.kind,
            Account.status != "closed",
        )
    )
    if other is not None:
        raise AccountExists(holder=account.person.full_name, account=other.name)


def _home(session: Session, account: Account, origin: Origin) -> str | None:
    """The unit to which the account belongs today. Raises UnitUnknown where nothing is left."""
    if account.unit_code is None:
        return None
    unit = heirs.home(session, account.unit_code, day_of(origin.now))
    if unit is None:
        raise units.unknown(account.unit_code, origin.now)
    return unit


def _hand_rights(
    session: Session, old: Account, new: Account, *, origin: Origin, basis: str
) -> None:
    """What the old account is in force for, or will be from a later day on, the new one is from
    the same day; the old one no more.
    """
    today = day_of(origin.now)
    for row in reversed(grants.not_over(session, old, today, locked=True)):
        membership = grants.Membership.of(row)
        grants.revoke(session, row, old, origin=origin, basis=basis)
        grants.grant(
            session, new, membership, origin=origin, valid_from=max(row.valid_from, today),
            valid_to=row.valid_to, basis=basis, trained=None, continues=row,
        )  # fmt: skip


def _log(
    session: Session,
    event: str,
    account: Account,
    origin: Origin,
    basis: str,
    **details: str | None,
) -> None:
    record(
        session, event, account.name, origin=origin, unit=account.unit_code,
        basis=basis or None, **details,
    )  # fmt: skip
