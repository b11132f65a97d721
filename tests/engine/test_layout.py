"""A drawing without a diagram is laid out so that a person can read it."""

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from engine.bpmn import BPMN, BPMNDI
from engine.layout import DC, DI, with_diagram
from engine.layout.picture import Box
from tests.engine import drawings
from tests.engine.models import Writer, blocks

ROOT = Path(__file__).parents[2]

POOLS = f"""<definitions xmlns="{BPMN}" targetNamespace="x"><collaboration id="co">
  <participant id="people" name="Người dân"/><participant id="board" processRef="A"/>
  <participant id="office" processRef="B"/>
  <messageFlow id="m0" sourceRef="people" targetRef="s"/>
  <messageFlow id="m1" sourceRef="t2" targetRef="s2"/></collaboration>
<process id="A"><laneSet id="ls"><lane id="outer"><childLaneSet id="c">
    <lane id="desk"><flowNodeRef>s</flowNodeRef><flowNodeRef>t1</flowNodeRef></lane>
    <lane id="clerk"><flowNodeRef>t2</flowNodeRef></lane></childLaneSet></lane>
  <lane id="head"><flowNodeRef>t3</flowNodeRef><flowNodeRef>e</flowNodeRef></lane></laneSet>
  <startEvent id="s"/><userTask id="t1"/><userTask id="t2"/><userTask id="t3"/><endEvent id="e"/>
  <boundaryEvent id="b" attachedToRef="t1"/><sequenceFlow id="f6" sourceRef="b" targetRef="t3"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="t1"/>
  <sequenceFlow id="f2" sourceRef="t1" targetRef="t2"/>
  <sequenceFlow id="f3" sourceRef="t2" targetRef="t3"/>
  <sequenceFlow id="f4" sourceRef="t3" targetRef="e"/>
  <sequenceFlow id="f5" sourceRef="t3" targetRef="t1"/>
  <sequenceFlow id="f7" sourceRef="t2" targetRef="t2"/>
  <dataObjectReference id="paper"/><textAnnotation id="note"/>
  <association id="link" sourceRef="t1" targetRef="note"/></process>
<process id="B"><startEvent id="s2"/></process></definitions>"""


def shapes(text: str) -> dict[str, Box]:
    root = etree.fromstring(text.encode())
    found = {}
    for shape in root.iter(f"{{{BPMNDI}}}BPMNShape"):
        bounds = shape.find(f"{{{DC}}}Bounds")
        sides = [float(bounds.get(n)) for n in ("x", "y", "width", "height")]
        assert shape.get("bpmnElement") not in found
        found[shape.get("bpmnElement")] = Box(*sides)
    return found


def edges(text: str) -> dict[str, list[tuple[float, float]]]:
    root = etree.fromstring(text.encode())
    return {
        edge.get("bpmnElement"): [
            (float(p.get("x")), float(p.get("y"))) for p in edge.findall(f"{{{DI}}}waypoint")
        ]
        for edge in root.iter(f"{{{BPMNDI}}}BPMNEdge")
    }


def apart(one: Box, other: Box) -> bool:
    return (
        one.right <= other.x
        or other.right <= one.x
        or one.bottom <= other.y
        or other.bottom <= one.y
    )


def within(inner: Box, outer: Box) -> bool:
    return (
        outer.x <= inner.x
        and inner.right <= outer.right
        and outer.y <= inner.y
        and inner.bottom <= outer.bottom
    )


def crossed(edge: list[tuple[float, float]], box: Box) -> bool:
    """Whether an edge of right angles goes through the inside of a box."""
    for (x1, y1), (x2, y2) in pairwise(edge):
        low_x, high_x, low_y, high_y = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
        if low_x < box.right and high_x > box.x and low_y < box.bottom and high_y > box.y:
            return True
    return False


