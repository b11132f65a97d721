"""Thousands of people in one unit, entered at once."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import vietnamese
from app.people.models import INTERNAL, Account, Grant, Person
from tests.clocks import MONDAY

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Đặng", "Vũ", "Bùi", "Ngô")
MIDDLES = ("Văn", "Thị", "Quốc", "Minh", "Ngọc")
GIVEN = ("An", "Bình", "Châu", "Dũng", "Giang", "Hải", "Khánh", "Lành", "Minh", "Quỳnh", "Út")


FIRST = 10_000
"""Of the ids, beyond those that the characters have."""


def enter(session: Session, unit: str, count: int, *, group: str = "") -> None:
    """Accounts "canbo0" to "canboN" of the unit, with names that repeat, and all in that group;
    a statement a table.
    """
    people, accounts = [], []
    for n in range(count):
        name = f"{FAMILIES[n % 8]} {MIDDLES[n % 5]} {GIVEN[n % 11]}"
        people.append(
            {"id": FIRST + n, "full_name": name, "sort_key": vietnamese.person_sort_key(name),
             "search": vietnamese.search_key(name)}
        )  # fmt: skip
        accounts.append(
            {"id": FIRST + n, "realm": INTERNAL, "user_name": f"canbo{n}", "kind": "internal",
             "unit_code": unit, "person_id": FIRST + n, "created_at": MONDAY,
             "created_by": "system"}
        )  # fmt: skip
    session.execute(sa.insert(Person), people)
    session.execute(sa.insert(Account), accounts)
    if group:
        dated = {"valid_from": MONDAY.date(), "granted_at": MONDAY, "granted_by": "system"}
        ids = [row["id"] for row in accounts]
        grants = [{"account_id": n, "group_key": group, "unit_code": unit, **dated} for n in ids]
        session.execute(sa.insert(Grant), grants)
