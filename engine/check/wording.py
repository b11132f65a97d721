"""What an executable process must say besides its flow, and rules of pools and quantities.

Sources: BPMN 2.0.2, 8.4.6 (expressions), 9 (collaboration), 10.2 (process types), 10.3
(activities), 10.5.5 (event definitions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.check.document import (
    XSI_TYPE,
    Document,
    children,
    first,
    is_executable,
    is_true,
    kind_of,
    spot,
    text_of,
    texts,
)
from engine.check.finding import Finding, found
from engine.check.metamodel import is_a

_FORMAL = {"messagePath", "dataPath", "transformation", "formalExpression"}
_MARKED = re.compile(r"^([=$#]|[0-9]+\Z|R[0-9]*/|-?P[0-9T]|[0-9]{4}-)")
"""What is no text for people whatever its type says: a number, a time, the sign of a language."""
_HOLDS = ("conversationNode", "conversation", "subConversation", "callConversation",
          "participantAssociation", "messageFlowAssociation", "conversationAssociation",
          "association", "group", "textAnnotation")  # fmt: skip


def check_wording(document: Document) -> Iterator[Finding]:
    """Findings about expressions, scripts, codes, quantities and collaborations."""
    for kind in sorted(document.by_kind):
        if is_a(kind, "expression"):
            for expression in document.all(kind):
                yield from _expression(document, expression)
    for script in document.all("scriptTask"):
        text = text_of(first(script, "script"))
        if text and not script.get("scriptFormat"):
            yield found(document.path, "no-script-format", spot(script))
    for kind, reference, code in _CODES:
        for definition in document.all(kind):
            yield from _code(document, definition, (reference, code))
    if document.by_kind.get("interface"):
        for definition in document.all("messageEventDefinition"):
            if is_executable(definition) and first(definition, "operationRef") is None:
                yield found(document.path, "no-operation-of-message", spot(definition))
    for node in document.flow_nodes():
        yield from _quantities(document, node)
    for process in document.all("process"):
        if process.get("processType") == "Public" and is_true(process, "isExecutable"):
            yield found(document.path, "public-executable", spot(process))
    yield from _lanes(document)
    yield from _collaborations(document)


def _expression(document: Document, expression: Any) -> Iterator[Finding]:
    kind, text = kind_of(expression), text_of(expression)
    formal = (expression.get(XSI_TYPE) or "").rpartition(":")[2] == "tFormalExpression"
    declared = kind in _FORMAL or kind_of(expression.getparent()) == "complexBehaviorDefinition"
    if (formal or declared) and not text and not len(expression):
        yield found(document.path, "empty-expression", spot(expression), kind=kind)
        return
    informal = text and not formal and not declared and not _MARKED.match(text)
    if informal and is_executable(expression):
        rule = "timer-words" if is_a(kind, "timerExpression") else "informal-expression"
        yield found(document.path, rule, spot(expression), text=text[:100])


_CODES = (
    ("escalationEventDefinition", "escalationRef", "escalationCode"),
    ("errorEventDefinition", "errorRef", "errorCode"),
)


def _code(document: Document, definition: Any, names: tuple[str, str]) -> Iterator[Finding]:
    """An escalation or error that is thrown has a code (10.5.5)."""
    event, (reference, code) = definition.getparent(), names
    if not is_a(kind_of(event), "throwEvent") or not is_executable(event):
        return
    thrown = document.named(definition, definition.get(reference, ""))
    if thrown is None or not thrown.get(code):
        rule = "no-error-code" if code == "errorCode" else "no-escalation-code"
        yield found(document.path, rule, spot(event))


def _quantities(document: Document, node: Any) -> Iterator[Finding]:
    for name in ("startQuantity", "completionQuantity"):
        value = node.get(name)
        if value is not None and _whole(value, 1) < 1:
            yield found(document.path, "quantity", spot(node), key=name, value=value)


def _whole(text: str, otherwise: int) -> int:
    return int(text) if re.match(r"^-?[0-9]{1,18}\Z", text.strip()) else otherwise


def _lanes(document: Document) -> Iterator[Finding]:
    """A lane holds elements of its own process, each in one lane of a set."""
    for lane_set in document.all("laneSet"):
        around = lane_set.getparent()
        seen: set[str] = set()
        for lane in children(lane_set, "lane"):
            for reference in texts(lane, "flowNodeRef"):
                node = document.named(lane, reference)
                if node is None:
                    continue
                if not any(a is around for a in node.iterancestors()):
                    yield found(document.path, "lane-elsewhere", spot(lane), ref=reference)
                if reference in seen:
                    yield found(document.path, "lane-twice", spot(lane), ref=reference)
                seen.add(reference)


def _collaborations(document: Document) -> Iterator[Finding]:
    path = document.path
    for range_ in document.all("participantMultiplicity"):
        least, most = _whole(range_.get("minimum", "0"), 0), range_.get("maximum")
        greatest = _whole(most, 1) if most is not None else max(1, least)
        if least < 0 or greatest < 1 or greatest < least or (most is None and least > 1):
            yield found(path, "multiplicity", spot(range_))
    for kind in ("choreography", "globalConversation", "globalChoreographyTask"):
        for one in document.all(kind):
            if texts(one, "choreographyRef"):
                yield found(path, "choreography-of-choreography", spot(one), kind=kind)
    for one in document.all("globalConversation"):
        if any(True for _ in children(one, *_HOLDS)):
            yield found(path, "global-conversation", spot(one))
    for one in document.all("collaboration"):
        for reference in texts(one, "choreographyRef"):
            other = document.named(one, reference)
            if other is not None and is_true(other, "isClosed") != is_true(one, "isClosed"):
                yield found(path, "closed-differs", spot(one), ref=reference)
