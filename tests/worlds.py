"""Standing characters: who they are, where they work and what they may do.

A province, its economic-zone authority with an Office and two divisions. Everybody below is a name
that tests import: `page.as_(clerk)`, `case.complete("...", as_=leader)`. They log in with
PASSWORD.

| name | account | is |
|---|---|---|
| `clerk` | anhpt | specialist of the investment division |
| `colleague` | binhtv | another specialist of the same division |
| `leader` | chaunt | head of the investment division |
| `office` | dungld | officer of the Office |
| `chief` | giangvt | Chief of Office |
| `director` | haidq | leader of the authority |
| `owner` | khanhbt | process owner |
| `auditor` | lanhtm | auditor |
| `admin` | quantri | administrator, level 1 |
| `applicant` | customer:ctyabc | an enterprise's account |
| `stranger` | minhnv | specialist of another division |
| `nobody` | none | has not logged in |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import areas
from app.people.login import passwords, terms
from app.people.models import (
    CUSTOMER,
    INTERNAL,
    Account,
    Grant,
    Person,
    Post,
    ReservedName,
    Unit,
    UnitSpan,
)
from engine.database import sessions
from tests.clocks import MONDAY

PASSWORD = "Mat-khau-2026!"
SINCE = date(2026, 1, 1)
BORN = date(1990, 1, 1)
BASIS = "QĐ 01/QĐ-BQL"


@dataclass(frozen=True)
class Character:
    """Somebody tests speak of. groups: "chuyen-vien@p-dautu", with "+" for the unit and below."""

    name: str
    label: str
    unit: str | None = None
    groups: tuple[str, ...] = ()
    kind: str = "internal"
    post: str = "member"
    title: str = ""

    @property
    def realm(self) -> str:
        return CUSTOMER if self.name.startswith(f"{CUSTOMER}:") else INTERNAL

    @property
    def user_name(self) -> str:
        return self.name.removeprefix(f"{CUSTOMER}:")


clerk = Character("anhpt", "Phạm Thị Anh", "p-dautu", ("chuyen-vien@p-dautu",))
colleague = Character("binhtv", "Trần Văn Bình", "p-dautu", ("chuyen-vien@p-dautu",))
leader = Character(
    "chaunt",
    "Nguyễn Thị Châu",
    "p-dautu",
    ("truong-phong@p-dautu",),
    post="head",
    title="Trưởng phòng",
)
office = Character("dungld", "Lê Đình Dũng", "vp", ("van-phong@vp",))
chief = Character(
    "giangvt", "Vũ Thị Giang", "vp", ("chanh-van-phong@vp",), post="head", title="Chánh Văn phòng"
)
director = Character(
    "haidq", "Đỗ Quang Hải", "ban", ("lanh-dao-ban@ban+",), post="head", title="Trưởng ban"
)
owner = Character("khanhbt", "Bùi Thị Khánh", "vp", ("chu-quy-trinh@ban+",))
auditor = Character("lanhtm", "Trịnh Mai Lành", "ban", ("kiem-toan@ban+",))
admin = Character("quantri", "Ngô Quốc Trị", "vp", ("quan-tri-c1@ban+",), kind="administrator")
applicant = Character(
    "customer:ctyabc", "Lưu Bảo An", None, ("khach-hang-to-chuc@ban",), kind="enterprise"
)
stranger = Character("minhnv", "Ngô Văn Minh", "p-moitruong", ("chuyen-vien@p-moitruong",))
nobody = Character("", "")

CHARACTERS = (
    clerk, colleague, leader, office, chief, director, owner, auditor, admin, applicant, stranger,
)  # fmt: skip

UNITS = (
    ("ubnd", None, "Uỷ ban nhân dân tỉnh Sơn Hải", "Sơn Hải People's Committee", "province"),
    ("ban", "ubnd", "Ban Quản lý Khu kinh tế Sơn Hải", "Sơn Hải Zone Authority", "authority"),
    ("vp", "ban", "Văn phòng", "Office", "office"),
    ("p-dautu", "ban", "Phòng Quản lý đầu tư", "Investment Division", "division"),
    ("p-moitruong", "ban", "Phòng Quản lý môi trường", "Environment Division", "division"),
)


@cache
def _hash() -> str:
    """One hash for all: making one takes a twentieth of a second."""
    return passwords.hashed(PASSWORD)


def found(bind: sa.Engine) -> None:
    """The world is in the database, with the shipped calendar and hours."""
    with sessions(bind).begin() as session:
        areas.load_shipped(session, MONDAY)
        for position, (code, parent, name, name_en, kind) in enumerate(UNITS):
            session.add(Unit(code=code))
            session.flush()
            session.add(
                UnitSpan(
                    unit_code=code,
                    parent_code=parent,
                    name=name,
                    name_en=name_en,
                    kind=kind,
                    position=position,
                    valid_from=SINCE,
                    basis=BASIS,
                )
            )
        for character in CHARACTERS:
            _settle(session, character)


def _settle(session: Session, character: Character) -> None:
    """The character's person, account, post and groups."""
    person = Person(
        full_name=character.label, email=f"{character.user_name}@sonhai.example", birth_date=BORN
    )
    account = _account(character, person)
    account.terms_version = terms.version(session, MONDAY)
    session.add_all([person, account])
    session.add(
        ReservedName(realm=character.realm, user_name=character.user_name, given_at=MONDAY)
    )
    session.flush()
    dated = {"valid_from": SINCE, "basis": BASIS}
    if character.unit:
        session.add(
            Post(
                person_id=person.id,
                unit_code=character.unit,
                kind=character.post,
                title=character.title,
                **dated,
            )
        )
    for membership in character.groups:
        group, _, unit = membership.partition("@")
        session.add(
            Grant(
                account_id=account.id,
                group_key=group,
                unit_code=unit.removesuffix("+"),
                with_below=unit.endswith("+"),
                granted_at=MONDAY,
                granted_by="system",
                **dated,
            )
        )


def _account(character: Character, person: Person) -> Account:
    return Account(
        realm=character.realm,
        user_name=character.user_name,
        kind=character.kind,
        person=person,
        unit_code=character.unit,
        password_hash=_hash(),
        password_set_at=MONDAY,
        must_change=False,
        created_at=MONDAY,
        created_by="system",
        activated_at=MONDAY,
        basis=BASIS,
    )


def open_second(
    session: Session, character: Character, user_name: str, kind: str, by: str
) -> None:
    """The character has another account: in the Office, in no group."""
    held = session.scalars(
        sa.select(Account).where(Account.user_name == character.user_name)
    ).one()
    session.add(ReservedName(realm=INTERNAL, user_name=user_name, given_at=MONDAY))
    session.add(
        Account(
            realm=INTERNAL,
            user_name=user_name,
            kind=kind,
            person_id=held.person_id,
            unit_code="vp",
            created_at=MONDAY,
            created_by=by,
            basis=BASIS,
        )
    )