def assert_readable(text: str) -> None:
    """Every element has its place, none hides another, no flow runs through an element."""
    drawn, led = shapes(text), edges(text)
    root = etree.fromstring(text.encode())
    parents: dict[str, list[str]] = {}
    for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        assert len(led[flow.get("id")]) >= 2
        assert all(x >= 0 and y >= 0 for x, y in led[flow.get("id")])
    for element in root.iter(f"{{{BPMN}}}*"):
        if element.get("id") in drawn and not element.tag.endswith(("lane", "participant")):
            parent = element.getparent().get("id")
            parents.setdefault(parent, []).append(element.get("id"))
            if parent in drawn:
                assert within(drawn[element.get("id")], drawn[parent])
    borders = {e.get("id") for e in root.iter(f"{{{BPMN}}}boundaryEvent")}
    for inside in parents.values():
        solid = [i for i in inside if i not in borders]
        assert all(apart(drawn[a], drawn[b]) for a, b in combinations(solid, 2))
    for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        for other in parents.get(flow.getparent().get("id"), []):
            if other not in borders:
                assert not crossed(led[flow.get("id")], drawn[other]), (flow.get("id"), other)


@given(blocks())
@settings(max_examples=60, deadline=None)
def test_no_element_hides_another_and_no_flow_runs_through_one(block):
    writer = Writer()
    first, last = writer.write(block)
    lines = ["start s", *writer.lines, "end e", f"s > {first}", f"{last} > e"]
    assert_readable(with_diagram(drawings.text("\n".join(lines))))


@pytest.mark.parametrize("name", ["account-grant-internal", "account-close", "account-reopen"])
def test_names_of_events_on_borders_and_of_detours_are_crossed_by_no_flow(name):
    root = etree.fromstring((ROOT / "processes" / "bpmn" / f"{name}.bpmn").read_bytes())
    root.remove(root.find(f"{{{BPMNDI}}}BPMNDiagram"))
    text = with_diagram(etree.tostring(root, encoding="unicode"))
    led = edges(text)
    drawn = etree.fromstring(text.encode())
    flows = {flow.get("id") for flow in drawn.iter(f"{{{BPMN}}}sequenceFlow") if flow.get("name")}
    events = {event.get("id") for event in drawn.iter(f"{{{BPMN}}}boundaryEvent")}
    told = 0
    for label in drawn.iter(f"{{{BPMNDI}}}BPMNLabel"):
        owner = label.getparent().get("bpmnElement")
        bounds = label.find(f"{{{DC}}}Bounds")
        box = Box(*(float(bounds.get(side)) for side in ("x", "y", "width", "height")))
        told += owner in events
        if owner in events | flows:
            assert not [flow for flow, points in led.items() if crossed(points, box)], owner
    assert told == len(events)


def test_pools_lanes_and_lanes_inside_lanes_hold_what_belongs_to_them():
    drawn, led = shapes(with_diagram(POOLS)), edges(with_diagram(POOLS))
    assert within(drawn["outer"], drawn["board"])
    assert within(drawn["desk"], drawn["outer"])
    assert within(drawn["clerk"], drawn["outer"])
    for lane, members in {"desk": ["s", "t1"], "clerk": ["t2"], "head": ["t3", "e"]}.items():
        assert all(within(drawn[m], drawn[lane]) for m in members)
    pools = [drawn[p] for p in ("people", "board", "office")]
    assert all(apart(a, b) for a, b in combinations(pools, 2))
    assert len({p.width for p in pools}) == 1
    assert led["m1"][0] == (drawn["t2"].middle[0], drawn["t2"].bottom)
    assert led["m1"][-1] == (drawn["s2"].middle[0], drawn["s2"].y)
    assert_readable(with_diagram(POOLS))


def test_work_goes_from_left_to_right_and_a_return_goes_back():
    drawn, led = shapes(with_diagram(POOLS)), edges(with_diagram(POOLS))
    order = ["s", "t1", "t2", "t3", "e"]
    assert all(drawn[a].right < drawn[b].x for a, b in pairwise(order))
    assert led["f5"][0][0] > led["f5"][-1][0]


def test_artifacts_and_their_associations_are_drawn_in_the_pool():
    drawn, led = shapes(with_diagram(POOLS)), edges(with_diagram(POOLS))
    assert within(drawn["paper"], drawn["board"])
    assert within(drawn["note"], drawn["board"])
    lanes = [drawn[lane] for lane in ("outer", "head")]
    assert sum(lane.height for lane in lanes) == drawn["board"].height
    assert any(within(drawn["note"], lane) for lane in lanes)
    assert "link" in led


