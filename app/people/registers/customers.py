"""What customers registered that is missing, wrong, or registered by another too (KH-12.6a1)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.people.accounts import normal_phone
from app.people.registers import finding
from app.people.registers.criteria import Criteria
from app.people.registers.finding import View

FIELDS = ("enterprise_code", "tax_code", "phone", "address", "email")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)


@dataclass(frozen=True)
class Finding:
    """account: its name; what: missing, wrong, duplicate; others: accounts with the same value."""

    account: str
    holder: str
    field: str
    what: str
    value: str
    others: tuple[str, ...] = ()


def values(row: dict[str, Any]) -> dict[str, str]:
    """What a customer registered, by field; an organisation's own before its head's."""
    return {
        "enterprise_code": row["enterprise_code"] or "",
        "tax_code": row["tax_code"] or "",
        "phone": row["desk_phone"] or row["mobile"] or "",
        "address": row["seat"] or row["home"] or "",
        "email": row["email"] or "",
    }


def findings(session: Session, view: View) -> list[Finding]:
    """Every finding among the open accounts of customers in reach, in the order of their names."""
    rows = list(finding.stream(session, view, Criteria(register="customers")))
    open_rows = [row for row in rows if row["state"] in ("active", "suspended")]
    owners = _owners(open_rows)
    return [each for row in open_rows for each in _findings(row, owners)]


def _owners(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], list[str]]:
    """By field and value, the accounts that registered it. Neighbours may share an address."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        for field, value in values(row).items():
            if value and field != "address":
                found[field, value].append(name_of(row))
    return found


def name_of(row: dict[str, Any]) -> str:
    """The account's name; see `Account.name`."""
    own = str(row["user_name"])
    return own if row["realm"] == "internal" else f"{row['realm']}:{own}"


def _findings(row: dict[str, Any], owners: dict[tuple[str, str], list[str]]) -> Iterator[Finding]:
    holder = row["organisation"] or row["full_name"]
    is_person = row["organisation"] is None
    for field, value in values(row).items():
        if is_person and field in ("enterprise_code", "tax_code"):
            continue
        others = tuple(one for one in owners.get((field, value), ()) if one != name_of(row))
        # An enterprise's tax code is its enterprise code since 2015, and may be left out.
        if not value and field == "tax_code":
            continue
        what = "missing" if not value else "wrong" if _is_wrong(field, value) else ""
        what = what or ("duplicate" if others else "")
        if what:
            yield Finding(name_of(row), holder, field, what, value, others)


def _is_wrong(field: str, value: str) -> bool:
    """Codes have 10 digits, 13 with a branch, 12 of a person who pays tax."""
    if field in ("enterprise_code", "tax_code"):
        return not re.fullmatch(r"\d{10}|\d{13}|\d{12}", value)
    if field == "phone":
        return not re.fullmatch(r"\+84\d{9,10}", normal_phone(value) or "")
    if field == "email":
        return not _EMAIL.fullmatch(value)
    return len(value) < 8
