"""Enterprises and other organisations that hold accounts, each once, known by their codes."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.people import vietnamese
from app.people.log import Origin, record
from app.people.models import Account
from engine.database import Base
from engine.errors import Refusal
from engine.forms import formats
from engine.forms.errors import Unreadable


class AddressUnreadable(Refusal):
    """An address has 8 to 500 characters, this one {length}. Write street, ward and province."""

    status = 422


class PhoneUnreadable(Refusal):
    """ "{phone}" is no telephone number. Write it as 0225 382 3202 or +84 225 382 3202."""

    status = 422


class Organisation(Base):
    """What an enterprise registered with (requirements 7.2). Its name tells nothing apart: two may
    bear one, so that it is matched by its codes alone.

    enterprise_code, tax_code: digits only; 10, 13 with a branch, 12 of a person who pays tax.
    """

    __tablename__ = "organisation"
    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    tax_code: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    address: Mapped[str] = mapped_column(sa.String(500), default="")
    phone: Mapped[str | None] = mapped_column(sa.String(30))


def digits(code: str | None) -> str | None:
    """A code as it is kept: "0200123456-001" and "0200 123 456 001" are one; None for none."""
    return re.sub(r"\D", "", code or "") or None


def find(session: Session, enterprise_code: str, tax_code: str | None) -> Organisation | None:
    """The organisation that has either code already."""
    known = {digits(enterprise_code), digits(tax_code)} - {None}
    has_one = sa.or_(Organisation.enterprise_code.in_(known), Organisation.tax_code.in_(known))
    return session.scalar(sa.select(Organisation).where(has_one).order_by(Organisation.id))


def keep(
    session: Session,
    *,
    enterprise_code: str,
    tax_code: str | None,
    name: str,
    address: str,
    phone: str | None,
) -> Organisation:
    """The organisation of these codes, brought up to date, or a new one."""
    kept = find(session, enterprise_code, tax_code)
    if kept is None:
        kept = Organisation(enterprise_code=digits(enterprise_code) or "")
        session.add(kept)
    kept.tax_code = digits(tax_code) or kept.tax_code
    kept.name = vietnamese.tidy(name)
    kept.address = address or kept.address or ""
    kept.phone = phone or kept.phone
    session.flush()  # The account needs the organisation's number.
    return kept


def update(
    session: Session, account: Account, *, address: str, phone: str, origin: Origin
) -> dict[str, tuple[str, str]]:
    """The enterprise's own account has brought its data up to date (HP-8.3c); what changed, as
    before and after by field, stands in the account log.

    Name, codes and head are what the desk verified, and change by a case alone. Raises
    AddressUnreadable and PhoneUnreadable; then nothing has changed.
    """
    own = session.get_one(Organisation, account.organisation_id, with_for_update=True)
    address = " ".join(address.split())
    if not 8 <= len(address) <= 500:
        raise AddressUnreadable(length=len(address))
    try:
        before, after = (own.address, own.phone or ""), (address, formats.phone(phone, "phone"))
    except Unreadable:
        raise PhoneUnreadable(phone=phone) from None
    names = ("address", "phone")
    changed = {
        name: pair for name, *pair in zip(names, before, after, strict=True) if pair[0] != pair[1]
    }
    own.address, own.phone = after
    if changed:
        record(session, "enterprise_updated", account.name, origin=origin, **changed)
    return {name: (old, new) for name, (old, new) in changed.items()}
