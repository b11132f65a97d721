"""Drawings for the rules of check, written as BPMN with the flows between their elements."""

from __future__ import annotations

import re

from engine.check import Catalogue, Files, Finding, Purpose, check_all

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:t" '
    'xmlns:t="urn:t" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI">'
)
FORMAL = 'xsi:type="tFormalExpression"'
START, TASK, END = '<startEvent id="s"/>', '<task id="a"/>', '<endEvent id="e"/>'
KNOWN = Catalogue(
    functions=frozenset({"head_of"}),
    groups=frozenset({"van-thu"}),
    people=frozenset({"an", "binh"}),
    duties=frozenset({"request", "approve"}),
    permissions=frozenset({"people.view"}),
)


def flows(*chains: str) -> str:
    """Sequence flows: "s a e" joins s to a and a to e, with ids s-a and a-e."""
    pairs = [pair for chain in chains for pair in zip(chain.split(), chain.split()[1:])]  # noqa: B905
    return "".join(
        f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs
    )


def one(element: str) -> str:
    """A process with one element, whose id is a."""
    return START + element + END + flows("s a e")


def process(body: str, *, key: str = "p", more: str = 'isExecutable="true"') -> str:
    return f'<process id="{key}" {more}>{body}</process>'


def whole(content: str) -> str:
    """A file: what is no process yet becomes one."""
    if not re.match(r"<(process|collaboration|choreography|global|import)", content):
        content = process(content)
    return f"{HEAD}{content}</definitions>"


def findings(content: str, *, purpose: Purpose | None = None, **files: bytes) -> list[Finding]:
    """All findings about one drawing that is looked at by itself."""
    text = content if content.startswith("<definitions") else whole(content)
    given = {"x.bpmn": text.encode(), **files}
    wanted = purpose or Purpose(is_deployed=False)
    return check_all(Files(given), lambda: KNOWN, wanted)


def rules(content: str, *, purpose: Purpose | None = None) -> set[str]:
    return {f.rule for f in findings(content, purpose=purpose)}


def errors(content: str, *, purpose: Purpose | None = None) -> set[str]:
    return {f.rule for f in findings(content, purpose=purpose) if f.severity == "error"}


POOLS = (
    '<collaboration id="c"><participant id="A" processRef="p"/>'
    '<participant id="B" processRef="q"/>{0}</collaboration>'
    + process('<startEvent id="s"><messageEventDefinition/></startEvent><sendTask id="a"/>'
              '<endEvent id="e"/>' + flows("s a e"), more="")
    + process('<startEvent id="t"/><receiveTask id="b"/><intermediateThrowEvent id="i">'
              '<messageEventDefinition/></intermediateThrowEvent><endEvent id="f"/>'
              + flows("t b i f"), key="q", more="")
)  # fmt: skip


IO = (
    START + '<{2} id="a"{3}><ioSpecification><dataInput id="in"{0}/><dataOutput id="out"/>'
    "<inputSet>{1}</inputSet><outputSet><dataOutputRefs>out</dataOutputRefs></outputSet>"
    "</ioSpecification></{2}>" + END + flows("s a e")
)  # fmt: skip
REF = "<dataInputRefs>in</dataInputRefs>"


def association(source: str, target: str, more: str = "") -> str:
    return (
        '<dataObject id="D" itemSubjectRef="I"/><dataObjectReference id="DR" dataObjectRef="D"/>'
        + IO.format(
            f' itemSubjectRef="{target}"', REF, "task", ""
        ).replace("</ioSpecification>", "</ioSpecification><dataInputAssociation id='da'>"
                  f"{source}<targetRef>in</targetRef>{more}</dataInputAssociation>")
    )  # fmt: skip


def with_roots(roots: str, body: str) -> str:
    """A drawing whose file declares items, messages and operations before its process."""
    return "<process" + process(body).removeprefix("<process") + roots
