"""Sub-processes, transactions and called processes (BPMN 2.0 §13.3.4, §13.3.5)."""

from __future__ import annotations

from typing import Any

from engine import expressions, values
from engine.bpmn import Scope
from engine.spiff.activities import ActivitySpec
from engine.spiff.compensation import inside_record
from engine.spiff.frames import Frame
from engine.spiff.specs import start_scope
from engine.spiff.tokens import STARTED, Token
from engine.spiff.transactions import leave_cancelled
from engine.values import Record


class SubprocessSpec(ActivitySpec):
    """An embedded sub-process: a scope of its own, and the same variables but for those that it
    declares.
    """

    spec_key: str
    inside: Scope

    def begin(self, token: Token) -> bool:
        token._set_state(STARTED)
        inside = token.workflow.top_workflow.create_subprocess(token, self.spec_key)
        self.open(inside, self.inner_frame(token))
        if inside.is_done():  # There is nothing in it.
            inside.top_workflow.emptied.append(inside)
        return False

    def open(self, inside: Any, frame: Frame) -> None:
        """Puts the first tokens into the scope."""
        start_scope(inside, frame)

    def inner_frame(self, token: Token) -> Frame:
        if not self.inside.data:
            return token.frame
        top, names = token.workflow.top_workflow, self.inside.data
        return top.new_frame(token.frame, dict.fromkeys(names), names)  # type: ignore[no-any-return]

    def goes_on(self, token: Token, inside: Any) -> bool:
        """Whether something more begins in a scope in which nothing lives."""
        return False

    def ended(self, token: Token, inside: Any) -> None:
        """Nothing lives inside any more: the activity is done."""
        if token.internal_data.pop("cancelled", False):
            leave_cancelled(token)
            return
        if "undo" not in token.internal_data:
            self.give_back(token, inside)
            if self.keeps:
                record = inside_record(inside)
                if record is not None:
                    token.internal_data["inside"] = record
        token.complete()

    def give_back(self, token: Token, inside: Any) -> None:
        """Carries variables of the inside out."""


class CallActivitySpec(SubprocessSpec):
    """A called process: variables of its own, filled and read by camunda:in and camunda:out, or
    by data associations to the inputs and outputs of the call (§10.3.1).
    """

    def inner_frame(self, token: Token) -> Frame:
        content = self._mapped(token, "in", token.frame.view())
        if self.node.data_in:
            names = {a.target for a in self.node.data_in} | {
                n for a in self.node.data_in for _s, n in a.assignments
            }
            own = token.frame.content
            content |= {n: values.copy(own[n]) for n in names if n is not None and n in own}
        top = token.workflow.top_workflow
        return top.new_frame(top.base, content)  # type: ignore[no-any-return]  # ours

    def give_back(self, token: Token, inside: Any) -> None:
        view = inside.frame.content
        for name, value in self._mapped(token, "out", view).items():
            token.frame.put(name, value)
        for name in (n for a in self.node.data_out for n in a.sources):
            if name in view:
                token.frame.put(name, values.copy(view[name]))

    def _mapped(self, token: Token, direction: str, view: Record) -> Record:
        found: Record = {}
        for mapping in self.node.mappings:
            if mapping.direction != direction:
                continue
            if mapping.everything:
                found.update(values.copy(view))
            elif mapping.target:
                source = mapping.expression or mapping.source or ""
                found[mapping.target] = values.copy(
                    expressions.value(source, view, self.world(token), self.label)
                )
        return found
