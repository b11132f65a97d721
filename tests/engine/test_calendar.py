"""Statutory time, on a calendar small enough to count on one's fingers."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import (
    ZONE,
    Calendar,
    CalendarGap,
    CountRefused,
    Day,
    Hours,
    HoursRefused,
    read_spans,
    write_spans,
)

FULL = "07:30-11:30, 13:30-17:00"


def off(month, day, reason="Ngày lễ", year=2026):
    return Day(date(year, month, day), "off", reason, "Điều 112 Bộ luật Lao động")


def calendar(*more, saturday="", hours=()):
    weekly = [Hours(w, date(2020, 1, 1), read_spans(FULL)) for w in range(5)]
    weekly.append(Hours(5, date(2020, 1, 1), read_spans(saturday)))
    years = [off(1, 1, "Tết Dương lịch", year) for year in (2025, 2026, 2027)]
    return Calendar.build([*years, off(11, 24, "Ngày Văn hóa Việt Nam"), *more], [*weekly, *hours])


def at(month, day, hour=9, minute=0, second=0, *, year=2026):
    return datetime(year, month, day, hour, minute, second, tzinfo=ZONE)


instants = st.datetimes(datetime(2025, 2, 1), datetime(2027, 9, 1)).map(
    lambda d: d.replace(microsecond=0, tzinfo=ZONE)
)


# -- days


def test_a_holiday_and_a_sunday_are_no_working_days():
    days = calendar()
    assert days.is_working_day(date(2026, 11, 23))
    assert not days.is_working_day(date(2026, 11, 24))
    assert not days.is_working_day(date(2026, 11, 22))


def test_a_swapped_saturday_is_worked_on_mondays_hours_and_its_friday_is_off():
    days = calendar(
        off(5, 1, "Hoán đổi"), Day(date(2026, 5, 9), "work", "Làm bù", "Công văn 1/VPCP")
    )
    assert not days.is_working_day(date(2026, 5, 1))
    assert days.spans(date(2026, 5, 9)) == read_spans(FULL)


def test_a_worked_day_may_have_hours_of_its_own():
    half = Day(date(2026, 5, 9), "work", "Làm bù", "Quyết định 3", spans=read_spans("08:00-11:00"))
    assert calendar(half).working_days(1, at(5, 8)) == at(5, 9, 11)


def test_a_deadline_may_end_on_a_half_saturday():
    days = calendar(saturday="07:30-11:30")
    assert days.working_days(1, at(11, 20)) == at(11, 21, 11, 30)


def test_new_working_hours_hold_from_their_date_only():
    summer = [Hours(w, date(2026, 6, 1), read_spans("07:00-11:00, 13:00-16:30")) for w in range(5)]
    days = calendar(hours=summer)
    assert days.working_days(1, at(5, 28)) == at(5, 29, 17)
    assert days.working_days(1, at(5, 29)) == at(6, 1, 16, 30)


# -- deadlines


def test_the_day_of_receipt_does_not_count():
    assert calendar().working_days(1, at(11, 19, 8)) == at(11, 20, 17)
    assert calendar().working_days(1, at(11, 19, 23)) == at(11, 20, 17)


def test_the_day_of_receipt_is_the_local_day():
    late_in_utc_is_next_day_here = datetime(2026, 11, 18, 18, 0, tzinfo=UTC)
    assert calendar().working_days(1, late_in_utc_is_next_day_here) == at(11, 20, 17)


def test_weekends_and_holidays_are_left_out_of_a_deadline():
    assert calendar().working_days(3, at(11, 20)) == at(11, 26, 17)
    assert [d.reason for d in calendar().left_out(date(2026, 11, 20), date(2026, 11, 26))] == [
        "Ngày Văn hóa Việt Nam"
    ]


def test_a_holiday_on_a_sunday_is_not_named_as_left_out():
    assert calendar(off(11, 22)).left_out(date(2026, 11, 20), date(2026, 11, 23)) == []


def test_zero_working_days_end_with_the_day_of_receipt_or_the_next_worked_one():
    assert calendar().working_days(0, at(11, 20)) == at(11, 20, 17)
    assert calendar().working_days(0, at(11, 21)) == at(11, 23, 17)


def test_answers_are_aware_utc():
    assert calendar().working_days(1, at(11, 19)).tzinfo is UTC
    assert calendar().working_hours(1, at(11, 19)).tzinfo is UTC


def test_working_hours_skip_lunch_night_and_holidays():
    days = calendar()
    assert days.working_hours(1, at(11, 20, 11)) == at(11, 20, 14)
    assert days.working_hours(2, at(11, 20, 16)) == at(11, 23, 8, 30)
    assert days.working_hours(8, at(11, 23, 16)) == at(11, 25, 16, 30)
    assert days.working_hours(Decimal("0.5"), at(11, 20, 16, 30)) == at(11, 20, 17)


def test_working_hours_asked_for_in_the_night_begin_in_the_morning():
    assert calendar().working_hours(1, at(11, 21, 3)) == at(11, 23, 8, 30)


def test_a_reminder_comes_at_the_same_hour_of_the_working_day_before():
    days = calendar()
    assert days.working_days_before(at(11, 25, 17), 1) == at(11, 23, 17)
    assert days.working_days_before(at(11, 25, 17), 0) == at(11, 25, 17)


def test_a_reminder_is_moved_into_the_hours_of_its_day():
    days = calendar(saturday="07:30-11:30")
    assert days.working_days_before(at(11, 23, 17), 1) == at(11, 21, 11, 30)
    assert days.working_days_before(at(11, 20, 6), 1) == at(11, 19, 7, 30)


def test_a_reminder_in_hours_comes_when_so_many_working_hours_are_left():
    days = calendar()
    assert days.working_hours_before(at(11, 25, 17), 4) == at(11, 25, 11)
    assert days.working_hours_before(at(11, 25, 9), 4) == at(11, 23, 14, 30)
    assert days.working_hours_before(at(11, 22, 9), 1) == at(11, 20, 16)


# -- what is left


def test_time_left_today_counts_working_time_only():
    assert calendar().working_time_between(at(11, 23, 9, 10), at(11, 23, 17)) == (5 * 60 + 50) * 60
    assert calendar().working_time_between(at(11, 20, 16), at(11, 25, 8)) == (60 + 450 + 30) * 60
    assert calendar().working_time_between(at(11, 25), at(11, 20)) == 0


def test_days_left_count_today_and_the_day_of_the_deadline():
    days = calendar()
    assert days.working_days_left(at(11, 23, 9), at(11, 25, 17)) == 2
    assert days.working_days_left(at(11, 22, 9), at(11, 25, 17)) == 2
    assert days.working_days_left(at(11, 25, 9), at(11, 25, 17)) == 1
    assert days.working_days_left(at(11, 26, 9), at(11, 25, 17)) == 0


def test_days_late_count_the_working_days_after_the_deadline():
    days = calendar()
    assert days.working_days_since(at(11, 19, 17), at(11, 23, 9)) == 2
    assert days.working_days_since(at(11, 20, 17), at(11, 22, 9)) == 0


# -- pauses


def test_a_deadline_in_days_moves_by_the_working_days_of_the_pause():
    days = calendar()
    due = days.working_days(5, at(11, 13))
    assert due == at(11, 20, 17)
    assert days.shift(due, at(11, 17, 10), at(11, 17, 15)) == at(11, 20, 17)
    assert days.shift(due, at(11, 17, 10), at(11, 18, 8)) == at(11, 23, 17)
    assert days.shift(due, at(11, 17, 10), at(11, 20, 16)) == at(11, 26, 17)


def test_a_pause_over_the_weekend_costs_nothing():
    due = at(11, 25, 17)
    assert calendar().shift(due, at(11, 20, 16), at(11, 22, 10)) == due


def test_a_deadline_in_hours_keeps_its_working_time():
    assert calendar().shift(at(11, 20, 10), at(11, 20, 9), at(11, 20, 16, 30)) == at(11, 23, 8)


def test_a_deadline_that_had_passed_before_the_pause_does_not_move():
    assert calendar().shift(at(11, 18, 17), at(11, 19), at(11, 25)) == at(11, 18, 17)


# -- refusals


def test_a_deadline_beyond_the_calendar_is_refused_with_the_year_that_is_missing():
    with pytest.raises(CalendarGap, match="01/01/2028"):
        calendar().working_days(3, at(12, 30, year=2027))


def test_a_year_without_its_new_years_day_is_not_covered():
    with pytest.raises(CalendarGap):
        calendar(off(2, 5, year=2028)).is_working_day(date(2028, 2, 4))


def test_an_empty_calendar_says_that_it_is_empty():
    with pytest.raises(CalendarGap, match="no year"):
        Calendar.build([], []).is_working_day(date(2026, 11, 20))


@pytest.mark.parametrize("count", [-1, Decimal("1.5"), 10001])
def test_a_count_of_days_that_makes_no_sense_is_refused(count):
    with pytest.raises(CountRefused):
        calendar().working_days(count, at(11, 20))


@pytest.mark.parametrize("text", ["7-11", "11:30-07:30", "07:30-11:30, 11:00-12:00", "07:30"])
def test_hours_that_cannot_be_read_are_refused(text):
    with pytest.raises(HoursRefused):
        read_spans(text)


def test_hours_are_written_as_they_are_read():
    assert write_spans(read_spans("7:30–11:30,13:30-17:00")) == FULL
    assert read_spans("") == ()
    assert read_spans("07:30-11:30") == ((time(7, 30), time(11, 30)),)


# -- properties


@given(instants, st.integers(1, 40))
def test_a_deadline_in_days_is_as_many_days_away_as_it_says(after, n):
    days = calendar()
    due = days.working_days(n, after)
    assert due > after
    assert days.working_days_since(after, due) == n


@given(instants, st.integers(0, 200 * 3600))
def test_adding_working_time_gives_it_back(after, seconds):
    days = calendar()
    assert days.working_time_between(after, days.add(seconds, after)) == seconds


@given(instants, instants, instants)
def test_a_pause_never_shortens_a_deadline(due, paused_at, resumed_at):
    days = calendar(*(off(1, 1, year=year) for year in (2028, 2029, 2030, 2031)))
    due = days.working_days(3, due)
    assert days.shift(due, paused_at, resumed_at) >= due


@given(instants, st.integers(0, 100))
def test_a_reminder_in_hours_leaves_exactly_those_hours(due, hours):
    days = calendar(*(off(1, 1, year=year) for year in (2023, 2024)))
    assert days.working_time_between(days.working_hours_before(due, hours), due) == hours * 3600
