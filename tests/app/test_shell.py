"""The shell: macros, error pages, built files and what the content security policy forbids."""

import json
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask, render_template, render_template_string
from flask_babel import Babel
from jinja2 import StrictUndefined
from markupsafe import Markup

from app import assets, words
from engine import Actor

APP = Path(assets.__file__).parent
ERRORS = sorted(path.stem for path in (APP / "templates/errors").glob("[0-9]*.html"))
IMPORTS = '{% import "macros/ui.html" as ui %}{% import "macros/drawing.html" as drawing %}'
CALLS = {
    "day_hint": "{{ ui.day_hint() }}",
    "icon": '{{ ui.icon("clock") }}',
    "csrf": "{{ ui.csrf() }}",
    "crumbs": '{{ ui.crumbs([("Inbox", "/inbox"), ("Here", none)]) }}',
    "time_badge": '{% for kind in ["ok", "soon", "late", "hold", "done", "none"] %}'
    '{{ ui.time_badge(kind, "2 days", "25/11") }}{% endfor %}',
    "tag": '{{ ui.tag("Draft", "warn", "pencil") }}',
    "priority": '{{ ui.priority("urgent") }}{{ ui.priority("high") }}{{ ui.priority("normal") }}',
    "count": "{{ ui.count(3, true) }}",
    "alert": '{% for kind in ["good", "warn", "bad", "hold", "info", "proof"] %}'
    '{% call ui.alert(kind, "Heading") %}<p>More</p>{% endcall %}{% endfor %}',
    "error_summary": '{{ ui.error_summary("Two", [{"field": "f", "text": "A"}, {"text": "B"}]) }}',
    "buttons": "{% call ui.buttons() %}<button>Send</button>{% endcall %}",
    "draft_status": '{{ ui.draft_status("Saved") }}',
    "sub_navigation": '{{ ui.sub_navigation([{"label": "Mine", "url": "#", "count": 2,'
    ' "late": true, "current": true}, {"label": "All", "url": "#"}], "Lists") }}',
    "chips": '{{ ui.chips([{"label": "Due today", "remove_url": "#"}]) }}',
    "more": '{{ ui.more("#", "20 more") }}',
    "pagination": '{{ ui.pagination(none, "#", "1-20") }}',
    "empty_state": '{{ ui.empty_state("Nothing", "All is done.", "#", "See all") }}',
    "timeline": '{{ ui.timeline([{"title": "Decided", "date": "18/11", "kind": "now"}]) }}',
    "facts": '{{ ui.facts([("Unit", "Office")]) }}',
    "meter": '{{ ui.meter([("", 50), ("hold", 20)], "Half") }}',
    "clock_card": '{{ ui.clock_card("2 days", "soon", "Due Monday", [("soon", 40)], "a", "b") }}',
    "dialog": '{% call ui.dialog("stop", "Stop?", "It ends.", "Stop", "/stop") %}x{% endcall %}',
    "file_list": '{{ ui.file_list([{"name": "a.pdf", "url": "#", "size": "2 KB"}]) }}',
    "file_field": '{{ ui.file_field("f", "scan", "Scan", "PDF", "/up",'
    ' [{"id": "1", "name": "a.pdf", "size": "2 KB"}], error="Missing") }}',
    "zoom_buttons": '{{ drawing.zoom_buttons("d") }}',
    "diagram": '{{ drawing.diagram("d", "/d.bpmn", {"now": {"A": "it\'s <1>"}}, "Drawing") }}',
    "legend": "{{ drawing.legend() }}",
    "player": '{{ drawing.player(2, 5, "Decided") }}',
    "steps": '{{ drawing.steps([{"n": 1, "title": "T", "who": "W", "url": "#"}], 1) }}',
}
NAVIGATION = [
    {
        "title": "Work",
        "items": [
            {
                "label": "Inbox",
                "url": "/inbox",
                "count": 2,
                "late": True,
                "current": True,
                "key": "v",
            },
            {"label": "Cases", "url": "/cases"},
        ],
    }
]


@pytest.fixture(scope="module")
def web():
    """A web application that has the shell and nothing else."""
    app = Flask("shell", template_folder=APP / "templates", static_folder=APP / "static")
    app.secret_key = "only here"
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    app.jinja_env.globals["hand_of_form"] = lambda: "an@7"
    # Shown while one acts for another only, which the pages of people try.
    app.jinja_env.filters["day"] = str
    app.jinja_env.filters["many"] = words.many
    Babel(app)
    assets.register(app)
    return app


@pytest.fixture
def shell(web):
    """A request to that application."""
    with web.test_request_context("/inbox?list=mine"):
        yield web


