"""A small procedure for page tests: an official asks for stationery, the head decides.

"Lập đề nghị" (the initiator), "Duyệt đề nghị" (heads of the unit, due in 2 working days), then
granted, or back to the initiator. The initiator may withdraw while the head has it.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from flask import Flask

from engine import Bundle, Engine, Moved
from engine.tables import Task
from tests import worlds
from tests.cases import is_deployed
from tests.pages import actor_of
from tests.worlds import Character

KEY = "stationery-request"

DRAWING = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="Definitions" targetNamespace="http://quytrinh">
<bpmn:message id="Message_Withdraw" name="withdraw" />
<bpmn:process id="stationery-request" name="Đề nghị văn phòng phẩm" isExecutable="true">
  <bpmn:extensionElements><camunda:properties>
    <camunda:property name="legal_basis" value="HP-8.4a; QN-6.5" />
    <camunda:property name="name_en" value="Stationery request" />
    <camunda:property name="description" value="Đề nghị cấp văn phòng phẩm cho đơn vị." />
    <camunda:property name="description_en" value="Ask for stationery for the unit." />
    <camunda:property name="code_prefix" value="VPP" />
    <camunda:property name="title" value="if item = null then &quot;Đề nghị mới&quot; else &quot;Đề nghị: &quot; + item" />
    <camunda:property name="due" value="working_days(5, case.started_at)" />
    <camunda:property name="columns" value="item:text, quantity:number" />
  </camunda:properties></bpmn:extensionElements>
  <bpmn:startEvent id="Event_Start" name="Có nhu cầu"><bpmn:outgoing>F1</bpmn:outgoing></bpmn:startEvent>
  <bpmn:userTask id="Task_Draft" name="Lập đề nghị" camunda:assignee="=initiator" camunda:formKey="stationery-request/draft">
    <bpmn:extensionElements><camunda:properties>
      <camunda:property name="legal_basis" value="HP-8.4a" /><camunda:property name="name_en" value="Draft the request" />
    </camunda:properties></bpmn:extensionElements>
    <bpmn:incoming>F1</bpmn:incoming><bpmn:incoming>F4</bpmn:incoming><bpmn:outgoing>F2</bpmn:outgoing>
  </bpmn:userTask>
  <bpmn:userTask id="Task_Decide" name="Duyệt đề nghị" camunda:candidateGroups="truong-phong@unit" camunda:dueDate="working_days(2)" camunda:formKey="stationery-request/decide">
    <bpmn:extensionElements><camunda:properties>
      <camunda:property name="legal_basis" value="HP-8.5a" /><camunda:property name="name_en" value="Decide on the request" />
      <camunda:property name="separate_from" value="Task_Draft" />
    </camunda:properties></bpmn:extensionElements>
    <bpmn:incoming>F2</bpmn:incoming><bpmn:outgoing>F3</bpmn:outgoing>
  </bpmn:userTask>
  <bpmn:boundaryEvent id="Event_Withdraw" name="Rút đề nghị" attachedToRef="Task_Decide">
    <bpmn:extensionElements><camunda:properties>
      <camunda:property name="legal_basis" value="HP-8.4a" />
      <camunda:property name="sender" value="=initiator" /><camunda:property name="label" value="Rút đề nghị" />
      <camunda:property name="label_en" value="Withdraw the request" /><camunda:property name="form" value="stationery-request/withdraw" />
    </camunda:properties></bpmn:extensionElements>
    <bpmn:outgoing>F6</bpmn:outgoing><bpmn:messageEventDefinition id="M1" messageRef="Message_Withdraw" />
  </bpmn:boundaryEvent>
  <bpmn:exclusiveGateway id="Decision" name="Đồng ý?" default="F4">
    <bpmn:extensionElements><camunda:properties><camunda:property name="legal_basis" value="HP-8.5a" /></camunda:properties></bpmn:extensionElements>
    <bpmn:incoming>F3</bpmn:incoming><bpmn:outgoing>F4</bpmn:outgoing><bpmn:outgoing>F5</bpmn:outgoing>
  </bpmn:exclusiveGateway>
  <bpmn:endEvent id="Granted" name="Đã cấp"><bpmn:incoming>F5</bpmn:incoming></bpmn:endEvent>
  <bpmn:endEvent id="Withdrawn" name="Đã rút"><bpmn:incoming>F6</bpmn:incoming></bpmn:endEvent>
  <bpmn:sequenceFlow id="F1" sourceRef="Event_Start" targetRef="Task_Draft" />
  <bpmn:sequenceFlow id="F2" sourceRef="Task_Draft" targetRef="Task_Decide" />
  <bpmn:sequenceFlow id="F3" sourceRef="Task_Decide" targetRef="Decision" />
  <bpmn:sequenceFlow id="F4" name="Trả lại" sourceRef="Decision" targetRef="Task_Draft" />
  <bpmn:sequenceFlow id="F5" name="Đồng ý" sourceRef="Decision" targetRef="Granted"><bpmn:conditionExpression>=decision = "grant"</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="F6" sourceRef="Event_Withdraw" targetRef="Withdrawn" />
</bpmn:process>
<bpmndi:BPMNDiagram id="D"><bpmndi:BPMNPlane id="P" bpmnElement="stationery-request">
  <bpmndi:BPMNShape id="s1" bpmnElement="Event_Start"><dc:Bounds x="100" y="100" width="36" height="36" /></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="s2" bpmnElement="Task_Draft"><dc:Bounds x="200" y="78" width="100" height="80" /></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="s3" bpmnElement="Task_Decide"><dc:Bounds x="370" y="78" width="100" height="80" /></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="s4" bpmnElement="Event_Withdraw"><dc:Bounds x="402" y="140" width="36" height="36" /></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="s5" bpmnElement="Decision" isMarkerVisible="true"><dc:Bounds x="545" y="93" width="50" height="50" /></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="s6" bpmnElement="Granted"><dc:Bounds x="672" y="100" width="36" height="36" /></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="s7" bpmnElement="Withdrawn"><dc:Bounds x="402" y="232" width="36" height="36" /></bpmndi:BPMNShape>
  <bpmndi:BPMNEdge id="e1" bpmnElement="F1"><di:waypoint x="136" y="118" /><di:waypoint x="200" y="118" /></bpmndi:BPMNEdge>
  <bpmndi:BPMNEdge id="e2" bpmnElement="F2"><di:waypoint x="300" y="118" /><di:waypoint x="370" y="118" /></bpmndi:BPMNEdge>
  <bpmndi:BPMNEdge id="e3" bpmnElement="F3"><di:waypoint x="470" y="118" /><di:waypoint x="545" y="118" /></bpmndi:BPMNEdge>
  <bpmndi:BPMNEdge id="e4" bpmnElement="F4"><di:waypoint x="570" y="93" /><di:waypoint x="570" y="40" /><di:waypoint x="250" y="40" /><di:waypoint x="250" y="78" /></bpmndi:BPMNEdge>
  <bpmndi:BPMNEdge id="e5" bpmnElement="F5"><di:waypoint x="595" y="118" /><di:waypoint x="672" y="118" /></bpmndi:BPMNEdge>
  <bpmndi:BPMNEdge id="e6" bpmnElement="F6"><di:waypoint x="420" y="176" /><di:waypoint x="420" y="232" /></bpmndi:BPMNEdge>
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""  # noqa: E501 - a drawing, one element a line


def _form(*components: dict[str, Any]) -> str:
    parts = [{"id": f"Field_{n}", **one} for n, one in enumerate(components)]
    return json.dumps(
        {"type": "default", "schemaVersion": 16, "id": "form", "components": parts},
        ensure_ascii=False,
    )


DRAFT = _form(
    {
        "type": "textfield",
        "key": "item",
        "label": "Tên đồ dùng",
        "validate": {"required": True},
        "properties": {"label_en": "Item"},
    },
    {
        "type": "number",
        "key": "quantity",
        "label": "Số lượng",
        "validate": {"required": True, "min": 1},
        "properties": {"label_en": "Quantity"},
    },
    {
        "type": "filepicker",
        "key": "quote",
        "label": "Báo giá",
        "multiple": True,
        "accept": ".pdf, .png",
        "properties": {"label_en": "Quotations"},
    },
    {
        "type": "button",
        "action": "submit",
        "label": "Gửi đề nghị",
        "properties": {"label_en": "Send the request"},
    },
)

DECIDE = _form(
    {
        "type": "textfield",
        "key": "item",
        "label": "Tên đồ dùng",
        "readonly": True,
        "properties": {"label_en": "Item"},
    },
    {
        "type": "radio",
        "key": "decision",
        "label": "Quyết định",
        "values": [
            {"label": "Đồng ý", "value": "grant"},
            {"label": "Trả lại", "value": "return"},
        ],
        "validate": {"required": True},
        "properties": {
            "label_en": "Decision",
            "value_en.grant": "Grant",
            "value_en.return": "Return",
            "choice_note.grant": "Văn thư nhận phiếu cấp ngay.",
        },
    },
    {
        "type": "textarea",
        "key": "remark",
        "label": "Ý kiến",
        "conditional": {"hide": '=decision != "return"'},
        "validate": {"required": True},
        "properties": {"label_en": "Remark"},
    },
)

WITHDRAW = _form(
    {
        "type": "textarea",
        "key": "withdrawal_reason",
        "label": "Lý do rút",
        "validate": {"required": True},
        "properties": {"label_en": "Reason"},
    },
)


def bundle(drawing: str = DRAWING) -> Bundle:
    """The procedure as a process owner would upload it."""
    return Bundle(
        KEY,
        {
            f"processes/bpmn/{KEY}.bpmn": drawing,
            f"forms/{KEY}/draft.form": DRAFT,
            f"forms/{KEY}/decide.form": DECIDE,
            f"forms/{KEY}/withdraw.form": WITHDRAW,
        },
    )


class Requests:
    """Requests for stationery, started and decided by the characters."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.engine: Engine = app.extensions["engine"]
        if not is_deployed(self.engine, KEY):
            owner = actor_of(app, worlds.owner)
            self.engine.deploy(bundle(), actor=owner, legal_basis=worlds.BASIS)

    def start(self, as_: Character = worlds.clerk) -> Moved:
        """A new request, whose draft its starter holds."""
        return self.engine.start(KEY, None, actor=actor_of(self.app, as_))

    def send(self, item: str = "Giấy A4", as_: Character = worlds.clerk) -> int:
        """A request that waits for the head; the id of the head's task."""
        started = self.start(as_)
        posted = {"item": item, "quantity": "5"}
        self.engine.complete(started.tasks[0], posted, actor=actor_of(self.app, as_))
        return self.task("Duyệt đề nghị", started.case_id)

    def task(self, name: str, case_id: int) -> int:
        """The id of the case's open task of that name."""
        query = sa.select(Task.id).where(Task.case_id == case_id, Task.name == name)
        with self.engine.reading() as session:
            return session.scalars(query.where(Task.status == "open")).one()

    def case_of(self, task_id: int) -> int:
        """The id of the task's case."""
        with self.engine.reading() as session:
            return session.get_one(Task, task_id).case_id

    def claim(self, task_id: int, as_: Character) -> None:
        """The task is the character's."""
        self.engine.claim(task_id, actor=actor_of(self.app, as_))

    def complete(self, task_id: int, as_: Character, **posted: str) -> Moved:
        """The task is done by the character."""
        return self.engine.complete(task_id, posted, actor=actor_of(self.app, as_))
