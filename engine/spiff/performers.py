"""Who may do what: candidates in the words of a drawing, worked out for a token."""

from __future__ import annotations

import re

from engine import expressions
from engine.errors import Sentence, StepFailed
from engine.spelling import split
from engine.spiff.tokens import Token
from engine.values import Value

_GROUP = re.compile(r"^[\w.-]+$")


def candidates(token: Token, text: str) -> list[str]:
    """Who a candidate text names: "van-thu@vp" for groups within units, "=annv.vp" for accounts.

    `text`: "van-thu@unit, lanh-dao@parent(unit)"; what follows "@" is FEEL and gives a unit or a
    list of units, the case's own unit when left out. A part that begins with "=" is FEEL for
    accounts.
    """
    world, view = token.workflow.top_workflow.world, token.frame.view()
    label = token.task_spec.label
    found: list[str] = []
    for part in split(text):
        if part.startswith("="):
            accounts = expressions.value(part, view, world, label)
            found += [f"={name}" for name in _texts(accounts, label)]
            continue
        group, _, where = part.partition("@")
        if not _GROUP.match(group):
            reason = Sentence('"{group}" is no key of a group.', {"group": group})
            raise StepFailed(element=label, reason=reason)
        # The bare name needs no FEEL: a name that is not there is null as well.
        units = expressions.value(where, view, world, label) if where else view.get("unit")
        found += [f"{group}@{unit}" for unit in _texts(units, label)]
    return list(dict.fromkeys(found))


def _texts(value: Value, label: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return [str(v) for v in value]
    reason = Sentence("{value} is neither a name nor a list of names.", {"value": repr(value)})
    raise StepFailed(element=label, reason=reason)


def offered(token: Token) -> list[str]:
    """The candidates of an element: its groups and users, else its lane."""
    node = token.task_spec.node
    camunda = node.camunda
    groups = camunda.get("candidateGroups") or node.properties.get("candidateGroups", "")
    found = candidates(token, groups) if groups else []
    for part in split(camunda.get("candidateUsers", "")):
        found += candidates(token, part if part.startswith("=") else f'="{part}"')
    if not found and node.lane and "assignee" not in camunda:
        lane = node.properties.get("lane_group", node.lane)
        found = candidates(token, lane) if _GROUP.match(lane) else []
    return found
