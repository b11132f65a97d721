"""What the manual says is so: each of its examples is run."""

from __future__ import annotations

import ast
import fnmatch
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import sqlalchemy as sa

import app
import engine
from app import areas, offered
from app.manual import checked, content, pages
from engine import Bundle, decisions, feel
from engine.bpmn import ACTIVITIES, EVENTS, GATEWAYS
from engine.check import check_bundle
from engine.check.rules import RULES
from engine.decisions.tables import POLICIES
from engine.feel.library import BUILT_INS
from engine.forms import FormErrors, sense
from engine.forms.fields import TYPES
from engine.simulation import Advance, Send, simulate
from engine.tables import File
from engine.world import World
from tests import papers
from tests.engine import test_check_places
from tests.worlds import owner

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def examples(section: str) -> list[Any]:
    return [
        pytest.param(entry, example, id=f"{entry.key} {number}")
        for entry in content.section(section).values()
        for number, example in enumerate(entry.examples, 1)
    ]


class Agency(World):
    """Answers as the example says, and about the calendar as the application does."""

    def __init__(self, engine: Any, session: Any, given: dict[str, Any]) -> None:
        super().__init__(engine.clock(), engine.surroundings.facts)
        self.engine, self.session, self.given = engine, session, given

    def _answer(self, name: str, arguments: list[Any]) -> Any:
        if name in self.given:
            return self.given[name][arguments[0]]
        return self.engine.surroundings.facts[name](self.session, self.now, *arguments)


def test_the_functions_of_the_manual_are_those_that_can_be_called(app):
    agency = set(app.extensions["engine"].surroundings.facts) - {"site_url"}
    assert set(content.section("functions")) == set(BUILT_INS) | agency


@ONE_DATABASE
def test_each_function_gives_what_its_examples_say(engine):
    with engine.writing() as session:
        areas.load_shipped(session, engine.clock())
        for entry in content.section("functions").values():
            for example in entry.examples:
                world = Agency(engine, session, example.get("given", {}))
                known = frozenset(world.functions)
                text = f"[{example['feel']}, {example['gives']}]"
                both = feel.parse(text, functions=known)
                gives, said = both.evaluate({}, world.functions, now=world.now)
                assert gives == said, f"{text}: {gives}"


def table(example: dict[str, Any]) -> bytes:
    """The example as a DMN file."""

    def entry(tag: str, text: str) -> str:
        return f"<{tag}><text>{escape(text)}</text></{tag}>"

    inputs = "".join(
        f"<input>{entry('inputExpression', name)}</input>" for name in example["when"]
    )
    values = example.get("values", [""] * len(example["then"]))
    outputs = "".join(
        f'<output name="{name}">{entry("outputValues", said) if said else ""}</output>'
        for name, said in zip(example["then"], values, strict=True)
    )
    rows = ""
    for number, row in enumerate(example["rules"], 1):
        cells = [
            entry("inputEntry" if at < len(example["when"]) else "outputEntry", cell)
            for at, cell in enumerate(row)
        ]
        rows += f'<rule id="r{number}">{"".join(cells)}</rule>'
    adds = f' aggregation="{example["aggregation"]}"' if "aggregation" in example else ""
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x"'
        ' namespace="x"><decision id="d" name="d"><decisionTable id="t"'
        f' hitPolicy="{example["policy"]}"{adds}>{inputs}{outputs}{rows}</decisionTable>'
        "</decision></definitions>"
    ).encode()


def test_the_hit_policies_of_the_manual_are_those_of_the_engine():
    assert {key.partition(" ")[0] for key in content.section("hit-policies")} == {
        policy.partition(" ")[0] for policy in POLICIES
    }
    assert set(POLICIES) <= set(content.section("hit-policies"))


@pytest.mark.parametrize(("entry", "example"), examples("hit-policies"))
def test_each_table_gives_what_its_example_says(entry, example):
    made = decisions.parse_decisions(table(example), path="example.dmn")
    hit = made.decide("d", example["data"])
    assert hit.value == feel.parse(example["gives"]).evaluate({})
    assert entry.key.startswith(example["policy"])


