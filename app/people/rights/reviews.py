"""Every account is looked at once in a while (QCVN 12:2026/BCA): a case for each unit and period.

The application's clock asks once an hour. What has begun stands in `AccountReview`, once for a
unit and period, whatever becomes of its case.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from marshmallow import fields
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from app.people import calls
from app.people.accounts import idle
from app.people.models import Account, AccountLog, AccountReview, Delegation, Grant, UnitSpan
from app.people.queries import find_account
from app.people.rights import grants, in_force, lineage
from app.people.rights import words as rights_words
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from app.people.schemas import Strict
from app.people.settings import number, setting
from engine import Engine, views
from engine.correlation import of_text
from engine.ports import Call, Fact, Operation
from engine.values import Record, Value

PROCESS, MESSAGE = "account-review", "account.review_due"
MONTHS = {"quarter": 3, "half": 6}
REVIEWERS = frozenset(("truong-phong", "chanh-van-phong", "lanh-dao-ban", "quan-tri-don-vi"))
"""Whoever is in one of these groups in the unit may review its accounts, but not such ones."""
_NEVER = "chưa lần nào"
_ANOTHER_LIFE = ("account_closed", "account_reopened", "account_handed_over")


class WithdrawSchema(Strict):
    """Which rights of which account are withdrawn, by the numbers of the grants."""

    account = fields.String(required=True)
    ends = fields.List(fields.String(), required=True, allow_none=True)


class CountSchema(Strict):
    """How many were still there."""

    count = fields.Integer(required=True)


def look_after(engine: Engine) -> int:
    """Each unit with accounts has a review for this period, once its day has come; how many began.

    The schedule is `account.review.schedule` and `account.review.from_day`, each with its dates.
    """
    with engine.reading() as session:
        now = engine.clock()
        period = period_of(session, now)
        if period is None or PROCESS not in {row.key for row in views.processes(session)}:
            return 0
        due = _due(session, period, now)
    return sum(begin(engine, unit, period) for unit in due)


def period_of(session: Session, now: datetime) -> str | None:
    """The period whose reviews are to have begun by now ("2026-10"); None before its day."""
    months = MONTHS.get(str(setting(session, now, "account.review.schedule")))
    if months is None:
        return None
    today = day_of(now)
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    begins = first.replace(day=number(session, now, "account.review.from_day"))
    return None if today < begins else f"{first:%Y-%m}"


def _due(session: Session, period: str, now: datetime) -> list[str]:
    """Units of today with accounts that are not closed, and no review of the period."""
    begun = sa.select(AccountReview.unit_code).where(AccountReview.period == period)
    query = (
        sa.select(Account.unit_code)
        .join(UnitSpan, UnitSpan.unit_code == Account.unit_code)
        .where(Account.status != "closed", holds(UnitSpan, now))
        .where(Account.unit_code.not_in(begun))
        .distinct()
        .order_by(Account.unit_code)
    )
    return [str(unit) for unit in session.scalars(query)]


def begin(engine: Engine, unit: str, period: str) -> bool:
    """The unit's review for the period begins with the next tick, unless it has begun already."""
    key = f"account-review:{unit}:{period}"
    data: Record = {"period": period}
    order = {"message": MESSAGE, **of_text(key).record, "unit": unit, "data": data}
    try:
        with engine.writing() as session:
            row = AccountReview(unit_code=unit, period=period, begun_at=engine.clock())
            session.add(row)
            session.flush()
            return engine.enqueue(session, "deliver", order, key=key)
    except IntegrityError:
        return False  # Another process has just begun it.


def operations() -> list[Operation]:
    """Local."""
    return [
        Operation(
            "rights.withdraw", withdraw, WithdrawSchema, CountSchema, errors=("ACCOUNT_UNKNOWN",)
        )
    ]


def withdraw(call: Call, parameters: Record) -> Record:
    """The account has these rights no more; those that are gone already are passed over."""
    asked, session = calls.loaded(WithdrawSchema, parameters), calls.session_of(call)
    account = calls.account_of(session, asked["account"])
    count = 0
    for text in asked["ends"] or ():
        row = session.get(Grant, int(text)) if text.isdecimal() and len(text) < 10 else None
        if row is None or row.account_id != account.id:
            continue
        lineage.lock(session, [row])
        if row.revoked_at is None:
            origin = calls.origin_of(call)
            grants.withdraw(session, row, account, origin=origin, basis=call.case_code)
            count += 1
    return {"count": count}


