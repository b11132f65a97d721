"""The invented authority: settings, units, people, posts, accounts and grants."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import areas
from app.demo.past import PASSWORD, Past
from app.operations.models import Setting
from app.operations.operations import change_setting
from app.operations.queries import today
from app.people import accounts
from app.people.log import Origin
from app.people.login import passwords, terms
from app.people.models import Account, AccountLog, OldPassword, Person
from app.people.organisation import units
from app.people.rights.grants import Membership
from engine import SYSTEM, Actor

DATA = Path(__file__).parent / "data"
PLACE = "sonhai"
SINCE = date(2025, 7, 1)
"""When the province and its authority began, with the end of the districts."""
TRAINED = "Chứng nhận số 15/CN-STTTT ngày 10/6/2025"
BASIS = "Quyết định số 01/QĐ-BQL ngày 01/7/2025"
STREETS = (
    "số 12 đường Trần Phú, phường Hải Đông",
    "tổ 4, phường Hải Đông",
    "thôn Đông, xã Tân Khê",
    "thôn Bãi Dài, xã Tân Khê",
    "số 35 đường Lê Lợi, phường Hải Đông",
    "khu 2, đặc khu Hòn Ngọc",
    "số 7 ngõ 18 đường Nguyễn Huệ, phường Hải Đông",
    "thôn Thượng, xã Tân Khê",
)

# Whoever installs the product, before anybody has rights: settings and the first process.
INSTALLER = Actor(
    name=SYSTEM.name,
    label=SYSTEM.label,
    rights=dict.fromkeys(("settings.manage", "studio.deploy"), frozenset({"ban"})),
)


@cache
def _shipped() -> dict[str, Any]:
    shipped: dict[str, Any] = json.loads((DATA / "agency.json").read_text(encoding="utf-8"))
    return shipped


def login_names() -> list[tuple[str, str]]:
    """(user name, who and what for) of one account for each role."""
    return [(name, description) for name, description in _shipped()["logins"]]


def email(user_name: str) -> str:
    """The official mailbox of an account; the domain is one that leads nowhere (RFC 2606)."""
    return f"{user_name.partition('.')[0]}@{PLACE}.example"


def phone(number: int) -> str:
    """An invented mobile number."""
    return f"0900 000 {number:03}"


def address(number: int) -> str:
    """An invented home address."""
    street = STREETS[number % len(STREETS)]
    return f"{street[0].upper()}{street[1:]}, tỉnh Sơn Hải"


def found(past: Past) -> None:
    """Units, people and settings are there, some thirteen months before now; everybody can log in.

    Registers and statistics of a year are worth looking at; most of the work is of the last weeks.
    """
    begun = past.now - timedelta(days=400)
    past.begin(begun)
    with past.engine.writing() as session:
        areas.load_shipped(session, begun)
        for name, value in _settings().items():
            keep_setting(session, past, name, value)
        # Whoever tries the product answers no reviews, and is to find every login as it was.
        begins = (today(past.now), None)
        keep_setting(session, past, "account.review.silence", "tell", days=begins)
        origin = Origin(SYSTEM.name, begun)
        for position, unit in enumerate(_shipped()["units"]):
            units.set_unit(
                session, **unit, position=position, valid_from=SINCE, origin=origin, basis=BASIS
            )
        password_hash = passwords.hashed(PASSWORD)
        for number, row in enumerate(_shipped()["people"]):
            account = _settle(session, number, row, origin)
            _open_for_login(session, account, past, password_hash)


def _settings() -> dict[str, Any]:
    return {
        "agency.name": "Ban Quản lý Khu kinh tế Sơn Hải",
        "agency.short_name": "BQL",
        "agency.office_unit": "vp",
        "agency.administrator": "Ngô Quốc Trị, Văn phòng, 0225 3000 108",
        "account.username_policy": "yc",
        "account.username_place": PLACE,
        "documents.outgoing.place": "Sơn Hải",
        "documents.unit_places": [
            "ph-haidong => Hải Đông",
            "xa-tankhe => Tân Khê",
            "dk-honngoc => Hòn Ngọc",
        ],
        "documents.collective_units": ["ubnd", "ph-haidong", "xa-tankhe", "dk-honngoc"],
        "dossiers.desk_phone": "0225 3000 110",
        "numbers.unit_symbols": [
            "ubnd => UBND",
            "ban => BQL",
            "vp => VP",
            "p-dautu => ĐT",
            "p-quyhoach => QHXD",
            "p-moitruong => TNMT",
            "p-laodong => DNLĐ",
            "p-xuctien => KHXT",
        ],
        # Whoever tries the product has no authenticator at hand for each of its invented people.
        "login.second_factor.groups": [],
    }


def keep_setting(
    session: Session,
    past: Past,
    name: str,
    value: Any,
    *,
    days: tuple[date, date | None] | None = None,
) -> None:
    """The setting has that value from today on, or from the first to the last of `days`."""
    first, last = days or (today(past.at), None)
    row = Setting(
        name=name, value=value, effective_from=first, effective_to=last, legal_basis=BASIS
    )
    change_setting(session, row, actor=INSTALLER, now=past.at)


def _settle(session: Session, number: int, row: dict[str, Any], origin: Origin) -> Account:
    """One person with the post and the account that the row describes."""
    kind = row.get("kind", "internal")
    if kind == "internal":
        person = Person(full_name=row["name"], birth_date=date.fromisoformat(row["born"]))
        session.add(person)
        session.flush()  # The post points to the person.
        units.give_post(
            session, person, row["unit"], kind=row.get("post", "member"), title=row["title"],
            valid_from=SINCE, origin=origin, basis=BASIS,
        )  # fmt: skip
    application = accounts.Application(
        full_name=row["name"],
        kind=kind,
        unit=row["unit"],
        birth_date=date.fromisoformat(row["born"]),
        sex=row["sex"],
        address=address(number),
        position=row["title"],
        phone=phone(100 + number) if kind == "internal" else None,
        label=row["name"] if kind == "internal" else row["title"],
        wanted=row.get("wanted", ""),
        groups=tuple(_membership(text, row["unit"]) for text in row["groups"]),
        basis=BASIS,
        training=TRAINED if any("quan-tri" in text for text in row["groups"]) else "",
    )
    account = accounts.open_account(session, application, origin=origin)
    if kind == "internal":
        account.person.email = email(account.user_name)
    return account


def _membership(text: str, own: str) -> Membership:
    """ "chuyen-vien" is a group in the own unit, "kiem-toan@ubnd+" one in a unit and all below."""
    group, _, unit = text.removesuffix("+").partition("@")
    return Membership(group, unit or own, below=text.endswith("+"))


def end_logins(past: Past) -> None:
    """Whoever has an account no more was logged in last on the day before it ended.

    The last step of loading: until then nobody has logged in to the first account; see `is_torn`.
    """
    with past.engine.writing() as session:
        if account := _first(session):
            account.last_login_at = past.now
        for account in session.scalars(sa.select(Account).where(Account.status == "closed")):
            ended = sa.select(sa.func.min(AccountLog.at)).where(
                AccountLog.account == account.name,
                AccountLog.event.in_(("account_closed", "account_deleted")),
            )
            at = session.scalar(ended)
            if at is not None and account.last_login_at and account.last_login_at > at:
                account.last_login_at = at - timedelta(days=1)


def is_torn(session: Session) -> bool:
    """Whether loading began here and never came to its end: in life nobody accepts the terms
    without having logged in.
    """
    account = _first(session)
    return account is not None and not account.last_login_at and bool(account.terms_accepted_at)


def _first(session: Session) -> Account | None:
    name, _description = login_names()[0]
    return session.scalar(sa.select(Account).where(Account.user_name == name))


def _open_for_login(session: Session, account: Account, past: Past, password_hash: str) -> None:
    """The account logs in with the demo's password, hashed once: a hash takes a tenth second.

    It counts as chosen when the demo is loaded, not when its story begins: that is so long ago
    that administrators would have to change theirs before the printed password is of any use.
    """
    account.password_hash = password_hash
    account.password_set_at = past.now
    account.must_change = False
    # Nobody's account has rested for the weeks that the story takes.
    account.last_login_at = None if account is _first(session) else past.now
    account.terms_version = terms.version(session, past.now)
    account.terms_accepted_at = past.now
    session.add(OldPassword(account=account, password_hash=password_hash, set_at=past.now))
