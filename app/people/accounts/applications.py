"""Who is to have which account, and by what somebody is known to be the same person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass
from datetime import date

from app.people import vietnamese
from app.people.models import Account, Person
from app.people.rights.grants import Membership
from engine.errors import Refusal

KINDS = ("internal", "administrator", "enterprise")


class AccountExists(Refusal):
    """{holder} already has the account "{account}". One person has one; change that one."""

    status = 409


class ContactKnown(Refusal):
    """{holder} is already known with other contact data. Ask for a change of these data first; a list does not change them."""  # noqa: E501

    status = 409


@dataclass(frozen=True)
class Application:
    """Who is to have which account (requirements 7.1, 7.2).

    wanted: the user name asked for; without one the tenant's policy gives it. unit: code of the
    unit the person works in. position: what the person is there, as written. organisation: the
    enterprise that the account stands for, with its codes; the person is its head. training:
    proof of it, for groups that administer (KH-11.1b). despite: the reasons for which an account
    of the enterprise may have been closed that leave it without one; see `former`.
    """

    full_name: str
    kind: str = "internal"
    unit: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    address: str = ""
    position: str = ""
    phone: str | None = None
    email: str | None = None
    label: str = ""
    wanted: str = ""
    enterprise_code: str = ""
    tax_code: str = ""
    organisation: str = ""
    groups: tuple[Membership, ...] = ()
    basis: str = ""
    training: str = ""
    despite: tuple[str, ...] = ()


AGES = (16, 100)
"""Years between which somebody can be who holds an account."""


def is_age(birth: date, today: date) -> bool:
    """Whether somebody born that day is of an age at which people hold accounts."""
    return AGES[0] <= (today - birth).days / 365.25 <= AGES[1]


def normal_phone(phone: str | None) -> str | None:
    """The number as +84 and digits; what is no Vietnamese number keeps its digits (vn-rules 8)."""
    digits = re.sub(r"[^\d+]", "", phone or "")
    if not digits:
        return None
    if digits.startswith("0"):
        return f"+84{digits[1:]}"
    return digits if digits.startswith("+") else f"+{digits}" if digits[:2] == "84" else digits


def normal_email(email: str | None) -> str | None:
    """The address in lower case; None for none."""
    return unicodedata.normalize("NFC", email or "").strip().lower() or None


Mark = tuple[str, str] | tuple[str, str, date]
"""By what somebody is known: ("email", address), ("phone", number) or ("named", sort key, day)."""


def marks(application: Application) -> list[Mark]:
    """By what the person of the application is known; see `accounts.holder`."""
    found: list[Mark] = []
    if (mark := named(application)) is not None:
        found.append(mark)
    if email := normal_email(application.email):
        found.append(("email", email))
    phone = normal_phone(application.phone)
    if phone and re.fullmatch(r"\+84[35789]\d{8}", phone):
        found.append(("phone", phone))
    return found


def named(application: Application) -> tuple[str, str, date] | None:
    """The mark of name and birth date; None where either is missing."""
    if application.birth_date is None or not application.full_name:
        return None
    # The sort key holds letters and tones without case, so that "AN" and "An" are one name.
    key = vietnamese.person_sort_key(vietnamese.tidy(application.full_name))
    return "named", key, application.birth_date


def marks_of(person: Person) -> list[Mark]:
    """By what the person is known as kept."""
    found: list[Mark] = []
    if person.birth_date is not None:
        found.append(("named", person.sort_key, person.birth_date))
    if person.email:
        found.append(("email", person.email))
    if person.phone:
        found.append(("phone", person.phone))
    return found


def already(present: Account) -> AccountExists:
    """The refusal that names the account there is and whose it is: an enterprise's bears its name
    as its label, whatever another has typed beside the same code.
    """
    named = present.label if present.organisation_id else ""
    return AccountExists(holder=named or present.person.full_name, account=present.name)


def contact_differs(
    email: str | None, phone: str | None, known: Set[tuple[str | None, str | None]]
) -> bool:
    """Whether an address or number that is given is not the one kept; one that is empty counts."""
    return any(email not in (None, e) or phone not in (None, p) for e, p in known)
