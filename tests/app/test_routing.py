"""Addresses are the same whether their code is written at once or when it is first needed."""

from __future__ import annotations

import pytest
from werkzeug.routing import Map, Rule

from app.routing import Route

RULES = ("/", "/cases/<int:case_id>/files/<path:name>", "/people/<name>")
VALUES = [
    {},
    {"case_id": 7, "name": "quyết định/1.pdf"},
    {"name": "An & Bình", "list": "của tôi", "self": "x", "rule": "y"},
    {"case_id": "seven", "name": "x"},
]


def address(kind: type[Rule], rule: str, values: dict[str, object], *, unknown: bool) -> object:
    bound = kind(rule, endpoint="here", defaults={"page": 1} if rule == "/" else None)
    Map([bound])
    try:
        return [bound.build(values, unknown) for _again in range(2)]
    except (TypeError, ValueError) as problem:
        return type(problem)


@pytest.mark.parametrize("unknown", [True, False])
@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("rule", RULES)
def test_an_address_is_the_one_that_werkzeug_builds(rule, values, unknown):
    theirs = address(Rule, rule, values, unknown=unknown)
    assert address(Route, rule, values, unknown=unknown) == theirs


def test_no_code_is_written_before_an_address_is_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(Rule, "_get_func_code", lambda code, name: asked.append(name))
    Map([Route("/people/<name>", endpoint="here")])
    assert asked == []
