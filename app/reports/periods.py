"""Report periods with the windows of their data, which are not calendar months.

A period's data are those from the day after the cut-off day of the month before it to the
cut-off day of its last month: with the 14th, the first quarter runs from 15 December to 14 March.
Source: Decree 09/2019/NĐ-CP, article 12; the day is a setting with its dates of effect.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from engine.values import Record

_QUARTERS = ("I", "II", "III", "IV")


@dataclass(frozen=True)
class Span:
    """The months of one period within a year, and what it is called there."""

    key: str
    first: int
    last: int
    label: str
    label_en: str


CYCLES: dict[str, tuple[Span, ...]] = {
    "month": tuple(
        Span(f"-M{n:02}", n, n, f"tháng {n} năm ", f"{calendar.month_name[n]} ")
        for n in range(1, 13)
    ),
    "quarter": tuple(
        Span(f"-Q{n + 1}", 3 * n + 1, 3 * n + 3, f"quý {roman} năm ", f"quarter {roman} of ")
        for n, roman in enumerate(_QUARTERS)
    ),
    "half_year": (
        Span("-H1", 1, 6, "6 tháng đầu năm ", "first six months of "),
        Span("-H2", 7, 12, "6 tháng cuối năm ", "last six months of "),
    ),
    "nine_months": (Span("-9M", 1, 9, "9 tháng năm ", "nine months of "),),
    "year": (Span("", 1, 12, "năm ", "year "),),
}


class CycleUnknown(ValueError):
    """There is no reporting cycle of that name."""

    def __init__(self, cycle: object) -> None:
        super().__init__(f'"{cycle}" is no reporting cycle; there are {", ".join(CYCLES)}')


def _cut(year: int, month: int, day: int) -> date:
    """The last day whose data a period that ends in that month has; day 0 is the month's last."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, day or calendar.monthrange(year, month)[1])


def _all(cycle: str, years: range, cut_off: int) -> Iterator[Record]:
    if cycle not in CYCLES:
        raise CycleUnknown(cycle)
    for year in years:
        for span in CYCLES[cycle]:
            yield {
                "cycle": cycle,
                "key": f"{year}{span.key}",
                "label": f"{span.label}{year}",
                "label_en": f"{span.label_en}{year}",
                "from": _cut(year, span.first - 1, cut_off) + timedelta(days=1),
                "to": _cut(year, span.last, cut_off),
            }


def between(cycle: str, first: date, last: date, cut_off: int) -> list[Record]:
    """Every period whose data end between two days, both counted, earliest first."""
    found = _all(cycle, range(first.year - 1, last.year + 2), cut_off)
    return [period for period in found if first <= period["to"] <= last]  # type: ignore[operator]


def of(cycle: str, on: date, cut_off: int) -> Record | None:
    """The period within whose data a day lies; nine months have none from 15 September on."""
    found = _all(cycle, range(on.year - 1, on.year + 2), cut_off)
    return next((p for p in found if p["from"] <= on <= p["to"]), None)  # type: ignore[operator]


def closed(cycle: str, on: date, cut_off: int) -> Record:
    """The last period whose data ended before a day: what is to be reported on that day."""
    return between(cycle, date(on.year - 2, 1, 1), on - timedelta(days=1), cut_off)[-1]
