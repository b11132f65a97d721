"""What an approved request may change of people, units and fields of work (KH-13.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import arrivals
from app.corrections.subjects import Field, Hand, Place, Wrong
from app.people import accounts, queries
from app.people.accounts import holding
from app.people.accounts.applications import AGES, is_age
from app.people.log import Origin, record
from app.people.models import Account, UnitSpan
from app.people.organisation import fields as fields_of_work
from app.people.organisation import units
from app.people.rights import in_force
from app.people.rights.groups import day_of
from engine.forms import formats
from engine.forms.errors import Unreadable
from engine.forms.formats import local_phone

CONTACTS = {
    "phone": "ghi 10 chữ số bắt đầu bằng 03, 05, 07, 08, 09, hoặc 11 chữ số bắt đầu bằng 02.",
    "email": "không phải địa chỉ thư điện tử, ví dụ ten@coquan.gov.vn.",
}
"""What is said of a number or an address that is none, by the field."""
SEXES = {"": None, "nam": "male", "nữ": "female"}


class People:
    """The holder of an account, known by the account's name, which itself is no field."""

    label = "Thông tin người dùng"
    office_only = False
    _fields = (
        Field("full_name", "Họ và tên"),
        Field("birth_date", "Ngày sinh", "ngày/tháng/năm"),
        Field("sex", "Giới tính", "Nam hoặc Nữ"),
        Field("address", "Địa chỉ thường trú"),
        Field("phone", "Số điện thoại"),
        Field("email", "Thư điện tử"),
    )

    def items(self, session: Session, now: datetime, within: str | None) -> list[tuple[str, str]]:
        """The accounts at work in the unit; the Office types the name of any."""
        rows = queries.people_choices(session, [within]) if within else []
        return [(str(row["label"]), str(row["value"])) for row in rows]

    def title(self, place: Place, within: str | None) -> str | None:
        account = queries.find_account(place.session, place.item.lower())
        if account is None or account.deleted_at is not None:
            return None
        reached = in_force.below(place.session, {within}, place.now)[within] if within else None
        if reached is not None and account.unit_code not in reached:
            return None
        return f"thông tin của {account.person.full_name} ({account.name})"

    def is_initial(self, item: str) -> bool:
        return False

    def since(self, place: Place) -> datetime | None:
        return holding.held_since(place.session, _account(place).name)

    def fields(self, place: Place) -> list[Field]:
        return list(self._fields)

    def shows(self, place: Place, reader: str) -> bool:
        """One's own, and those of whom one looks after: they are personal data."""
        account = _account(place)
        if account.name in queries.accounts_of_holder(place.session, reader):
            return True
        found = queries.actor_of(place.session, reader, place.now)
        return found.may("people.view", account.unit_code)

    def read(self, place: Place) -> dict[str, str]:
        person = _account(place).person
        words = {sex: word.capitalize() for word, sex in SEXES.items()}
        return {
            "full_name": person.full_name,
            "birth_date": f"{person.birth_date:%d/%m/%Y}" if person.birth_date else "",
            "sex": words[person.sex],
            "address": person.address,
            "phone": local_phone(person.phone or ""),
            "email": person.email or "",
        }

    def accepted(self, place: Place, given: Field, text: str) -> str:
        if given.name == "full_name" and not 2 <= len(text) <= 200:
            raise Wrong("cần có từ 2 đến 200 ký tự.")
        if given.name == "sex" and text.lower() not in SEXES:
            raise Wrong("ghi Nam hoặc Nữ.")
        if text and given.name in CONTACTS:
            return _contact(given.name, text)
        if given.name == "birth_date":
            return _birth(text, day_of(place.now))
        if len(text) > (500 if given.name == "address" else 200):
            raise Wrong("quá dài.")
        return text.capitalize() if given.name == "sex" else " ".join(text.split())

    def write(self, place: Place, values: Mapping[str, str], hand: Hand) -> None:
        account = _account(place)
        person = account.person
        for name, text in values.items():
            if name == "birth_date":
                person.birth_date = arrivals.day(text) if text else None
            elif name == "sex":
                person.sex = SEXES[text.lower()]
            elif name in ("phone", "email"):
                setattr(person, name, text or None)
            else:
                setattr(person, name, text)
        origin = Origin(hand.actor, place.now)
        said = ", ".join(one.name for one in self._fields if one.name in values)
        record(
            place.session, "person_corrected", account.name, origin=origin, unit=account.unit_code,
            fields=said, basis=hand.basis,
        )  # fmt: skip


