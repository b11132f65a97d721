"""The manual is there for whoever is logged in, in both languages; examples are drawn."""

import pytest
from markupsafe import escape

from app.manual import content
from engine.bpmn import BPMNDI
from engine.errors import NotFound
from tests.worlds import auditor, owner

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ALL = [entry for name in content.SECTIONS for entry in content.section(name).values()]


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: f"{entry.section}/{entry.key}")
def test_every_entry_says_in_both_languages_what_it_is_and_has_an_example(entry):
    assert entry.texts["vi"] != entry.texts["en"]
    assert entry.examples or entry.section == "guides"


@ONE_DATABASE
def test_every_page_of_the_manual_can_be_read_in_both_languages(page):
    # The one whose pages have no lists of tasks around them: these are eight hundred pages.
    window = page.as_(auditor)
    for language in ("vi", "en"):
        window.post("/language", {"language": language})
        for entry in ALL:
            answer = window.get(f"/manual/{entry.section}/{entry.key}")
            assert answer.status_code == 200, entry.key
            assert f"<title>{escape(entry.name(language))}" in answer.text


@ONE_DATABASE
def test_the_sections_lead_to_all_of_their_entries(page):
    window = page.as_(owner)
    for name in content.SECTIONS:
        text = window.get(f"/manual/{name}").text
        assert text.count(f'href="/manual/{name}/') == len(content.section(name))
        assert f'href="/manual/{name}"' in window.get("/manual").text


@ONE_DATABASE
def test_a_page_is_found_by_words_without_accents(page):
    text = page.as_(owner).get("/manual?q=cat chuoi").text
    assert 'href="/manual/functions/substring"' in text
    assert "Không trang nào" in page.as_(owner).get("/manual?q=xyzq").text


@ONE_DATABASE
def test_a_drawing_is_shown_with_the_data_by_which_it_took_its_way(page):
    window = page.as_(owner)
    shown = window.get("/manual/elements/inclusiveGateway").text
    assert escape('{"moi_truong": true, "dat_dai": true}') in shown
    assert "Dữ liệu của vụ việc" not in window.get("/manual/elements/parallelGateway").text


@ONE_DATABASE
def test_an_example_without_a_diagram_is_drawn(page):
    entry = content.entry("elements", "userTask")
    assert BPMNDI not in content.drawing(entry.examples[0])
    answer = page.as_(owner).get("/manual/elements/userTask/drawings/0")
    assert answer.content_type.startswith("application/xml")
    assert BPMNDI in answer.text


@ONE_DATABASE
@pytest.mark.parametrize(
    "path",
    [
        "/manual/nothing",
        "/manual/functions/nothing",
        "/manual/elements/userTask/drawings/99",
        "/manual/functions/substring/drawings/0",
    ],
)
def test_what_the_manual_does_not_have_is_said_to_be_missing(page, path):
    assert page.as_(owner).get(path).status_code == 404


def test_a_section_or_key_reaches_no_other_file():
    with pytest.raises(NotFound):
        content.section("../config")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("key", "told", "shown"),
    [
        ("deadlock", "chờ mãi", "&lt;parallelGateway id=&#34;join&#34;"),
        ("impossible", "phải từ 9 trở lên và không quá 3", "&#34;min&#34;: 9"),
        ("not-a-file", "ống dẫn", None),
    ],
)
def test_the_page_of_a_rule_shows_what_it_finds_and_says(page, key, told, shown):
    text = page.as_(owner).get(f"/manual/rules/{key}").text
    assert told in text
    assert shown is None or shown in text


@ONE_DATABASE
def test_a_fault_that_a_drawing_shows_is_shown_as_a_picture_beside_the_mended_one(page):
    window = page.as_(owner)
    text = window.get("/manual/rules/deadlock").text
    assert text.count("data-bpmn=") == 2
    assert "&#34;join&#34;: [{&#34;severity&#34;: &#34;error&#34;" in text
    line = window.get("/manual/rules/message-in-one-pool").text
    assert "&#34;removed&#34;: [&#34;" in line and "{&#34;findings&#34;: {&#34;" in line
    assert "data-bpmn=" not in window.get("/manual/rules/bad-expression").text


@ONE_DATABASE
def test_a_table_whose_results_are_ranked_shows_their_order_beside_it(page):
    """DMN 1.5, 8.2.8: without the list of output values PRIORITY ranks nothing."""
    text = page.as_(owner).get("/manual/hit-policies/PRIORITY").text
    assert escape('"cao", "vừa", "thấp"') in text
    assert "Các giá trị kết quả" in text
    assert "Các giá trị kết quả" not in page.as_(owner).get("/manual/hit-policies/FIRST").text


@ONE_DATABASE
def test_drawings_of_examples_are_whole_on_a_phone_too(page):
    text = page.as_(owner).get("/manual/rules/deadlock").text
    assert text.count(" data-whole></div>") == text.count('class="qt-diagram"') == 2
