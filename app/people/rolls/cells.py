"""What one cell of a list says, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext

from app.people import vietnamese
from app.people.accounts import normal_phone
from app.people.accounts.applications import is_age
from app.people.rolls.reading import Cell
from engine.fold import fold

FAULTS = {
    "name_missing": (
        lazy_gettext("The name is missing."),
        lazy_gettext("Write the full name as the identity card has it."),
    ),
    "name_odd": (
        lazy_gettext("This is no full name: it needs two words of letters."),
        lazy_gettext("Write family and given name; check the encoding if letters are wrong."),
    ),
    "unit_missing": (
        lazy_gettext("The unit is missing."),
        lazy_gettext("Write the unit's name or code."),
    ),
    "unit_unknown": (
        lazy_gettext("There is no such unit among those that you look after."),
        lazy_gettext("Copy the name or code from the sheet of units in the template."),
    ),
    "unit_twice": (
        lazy_gettext("More than one unit has this name: %(codes)s."),
        lazy_gettext("Write the unit's code in place of its name."),
    ),
    "date_odd": (
        lazy_gettext("This is no date of birth."),
        lazy_gettext("Write day, month and year: 31/12/1990."),
    ),
    "date_range": (
        lazy_gettext("Nobody born on this day can hold an account."),
        lazy_gettext("Check the year of birth: from 16 to 100 years are possible."),
    ),
    "sex_odd": (
        lazy_gettext("This is no sex."),
        lazy_gettext("Write nam or nữ, or leave the cell empty."),
    ),
    "phone_odd": (
        lazy_gettext("This is no Vietnamese telephone number."),
        lazy_gettext("Write ten or eleven digits that begin with 0."),
    ),
    "email_odd": (
        lazy_gettext("This is no e-mail address."),
        lazy_gettext("Write one address such as an@example.gov.vn."),
    ),
    "wanted_odd": (
        lazy_gettext(
            "The user name has other signs than small letters without marks, digits and dots."
        ),
        lazy_gettext("Correct it, or leave the cell empty and one is made from the name."),
    ),
    "wanted_taken": (
        lazy_gettext("The user name is taken; names are never given twice."),
        lazy_gettext("Choose another, or leave the cell empty and one is made from the name."),
    ),
    "group_unknown": (
        lazy_gettext("There is no such group."),
        lazy_gettext("Copy its name from the sheet of groups in the template; put ; between two."),
    ),
    "group_other_kind": (
        lazy_gettext("The group is not for accounts of officials."),
        lazy_gettext("Remove it; administrators and enterprises have accounts of their own."),
    ),
    "group_not_yours": (
        lazy_gettext("You cannot give this group in this unit."),
        lazy_gettext("Remove it, or ask an administrator whose rights reach as far."),
    ),
    "training_missing": (
        lazy_gettext("The group administers; proof of training is missing."),
        lazy_gettext("Write the number of the certificate, or leave the group away."),
    ),
    "too_long": (
        lazy_gettext("The text is longer than %(most)s letters."),
        lazy_gettext("Shorten it."),
    ),
    "namesakes": (
        lazy_gettext("The person cannot be told from others of the same name."),
        lazy_gettext("Fill in the date of birth, the e-mail address or the mobile number."),
    ),
    "twice": (
        lazy_gettext(
            "Row %(row)s is the same person: name and birth date, e-mail or mobile number agree."
        ),
        lazy_gettext("Keep one of the two rows."),
    ),
    "contact_known": (
        lazy_gettext("The person is already known with another e-mail address or number."),
        lazy_gettext("Ask for a change of data first, or leave e-mail and telephone empty."),
    ),
    "closed_before": (
        lazy_gettext("The person has an account that was closed%(account)s."),
        lazy_gettext("Ask for it to be opened again under its old name; leave the row out."),
    ),
    "one_cell": (
        lazy_gettext("Nothing else stands in the row, so it is passed over as a note."),
        lazy_gettext("If it is meant for a person, fill in the name and the unit."),
    ),
    "refused": ("", lazy_gettext("Correct the row and import the list again.")),
}
"""By code: what is wrong, and what to do; translated where it is shown."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell. code: a key of FAULTS; column: a key of `columns.columns`."""

    code: str
    column: str
    value: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def says(self) -> str:
        """What is wrong, in the reader's language."""
        return str(FAULTS[self.code][0]) % dict(self.fields)

    def asks(self) -> str:
        """What to do about it, in the reader's language."""
        return str(FAULTS[self.code][1])

    def kept(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "column": self.column,
            "value": self.value[:200],
            "fields": dict(self.fields),
        }