class Units:
    """A unit's names; where it stands in the tree is changed on the page of units."""

    label = "Thông tin đơn vị"
    office_only = False
    _fields = (
        Field("name", "Tên đơn vị"),
        Field("name_en", "Tên tiếng Anh"),
        Field("kind", "Loại đơn vị"),
    )

    def items(self, session: Session, now: datetime, within: str | None) -> list[tuple[str, str]]:
        reached = in_force.below(session, {within}, now)[within] if within else None
        rows = queries.tree(session, now)
        return [(row.name, row.code) for row in rows if reached is None or row.code in reached]

    def title(self, place: Place, within: str | None) -> str | None:
        found = {code: name for name, code in self.items(place.session, place.now, within)}
        return f"thông tin của {found[place.item]}" if place.item in found else None

    def is_initial(self, item: str) -> bool:
        return False

    def since(self, place: Place) -> datetime | None:
        return None

    def fields(self, place: Place) -> list[Field]:
        return list(self._fields)

    def shows(self, place: Place, reader: str) -> bool:
        return True

    def read(self, place: Place) -> dict[str, str]:
        span = units.require_unit(place.session, place.item, place.now)
        return {"name": span.name, "name_en": span.name_en or "", "kind": span.kind}

    def accepted(self, place: Place, given: Field, text: str) -> str:
        kinds = set(place.session.scalars(sa.select(UnitSpan.kind).distinct()))
        if given.name == "kind" and text not in kinds:
            raise Wrong(f"là một trong: {', '.join(sorted(kinds))}.")
        if len(text) > 300 or (given.name == "name" and not text):
            raise Wrong("cần có từ 1 đến 300 ký tự.")
        return " ".join(text.split())

    def write(self, place: Place, values: Mapping[str, str], hand: Hand) -> None:
        units.lock(place.session)  # Somebody may be closing the unit.
        span = units.require_unit(place.session, place.item, place.now)
        names = {"name": span.name, "name_en": span.name_en, "kind": span.kind} | dict(values)
        units.set_unit(
            place.session,
            place.item,
            name=str(names["name"]),
            name_en=names["name_en"] or None,
            kind=str(names["kind"]),
            parent=span.parent_code,
            position=span.position,
            valid_from=day_of(place.now),
            origin=Origin(hand.actor, place.now),
            basis=hand.basis,
        )


class Fields:
    """A field of work in the agency's catalogue."""

    label = "Danh mục lĩnh vực"
    office_only = True
    _fields = (Field("name", "Tên lĩnh vực"), Field("name_en", "Tên tiếng Anh"))

    def items(self, session: Session, now: datetime, within: str | None) -> list[tuple[str, str]]:
        return [(row.name, code) for code, row in fields_of_work.known(session).items()]

    def title(self, place: Place, within: str | None) -> str | None:
        row = fields_of_work.known(place.session).get(place.item)
        return f"lĩnh vực {row.name}" if row else None

    def is_initial(self, item: str) -> bool:
        return False

    def since(self, place: Place) -> datetime | None:
        return None

    def fields(self, place: Place) -> list[Field]:
        return list(self._fields)

    def shows(self, place: Place, reader: str) -> bool:
        return True

    def read(self, place: Place) -> dict[str, str]:
        row = fields_of_work.known(place.session)[place.item]
        return {"name": row.name, "name_en": row.name_en or ""}

    def accepted(self, place: Place, given: Field, text: str) -> str:
        if len(text) > 200 or (given.name == "name" and not text):
            raise Wrong("cần có từ 1 đến 200 ký tự.")
        return " ".join(text.split())

    def write(self, place: Place, values: Mapping[str, str], hand: Hand) -> None:
        row = fields_of_work.known(place.session)[place.item]
        row.name = values.get("name", row.name)
        row.name_en = values.get("name_en", row.name_en or "") or None


def _account(place: Place) -> Account:
    account = queries.find_account(place.session, place.item.lower())
    if account is None:
        raise Wrong("tài khoản không còn.")
    return account


def _day(text: str) -> str:
    try:
        return f"{arrivals.day(text):%d/%m/%Y}" if text else ""
    except arrivals.DayUnreadable:
        raise Wrong("ghi ngày/tháng/năm, ví dụ 22/11/1990.") from None


def _contact(name: str, text: str) -> str:
    """As every form takes it and as it is kept. Raises Wrong."""
    try:
        kept = formats.FORMATS[name](text, name)
    except Unreadable:
        raise Wrong(CONTACTS[name]) from None
    if len(kept) > 200:
        raise Wrong("quá dài.")
    return kept if name == "phone" else accounts.normal_email(kept) or ""


def _birth(text: str, today: date) -> str:
    written = _day(text)
    if written and not is_age(arrivals.day(written), today):
        least, most = AGES
        raise Wrong(f"kiểm tra năm sinh, tuổi phải từ {least} đến {most}.")
    return written
