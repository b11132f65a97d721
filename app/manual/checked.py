"""The examples of rules as files, and what checking says of them: never written, always asked.

An example shows `bad` and `good`. A text that is not a whole file is put into one: flow elements
into a process, processes and what else stands beside them into definitions, components into a
form, decisions into their definitions. `beside` holds further files by path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.bpmn import BPMN, BPMNDI, CAMUNDA
from engine.check import Catalogue, Files, Finding, Purpose, check_all

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_ENDS = {"bpmn": "bpmn", "dmn": "dmn", "form": "form", "text": "txt"}
_ROOTS = re.compile(
    r"<(process|collaboration|choreography|globalConversation|import|itemDefinition|message|signal"
    r"|error|escalation|messageEventDefinition|interface|correlationProperty|extension"
    r"|bpmndi:BPMNDiagram)\b"
)


def path(example: Mapping[str, Any]) -> str:
    """What the example's file is called."""
    return f"example.{_ENDS[example.get('file', 'bpmn')]}"


def text(example: Mapping[str, Any], which: str) -> str:
    """The whole file of the example's `bad` or `good`."""
    body: str = example[which].strip()
    kind = example.get("file", "bpmn")
    if kind == "form":
        whole = f'{{"type": "default", "id": "example", "components": [\n{body}\n]}}'
        return body if example.get("whole") else whole
    if kind == "dmn" and not body.startswith("<definitions"):
        return (
            f'<definitions xmlns="{DMN}" id="example" name="example" namespace="http://example.vn">'
            f"\n{body}\n</definitions>"
        )
    if kind != "bpmn" or example.get("whole") or body.startswith("<definitions"):
        return body
    if not _ROOTS.match(body):
        body = f'<process id="example" isExecutable="true">\n{body}\n</process>'
    return (
        f'<definitions xmlns="{BPMN}" xmlns:camunda="{CAMUNDA}" xmlns:bpmndi="{BPMNDI}"'
        ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
        ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        f' targetNamespace="http://example.vn">\n{body}\n</definitions>'
    )


def findings(example: Mapping[str, Any], which: str, known: Catalogue) -> list[Finding]:
    """What checking says of the example's `bad` or `good`, as for a deploy."""
    beside = {name: body.encode() for name, body in example.get("beside", {}).items()}
    name = path(example)
    files = Files(
        {name: text(example, which).encode(), **beside}, lambda _path, place: beside.get(place)
    )
    return [f for f in check_all(files, lambda: known, Purpose()) if f.file == name]
