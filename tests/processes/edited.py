"""Files as Camunda Modeler writes them, with its own additions, for the tests of round trips."""

from __future__ import annotations

import json

from tests.engine.forms.files import EDITED, FRAME

DRAWING = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:modeler="http://camunda.org/schema/modeler/1.0"
  xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0"
  xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0"
  id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn" exporter="Camunda Modeler"
  exporterVersion="5.40.0" modeler:executionPlatform="Camunda Platform"
  modeler:executionPlatformVersion="7.23.0">
  <bpmn:process id="edited" name="Đề nghị" isExecutable="true" camunda:historyTimeToLive="180">
    <bpmn:documentation>Dòng một &amp; hai</bpmn:documentation>
    <bpmn:startEvent id="StartEvent_1" camunda:initiator="who"><bpmn:outgoing>Flow_1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="Task_1" name="Xem &lt;hồ sơ&gt;&#10;và ký" camunda:formRef="edited/all" camunda:formRefBinding="latest" camunda:modelerTemplate="org.example.Ask" camunda:asyncBefore="true">
      <bpmn:extensionElements>
        <camunda:properties><camunda:property name="legal_basis" value="HP-8.5a" /></camunda:properties>
        <camunda:taskListener class="org.example.Listener" event="create" />
      </bpmn:extensionElements>
      <bpmn:incoming>Flow_1</bpmn:incoming><bpmn:outgoing>Flow_2</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:exclusiveGateway id="Gateway_1" default="Flow_3"><bpmn:incoming>Flow_2</bpmn:incoming><bpmn:outgoing>Flow_3</bpmn:outgoing><bpmn:outgoing>Flow_4</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:endEvent id="End_1"><bpmn:incoming>Flow_3</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="End_2"><bpmn:incoming>Flow_4</bpmn:incoming><bpmn:terminateEventDefinition id="T_1" /></bpmn:endEvent>
    <bpmn:sequenceFlow id="Flow_1" sourceRef="StartEvent_1" targetRef="Task_1" />
    <bpmn:sequenceFlow id="Flow_2" sourceRef="Task_1" targetRef="Gateway_1" />
    <bpmn:sequenceFlow id="Flow_3" sourceRef="Gateway_1" targetRef="End_1" />
    <bpmn:sequenceFlow id="Flow_4" name="Không" sourceRef="Gateway_1" targetRef="End_2"><bpmn:conditionExpression xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="bpmn:tFormalExpression">=a &lt; 1 and b = "x"</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:textAnnotation id="Note_1"><bpmn:text>Ghi chú</bpmn:text></bpmn:textAnnotation>
    <bpmn:association id="A_1" associationDirection="None" sourceRef="Task_1" targetRef="Note_1" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_1"><bpmndi:BPMNPlane id="Plane_1" bpmnElement="edited">
    <bpmndi:BPMNShape id="S_1" bpmnElement="StartEvent_1"><dc:Bounds x="100" y="100" width="36" height="36" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="S_2" bpmnElement="Task_1" bioc:stroke="#0d4372" bioc:fill="#bbdefb" color:background-color="#bbdefb" color:border-color="#0d4372"><dc:Bounds x="200" y="78" width="100" height="80" /><bpmndi:BPMNLabel /></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="E_1" bpmnElement="Flow_1"><di:waypoint x="136" y="118" /><di:waypoint x="200" y="118" /></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""  # noqa: E501 - a drawing, one element a line

TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
  xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
  xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/"
  xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0"
  xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="Definitions_2" name="DRD"
  namespace="http://camunda.org/schema/1.0/dmn" exporter="Camunda Modeler" exporterVersion="5.40.0"
  modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.23.0">
  <decision id="fee" name="Lệ phí">
    <decisionTable id="Table_1" hitPolicy="FIRST" biodi:annotationsWidth="400">
      <input id="Input_1" label="Số ngày" biodi:width="192"><inputExpression id="X_1" typeRef="number"><text>days</text></inputExpression></input>
      <output id="Output_1" label="Lệ phí" name="fee" typeRef="number" />
      <rule id="Rule_1"><description>Ngắn ngày</description><inputEntry id="U_1"><text>&lt; 5</text></inputEntry><outputEntry id="L_1"><text>10000</text></outputEntry></rule>
      <rule id="Rule_2"><inputEntry id="U_2"><text></text></inputEntry><outputEntry id="L_2"><text>20000 + days * 2</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram id="D_1"><dmndi:DMNShape id="DS_1" dmnElementRef="fee"><dc:Bounds height="80" width="180" x="160" y="100" /></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>
"""  # noqa: E501 - a table, one rule a line

FORM = json.dumps(
    {**FRAME, "components": [{"id": f"Field_{n}", **each} for n, each in enumerate(EDITED)]},
    ensure_ascii=False,
)
FILES = {"edited.bpmn": DRAWING, "edited.dmn": TABLE, "all.form": FORM}
