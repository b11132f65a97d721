"""On which decision an import rests: a case that granted the accounts, or a decision on paper.

Who administers the agency answers for a decision on paper by its number and day. Who administers a
unit names a case, which anybody can look up: a number alone would let one person be the one who
asks, who decides and who opens the accounts.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import queries
from engine.errors import Refusal
from engine.ports import Actor
from engine.tables import Case

GRANTED = {
    "account-grant-list": "Đã cấp theo danh sách",
    "account-grant-internal": "Đã bàn giao tài khoản",
}
"""By process, the name of the end with which a case has granted accounts."""


class CaseNeeded(Refusal):
    """Write the code of the case that granted these accounts. Only an administrator's account may import by a decision on paper."""  # noqa: E501

    status = 422


class CaseDoesNotGrant(Refusal):
    """The code "{code}" is of no case of a unit that you look after that was closed with accounts granted. Check the code."""  # noqa: E501

    status = 422


def needs_case(session: Session, actor: Actor) -> bool:
    """Whether a decision on paper is not enough for whoever imports."""
    account = queries.find_account(session, actor.name)
    return account is None or account.kind != "administrator"


def require(session: Session, actor: Actor, code: str, now: datetime) -> None:
    """The import may rest on what was written as the case's code.

    Raises CaseNeeded, and CaseDoesNotGrant alike for cases that are not there, out of reach, still
    open or refused, so that nobody learns of the cases of others.
    """
    if not needs_case(session, actor):
        return
    if not code:
        raise CaseNeeded()
    found = session.scalar(
        sa.select(Case).where(Case.code == code, Case.status == "completed", Case.closed_at <= now)
    )
    reach = actor.rights.get("rights.grant", frozenset())
    if found is None or found.unit not in reach:
        raise CaseDoesNotGrant(code=code)
    if found.outcome is None or GRANTED.get(found.process_key) != found.outcome:
        raise CaseDoesNotGrant(code=code)
