"""Work for people: user and manual tasks."""

from __future__ import annotations

from engine import expressions, values
from engine.spelling import DONE_BY, is_iso, is_number
from engine.spiff import data
from engine.spiff.activities import ActivitySpec
from engine.spiff.performers import candidates, offered
from engine.spiff.tokens import Token
from engine.values import Record, Value

MOST_OF_SUBJECT = 300
"""Letters of a task's subject, as many as of its name."""


class UserTaskSpec(ActivitySpec):
    """A task that waits for a person; what it offers is worked out once, when it is reached."""

    def begin(self, token: Token) -> bool:
        camunda = self.node.camunda
        offer: Record = {"candidates": list(offered(token))}
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
        if self.node.properties.get("subject"):
            offer["subject"] = self._subject(token, self.node.properties["subject"])
        if "again" in token.internal_data:
            offer["again"] = True
        token.internal_data["offer"] = offer
        return True

    def _instant(self, token: Token, text: str) -> Value:
        plain = is_iso(text)
        found = (
            text
            if plain
            else expressions.evaluate(text, token.frame.view(), self.world(token), self.label)
        )
        return expressions.instant(found, self.world(token).now, self.label)

    def _priority(self, token: Token, text: str) -> int:
        found = (
            int(text)
            if is_number(text)
            else expressions.evaluate(text, token.frame.view(), self.world(token), self.label)
        )
        return int(found) if isinstance(found, int) else 50

    def _subject(self, token: Token, text: str) -> Value:
        """What tells this task from others of its name in the case, in at most 300 letters."""
        found = expressions.value(text, token.frame.view(), self.world(token), self.label)
        return str(found)[:MOST_OF_SUBJECT] if found is not None else None

    def finish(
        self,
        token: Token,
        given: Record,
        hands: list[str],
        *,
        whose: str | None,
        group: str | None,
    ) -> None:
        """A person has done the task: their data goes into the case, and the token on its way."""
        top = token.workflow.top_workflow
        token.frame.write(values.copy(given))
        before = top.performers.get(self.node.id, [])
        top.performers[self.node.id] = list(dict.fromkeys([*before, *hands]))
        token.internal_data.pop("offer", None)
        now = self.world(token).now
        done = {"account": hands[0], "whose": whose, "at": now, "group": group}
        token.internal_data[DONE_BY] = done
        token.complete()

    def _take_out(self, token: Token) -> None:
        """Outputs may ask who has done the task, unless a variable has that name."""
        done = {DONE_BY: token.internal_data.pop(DONE_BY, None)}
        if self.node.outputs:
            self.put_out(token, {**done, **token.frame.view()})
        if self.node.data_out:
            data.write_out(token, self.node, token.frame.view())


__all__ = ["UserTaskSpec", "candidates"]
