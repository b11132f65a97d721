"""Every route names the right it needs, and the guard asks for exactly that right."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from app import web
from app.people.rights.groups import catalogue
from tests import worlds
from tests.pages import Page

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ROLES = [character for character in worlds.CHARACTERS if character is not worlds.colleague]
KNOWN = {name for group in catalogue().values() for name in group.permissions}


def rules(app: Flask) -> list[Rule]:
    """Every route of the application."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods)))


def needed(app: Flask, rule: Rule) -> str | None:
    """The right that a route names."""
    return getattr(app.view_functions[rule.endpoint], "permission", None)


def calls(app: Flask, rule: Rule) -> list[tuple[str, str]]:
    """Method and address for each way to call a route, with things that do not exist."""
    values = {
        name: 987654 if isinstance(converter, IntegerConverter) else "nothing"
        for name, converter in rule._converters.items()
    }
    with app.test_request_context():
        url = app.url_map.bind("localhost").build(rule.endpoint, values)
    return [(method, url) for method in ("GET", "POST") if method in (rule.methods or ())]


def answer(page: Page, method: str, url: str) -> int:
    """The status of one call by a program: a refusal in JSON is quicker than a page."""
    accept = {"Accept": "application/json, text/html;q=0.5"}
    reply = page.get(url, headers=accept) if method == "GET" else page.post(url, headers=accept)
    return reply.status_code


@ONE_DATABASE
def test_every_route_names_a_permission_that_some_group_has(app):
    known = KNOWN | {web.PUBLIC, web.SIGNED_IN}
    wrong = {rule.rule: needed(app, rule) for rule in rules(app) if needed(app, rule) not in known}
    assert not wrong, f"put @permission(...) below the route: {wrong}"


@ONE_DATABASE
def test_whoever_is_not_logged_in_is_sent_to_the_login_page(app, page):
    for rule in rules(app):
        if needed(app, rule) == web.PUBLIC:
            continue
        for method, url in calls(app, rule):
            reply = page.get(url) if method == "GET" else page.post(url)
            assert reply.status_code == 303, f"{method} {url}: {reply.status}"
            assert reply.headers["Location"].startswith("/login"), f"{method} {url}"


@ONE_DATABASE
@pytest.mark.parametrize("character", ROLES, ids=lambda character: character.name)
def test_each_person_passes_where_a_right_allows_it_and_nowhere_else(app, page, character):
    actor, here = page.actor(character), page.as_(character)
    for rule in rules(app):
        right = needed(app, rule)
        allowed = right in (web.PUBLIC, web.SIGNED_IN) or actor.may(right)
        for method, url in calls(app, rule):
            status = answer(here, method, url)
            if status == 401:  # The route before has ended the stay, as logging out does.
                here = page.as_(character)
                status = answer(here, method, url)
            what = f"{character.label}, {method} {url} ({right}): {status}"
            assert status < 500, what
            if not allowed:
                assert status == 403, what
            elif right in KNOWN:
                assert status != 403, what


@ONE_DATABASE
def test_a_route_that_names_no_permission_is_closed(app, page):
    app.add_url_rule("/forgotten", "forgotten", lambda: "open to all")
    assert page.as_(worlds.admin).get("/forgotten").status_code == 403


@ONE_DATABASE
def test_every_form_needs_its_security_code(app, page):
    app.config["WTF_CSRF_ENABLED"] = True
    clerk = page.as_(worlds.clerk)
    for rule in rules(app):
        for method, url in calls(app, rule):
            if method == "POST":
                status = clerk.client.post(url).status_code
                assert status == 400, f"{url}: {status}"
