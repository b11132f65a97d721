"""Dates and remaining time as people read them, in Vietnamese and in English."""

from datetime import date, datetime

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from app import i18n, words
from engine.calendar import ZONE, Calendar, Day, Hours, read_spans

CULTURE = Day(date(2026, 11, 24), "off", "Ngày Văn hóa Việt Nam", "NQ 80", "Vietnam Culture Day")
NEW_YEARS = [Day(date(y, 1, 1), "off", "Tết Dương lịch", "BLLĐ", "New Year") for y in (2026, 2027)]
TET = [Day(date(2027, 2, d), "off", "Tết Nguyên đán", "BLLĐ") for d in range(4, 11)]
CALENDAR = Calendar.build(
    [*NEW_YEARS, CULTURE, *TET],
    [Hours(w, date(2020, 1, 1), read_spans("07:30-11:30, 13:30-17:00")) for w in range(5)],
)


def at(month, day, hour=9, minute=0, second=0, *, year=2026):
    return datetime(year, month, day, hour, minute, second, tzinfo=ZONE)


NOW = at(11, 23, 9, 10)  # a Monday


@pytest.fixture
def speak():
    app = Flask("words")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(map(str, i18n.folders()))
    Babel(app, default_locale="vi")

    def speak(language, say):
        with app.test_request_context(), force_locale(language):
            return say()

    return speak


@pytest.fixture
def left(speak):
    def left(due_at, now=NOW, language="vi", **more):
        return speak(language, lambda: words.remaining(due_at, now, CALENDAR, **more))

    return left


@pytest.mark.parametrize(
    ("due_at", "kind", "said", "due"),
    [
        (at(11, 23, 17), "soon", "Còn 5 giờ 50 phút làm việc", "hôm nay, 17:00"),
        (at(11, 23, 14, 10), "soon", "Còn 3 giờ làm việc", "hôm nay, 14:10"),
        (at(11, 23, 10, 30), "soon", "Còn 1 giờ 20 phút làm việc", "hôm nay, 10:30"),
        (at(11, 25, 9, 10), "soon", "Còn 1 ngày làm việc", "thứ Tư 25/11, 09:10"),
        (at(11, 25, 17), "soon", "Còn 1 ngày 5 giờ làm việc", "thứ Tư 25/11, 17:00"),
        (at(11, 26, 9), "soon", "Còn 1 ngày 7 giờ làm việc", "thứ Năm 26/11, 09:00"),
        (at(11, 26, 17), "ok", "Còn 2 ngày làm việc", "thứ Năm 26/11, 17:00"),
        (at(11, 27, 17), "ok", "Còn 3 ngày làm việc", "thứ Sáu 27/11, 17:00"),
        (at(12, 2, 17), "ok", "Còn 6 ngày làm việc", "02/12, 17:00"),
        (at(11, 23, 8, 30), "late", "Quá hạn 40 phút", "hôm nay, 08:30"),
        (at(11, 20, 17), "late", "Quá hạn 1 ngày làm việc", "20/11, 17:00"),
        (at(11, 19, 17), "late", "Quá hạn 2 ngày làm việc", "19/11, 17:00"),
    ],
)
def test_remaining_time_reads_as_in_the_reference(left, due_at, kind, said, due):
    found = left(due_at)
    assert (found.kind, found.words, found.due) == (kind, said, due)


def test_a_deadline_is_late_from_its_very_second(left):
    due_at = at(11, 23, 17)
    assert left(due_at, at(11, 23, 16, 59, 59)).words == "Còn 1 phút làm việc"
    assert left(due_at, due_at).kind == "late"
    assert left(due_at, due_at).words == "Quá hạn 1 phút"


@pytest.mark.parametrize(
    ("due_at", "kind", "said"),
    [
        (at(11, 23, 8), "soon", "Còn 1 giờ làm việc"),
        (at(11, 23, 16), "soon", "Còn 7 giờ làm việc"),
        (at(11, 23, 16, 30), "soon", "Còn 1 ngày làm việc"),
        (at(11, 23, 17), "soon", "Còn 1 ngày làm việc"),
        (at(11, 25, 17), "ok", "Còn 2 ngày làm việc"),
    ],
)
def test_on_friday_half_an_hour_before_the_end_the_weekend_is_no_time_left(
    left, due_at, kind, said
):
    found = left(due_at, at(11, 20, 16, 30))
    assert (found.kind, found.words) == (kind, said)


def test_no_working_hours_are_left_before_a_deadline_outside_them(left):
    for due_at, now in [
        (at(11, 23, 20), at(11, 23, 18)),
        (at(11, 22, 10), at(11, 21, 9)),
        (at(11, 23, 7), at(11, 20, 17)),
    ]:
        found = left(due_at, now)
        assert (found.kind, found.words) == ("soon", "Không còn giờ làm việc")


def test_what_is_left_over_a_weekend_is_the_working_day_after_it(left):
    assert left(at(11, 23, 17), at(11, 21, 10)).words == "Còn 1 ngày làm việc"
    assert left(at(11, 23, 9), at(11, 21, 10)).words == "Còn 1 giờ 30 phút làm việc"


