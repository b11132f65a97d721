"""Style: the rules of bpmnlint's recommended set see the same here and in its Python edition."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from bpmn_io.bpmn_moddle import BpmnModdle
from bpmn_io.bpmn_moddle.simple import create_moddle
from bpmn_io.lint import Linter
from bpmn_io.lint.resolver import NodeResolver
from lxml import etree

from engine import bpmn_reader
from engine.check.document import Document, kind_of
from engine.check.picture import check_picture
from engine.check.rules.style import STYLE
from engine.check.style import check_style
from tests.engine.check import standard_cases, test_running
from tests.engine.check.drawn import (
    END,
    START,
    TASK,
    findings,
    flows,
    process,
    rules,
    whole,
)

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "processes/bpmn").glob("*.bpmn"))
NS = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
AFTER = {"documentation", "extensionElements", "incoming", "outgoing"}
GLOBAL = {"global-name", "global-unused", "global-twice"}

# What breaks a rule of the standard as well is told there, in these words.
STRICTER = {
    "ad-hoc-sub-process": {"ad-hoc-event"},
    "event-based-gateway": {"event-gateway-one-way", "condition-not-allowed"},
    "event-sub-process-typed-start-event": {"no-event"},
    "sub-process-blank-start-event": {"event-not-here"},
    "no-implicit-end": {"no-compensation"},
    "link-event": {"link-not-caught", "link-not-thrown", "link-caught-twice"},
}
UNDRAWN = {"no-bpmndi", "no-overlapping-elements"}
"""Rules that need a diagram, which the drawings of these tests do not have."""


def listed(content: str) -> bytes:
    """The file with the incoming and outgoing flows of each element, as editors write them."""
    root = etree.fromstring(whole(content) if not content.startswith("<definitions") else content)
    for flow in list(root.iter(f"{NS}sequenceFlow")):
        for end, name in (("targetRef", "incoming"), ("sourceRef", "outgoing")):
            for node in root.xpath("//*[@id=$key]", key=flow.get(end)):
                if flow.get("id") not in [c.text for c in node.findall(f"{NS}{name}")]:
                    before = sum(1 for c in node if kind_of(c) in AFTER - {"outgoing"})
                    added = etree.Element(f"{NS}{name}")
                    added.text = flow.get("id")
                    node.insert(before if name == "incoming" else _outgoing(node), added)
    return etree.tostring(root)


def _outgoing(node: etree._Element) -> int:
    return sum(1 for c in node if kind_of(c) in AFTER)


@cache
def moddle() -> BpmnModdle:
    return create_moddle()


@cache
def resolver() -> NodeResolver:
    """Finds each rule once: every search reads the names of all installed packages."""
    found = NodeResolver()
    found.resolve_rule = cache(found.resolve_rule)
    found.resolve_config = cache(found.resolve_config)
    return found


def linted(source: bytes) -> set[tuple[str, str]]:
    """(rule, element) as bpmnlint tells them.

    Each drawing has a linter of its own, because some rules remember what they have seen.
    """
    result = moddle().from_xml(source.decode())
    linter = Linter(config={"extends": "bpmnlint:recommended"}, resolver=resolver())
    reports = linter.lint(result.root_element)
    return {
        (rule, str(report.get("id") or ""))
        for rule, all_reports in reports.items()
        for report in all_reports
        if "rule-error" not in str(report.get("category"))
    }


def told(source: bytes) -> set[tuple[str, str]]:
    document = Document.of(bpmn_reader.parse_xml(source, "x.bpmn"), "x.bpmn")
    found = [*check_style(document), *check_picture(document)]
    return {("global" if f.rule in GLOBAL else f.rule, f.element or "") for f in found}


def drawings() -> Iterator[str]:
    for _rule, bad, good in [*standard_cases.CASES, *test_running.CASES]:
        yield bad
        yield good


BROKEN = {"unknown-element", "misplaced-element", "bad-id", "duplicate-id", "dangling-reference",
          "missing-attribute", "wrong-reference", "flow-crosses", "choreography-inside",
          "repeated-element", "flow-into-start", "default-elsewhere",
          "event-sub-process-flow", "flow-listed-wrongly"}  # fmt: skip
"""Drawings that break these are read differently, or not at all, by what bpmnlint stands on."""
READ_ALIKE = sorted(
    {
        d
        for _rule, d, _good in [*standard_cases.CASES, *test_running.CASES]
        if "<process" in whole(d)
        and not rules(d) & (BROKEN | {"bad-key", "bad-attribute"})
        # bpmnlint joins links by their names alone.
        and "<target>" not in d
        # It sees no association of a compensation event that is drawn inside a sub-process.
        and not ("<subProcess" in d and "<association" in d)
    }
)


@pytest.mark.parametrize("content", READ_ALIKE)
def test_a_drawing_is_advised_as_bpmnlint_advises(content):
    source = listed(content)
    theirs = {t for t in linted(source) if t[0] not in UNDRAWN}
    by_standard = {(f.element or "", f.rule) for f in findings(source.decode())}
    mine = {t for t in told(source) if not t[0].startswith("stray")}
    for rule, element in theirs - mine:
        assert any((element, other) in by_standard for other in STRICTER.get(rule, ())), (
            rule,
            element,
        )
    assert not mine - theirs


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_drawing_is_advised_as_bpmnlint_advises(path):
    assert told(path.read_bytes()) == linted(path.read_bytes()) == set()


DIAGRAM = (
    START + TASK + END + flows("s a e")
    + '</process><bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="p">{0}'
    "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
)  # fmt: skip


EDGE = '<bpmndi:BPMNEdge bpmnElement="{0}">{1}</bpmndi:BPMNEdge>'
POINT = '<di:waypoint x="1" y="2"/>'


def shape(element: str, x: int) -> str:
    bounds = f'<dc:Bounds x="{x}" y="100" width="100" height="80"/>'
    return f'<bpmndi:BPMNShape bpmnElement="{element}">{bounds}</bpmndi:BPMNShape>'


def pictured(*shapes: str) -> str:
    text = whole(DIAGRAM.replace("</process>", "").format("".join(shapes)))
    inside, _, picture = text.partition("<bpmndi:BPMNDiagram>")
    picture, _, end = picture.partition("</process>")
    return f"{inside}</process><bpmndi:BPMNDiagram>{picture}{end}"


@pytest.mark.parametrize(
    ("shapes", "rule", "elements"),
    [
        ((shape("s", 0), shape("a", 50)), "no-overlapping-elements", {"s", "a"}),
        ((shape("s", 0), shape("a", 200)), "no-overlapping-elements", set()),
        ((shape("s", 0), shape("a", 200)), "no-bpmndi", {"e", "s-a", "a-e"}),
        ((shape("t:s", 0), shape("t:a", 50)), "no-overlapping-elements", {"s", "a"}),
        ((shape("t:s", 0), shape("t:a", 200)), "no-bpmndi", {"e", "s-a", "a-e"}),
        ((shape("s", 0), shape("ghost", 200)), "stray-shape", {None}),
        ((shape("s", 0).replace('"100"', '"NaN"', 1), shape("a", 200)), "bad-shape", {"s"}),
        ((shape("s", 0).replace('"80"', '"-80"'), shape("a", 200)), "bad-shape", {"s"}),
        (('<bpmndi:BPMNShape bpmnElement="s"/>', shape("a", 200)), "bad-shape", {"s"}),
        ((EDGE.format("s-a", POINT + POINT), EDGE.format("a-e", POINT)), "bad-edge", {"a-e"}),
        ((EDGE.format("s", ""), shape("a-e", 0), shape("a", 0)), "shape-of-line", {"s", "a-e"}),
    ],
)
def test_the_diagram_is_looked_at(shapes, rule, elements):
    assert {f.element for f in findings(pictured(*shapes)) if f.rule == rule} == elements


@pytest.mark.parametrize(
    "faulty",
    [
        shape("s", 0).replace("<bpmndi:BPMNShape ", '<bpmndi:BPMNShape isHorizontal="maybe" '),
        shape("s", 0).replace("<bpmndi:BPMNShape ", '<bpmndi:BPMNShape foo="1" '),
        shape("s", 0).replace("<dc:", "<bpmndi:Nonsense/><dc:", 1),
        shape("s", 0).replace("</b", '<bpmndi:BPMNLabel labelStyle="none"/></b'),
        shape("s", 0).replace('x="0"', 'x="left"'),
        '<bpmndi:BPMNEdge bpmnElement="s-a" messageVisibleKind="zz"/>',
        '<bpmndi:BPMNEdge bpmnElement="s-a" sourceElement="nothing"/>',
        '</bpmndi:BPMNPlane><bpmndi:BPMNPlane bpmnElement="p">',
    ],
)
def test_what_no_editor_reads_in_a_diagram_is_advised_against(faulty):
    good = (
        '<bpmndi:BPMNShape id="S" bpmnElement="a" isExpanded="true" xmlns:bioc="urn:bioc" '
        'bioc:stroke="#000"><dc:Bounds x="-1.5" y="1e2" width="36" height="36"/>'
        "<bpmndi:BPMNLabel/></bpmndi:BPMNShape>"
        '<bpmndi:BPMNEdge bpmnElement="s-a" sourceElement="S" targetElement="a"/>'
    )
    assert "diagram-part" not in rules(pictured(good))
    told = [f for f in findings(pictured(good + faulty)) if f.rule == "diagram-part"]
    assert [f.severity for f in told] == ["warning"]


def test_a_message_may_be_used_by_its_qualified_name():
    used = '<process id="p"><receiveTask id="a" messageRef="t:M"/></process>'
    assert "global-unused" not in rules(used + '<message id="M" name="m"/>')


MORE = [
    ("superfluous-label",
     (START + TASK + END + flows("s a e")).replace('id="a-e"', 'id="a-e" name="on"')),
    ("no-legal-basis", START + END + flows("s e")),
    ("no-diagram", START + END + flows("s e")),
    ("global-name", "<process id='p'/><message id='M' name=' '/>"),
    ("global-unused", "<process id='p'/><message id='M' name='m'/>"),
    ("global-twice", "<process id='p'/><message id='M' name='m'/><message id='N' name='m'/>"),
    ("superfluous-termination",
     START + TASK + '<endEvent id="e"><terminateEventDefinition/></endEvent>' + flows("s a e")),
    ("single-blank-start-event", START + '<startEvent id="t"/>' + END + flows("s e", "t e")),
    ("single-event-definition",
     '<startEvent id="s"><signalEventDefinition/><timerEventDefinition/></startEvent>' + END
     + flows("s e")),
    ("no-gateway-join-fork",
     START + '<parallelGateway id="g"/><parallelGateway id="h"/>' + END
     + flows("s g h e", "g h", "h g")),
    ("no-duplicate-sequence-flows",
     START + TASK + END + flows("s a e") + '<sequenceFlow id="z" sourceRef="a" targetRef="e"/>'),
    ("no-inclusive-gateway", START + '<inclusiveGateway id="g"/>' + END + flows("s g e")),
    ("no-disconnected", START + END + flows("s e") + '<callActivity id="k"/><task id="a"/>'),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "content"), MORE)
def test_advice_is_given(rule, content):
    assert rule in {f.rule for f in findings(content)} | {r for r, _ in told(listed(content))}


def test_every_rule_of_style_is_drawn():
    seen = {f.rule for d in drawings() for f in findings(d)}
    seen |= {r for d in READ_ALIKE for r, _ in told(listed(d))}
    seen |= {rule for rule, _ in MORE} | {"no-bpmndi", "no-overlapping-elements", "stray-shape"}
    seen |= {"bad-shape", "bad-edge", "shape-of-line", "diagram-part"}
    assert set(STYLE) <= seen


@pytest.mark.parametrize("kind", ["inclusiveGateway", "complexGateway", "task", "parallelGateway"])
@pytest.mark.parametrize("condition", ["", "1 = n"])
def test_a_default_beside_a_flow_that_is_always_taken_is_told(kind, condition):
    when = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    content = process(
        START + f'<{kind} id="g" default="d"/><endEvent id="f"/>' + END + flows("s g")
        + f'<sequenceFlow id="c" sourceRef="g" targetRef="e">{when}</sequenceFlow>'
        + '<sequenceFlow id="d" sourceRef="g" targetRef="f"/>'
    )  # fmt: skip
    told = [f.element for f in findings(content) if f.rule == "default-unused"]
    assert told == (["d"] if not condition and kind != "parallelGateway" else [])
