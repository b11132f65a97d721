"""A process owner changes a process by its files alone; what runs goes on as it began."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from app import config
from engine import Bundle
from engine.forms import FormErrors
from engine.tables import Case, Version
from tests.app.studio.uploads import propose, said
from tests.processes import test_report_submission as reports
from tests.processes.test_report_submission import AD_HOC, CHECK, KEY, RECEIVE, SIGN, WRITE
from tests.worlds import chief, clerk, director, leader, office, owner

database_url = reports.database_url
keys = reports.keys
MORE = "Lãnh đạo Ban duyệt"
SUM = 1000
"""Above it the leadership approves too, in thousand millions of đồng."""

NODES = """<bpmn:exclusiveGateway id="Gateway_Sum" name="Trên mức?" default="Flow_Small">
        <bpmn:extensionElements><camunda:properties>
          <camunda:property name="legal_basis" value="QN-7.3a" />
          <camunda:property name="name_en" value="Above the sum?" />
        </camunda:properties></bpmn:extensionElements>
        <bpmn:incoming>Flow_Judged</bpmn:incoming>
        <bpmn:outgoing>Flow_Small</bpmn:outgoing><bpmn:outgoing>Flow_Great</bpmn:outgoing>
      </bpmn:exclusiveGateway>
      <bpmn:userTask id="Task_More" name="Lãnh đạo Ban duyệt" camunda:formRef="report-submission/more"
        camunda:formRefBinding="deployment" camunda:candidateGroups="lanh-dao-ban@parent(requester_unit)">
        <bpmn:extensionElements><camunda:properties>
          <camunda:property name="legal_basis" value="QN-7.3a" />
          <camunda:property name="name_en" value="Approval by the leadership" />
          <camunda:property name="duty" value="approve" />
        </camunda:properties><camunda:inputOutput>
          <camunda:outputParameter name="decision">=if more.choice = "return" then more else decision</camunda:outputParameter>
        </camunda:inputOutput></bpmn:extensionElements>
        <bpmn:incoming>Flow_Great</bpmn:incoming><bpmn:outgoing>Flow_More</bpmn:outgoing>
      </bpmn:userTask>
      <bpmn:endEvent id="End_More" name="Đã duyệt thêm">
        <bpmn:extensionElements><camunda:properties>
          <camunda:property name="legal_basis" value="QN-7.3a" />
          <camunda:property name="name_en" value="Approved too" />
        </camunda:properties></bpmn:extensionElements>
        <bpmn:incoming>Flow_More</bpmn:incoming>
      </bpmn:endEvent>
      <bpmn:sequenceFlow id="Flow_Small" sourceRef="Gateway_Sum" targetRef="End_Judged" />
      <bpmn:sequenceFlow id="Flow_Great" name="Trên mức" sourceRef="Gateway_Sum" targetRef="Task_More">
        <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=decision.choice = "approve" and sum(for row in report.rows return row.value) &gt; 1000</bpmn:conditionExpression>
      </bpmn:sequenceFlow>
      <bpmn:sequenceFlow id="Flow_More" sourceRef="Task_More" targetRef="End_More" />
      """  # noqa: E501 - as Camunda Modeler writes it
PLACES = "".join(
    f'<bpmndi:BPMNShape id="{one}_di" bpmnElement="{one}">'
    f'<dc:Bounds x="{x}" y="{y}" width="{w}" height="{h}" /></bpmndi:BPMNShape>'
    for one, x, y, w, h in (
        ("Gateway_Sum", 970, 155, 50, 50),
        ("Task_More", 870, 205, 90, 60),
        ("End_More", 870, 290, 36, 36),
    )
) + "".join(
    f'<bpmndi:BPMNEdge id="{one}_di" bpmnElement="{one}">'
    f'<di:waypoint x="{x}" y="{y}" /><di:waypoint x="{to_x}" y="{to_y}" /></bpmndi:BPMNEdge>'
    for one, x, y, to_x, to_y in (
        ("Flow_Small", 970, 180, 948, 180),
        ("Flow_Great", 995, 205, 960, 235),
        ("Flow_More", 888, 265, 888, 290),
    )
)


def drawing() -> str:
    """A further approval above a sum, and one working day instead of three to check."""
    text = Bundle.read(config.ROOT, KEY).drawing
    for before, after in (
        ('<bpmn:endEvent id="End_Judged"', f'{NODES}<bpmn:endEvent id="End_Judged"'),
        ("<bpmn:incoming>Flow_Judged<", "<bpmn:incoming>Flow_Small<"),
        (
            'id="Flow_Judged" sourceRef="Task_Approve" targetRef="End_Judged"',
            'id="Flow_Judged" sourceRef="Task_Approve" targetRef="Gateway_Sum"',
        ),
        ("<bpmn:flowNodeRef>End_Judged<", f"{LANES}<bpmn:flowNodeRef>End_Judged<"),
        ('deadline: working_days(setting("reports.check.working_days"))', DEADLINE),
        ("</bpmndi:BPMNPlane>", f"{PLACES}</bpmndi:BPMNPlane>"),
    ):
        head, found, tail = text.rpartition(before)
        assert found, before
        text = f"{head}{after}{tail}"
    return text


LANES = "".join(
    f"<bpmn:flowNodeRef>{one}</bpmn:flowNodeRef>"
    for one in ("Gateway_Sum", "Task_More", "End_More")
)
DEADLINE = "deadline: working_days(1)"


def forms() -> list[tuple[str, str]]:
    """A field more in the request, and the form of the new approval."""
    files = Bundle.read(config.ROOT, KEY).files
    draft = json.loads(files[f"forms/{KEY}/draft.form"])
    what = next(one for one in draft["components"] if one["id"] == "what")
    what["components"].append({
        "id": "contact", "type": "textfield", "label": "Người liên hệ", "key": "request.contact",
        "validate": {"required": True}, "properties": {"label_en": "Contact"},
    })  # fmt: skip
    more = json.loads(files[f"forms/{KEY}/decide.form"])
    more["id"] = "report-submission-more"
    keep = {"what", "figures", "choice", "reason", "send"}
    more["components"] = [one for one in more["components"] if one["id"] in keep]
    return [("draft.form", json.dumps(draft)), ("more.form", again(more))]


def again(form: dict[str, Any]) -> str:
    return json.dumps(form, ensure_ascii=False).replace("decision.", "more.")


def examples() -> tuple[str, str]:
    """The shipped good example, with the new field, below the sum and above it."""
    shipped = json.loads(Bundle.read(config.ROOT, KEY).files[f"processes/scenarios/{KEY}.json"])
    small = shipped["Tự lập, ký số, gửi, được duyệt"]
    small[1]["data"]["request"]["contact"] = "Phạm Thị Anh"
    great = json.loads(json.dumps(small))
    great[0]["given"]["parent"]["vp"] = "ban"
    great[4]["data"]["report"]["rows"][1]["value"] = 3500
    great[7]["open"] = [MORE]
    approval = {"complete": MORE, "as": "leader", "data": {"more": {"choice": "approve"}}}
    great[8:8] = [approval]
    both = {"Dưới mức": small, "Trên mức thì lãnh đạo duyệt": great}
    return f"{KEY}.json", json.dumps(both, ensure_ascii=False)


def sent(case: Any, request: dict[str, Any]) -> int:
    """A report over the sum lies with the Office."""
    reports.asked(case, request)
    case.complete(RECEIVE, clerk, received={"choice": "self"})
    reports.sent(case, 2 * SUM)
    assert case.waits_at(CHECK)
    return int(case.id)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_old_cases_end_on_the_old_drawing_and_new_ones_on_the_new(case, keys, page, clock):
    old = sent(case, AD_HOC)
    half_way = case.start(KEY, office, unit="vp").case_id
    window = page.as_(owner)
    place = propose(window, (f"{KEY}.bpmn", drawing()), *forms(), examples(), key=KEY)
    words = said(window.get(place).text)
    assert "2 trên 2 tình huống đạt" in words
    assert "Người liên hệ" in words and MORE in words
    answer = window.post(f"{place}/deploy", {"legal_basis": "QĐ 15/QĐ-BQL"})
    assert answer.status_code == 303

    case.id = half_way
    case.complete("Giao báo cáo", office, request=AD_HOC)
    case.id = old
    days = (case.row.due_at - case.engine.clock()).days
    case.complete(CHECK, chief, decision={"choice": "approve"})
    assert case.waits_at()

    with pytest.raises(FormErrors) as refused:
        reports.asked(case, AD_HOC)
    assert list(refused.value.errors) == ["request.contact"]
    new = sent(case, {**AD_HOC, "contact": "Phạm Thị Anh"})
    assert (case.row.due_at - case.engine.clock()).days < days
    case.complete(CHECK, chief, decision={"choice": "approve"})
    assert case.waits_at(MORE)
    case.complete(MORE, director, more={"choice": "return", "reason": "Cần đối chiếu lại vốn."})
    assert case.waits_at(WRITE)
    case.complete(WRITE, clerk, report=reports.written(2 * SUM))
    case.complete(SIGN, leader, sign={"choice": "sign"})
    case.complete(CHECK, chief, decision={"choice": "approve"})
    case.complete(MORE, director, more={"choice": "approve"})

    clock.advance(days=420)
    case.tick()
    assert ran(case, old, half_way, new) == [
        (1, "Báo cáo đã duyệt"), (1, None), (2, "Báo cáo đã duyệt"),
    ]  # fmt: skip
    assert all(verdict.holds for verdict in case.engine.verify_all())


def ran(case: Any, *ids: int) -> list[tuple[int, str | None]]:
    """On which version each case runs, and how it ended."""
    query = sa.select(Case.id, Version.number, Case.outcome).join(Version)
    with case.engine.reading() as session:
        found = {row.id: (row.number, row.outcome) for row in session.execute(query)}
    return [found[one] for one in ids]