def test_the_fields_of_the_manual_are_those_that_a_form_may_have():
    assert set(content.section("fields")) == TYPES


@pytest.mark.parametrize(("entry", "example"), examples("fields"))
def test_each_field_takes_and_refuses_what_its_example_says(entry, example):
    form = content.form(example)
    world = {"context": json.loads(example.get("data", "{}")), "functions": {}, "now": NOW}
    if "files" in example:
        sent = json.loads(example["files"])
        world["files"] = {sent["file"]: sent}
    assert entry.key in {each.type for each in form.walk()}
    for entered, result in example["takes"]:
        record = form.load(json.loads(entered), **world)
        assert json.loads(json.dumps(record, default=str)) == json.loads(result)
    assert example["takes"] or entry.group not in ("entry", "choice")
    for entered in example["refuses"]:
        with pytest.raises(FormErrors):
            form.load(json.loads(entered), **world)


@ONE_DATABASE
def test_each_field_is_shown_as_its_page_would_show_it(page):
    window = page.as_(owner)
    for entry in content.section("fields").values():
        text = window.get(f"/manual/fields/{entry.key}").text
        shown = text.split('<div class="qt-form">')[1].split("<pre")[0]
        assert entry.examples[0].get("shows", "") in shown
        assert "<script" not in shown


def test_the_elements_of_the_manual_are_those_that_can_be_drawn():
    told = {key.partition(":")[0] for key in content.section("elements")}
    kinds = ACTIVITIES | GATEWAYS | EVENTS
    assert kinds <= told
    assert {"sequenceFlow", "lane", "participant", "eventSubProcess"} <= told


DRAWN = examples("elements")


@pytest.mark.parametrize(
    ("entry", "example"), [one for one in DRAWN if "calendar" not in one.values[1]]
)
def test_each_drawing_runs_as_its_example_says(entry, example):
    runs_as_it_says(entry, example)


def test_checking_finds_no_error_in_a_drawing_that_is_whole():
    """Drawings that only show the flow call decisions and processes that are not there."""
    catalogue = offered.catalogue()
    for entry, example in (one.values for one in DRAWN):
        bundle = Bundle("example", {"processes/bpmn/example.bpmn": content.drawing(example)})
        if not example.get("flow_only"):
            findings = check_bundle(bundle, catalogue)
            errors = [f.record() for f in findings if f.severity == "error"]
            assert errors == [], entry.key


@ONE_DATABASE
def test_each_drawing_that_asks_the_calendar_runs_as_its_example_says(engine):
    with engine.writing() as session:
        areas.load_shipped(session, engine.clock())
        for one in DRAWN:
            if "calendar" in one.values[1]:
                around = engine.surroundings
                runs_as_it_says(*one.values, session=session, surroundings=around)


def runs_as_it_says(entry: Any, example: dict[str, Any], **world: Any) -> None:
    options = [Send(name) for name in example.get("send", [])]
    options += [Advance(span) for span in example.get("advance", [])]
    found = simulate(
        content.drawing(example),
        data=json.loads(example.get("data", "{}")),
        answers=json.loads(example.get("answers", "{}")),
        options=options,
        flow_only=example.get("flow_only", False),
        **world,
    )
    assert found.error is None
    assert found.entered == example["entered"], entry.key
    assert found.state == example["state"]
    result = json.loads(example.get("result", "{}"))
    assert {name: found.data[name] for name in result} == result


def files_of(example: dict[str, Any]) -> dict[str, str]:
    """The bundle "example": the drawing, its templates, and the layouts that they import."""
    drawing = content.drawing(example)
    return {"processes/bpmn/example.bpmn": drawing, **example.get("beside", {}), **papers.LAYOUTS}


@pytest.mark.parametrize(("entry", "example"), examples("operations"))
def test_each_operation_is_called_as_its_example_shows_and_told_with_all_it_takes(entry, example):
    catalogue = offered.catalogue()
    findings = check_bundle(Bundle("example", files_of(example)), catalogue)
    assert [f.record() for f in findings if f.severity == "error"] == []
    assert entry.key in example["calls"]
    for text in entry.texts.values():
        for name in catalogue.operations[entry.key].parameters().fields:
            assert f"`{name}`" in text, name


