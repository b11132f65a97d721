"""Procedures in numbers, of the units where the reader counts (KH-12.5a7)."""

import io
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from app.people.models import AccountLog
from engine.tables import Case, Version
from tests.clocks import MONDAY
from tests.worlds import auditor, clerk, director, leader

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKED = "?since=20/11/2026&until=23/11/2026"


@pytest.fixture
def cases(engine):
    """Of one process: two ended, one of them late; one cancelled; two open, one of them late, one
    with its clock stopped; one that ended before the period; one of another unit.
    """
    rows = (
        ("p-dautu", "completed", "Đã cấp", 0 * HOUR, 2 * HOUR, HOUR, None),
        ("p-dautu", "completed", "=Từ chối", 0 * HOUR, HOUR, 2 * HOUR, None),
        ("p-dautu", "cancelled", None, -30 * DAY, HOUR, None, None),
        ("p-dautu", "open", None, -DAY, None, -HOUR, None),
        ("p-dautu", "open", None, -DAY, None, -HOUR, -2 * HOUR),
        ("p-dautu", "completed", "Đã cấp", -30 * DAY, -20 * DAY, None, None),
        ("vp", "open", None, -DAY, None, None, None),
    )

    def at(after):
        return None if after is None else MONDAY + after

    with engine.writing() as session:
        version = Version(
            process_key="k", number=1, sha256="0" * 64, files={}, name="Thủ tục K", legal_basis="",
            deployed_at=MONDAY, deployed_by="x",
        )  # fmt: skip
        session.add(version)
        session.flush()
        for number, (unit, status, outcome, began, ended, due, paused) in enumerate(rows):
            session.add(Case(
                code=f"K-{number}", process_key="k", version_id=version.id, unit=unit,
                status=status, outcome=outcome, started_by="x", started_at=at(began),
                closed_at=at(ended), due_at=at(due), paused_at=at(paused), state=b"",
            ))  # fmt: skip


@pytest.fixture
def numbers(page, clock, cases):
    """The rows of the file as somebody takes it, without number and names."""
    clock.at("2026-11-23 12:00")

    def read(who, asked=ASKED):
        data = page.as_(who).get(f"/cases/statistics/file.xlsx{asked}").get_data()
        sheet = openpyxl.load_workbook(io.BytesIO(data)).active
        return [row[1:] for row in sheet.iter_rows(min_row=2, values_only=True)]

    return read


def test_a_line_counts_what_began_ended_and_lies_in_the_period(numbers):
    own = ("Thủ tục K", "Phòng Quản lý đầu tư", 4, 2, 1, "=Từ chối: 1; Đã cấp: 1", 1, 2, 1, 90)
    other = ("Thủ tục K", "Văn phòng", 1, 0, 0, None, 0, 1, 0, None)
    assert numbers(leader) == [own]
    assert numbers(director) == [own, other]
    assert numbers(director, f"{ASKED}&unit=vp") == [other]
    assert numbers(director, "?since=01/10/2026&until=31/10/2026")[0][2:] == (
        2, 0, 0, None, 0, 2, 0, None,
    )  # fmt: skip


def test_the_page_says_the_same_and_the_file_is_harmless_and_recorded(numbers, page, engine):
    here = page.as_(director)
    shown = here.get(f"/cases/statistics{ASKED}").text
    assert "1 giờ 30 phút" in shown and "Đã cấp: 1" in shown and "Văn phòng" in shown
    assert here.get("/cases/statistics?since=banana").status_code == 200
    text = here.get(f"/cases/statistics/file.csv{ASKED}").get_data().decode("utf-8-sig")
    assert text.splitlines()[0].startswith("STT") and "'=Từ chối: 1; Đã cấp: 1" in text
    with engine.reading() as session:
        kept = sa.select(AccountLog).where(AccountLog.event == "list_exported")
        assert session.scalars(kept).one().details["register"] == "procedures"


def test_who_does_not_count_sees_no_numbers(page):
    for path in ("/cases/statistics", "/cases/statistics/file.csv"):
        assert page.as_(clerk).get(path).status_code == 403
        assert page.as_(auditor).get(path).status_code == 200
