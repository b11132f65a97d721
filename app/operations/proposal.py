"""The days off of a year as the `holidays` package works them out, for a person to confirm.

Lunar dates and compensatory days are right; what the yearly notice decides (how Tết is split,
which Friday is swapped against which Saturday) is a projection for years that have not been
announced.
"""

from __future__ import annotations

from datetime import date

import holidays

EXPECTED = "dự kiến, chờ thông báo hằng năm của cơ quan có thẩm quyền"
LABOUR_CODE = "Khoản 1 Điều 112 Bộ luật Lao động 2019"
COMPENSATION = "Khoản 3 Điều 111 Bộ luật Lao động 2019"

# What the package's Vietnamese names begin with, our name, its English twin, the clause.
_NAMES = (
    ("Tết Dương lịch", "Tết Dương lịch", "New Year's Day", LABOUR_CODE),
    ("Ngày Giỗ Tổ", "Giỗ Tổ Hùng Vương", "Hùng Kings' Commemoration Day", LABOUR_CODE),
    ("Ngày Chiến thắng", "Ngày Chiến thắng", "Reunification Day", LABOUR_CODE),
    ("Ngày Quốc tế", "Ngày Quốc tế Lao động", "International Labour Day", LABOUR_CODE),
    ("Quốc khánh", "Quốc khánh", "National Day", LABOUR_CODE),
    ("Ngày Văn hóa", "Ngày Văn hóa Việt Nam", "Vietnam Culture Day", "Nghị quyết 80-NQ/TW"),
    ("Ngày nghỉ", "Nghỉ hoán đổi ngày làm việc", "Day off in exchange", "Thông báo hằng năm"),
    ("", "Tết Nguyên đán", "Lunar New Year", LABOUR_CODE),
)


def proposed(year: int) -> list[dict[str, str]]:
    """The days of a year that differ from their weekday, by date.

    [{"day": "2026-01-01", "kind": "off", "reason", "reason_en", "legal_basis"}]; every legal basis
    says that the yearly notice is still to be checked.
    """
    days = holidays.country_holidays("VN", years=year, language="vi")
    rows = [_row(on, name) for on, name in days.items() if on.year == year]
    rows += [_worked(on) for on in days.weekend_workdays if on.year == year]
    return sorted(rows, key=lambda row: row["day"])


def _row(on: date, name: str) -> dict[str, str]:
    _, reason, reason_en, basis = next(entry for entry in _NAMES if name.startswith(entry[0]))
    if name.endswith("(nghỉ bù)"):
        reason, reason_en = f"{reason} (nghỉ bù)", f"{reason_en} (in lieu)"
        basis = COMPENSATION
    return {
        "day": on.isoformat(),
        "kind": "off",
        "reason": reason,
        "reason_en": reason_en,
        "legal_basis": f"{basis} ({EXPECTED})",
    }


def _worked(on: date) -> dict[str, str]:
    return {
        "day": on.isoformat(),
        "kind": "work",
        "reason": "Làm bù ngày nghỉ hoán đổi",
        "reason_en": "Worked in exchange for a day off",
        "legal_basis": f"Thông báo hằng năm ({EXPECTED})",
    }