@ONE_DATABASE
def test_the_paper_of_the_manual_can_be_made(case):
    case.deploy("example", files_of(content.entry("operations", "pdf.render").examples[0]))
    case.start("example")
    assert case.row.status == "completed"
    with case.engine.reading() as session:
        file = session.scalars(sa.select(File)).one()
    assert "V/v họp giao ban" in papers.read(case.engine.store.get(file.sha256))


ELSEWHERE = {"no-drawing", "process-key", "too-hard", "no-time-left", "not-examined",
             "scenario-fails", "unknown-person", "template-fails", "unknown-register",
             "register-invalid", "register-columns", "register-column-gone",
             "register-entries-gone", "unknown-catalogue",
             "catalogue-invalid"}  # fmt: skip
"""Rules told in words that tests/engine/test_check_places, test_scenarios, check/test_running,
check/test_registers, check/test_catalogues and tests/app/papers bring about.
"""


def rules_of_forms() -> set[str]:
    """The rules that reading a form notes, out of its source: they stand in no table. Where a
    rule is called as the setting that it is about, those settings.
    """
    found = set(sense._CHOICES) | {"validationType", "key", "path"}
    for module in Path(sense.__file__).parent.glob("*.py"):
        for call in ast.walk(ast.parse(module.read_text())):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            called = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if called in ("note", "Finding") and isinstance(call.args[0], ast.Constant):
                found.add(call.args[0].value)
    return found


def test_the_rules_of_the_manual_are_those_that_a_finding_may_name():
    assert set(content.section("rules")) == set(RULES) | rules_of_forms()


def rules_named(module: Path) -> set[str]:
    """The rules that a module names where it tells of a finding; "*" stands for what a name is
    made of only when it runs.
    """
    named: set[str] = set()
    for call in ast.walk(ast.parse(module.read_text())):
        called = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
        if called not in ("found", "Finding"):
            continue
        given = [k.value for k in call.keywords if k.arg == "rule"]
        for rule in given or (call.args[1:2] if called == "found" else ()):
            parts = rule.values if isinstance(rule, ast.JoinedStr) else [rule]
            words = [getattr(part, "value", "*") for part in parts]
            named.add("".join(word if isinstance(word, str) else "*" for word in words))
    return named - {"*"}


def test_each_rule_that_the_code_names_has_its_page():
    """A finding of a rule that stands in no table would end a check; and its link nowhere."""
    modules = [m for place in (engine, app) for m in Path(place.__file__).parent.glob("**/*.py")]
    named = set().union(*map(rules_named, modules))
    keys = set(content.section("rules"))
    assert len(named) > 150
    assert [rule for rule in named if not fnmatch.filter(keys, rule)] == []


def test_each_rule_stands_under_a_heading():
    assert {entry.group for entry in content.section("rules").values()} <= set(pages.GROUPS)


def test_what_a_rule_tells_in_words_is_brought_about_by_another_test():
    in_words = {one.values[0].key for one in examples("rules") if "bad" not in one.values[1]}
    assert in_words == set(test_check_places.MADE) | ELSEWHERE


CODED = [one for one in examples("rules") if "bad" in one.values[1]]


@pytest.mark.parametrize(("entry", "example"), CODED)
def test_each_rule_finds_what_its_example_breaks(entry, example):
    findings = checked.findings(example, "bad", offered.catalogue())
    records = [f.record() for f in findings if f.rule == entry.key]
    assert records, sorted({f.rule for f in findings})
    assert example["element"] in {record["element"] or "" for record in records}
    assert all(record["message"].strip() and record["remedy"].strip() for record in records)


@pytest.mark.parametrize(("entry", "example"), CODED)
def test_each_rule_accepts_its_example_once_mended(entry, example):
    findings = checked.findings(example, "good", offered.catalogue())
    assert entry.key not in {f.rule for f in findings}
    assert [f.record() for f in findings if f.severity == "error"] == []
