"""What deleting an account takes away for ever, and what stays (HP-8.7, KH-12.4a7).

Login, password, second factors, links and rights go, and of a person without another account what
one needs only to reach them. The row, its name and its person's name and birth date stay, so that
journals and papers still say who it was, and the name is given to nobody again.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.accounts import endings, holding
from app.people.acting import delegations
from app.people.factors.models import Passkey, RecoveryCode, Totp
from app.people.log import Origin, record
from app.people.models import Account, FirstLink, Login, OldPassword
from app.people.rights import grants
from app.people.rights.groups import day_of


def delete(session: Session, account: Account, *, origin: Origin, basis: str) -> None:
    """Nobody ever logs in with the account again, under whatever procedure.

    Raises endings.AccountDeleted when that was so before.
    """
    holding.hold(session, account)
    endings.require_kept(account)
    endings.close(session, account, origin=origin, basis=basis)
    for row in grants.not_over(session, account, day_of(origin.now), locked=True):
        grants.revoke(session, row, account, origin=origin, basis=basis)
    delegations.hand_over(session, account, None, origin=origin)
    for table in (OldPassword, FirstLink, Login, Totp, Passkey, RecoveryCode):
        session.execute(sa.delete(table).where(table.account_id == account.id))
    account.password_set_at = None
    account.display = None
    account.deleted_at = origin.now
    record(
        session,
        "account_deleted",
        account.name,
        origin=origin,
        unit=account.unit_code,
        basis=basis or None,
        cleared=", ".join(_cleared(session, account)) or None,
    )


def _cleared(session: Session, account: Account) -> list[str]:
    """Which data of the person were kept for the account alone, and are gone with the last one."""
    person = account.person
    others = sa.select(Account.id).where(
        Account.person_id == person.id, Account.id != account.id, Account.deleted_at.is_(None)
    )
    if session.scalar(others.limit(1)) is not None:
        return []
    nothing = {"address": "", "phone": None, "email": None, "sex": None}
    gone = [name for name in nothing if getattr(person, name)]
    for name in gone:
        setattr(person, name, nothing[name])
    return gone
