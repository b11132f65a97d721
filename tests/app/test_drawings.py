"""Drawings in the reader's language."""

from __future__ import annotations

from app import config, drawings
from tests.app.stationery import DRAWING
from tests.worlds import clerk

SHIPPED = config.ROOT / "processes/bpmn/account-grant-internal.bpmn"


def test_who_reads_vietnamese_gets_the_drawing_as_its_owner_drew_it():
    assert drawings.shown(DRAWING, "vi") == DRAWING


def test_who_reads_english_reads_the_english_names_that_there_are():
    shown = drawings.shown(DRAWING, "en")
    assert 'name="Draft the request"' in shown and 'name="Lập đề nghị"' not in shown
    assert 'name="Có nhu cầu"' in shown  # It has no other.
    assert 'id="Task_Draft"' in shown and "working_days(2)" in shown


def test_the_shipped_drawing_has_an_english_name_for_whatever_has_a_name():
    shown = drawings.shown(SHIPPED.read_text(encoding="utf-8"), "en")
    for vietnamese in ("Văn phòng", "Lãnh đạo Ban", "Trả lại", "Không", "Kiểm tra đề nghị"):
        assert f' name="{vietnamese}"' not in shown


def test_the_page_of_a_case_shows_the_drawing_in_the_language_of_its_words(page, requests):
    url = f"/cases/{requests.start().case_id}/diagram"
    here = page.as_(clerk)
    vietnamese = here.get(url)
    assert "Lập đề nghị" in vietnamese.text
    here.post("/language", {"language": "en"})
    english = here.get(url, headers={"If-None-Match": vietnamese.headers["ETag"]})
    assert english.status_code == 200
    assert 'name="Draft the request"' in english.text


def test_no_word_of_an_english_name_is_broken_in_a_place_drawn_for_a_shorter_one():
    label = '<dc:Bounds x="{}" y="60" width="{}" height="14" />'
    shape = '<dc:Bounds x="402" y="140" width="36" height="36" />'
    narrow = DRAWING.replace(
        shape, shape + f"<bpmndi:BPMNLabel>{label.format(400, 40)}</bpmndi:BPMNLabel>"
    ).replace('name="label_en" value=', 'name="name_en" value=')
    assert label.format(400, 40) in drawings.shown(narrow, "vi")
    assert label.format(384, 72).replace(" />", "/>") in drawings.shown(narrow, "en")
