"""What each kind of field takes, and what it says when it does not."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.engine.forms.files import SCAN, choices, field, form_of, load, refused


def value_of(component, posted, **world):
    return load(form_of(component), {"x": posted}, **world)["x"]


def problem_of(component, posted, **world):
    return refused(form_of(component), {"x": posted}, **world)["x"]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("5", 5),
        ("1.234", 1234),
        ("1.234.567", 1234567),
        ("185 000 000", 185000000),
        ("1.234,5", Decimal("1234.5")),
        ("1234.5", Decimal("1234.5")),
        ("0.123", Decimal("0.123")),
        ("5,0", Decimal("5.0")),
        ("-3,25", Decimal("-3.25")),
        ("\u22123", -3),
        (7, 7),
        (Decimal("7.50"), Decimal("7.50")),
        ("", None),
        (None, None),
    ],
)
def test_numbers_are_read_as_vietnamese_write_them(typed, value):
    found = value_of(field("number"), typed)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "typed", ["1.23.4", "năm", "1,2,3", "1e5", "--1", True, [1, 2], {"a": 1}, "NaN"]
)
def test_what_is_no_number_is_refused(typed):
    assert problem_of(field("number"), typed)


def test_a_number_keeps_to_its_limits_decimals_and_steps():
    limits = {"min": 10, "max": 100}
    assert problem_of(field("number", validate=limits), "9") == '"X" is 9; it must be at least 10.'
    assert "at most 100" in problem_of(field("number", validate=limits), "1.000")
    assert "2 decimals" in problem_of(field("number", decimalDigits=2), "1,234")
    assert value_of(field("number", decimalDigits=2), "1,230") == Decimal("1.230")
    assert value_of(field("number", decimalDigits=0), "4,0") == 4
    assert "10 and 15" in problem_of(field("number", increment="5"), "12")
    assert value_of(field("number", increment=5), "15") == 15


def test_a_number_may_be_kept_as_text_without_losing_digits():
    kept = field("number", serializeToString=True)
    assert value_of(kept, "1.234,50") == "1234.50"
    form = form_of(kept)
    assert load(form, form.dump({"x": "1.234"})) == {"x": "1.234"}


@pytest.mark.parametrize(
    "typed", ["22/11/2026", "22-11-2026", "22.11.2026", "22112026", "2026-11-22"]
)
def test_dates_are_read_as_people_write_them(typed):
    assert value_of(field("datetime", subtype="date"), typed) == date(2026, 11, 22)
    assert value_of(field("datetime"), date(2026, 11, 22)) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("subtype", "limit", "kept", "broken"),
    [
        ("time", {"min": '=time("07:30:00")'}, "07:30", "07:29"),
        ("time", {"max": '="17:00"'}, "17:00", "17:01"),
        (
            "datetime",
            {"min": '=date and time("2026-11-22T14:30:59+07:00")'},
            "22/11/2026 14:30",
            "22/11/2026 14:29",
        ),
        (
            "datetime",
            {"max": '=date and time("2026-11-22T07:30:00Z")'},
            "22/11/2026 14:30",
            "22/11/2026 14:31",
        ),
        ("datetime", {"max": '=time("17:00:00")'}, "22/11/2026 17:00", "22/11/2026 17:01"),
    ],
)
def test_times_and_instants_keep_to_their_minutes(subtype, limit, kept, broken):
    timed = field("datetime", subtype=subtype, validate=limit)
    assert value_of(timed, kept)
    assert "or later" in problem_of(timed, broken) or "or earlier" in problem_of(timed, broken)


@pytest.mark.parametrize("typed", ["31/02/2026", "11/22/2026", "22/11/26", "mai", "22/11", 5])
def test_days_that_are_not_in_the_calendar_are_refused(typed):
    assert problem_of(field("datetime", subtype="date"), typed)


@pytest.mark.parametrize("typed", ["8:05", "08:05", "8h05", "08:05:00", "8g05"])
def test_times_of_day_are_kept_as_hours_and_minutes(typed):
    assert value_of(field("datetime", subtype="time"), typed) == "08:05"


def test_an_instant_is_given_in_the_time_of_vietnam_and_kept_in_utc():
    kept = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    at = field("datetime", subtype="datetime")
    form = form_of(at)
    assert load(form, {"x.date": "22/11/2026", "x.time": "8:30"}) == {"x": kept}
    for typed in ("22/11/2026 08:30", "2026-11-22T08:30", "2026-11-22T01:30:00+00:00", kept):
        assert value_of(at, typed) == kept
    assert load(form, {"x.date": "", "x.time": ""}) == {"x": None}
    assert "both a day and a time" in refused(form, {"x.date": "22/11/2026", "x.time": ""})["x"]


def test_a_day_that_has_passed_is_refused_where_the_form_says_so():
    coming = field("datetime", subtype="date", disallowPassedDates=True)
    assert value_of(coming, "23/11/2026") == date(2026, 11, 23)
    assert "has passed" in problem_of(coming, "22/11/2026")


def test_a_day_stays_within_the_days_that_the_form_reckons():
    limits = {"min": '=today() - duration("P100Y")', "max": '=today() - duration("P16Y")'}
    born = field("datetime", subtype="date", validate=limits)
    assert value_of(born, "23/11/1990") == date(1990, 11, 23)
    assert "or an earlier day" in problem_of(born, "31/12/2019")
    assert "or a later day" in problem_of(born, "1/1/1900")
    # An hour after midnight in Vietnam, when it is the day before in UTC.
    since = {"min": '=date and time("2026-11-20T18:00:00Z")'}
    paid = field("datetime", subtype="date", validate=since)
    assert value_of(paid, "21/11/2026") == date(2026, 11, 21)
    assert "enter 21/11/2026" in problem_of(paid, "20/11/2026")


def test_times_go_in_the_steps_of_their_field():
    quarter = field("datetime", subtype="time", timeInterval=15)
    assert value_of(quarter, "8:45") == "08:45"
    assert "15 minutes" in problem_of(quarter, "8:50")


def test_text_is_composed_and_trimmed_and_stands_on_one_line():
    assert value_of(field("textfield"), "  Nguye\u0302\u0303n  ") == "Nguyễn"
    assert value_of(field("textfield"), "   ") is None
    assert "one line" in problem_of(field("textfield"), "a\nb")
    assert value_of(field("textarea"), "a\r\nb ") == "a\nb"
    assert problem_of(field("textfield"), "a\x00b")
    assert problem_of(field("textfield"), 5)


def test_text_keeps_to_its_length_and_pattern():
    short = field("textfield", validate={"minLength": 3, "maxLength": 5, "pattern": "^[a-z]+$"})
    assert value_of(short, "abcd") == "abcd"
    assert problem_of(short, "ab") == '"X" has 2 letters; write at least 3.'
    assert "shorten it to 5" in problem_of(short, "abcdef")
    assert "look at it once more" in problem_of(short, "ABC")
    hinted = field("textfield", description="Small letters.", validate={"pattern": "^[a-z]+$"})
    assert problem_of(hinted, "ABC") == '"ABC" is not written as "X" must be: Small letters.'
    assert value_of(short, "") is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0912 345 678", "+84912345678"),
        ("+84 912.345.678", "+84912345678"),
        ("0084912345678", "+84912345678"),
        ("(024) 3825 1234", "+842438251234"),
        ("1900 1234", "19001234"),
        ("+66 2 123 4567", "+6621234567"),
    ],
)
def test_phone_numbers_are_kept_in_international_form(typed, kept):
    form = form_of(field("textfield", properties={"format": "phone"}))
    assert load(form, {"x": typed}) == {"x": kept}
    assert load(form, form.dump({"x": kept})) == {"x": kept}


@pytest.mark.parametrize("typed", ["0112345678", "091234567", "abc", "09123456789"])
def test_numbers_outside_the_numbering_plan_are_refused(typed):
    assert "digits" in problem_of(field("textfield", properties={"format": "phone"}), typed)
    assert problem_of(field("textfield", validate={"validationType": "phone"}), typed)


def test_identity_numbers_have_twelve_digits():
    number = field("textfield", properties={"format": "identity_number"})
    assert value_of(number, "001 090 000 001") == "001090000001"
    assert "has 9 digits" in problem_of(number, "123456789")
    assert "digits only" in problem_of(number, "00109000000A")


def test_tax_codes_fit_their_check_digit():
    code = field("textfield", properties={"format": "tax_code"})
    assert value_of(code, "0100109106") == "0100109106"
    assert value_of(code, "0100109106001") == "0100109106-001"
    assert value_of(code, "0100109106-001") == "0100109106-001"
    assert value_of(code, "001090000001") == "001090000001"
    assert "check digit" in problem_of(code, "0100109107")
    assert "030012345" in problem_of(code, "030012345")


def test_money_is_a_whole_number_of_dong():
    money = field("number", properties={"format": "money"})
    assert value_of(money, "1.500.000") == 1500000
    assert value_of(money, "1.500.000,00") == 1500000
    assert problem_of(money, "1,5")
    assert problem_of(money, "-1")


def test_e_mail_addresses_have_a_domain():
    mail = field("textfield", validate={"validationType": "email"})
    assert value_of(mail, "an@coquan.gov.vn") == "an@coquan.gov.vn"
    for typed in ("an", "an@", "an@host", "an @x.vn", "a@b@c.vn", "an@-x.vn"):
        assert "e-mail" in problem_of(mail, typed)


def test_only_what_is_offered_can_be_chosen_and_keeps_its_type():
    for kind in ("radio", "select"):
        one = field(kind, values=choices("yes", 2, True))
        assert value_of(one, "yes") == "yes"
        assert value_of(one, "2") == 2
        assert value_of(one, "true") is True
        assert value_of(one, "") is None
        assert "not one of the choices" in problem_of(one, "no")
        assert problem_of(one, ["yes", "2"])
    for kind in ("checklist", "taglist"):
        some = field(kind, values=choices("a", "b", "c"))
        assert value_of(some, ["", "c", "a", "a"]) == ["a", "c"]
        assert value_of(some, [""]) == []
        assert value_of(some, "b") == ["b"]
        assert problem_of(some, ["a", "d"])


def test_a_box_is_ticked_or_not():
    assert value_of(field("checkbox"), ["", "true"]) is True
    assert value_of(field("checkbox"), "") is False
    assert value_of(field("checkbox"), True) is True
    assert problem_of(field("checkbox"), "maybe")


def test_files_are_named_by_their_ids_and_kept_with_their_hash():
    picture = {"file": 8, "name": "anh.png", "media_type": "image/png", "sha256": "1" * 64}
    files = {7: SCAN, 8: {**SCAN, **picture}}
    one = field("filepicker", accept=".pdf")
    assert value_of(one, ["", "7"], files=files) == [SCAN]
    assert value_of(one, "", files=files) == []
    assert "no longer there" in problem_of(one, "9", files=files)
    assert "no longer there" in problem_of(one, [{**SCAN, "file": 9}], files=files)
    assert ".pdf" in problem_of(one, "8", files=files)
    assert "keep one" in problem_of(field("filepicker"), ["7", "8"], files=files)
    both = field("filepicker", multiple=True, accept="image/*,.pdf")
    assert len(value_of(both, ["7", "8", "7"], files=files)) == 2


def test_the_same_bytes_under_two_names_are_one_file():
    copy = {**SCAN, "file": 8, "name": "ban-sao.pdf"}
    form = form_of(field("filepicker", multiple=True))
    found = load(form, {"x": ["7", "8"]}, files={7: SCAN, 8: copy})
    assert [file["name"] for file in found["x"]] == ["de-nghi.pdf"]


def test_a_file_is_what_its_bytes_say_and_not_its_name():
    form = form_of(field("filepicker", accept=".png"))
    named = {**SCAN, "name": "anh.png"}
    assert refused(form, {"x": "7"}, files={7: named}) == {
        "x": '"X" takes .png; "anh.png" is none of them.'
    }


def test_where_no_files_can_be_looked_up_a_typed_one_stands_for_itself():
    assert value_of(field("filepicker"), [SCAN]) == [SCAN]


@pytest.mark.parametrize(
    ("component", "words"),
    [
        (field("textfield"), "enter it"),
        (field("number"), "enter it"),
        (field("radio", values=choices("a")), "choose one"),
        (field("checklist", values=choices("a")), "at least one"),
        (field("checkbox"), "Tick"),
        (field("filepicker"), "attach one"),
        (field("datetime", subtype="datetime"), "enter it"),
    ],
)
def test_what_must_be_filled_in_says_so(component, words):
    required = form_of({**component, "validate": {"required": True}})
    for posted in ({}, {"x": ""}, {"x": None}, {"x": [""]}):
        assert words in refused(required, posted)["x"]