def test_on_days_of_rest_lateness_is_told_by_the_clock(left):
    assert left(at(11, 20, 17), at(11, 21, 9)).words == "Quá hạn 16 giờ"
    assert left(at(11, 20, 17), at(11, 22, 19)).words == "Quá hạn 2 ngày"


def test_a_stopped_clock_says_since_when(left):
    found = left(at(11, 20, 17), paused_at=at(11, 18))
    assert (found.kind, found.words, found.due) == ("hold", "Đồng hồ dừng", "từ 18/11")


def test_work_without_a_deadline_says_so(left):
    assert (left(None).kind, left(None).words) == ("none", "Không có hạn")


def test_holidays_that_were_left_out_are_named(left):
    assert left(at(11, 25, 17)).left_out == "không tính 24/11 (Ngày Văn hóa Việt Nam)"
    assert left(at(11, 23, 17)).left_out == ""
    tet = left(at(2, 12, 17, year=2027), at(2, 1, year=2027))
    assert tet.left_out == "không tính 04/02 đến 10/02 (Tết Nguyên đán)"


def test_a_deadline_beyond_the_calendar_is_shown_in_plain_days(left):
    found = left(at(1, 3, 17, year=2028), at(12, 31, year=2027))
    assert (found.kind, found.words) == ("ok", "Còn 3 ngày")


def test_english_readers_read_english(left):
    assert left(at(11, 23, 17), language="en").words == "5 hours 50 minutes of working time left"
    assert left(at(11, 23, 10, 10), language="en").words == "1 hour of working time left"
    assert left(at(11, 27, 17), language="en").words == "3 working days left"
    assert left(at(11, 27, 17), language="en").due == "Fri 27/11, 17:00"
    assert left(at(11, 19, 17), language="en").words == "2 working days overdue"
    assert left(at(11, 23, 17), language="en").due == "today, 17:00"
    assert (
        left(at(11, 25, 17), language="en").left_out == "not counting 24/11 (Vietnam Culture Day)"
    )
    assert left(None, language="en").words == "No deadline"


@pytest.mark.parametrize(
    ("closed_at", "kind", "said"),
    [
        (at(11, 23, 9), "done", "Xong trước hạn 1 ngày làm việc"),
        (at(11, 25, 16), "done", "Xong đúng hạn"),
        (at(11, 25, 17, 30), "late", "Xong trễ 30 phút"),
        (at(11, 27, 9), "late", "Xong trễ 2 ngày làm việc"),
    ],
)
def test_closed_work_says_whether_it_was_in_time(speak, closed_at, kind, said):
    found = speak("vi", lambda: words.settled(at(11, 25, 17), closed_at, CALENDAR))
    assert (found.kind, found.words) == (kind, said)


def test_times_are_those_of_the_agency(speak):
    utc = datetime.fromisoformat("2026-11-22T18:30:00+00:00")
    assert words.day(utc) == "23/11/2026"
    assert words.instant(utc) == "23/11/2026 01:30"
    assert words.day(date(2026, 11, 5)) == "05/11/2026"
    assert speak("vi", lambda: words.moment(utc, NOW)) == "hôm nay, 01:30"


def test_a_moment_of_another_year_names_the_year(speak):
    assert speak("vi", lambda: words.moment(at(12, 31, 17, year=2025), NOW)) == "31/12/2025, 17:00"
    assert speak("vi", lambda: words.moment(at(11, 25, 17), NOW)) == "25/11, 17:00"


def test_nothing_is_said_of_a_time_that_is_not_there():
    assert (words.day(None), words.instant(None), words.moment(None, NOW)) == ("", "", "")


@pytest.mark.parametrize(
    ("began_at", "due_at", "now", "share"),
    [
        (at(11, 20, 16), at(11, 23, 8, 30), at(11, 22, 20), 50),
        (at(11, 20, 16), at(11, 23, 8, 30), at(11, 23, 8), 75),
        (at(11, 23, 7, 30), at(11, 23, 17), at(11, 23, 12, 30), 53),
        (at(11, 23, 7, 30), at(11, 23, 17), at(11, 23, 7, 30), 2),
        (at(11, 20, 16), at(11, 23, 8, 30), at(11, 25, 9), 100),
        (at(11, 21, 8), at(11, 22, 8), at(11, 21, 20), 50),
        (at(1, 1, year=2031), at(1, 3, year=2031), at(1, 2, year=2031), 50),
        (at(11, 23), None, at(11, 24), 100),
    ],
    ids=["a weekend uses nothing", "Monday", "lunch", "just begun", "late", "no hour of work",
         "beyond the calendar", "no deadline"],
)  # fmt: skip
def test_the_meter_shows_working_time(began_at, due_at, now, share):
    assert words.used(began_at, due_at, now, CALENDAR) == share


def test_a_clock_that_no_deadline_has_set_going_does_not_stand_still():
    assert words.is_stopped(NOW, None, NOW)
    assert not words.is_stopped(NOW, None)
    assert not words.is_stopped(None, NOW)


def test_nobody_is_told_a_number_that_nobody_has_counted():
    assert [words.many(number) for number in (0, 999, 1_000)] == ["0", "999", "999+"]
