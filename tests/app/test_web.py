"""What every answer carries, whatever page gives it."""

from __future__ import annotations

import json

import pytest

from app import web
from app.refusals import sentence
from engine.errors import TaskTaken
from tests.worlds import auditor, clerk, nobody

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = ONE_DATABASE


def test_browsers_are_told_to_run_nothing_that_is_not_ours(page):
    policy = page.as_(clerk).get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_pages_are_not_kept_by_browsers_or_proxies(page):
    assert page.as_(clerk).get("/").headers["Cache-Control"] == "no-store"


def test_built_files_may_be_kept_for_ever_and_others_for_an_hour(page):
    seal = page.get("/static/seal.svg")
    assert seal.headers["Cache-Control"] == "max-age=3600, public"
    assert seal.headers["X-Content-Type-Options"] == "nosniff"


def test_the_login_page_remembers_where_somebody_wanted_to_go(page):
    reply = page.get("/inbox?list=groups&q=đất")
    assert reply.status_code == 303
    assert reply.headers["Location"].startswith("/login?next=/inbox?list%3Dgroups")


def test_nobody_is_sent_to_another_site_after_logging_in(database):
    assert web.safe_next("/inbox?list=groups") == "/inbox?list=groups"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "", None, "x"):
        assert web.safe_next(elsewhere) is None


def test_a_page_part_that_htmx_asks_for_sends_strangers_to_the_login_page(page):
    reply = page.get("/inbox", headers={"HX-Request": "true"})
    assert reply.status_code == 401
    assert reply.headers["HX-Redirect"] == "/login?next=/inbox"


def test_a_program_is_refused_in_json(page):
    reply = page.as_(auditor).get("/inbox", headers={"Accept": "application/json"})
    assert reply.status_code == 403
    assert reply.json["error"] == "NotPermitted"
    assert "xử lý việc" in reply.json["message"]


def test_a_refusal_is_a_page_in_vietnamese_and_in_english(page):
    here = page.as_(auditor)
    assert "Bạn chưa được làm việc này" in here.get("/inbox").text
    here.post("/language", {"language": "en", "next": "/inbox"})
    assert "You may not do this" in here.get("/inbox").text


def test_a_refusal_fills_in_times_as_people_write_them(app, clock):
    refusal = TaskTaken(by="Trần Văn Bình", task="Kiểm tra", at=clock())
    with app.test_request_context():
        words = sentence(refusal.template, refusal.fields)
    assert words.startswith("Trần Văn Bình đã hoàn thành việc “Kiểm tra” lúc 23/11/2026 08:00.")


def test_the_language_is_chosen_without_logging_in_and_leads_back(page):
    here = page.as_(nobody)
    reply = here.post("/language", {"language": "en", "next": "/login"})
    assert (reply.status_code, reply.headers["Location"]) == (303, "/login")
    assert '<html lang="en">' in here.get("/login").text


def test_a_language_that_we_do_not_speak_changes_nothing(page):
    here = page.as_(nobody)
    here.post("/language", {"language": "xx", "next": "https://evil.example"})
    assert '<html lang="vi">' in here.get("/login").text


def test_a_form_without_its_security_code_is_refused_in_words(page):
    reply = page.as_(clerk).client.post("/logout")
    assert reply.status_code == 400
    assert "mã bảo" in reply.text.lower()


def test_a_fault_of_ours_shows_a_code_and_no_trace(app, page):
    def broken():
        raise ZeroDivisionError("secret detail")

    broken.permission = web.PUBLIC
    app.add_url_rule("/broken", "broken", broken)
    reply = page.get("/broken")
    assert reply.status_code == 500
    assert reply.headers["X-Request-Id"] in reply.text
    assert "secret detail" not in reply.text


def test_the_log_has_a_line_for_each_request_without_what_was_asked(app, page, caplog):
    caplog.set_level("INFO", "quytrinh")
    page.as_(clerk).get("/inbox?q=Nguyen+Van+An")
    line = next(r.msg for r in caplog.records if r.msg.get("event") == "request")
    assert (line["path"], line["account"], line["status"]) == ("/inbox", "anhpt", 200)
    assert "Nguyen" not in json.dumps(line, default=str)


def test_the_key_that_signs_cookies_is_made_once_and_is_private(settings):
    assert settings.secret_key() == settings.secret_key()
    assert (settings.home / "secret").stat().st_mode & 0o077 == 0


def test_the_list_of_areas_offers_only_what_the_guard_allows(page):
    clerks, auditors = page.as_(clerk).get("/").text, page.as_(auditor).get("/").text
    assert 'href="/inbox"' in clerks
    assert 'href="/people"' not in clerks
    assert 'href="/people"' in auditors
    assert 'href="/inbox"' not in auditors
