"""How a case stands, in the owner's words: the properties `state` and `state_en` of an element."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

from engine import feel
from engine.bpmn import Node, Process
from engine.check.finding import Finding, found
from engine.errors import Sentence
from engine.feel.names import normal
from engine.forms.expressions import Expression
from engine.forms.templating import Template, TemplateBroken
from engine.spelling import split

STATES = ("state", "state_en")


def check_states(path: str, process: Process) -> Iterator[Finding]:
    """Findings about texts that cannot be filled in: the page of the case would say nothing.

    They read the process's columns and nothing else, and call no functions of the installation.
    """
    parts = split(process.properties.get("columns", ""))
    columns = {normal(part.partition("=")[0].partition(":")[0]) for part in parts}
    for node in process.nodes():
        for key in STATES:
            for problem in _problems(node.properties.get(key, ""), columns):
                yield _finding(path, node, key, problem)


def _finding(path: str, node: Node, key: str, problem: Any) -> Finding:
    return found(path, "bad-state", node, key=key, problem=problem)


def _problems(text: str, columns: Set[str]) -> Iterator[Sentence]:
    try:
        template = Template.parse(text)
    except feel.FeelError as error:
        yield error.sentence
        return
    except TemplateBroken as broken:
        yield broken.problem
        return
    if template.is_open:
        yield Sentence("a {{{{ is not closed by }}}}.")
    for one in template.expressions():
        yield from _unknown(one, columns)


def _unknown(one: Expression, columns: Set[str]) -> Iterator[Sentence]:
    for name in sorted(one.program.variables):
        if normal(name) not in columns | {"this"}:
            yield Sentence("{variable} is no column of the process.", {"variable": name})
    for name in sorted(one.program.calls):
        yield Sentence("{function} cannot be called here.", {"function": name})
