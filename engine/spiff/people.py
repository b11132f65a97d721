"""Work for people: user and manual tasks, and who may do them."""

from __future__ import annotations

import re

from engine import expressions, values
from engine.errors import StepFailed
from engine.spiff.activities import ActivitySpec
from engine.spiff.tokens import Token
from engine.values import Record, Value

_GROUP = re.compile(r"^[\w.-]+$")


def split(text: str) -> list[str]:
    """Parts of a comma-separated list, commas inside brackets left alone."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [p.strip() for p in [*parts, text[start:]] if p.strip()]


def candidates(token: Token, text: str) -> list[str]:
    """Who a candidate text names: "van-thu@vp" for groups within units, "=annv.vp" for accounts.

    `text`: "van-thu@unit, lanh-dao@parent(unit)"; what follows "@" is FEEL and gives a unit or a
    list of
    units, the case's own unit when left out. A part that begins with "=" is FEEL for accounts.
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
            raise StepFailed(element=label, reason=f'"{group}" is no key of a group.')
        units = expressions.value(where or "unit", view, world, label)
        found += [f"{group}@{unit}" for unit in _texts(units, label)]
    return list(dict.fromkeys(found))


def _texts(value: Value, label: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return [str(v) for v in value]
    raise StepFailed(element=label, reason=f"{value!r} is neither a name nor a list of names.")


class UserTaskSpec(ActivitySpec):
    """A task that waits for a person; what it offers is worked out once, when it is reached."""

    def waits_for_people(self, token: Token) -> bool:
        return "offer" in token.internal_data

    def begin(self, token: Token) -> bool:
        camunda = self.node.camunda
        if self.node.inputs:
            self.local_frame(token, self.given(token))
        offer: Record = {"candidates": list(self.offered(token))}
        if camunda.get("assignee"):
            who = expressions.text_or_value(
                camunda["assignee"], token.frame.view(), self.world(token), self.label
            )
            offer["assignee"] = who
            offer["candidates"] = [f"={who}"] if who else offer["candidates"]
        for name, key in (("dueDate", "due"), ("followUpDate", "follow_up")):
            if camunda.get(name):
                offer[key] = self._instant(token, camunda[name])
        if camunda.get("priority"):
            offer["priority"] = self._priority(token, camunda["priority"])
        token.internal_data["offer"] = offer
        return True

    def offered(self, token: Token) -> list[str]:
        camunda = self.node.camunda
        found = (
            candidates(token, camunda["candidateGroups"]) if "candidateGroups" in camunda else []
        )
        for part in split(camunda.get("candidateUsers", "")):
            found += candidates(token, part if part.startswith("=") else f'="{part}"')
        if not found and self.node.lane and "assignee" not in camunda:
            lane = self.node.properties.get("lane_group", self.node.lane)
            found = candidates(token, lane) if _GROUP.match(lane) else []
        return found

    def _instant(self, token: Token, text: str) -> Value:
        plain = expressions.is_iso(text)
        found = (
            text
            if plain
            else expressions.evaluate(text, token.frame.view(), self.world(token), self.label)
        )
        return expressions.instant(found, self.world(token).now, self.label)

    def _priority(self, token: Token, text: str) -> int:
        found = (
            int(text)
            if expressions.is_number(text)
            else expressions.evaluate(text, token.frame.view(), self.world(token), self.label)
        )
        return int(found) if isinstance(found, int) else 50

    def finish(self, token: Token, data: Record, by: str) -> None:
        """A person has done the task: their data goes into the case, and the token on its way."""
        top = token.workflow.top_workflow
        target = token.frame
        target.write(values.copy(data))
        if self.node.outputs:
            self.put_out(token, target.view())
        hands = top.performers.get(self.node.id, [])
        top.performers[self.node.id] = [*hands, by] if by not in hands else hands
        token.internal_data.pop("offer", None)
        token.complete()

    def local_frame(self, token: Token, content: Record) -> None:
        if "frame" in token.internal_data:
            token.frame.content.update(content)
        else:
            top = token.workflow.top_workflow
            token.internal_data["frame"] = top.new_frame(token.frame, content).number