def facts() -> dict[str, Fact]:
    """What the drawing asks about accounts under review."""
    return {
        "accounts_to_review": accounts_to_review,
        "account_closed": account_closed,
        "still_due": still_due,
        "last_administrator": last_administrator,
        "indispensable": indispensable,
    }


def accounts_to_review(session: Session, now: datetime, unit: Value) -> Value:
    """The accounts of a unit: [{"account", "holder", "rights", "last_login", "state", "by"},
    ...], in the order of names.

    by: "head" for what the unit's head or administrator reviews; "superior" for the accounts of
    these themselves and of whoever may act for them, for administration accounts, and for all
    where the unit has nobody to review them.
    """
    query = (
        sa.select(Account)
        .join(Account.person)
        .options(joinedload(Account.person))
        .where(Account.unit_code == str(unit), Account.status != "closed")
    )
    found = sorted(session.scalars(query), key=lambda one: (one.person.sort_key, one.id))
    reviewers = {one.id for one in found if _reviews(session, one, str(unit), now)}
    themselves = reviewers | _substitutes(session, found, str(unit), now)
    return [
        {
            "account": one.name,
            "holder": one.person.full_name,
            "rights": _rights(session, one, now),
            "last_login": _day(one.last_login_at),
            "state": "Tạm ngưng" if one.status == "suspended" else "Đang sử dụng",
            "by": "head" if reviewers and _is_the_heads(one, themselves) else "superior",
        }
        for one in found
    ]


def _is_the_heads(account: Account, themselves: set[int]) -> bool:
    return account.kind == "internal" and account.id not in themselves


def _substitutes(session: Session, found: list[Account], unit: str, now: datetime) -> set[int]:
    """Those among the accounts that may act for somebody who reviews the unit, now or later."""
    query = (
        sa.select(Delegation)
        .options(joinedload(Delegation.grantor).joinedload(Account.person))
        .where(Delegation.grantee_id.in_([one.id for one in found]))
        .where(Delegation.ended_at.is_(None), Delegation.valid_to >= day_of(now))
    )
    rows = session.scalars(query).all()
    return {row.grantee_id for row in rows if _reviews(session, row.grantor, unit, now)}


def _reviews(session: Session, account: Account, unit: str, now: datetime) -> bool:
    if account.kind != "internal" or account.status != "active":
        return False
    candidacies = in_force.actor_for(session, account, now).candidacies
    return any(f"{group}@{unit}" in candidacies for group in REVIEWERS)


def _rights(session: Session, account: Account, now: datetime) -> str:
    held = grants.not_over(session, account, day_of(now))
    rows = rights_words.of_grants(session, now, held)
    return "; ".join(f"{row['right']} ({row['scope']})" for row in rows) or "không có"


def _day(at: datetime | None) -> str:
    return f"{day_of(at):%d/%m/%Y}" if at else _NEVER


def account_closed(session: Session, _now: datetime, name: Value) -> Value:
    """Whether somebody has closed the account; one that is not there counts as closed."""
    found = find_account(session, str(name))
    return found is None or found.status == "closed"


def still_due(session: Session, _now: datetime, name: Value, unit: Value, since: Value) -> Value:
    """Whether what was found on the account at the instant `since` still speaks of it.

    So it is while it is open, in the same unit, and nobody has closed it, opened it again or
    handed it to another holder from that instant on.
    """
    found = find_account(session, str(name))
    if found is None or found.status == "closed" or found.unit_code != unit:
        return False
    if not isinstance(since, datetime):
        return True
    changed = sa.select(AccountLog.id).where(
        AccountLog.account == found.name,
        AccountLog.event.in_(_ANOTHER_LIFE),
        AccountLog.at >= since,
    )
    return session.scalar(changed.limit(1)) is None


def last_administrator(session: Session, _now: datetime, name: Value) -> Value:
    """Whether it is the administrator's account that stays, whatever a review finds: without it
    nobody could open any account again.
    """
    found = find_account(session, str(name))
    return found is not None and found.id == idle.last_administrator(session)


def indispensable(session: Session, now: datetime, name: Value) -> Value:
    """Whether the account stays in use although nobody has answered for it: whoever else opens
    accounts, checks requests or decides on them is gone; see `idle.indispensable`.
    """
    found = find_account(session, str(name))
    return found is not None and found.id in idle.indispensable(session, now)