def text(cell: Cell, *, keep_lines: bool = False) -> str:
    """The cell as text, tidy; whole numbers without a decimal point, dates as 31/12/1990."""
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if keep_lines:
        return "\n".join(vietnamese.tidy(line) for line in str(cell).splitlines()).strip()
    return vietnamese.tidy(str(cell))


def name(given: Mapping[str, Cell], faults: list[Fault]) -> str:
    """The full name; all capitals, as lists are often written, become a name's letters."""
    said = text(given.get("full_name"))
    if not said:
        faults.append(Fault("name_missing", "full_name", ""))
    elif len(said.split()) < 2 or not re.fullmatch(r"[^\W\d_]+([ .'’-]+[^\W\d_]+)*\.?", said):
        faults.append(Fault("name_odd", "full_name", said))
    return said.title() if said.isupper() else said


def day(given: Mapping[str, Cell], faults: list[Fault], today: date) -> date | None:
    """The date of birth."""
    cell = given.get("birth_date")
    said = text(cell)
    if not said:
        return None
    found = cell.date() if isinstance(cell, datetime) else cell if type(cell) is date else None
    found = found or _day(said)
    if found is None:
        faults.append(Fault("date_odd", "birth_date", said))
    elif not is_age(found, today):
        faults.append(Fault("date_range", "birth_date", said))
        return None
    return found


def _day(said: str) -> date | None:
    match = re.fullmatch(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})", said)
    year_first = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", said)
    parts = match.groups()[::-1] if match else year_first.groups() if year_first else None
    try:
        return date(*map(int, parts)) if parts else None
    except ValueError:
        return None


_SEXES = {"nam": "male", "m": "male", "male": "male", "ong": "male",
          "nu": "female", "f": "female", "female": "female", "ba": "female"}  # fmt: skip


def sex(given: Mapping[str, Cell], faults: list[Fault]) -> str | None:
    """male, female, or None for an empty cell."""
    said = text(given.get("sex"))
    if not said:
        return None
    if fold(said) not in _SEXES:
        faults.append(Fault("sex_odd", "sex", said))
    return _SEXES.get(fold(said))


def phone(given: Mapping[str, Cell], faults: list[Fault]) -> str | None:
    """The number. A spreadsheet drops the 0 at the beginning of what it takes for a number."""
    said = text(given.get("phone"))
    if not said:
        return None
    digits = re.sub(r"[\s.()-]", "", said)
    if re.fullmatch(r"[2-9]\d{8,9}", digits) and not digits.startswith("84"):
        digits = f"0{digits}"
    if (
        not re.fullmatch(r"\+84\d{9,10}", normal_phone(digits) or "")
        or not digits.lstrip("+").isdigit()
    ):
        faults.append(Fault("phone_odd", "phone", said))
        return None
    return digits


def email(given: Mapping[str, Cell], faults: list[Fault]) -> str | None:
    """The address."""
    said = text(given.get("email"))
    if not said:
        return None
    if not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", said, re.ASCII):
        faults.append(Fault("email_odd", "email", said))
        return None
    return said.lower()


def wanted(given: Mapping[str, Cell], faults: list[Fault]) -> str:
    """The user name asked for."""
    said = text(given.get("wanted")).lower()
    if said and not re.fullmatch(r"[a-z][a-z0-9]*(\.[a-z0-9]+)*", said):
        faults.append(Fault("wanted_odd", "wanted", said))
        return ""
    return said
