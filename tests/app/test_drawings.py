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
