"""The manual is found by the words that people use, with or without accents."""

import fnmatch

import pytest

from app.manual import content, pages
from app.manual.finding import search, topics

ADDRESSES = {
    f"{entry.section}/{entry.key}"
    for name in content.SECTIONS
    for entry in content.section(name).values()
}


def found(words: str, language: str = "vi") -> list[str]:
    return [f"{entry.section}/{entry.key}" for entry in search(words, language)]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("hẹn giờ giờ làm việc", "elements/boundaryEvent:timer"),
        ("giờ làm việc", "functions/working_hours"),
        ("gio lam viec", "functions/working_hours"),
        ("working time", "functions/working_hours"),
        ("deadline", "elements/boundaryEvent:timer"),
        ("thời hạn", "elements/boundaryEvent:timer"),
        ("tải tệp", "fields/filepicker"),
        ("TAI TEP", "fields/filepicker"),
        ("upload", "fields/filepicker"),
        ("lặp", "elements/standardLoopCharacteristics"),
        ("phê duyệt", "elements/userTask"),
        ("ký", "operations/sign.person"),
        ("cổng song song", "elements/parallelGateway"),
        ("table", "fields/table"),
        ("javascript", "rules/script-language"),
        ("${", "rules/script-language"),
        ("user task", "elements/userTask"),
        ("cat chuoi", "functions/substring"),
    ],
)
def test_what_people_call_a_thing_leads_first_to_its_page(words, first):
    assert found(words)[0] == first
    assert found(words, "en")[:1] == [first] or first not in found(words, "en")


def test_words_among_others_lead_to_what_they_speak_of_when_no_page_has_all():
    assert found("làm sao để tải tệp lên đây")[0] == "fields/filepicker"


def test_typed_accents_come_before_others():
    assert found("bắt đầu khi có lỗi")[0] == "elements/startEvent:error"
    told = found("kỳ")
    assert told.index("elements/startEvent:timer") < told.index("elements/serviceTask")


@pytest.mark.parametrize("words", ["", "  ", "?!", "xyzq"])
def test_nothing_is_found_where_nothing_is_asked_or_told(words):
    assert found(words) == []


def test_other_names_lead_to_pages_that_there_are():
    for topic in topics():
        for page in topic.pages:
            assert fnmatch.filter(ADDRESSES, page), page


def test_the_gist_of_a_page_is_plain_words(app):
    with app.test_request_context():
        gists = [
            pages._gist(entry)
            for name in content.SECTIONS
            for entry in content.section(name).values()
        ]
    assert all(gists)
    assert not [
        gist for gist in gists if "](" in gist or "**" in gist or gist.rstrip(".").isdigit()
    ]
