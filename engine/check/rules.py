"""Every rule of `check`: whether it stops a deploy, what it says, and what to do about it.

The words hold fields in braces; `name` is always the element's name or id.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule. An error will not run or would run wrongly; a warning is advice."""

    severity: str
    message: str
    remedy: str


def _error(message: str, remedy: str) -> Rule:
    return Rule("error", message, remedy)


def _warning(message: str, remedy: str) -> Rule:
    return Rule("warning", message, remedy)


RULES: dict[str, Rule] = {
    # The files of a bundle
    "no-drawing": _error('The process "{key}" has no drawing {path}.', "Add the file."),
    "unreadable": _error("{problem}", "Open the file in a BPMN editor and save it again."),
    "process-key": _error(
        'The file should hold the process "{key}" but holds {ids}.',
        'Give the process the id "{key}", or the file the name of its process.',
    ),
    "no-process": _error(
        "The file has no process that is marked executable.",
        "Tick “Executable” in the properties of the process.",
    ),
    "decision-invalid": _error("{problem}", "Mend the decision in a DMN editor."),
    "scenario-fails": _error(
        'The scenario "{name}" fails at step {step}: {problem}',
        "Mend the drawing, or the scenario if the procedure was meant to change.",
    ),
    # Structure
    "duplicate-id": _error(
        'The id "{id}" is used {count} times.', "Give each element an id of its own."
    ),
    "no-id": _error('"{name}" has an element without an id.', "Give each element an id."),
    "bad-key": _error(
        'The id "{key}" cannot be the key of a process.',
        "Use letters, digits, “-”, “_” and “.” only.",
    ),
    "long-key": _error(
        'The key "{name}" has {count} characters; {most} can be kept.', "Give a shorter key."
    ),
    "long-id": _error(
        'The id "{name}" has {count} characters; {most} can be kept.', "Give a shorter id."
    ),
    "long-name": _error(
        'The name "{name}" has {count} characters; {most} can be kept.',
        "Shorten the name, and put the rest into the documentation of the element.",
    ),
    "no-start": _error('"{name}" has no start event.', "Draw the start event."),
    "no-end": _warning('"{name}" has no end event.', "Draw at least one end event."),
    "no-diagram": _warning(
        '"{name}" has no diagram, so nobody can see where it stands.',
        "Open it in a BPMN editor, lay it out and save it.",
    ),
    "no-legal-basis": _warning(
        '"{name}" names no legal basis.',
        "Add the property legal_basis with the clause that it carries out.",
    ),
    "no-name": _warning('The task "{name}" has no name.', "Name it by what is done."),
    "dangling-flow": _error(
        'The sequence flow "{name}" leads from or to "{end}", which is not in the same process.',
        "Draw the flow anew, or use a message between processes.",
    ),
    "end-goes-on": _error(
        'The end event "{name}" has a flow going out.',
        "Remove the flow, or use an intermediate event.",
    ),
    "flow-into-start": _error(
        'A flow leads into "{name}", which begins by its event.',
        "Let the flow lead to another element.",
    ),
    "not-run": _error(
        '"{name}" is a {kind}, which is not run.',
        "Draw it with another element; the manual lists those that run.",
    ),
    "event-not-run": _error(
        '"{name}" has an event of kind {kind}, which is not run there.', "Use one of: {allowed}."
    ),
    "no-activation": _error(
        'The complex gateway "{name}" does not say when it goes on.',
        "Give it an activation condition, such as activationCount >= 2.",
    ),
    "no-event": _error(
        '"{name}" does not say which event it waits for.', "Choose a message, a timer or a signal."
    ),
    "boundary-alone": _error(
        '"{name}" is attached to no task or sub-process.',
        "Drop it on the border of the element that it interrupts.",
    ),
    "boundary-ends": _warning('"{name}" leads nowhere.', "Draw what follows it."),
    "no-condition": _error(
        'The flow "{name}" leaves an exclusive gateway without a condition.',
        "Give it a condition, or make it the default.",
    ),
    "no-default": _warning(
        '"{name}" has no default flow: a case may get stuck in it.',
        "Make one of its flows the default.",
    ),
    "default-elsewhere": _error(
        'The default flow of "{name}" does not leave it.',
        "Choose one of its own flows as the default.",
    ),
    "no-collection": _error(
        '"{name}" is repeated, but not for what.', "Give it a collection or a number of instances."
    ),
    "endless": _error(
        '"{name}" goes round in a circle in which nothing is waited for.',
        "Put a task, a timer or a message into the circle.",
    ),
    "endless-calls": _error(
        '"{name}" calls the process "{called}", which comes back to this call without waiting.',
        "Put a task, a timer or a message before the call, or repeat the steps without a call.",
    ),
    "error-uncaught": _warning(
        'Nothing around the end event "{name}" catches its error {code}.',
        "Put a boundary event for the error on the sub-process, or end with a plain end event.",
    ),
    "unreachable": _error('No path leads to "{name}".', "Connect it, or remove it."),
    # What a drawing names
    "bad-expression": _error(
        '"{name}" has an expression that is wrong: {text} – {problem}',
        "Mend the expression; the manual explains FEEL.",
    ),
    "unknown-function": _error(
        '"{name}" calls the function {function}, which does not exist.',
        "Use one of FEEL's functions or: {known}.",
    ),
    "unknown-form": _error(
        '"{name}" shows the form {form}, which is not there.',
        "Add the file {path}, or mend the name.",
    ),
    "nobody": _error('Nobody can do "{name}".', "Name its candidate groups or its assignee."),
    "unknown-group": _error(
        '"{name}" is for the group {group}, which does not exist.', "Use one of: {known}."
    ),
    "unknown-operation": _error(
        '"{name}" calls the operation "{topic}", which does not exist.',
        "Set Type to External and Topic to one of: {known}.",
    ),
    "unknown-parameter": _error(
        '"{name}" gives {topic} the parameter {parameter}, which it does not take.',
        "It takes: {known}.",
    ),
    "missing-parameter": _error(
        '"{name}" does not give {topic} the parameter {parameter}.',
        "Add the input parameter {parameter}.",
    ),
    "unknown-decision": _error(
        '"{name}" asks the decision "{ref}", which is not there.',
        "Add its table to processes/dmn/, or mend the name.",
    ),
    "script-language": _error(
        '"{name}" is written in {language}; scripts are FEEL only.',
        "Set the format to feel and write a FEEL expression.",
    ),
    "empty-script": _error('"{name}" has no script.', "Write a FEEL expression."),
    "unknown-process": _error(
        '"{name}" calls the process "{called}", which is not there.', "Draw it, or mend the name."
    ),
    "no-message": _error(
        '"{name}" names no message or signal.', "Choose or create one in the properties."
    ),
    "no-time": _error('The timer "{name}" has no time.', "Give a date, a duration or a cycle."),
    "unknown-separation": _error(
        '"{name}" is kept apart from "{other}", which is not drawn.',
        "Name the id of a task of this process.",
    ),
}
