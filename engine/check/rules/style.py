"""Rules of style: how a drawing reads. They carry the names of bpmnlint's rules."""

from __future__ import annotations

from engine.check.rules.rule import Rule, advice, deploy

_CONNECT = "Connect it, or remove it."

STYLE: dict[str, Rule] = {
    "label-required": advice(
        '"{name}" has no name of its own to be read by.',
        "Name tasks by what is done, events by what has happened, and choices by their answers.",
    ),
    "superfluous-label": advice(
        'The flow "{name}" has a name though nothing is chosen there.',
        "Remove the name, or draw the choice.",
    ),
    "fake-join": advice(
        'Several flows lead into "{name}" without a gateway: each makes it begin again.',
        "Draw the gateway that joins them.",
    ),
    "no-implicit-split": advice(
        'Several flows leave "{name}" without a gateway: all of them are taken.',
        "Draw the gateway that divides them.",
    ),
    "no-implicit-start": advice('Nothing leads to "{name}".', "Draw what comes before it."),
    "no-implicit-end": advice('Nothing follows "{name}".', "Draw what follows it, or the end."),
    "no-gateway-join-fork": advice(
        'The gateway "{name}" both joins and divides.', "Draw two gateways, one after the other."
    ),
    "superfluous-gateway": advice(
        'The gateway "{name}" has one flow in and one out.', "Remove the gateway."
    ),
    "no-complex-gateway": advice(
        '"{name}" is a complex gateway, which few people can read.',
        "Draw it with exclusive, parallel and inclusive gateways.",
    ),
    "no-inclusive-gateway": advice(
        '"{name}" is an inclusive gateway, which is easily misread.',
        "Consider exclusive and parallel gateways instead.",
    ),
    "single-event-definition": advice(
        '"{name}" has several triggers.', "Draw one event for each trigger."
    ),
    "no-disconnected": advice('"{name}" is connected to nothing.', _CONNECT),
    "start-event-required": advice('"{name}" has no start event.', "Draw the start event."),
    "end-event-required": advice('"{name}" has no end event.', "Draw at least one end event."),
    "single-blank-start-event": advice(
        '"{name}" has several start events without a trigger.',
        "Draw one start event, or give each its trigger.",
    ),
    "superfluous-termination": advice(
        '"{name}" terminates where nothing else could still run.', "Draw a plain end event."
    ),
    "no-duplicate-sequence-flows": advice(
        'The flow "{name}" is drawn twice between the same elements.', "Remove one of the two."
    ),
    "conditional-flows": advice(
        'The flow "{name}" has no condition though others beside it have one.',
        "Give it a condition, or make it the default.",
    ),
    "global-name": advice('"{name}" has an empty name.', "Name it, or remove it."),
    "global-unused": advice(
        'The {kind} "{name}" is used nowhere.', "Use it in an event, or remove it."
    ),
    "global-twice": advice(
        'There are several of kind {kind} with the name "{name}".',
        "Keep one, and use it everywhere.",
    ),
    "no-bpmndi": advice(
        '"{name}" is not in the diagram, so nobody sees it.',
        "Draw it in a BPMN editor, or remove it.",
    ),
    "no-overlapping-elements": advice(
        '"{name}" lies on another element in the diagram.', "Move one of the two."
    ),
    "bad-shape": deploy(
        'The shape of "{name}" in the diagram has no place and size in numbers.',
        "Give it a dc:Bounds with x, y, width and height, or remove the shape.",
    ),
    "bad-edge": advice(
        'The line of "{name}" in the diagram has fewer than two points.',
        "Give it two di:waypoint with x and y, or remove the line.",
    ),
    "shape-of-line": deploy(
        'The diagram draws "{name}" as a {drawn}, and it is a {kind}.',
        "Draw flows and associations as BPMNEdge, and everything else as BPMNShape.",
    ),
    "diagram-part": advice(
        'The diagram has a "{kind}" with {said}, which no editor reads.',
        "Open the drawing in a BPMN editor, mend it there and save it again.",
    ),
    "stray-shape": advice(
        "The diagram shows {ref}, which the file does not hold.",
        "Remove the shape in a BPMN editor.",
    ),
    "no-diagram": advice(
        '"{name}" has no diagram of its own.',
        "It is laid out when it is shown; open it in a BPMN editor to lay it out yourself.",
    ),
    "no-legal-basis": advice(
        '"{name}" names no legal basis.',
        "Add the property legal_basis with the clause that it carries out.",
    ),
}