def test_what_comes_back_to_a_gateway_does_not_run_along_what_leaves_it():
    lines = "start s\nxor g\nuser again\nuser on\nend e\ns > g\ng > again : no\nagain > g\n"
    led = edges(with_diagram(drawings.text(lines + "g > on : default\non > e")))
    ends = [(points[0], points[-1]) for points in led.values()]
    assert not {start for start, _ in ends} & {end for _, end in ends}


def test_a_file_with_a_diagram_of_its_own_is_shown_as_it_is():
    shipped = (ROOT / "processes/bpmn/account-grant-internal.bpmn").read_text()
    assert with_diagram(shipped) is shipped


@pytest.mark.parametrize(
    "source", ["", "no xml", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']
)
def test_what_is_no_drawing_does_not_break_the_page(source):
    assert isinstance(with_diagram(source), str)


def test_dangling_flows_and_missing_ids_are_left_out():
    text = POOLS.replace('targetRef="t2"', 'targetRef="nobody"').replace('<userTask id="t2"/>', "")
    drawn = edges(with_diagram(text))
    assert "f2" not in drawn
    assert "f4" in drawn


def test_the_same_file_always_gives_the_same_picture():
    assert with_diagram(POOLS) == with_diagram(POOLS)


def test_two_thousand_tasks_are_laid_out_in_one_go():
    tasks = [f"t{i}" for i in range(2000)]
    lines = ["start s", *(f"user {t}" for t in tasks), "end e", " > ".join(["s", *tasks, "e"])]
    assert len(shapes(with_diagram(drawings.text("\n".join(lines))))) == 2002


GROUPED = f"""<definitions xmlns="{BPMN}" xmlns:q="x" targetNamespace="x">
<category id="c"><categoryValue id="v" value="Tiếp nhận"/></category><process id="A">
  <startEvent id="s"/>
  <userTask id="t"><categoryValueRef>q:v</categoryValueRef></userTask>
  <subProcess id="p">
    <userTask id="u"><categoryValueRef>v</categoryValueRef></userTask></subProcess>
  <endEvent id="e"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="t"/>
  <sequenceFlow id="f2" sourceRef="t" targetRef="p"/>
  <sequenceFlow id="f3" sourceRef="p" targetRef="e"/>
  <group id="g" categoryValueRef="q:v"/><group id="empty"/></process></definitions>"""


def test_a_group_frames_the_elements_of_its_category():
    drawn = shapes(with_diagram(GROUPED))
    frame = drawn["g"]
    for inside in (drawn["t"], drawn["u"]):
        assert frame.x < inside.x and inside.right < frame.right
        assert frame.y < inside.y and inside.bottom < frame.bottom
    assert drawn["s"].right < frame.x and frame.right < drawn["e"].x
    # What belongs to no element stands where nothing else does.
    assert drawn["empty"].y > max(box.bottom for key, box in drawn.items() if key != "empty")


@pytest.mark.parametrize(
    ("collaboration", "plane", "pools"),
    [
        ('<collaboration id="co"><correlationKey id="k"/></collaboration>', "A", 0),
        ('<collaboration id="co"><participant id="p"/></collaboration>', "co", 2),
        ('<collaboration id="co"/><collaboration id="c2"><participant id="p" processRef="A"/>'
         "</collaboration>", "c2", 1),
    ],
)  # fmt: skip
def test_a_process_is_drawn_whatever_collaboration_its_file_has(collaboration, plane, pools):
    drawn = with_diagram(
        f'<definitions xmlns="{BPMN}" targetNamespace="x">{collaboration}'
        '<process id="A" name="One"><startEvent id="s"/></process></definitions>'
    )
    root = etree.fromstring(drawn.encode())
    assert root.find(f".//{{{BPMNDI}}}BPMNPlane").get("bpmnElement") == plane
    assert "s" in shapes(drawn)
    assert len(shapes(drawn)) == pools + 1
    assert {p.get("id") for p in root.iter(f"{{{BPMN}}}participant")} == {*shapes(drawn)} - {"s"}