def context(**more):
    return {
        "agency": {"name": "Economic Zone Authority", "administrator": ""},
        "language": "vi",
        "current_account": {"id": 7, "display_name": "Đỗ Khánh An"},
        "actor": Actor("ando", "Đỗ Khánh An", rights={"cases.view": frozenset({"vp"})}),
        "navigation": NAVIGATION,
        "account_menu": [{"label": "Password", "url": "#"}],
        "notices": {"url": "#", "count": 3},
        "idle_lock_seconds": 900,
        **more,
    }


def keeps_the_policy(html: str) -> bool:
    """No inline style, handler or script: `<script type="application/json">` is data."""
    scripts = re.findall(r"<script\b([^>]*)>", html)
    return not re.search(r"\sstyle=|\son[a-z]+=|<style", html) and all(
        "src=" in each or 'type="application/json"' in each for each in scripts
    )


def test_every_macro_is_tried_here():
    defined = set()
    for name in ("ui", "drawing"):
        text = (APP / f"templates/macros/{name}.html").read_text("utf-8")
        defined |= set(re.findall(r"{%-? macro (\w+)", text))
    assert defined == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_a_macro_draws_something_the_policy_allows(shell, name):
    html = render_template_string(IMPORTS + CALLS[name])
    assert html.strip()
    assert keeps_the_policy(html)


def test_every_icon_that_is_used_is_in_the_sprite(shell):
    html = "".join(render_template_string(IMPORTS + call) for call in CALLS.values())
    html += render_template("errors/404.html", **context())
    used = set(re.findall(r'href="#i-([\w-]+)"', html))
    scripts = "".join(path.read_text() for path in (APP / "frontend/src").glob("*.js"))
    used |= set(re.findall(r"icon\('([\w-]+)'\)", scripts))
    sprite = (APP / "templates/shell/sprite.html").read_text("utf-8")
    assert used <= set(re.findall(r'id="i-([\w-]+)"', sprite))


def test_marks_reach_the_drawing_unchanged(shell):
    html = render_template_string(IMPORTS + CALLS["diagram"])
    marks = Markup(re.search(r'data-marks="([^"]*)"', html)[1]).unescape()
    assert json.loads(marks) == {"now": {"A": "it's <1>"}}


@pytest.mark.parametrize("code", ERRORS)
@pytest.mark.parametrize("account", [None, {"id": 7, "display_name": "Đỗ Khánh An"}])
def test_an_error_page_says_what_happened_to_clerks_and_to_strangers(shell, code, account):
    html = render_template(f"errors/{code}.html", code="a1b2", **context(current_account=account))
    assert keeps_the_policy(html)
    assert html.count("<h1") == 1


def test_a_refusal_speaks_in_its_own_words(shell):
    html = render_template("errors/409.html", message="Hà completed it at 09:04.", **context())
    assert "Hà completed it at 09:04." in html
    assert "Somebody else was quicker" in html


def test_a_page_without_columns_has_no_aside_and_one_with_an_aside_has(shell):
    plain = '{% extends "base.html" %}{% block content %}B{% endblock %}'
    beside = plain + "{% block aside %}C{% endblock %}"
    assert "qt-cols" not in render_template_string(plain, **context())
    assert "qt-cols" in render_template_string(beside, **context())


def test_the_areas_are_listed_with_their_counts_and_the_present_one_is_marked(shell):
    html = render_template("errors/404.html", **context())
    assert 'href="/inbox" aria-current="page" data-go="v"' in html
    assert "qt-count--bad" in html


def test_the_language_switch_comes_back_to_the_same_list(shell):
    html = render_template("errors/404.html", **context())
    assert 'name="next" value="/inbox?list=mine"' in html


def test_built_files_are_found_by_their_plain_names(tmp_path):
    (tmp_path / "manifest.json").write_text('{"main.js": "main-ABC.js"}')
    assert assets.read_manifest(tmp_path) == {"main.js": "main-ABC.js"}


def test_pages_still_come_when_nothing_is_built(tmp_path, caplog):
    assert assets.read_manifest(tmp_path) == {}
    assert "node build.mjs" in caplog.text


def test_all_files_that_pages_name_are_built_by_the_front_end():
    build = (APP / "frontend/build.mjs").read_text()
    entries = set(re.search(r"entries = \[(.*?)\]", build)[1].replace("'", "").split(", "))
    named = set()
    for path in APP.rglob("templates/**/*.html"):
        named |= set(re.findall(r"asset\('([\w.]+)'\)", path.read_text("utf-8")))
    assert named <= entries


def test_the_sentences_of_scripts_keep_their_places_in_vietnamese():
    source = APP / "translations/vi/LC_MESSAGES/messages.po"
    with source.open("rb") as lines:
        catalogue = read_po(lines, locale="vi")
    for message in catalogue:
        if message.id and isinstance(message.id, str):
            places = r"{\w+}|%\(\w+\)s|%%"
            assert message.string, message.id
            assert sorted(re.findall(places, message.id)) == sorted(
                re.findall(places, message.string)
            ), message.id
