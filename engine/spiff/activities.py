"""Activities: what is common to them, services, decisions, scripts, what sends and receives."""

from __future__ import annotations

from typing import Any

from engine import expressions
from engine.errors import Rejected
from engine.spiff import data, loops
from engine.spiff.compensation import go_on, record_of
from engine.spiff.events import BoundarySpec, CatchSpec, arm, disarm
from engine.spiff.specs import NodeSpec, ScriptSpec, vanish
from engine.spiff.throwing import throw, throw_all, unhandled
from engine.spiff.tokens import WAITING, Token
from engine.values import Record
from engine.world import World


class ActivitySpec(NodeSpec):
    """Arms its boundary events, runs once or for each instance of its loop, disarms them again.

    keeps: whether something of it can be undone once it is completed; set when specs are built.
    """

    keeps = False
    takes_inputs = False
    is_event = False
    """Whether it uses the input parameters itself instead of having them as variables."""

    def world(self, token: Token) -> World:
        return token.workflow.top_workflow.world  # type: ignore[no-any-return]  # ours

    def enter(self, token: Token) -> bool:
        if "of" not in token.internal_data:
            if self.node.needs > 1 and not self._enough(token):
                return False
            for node in self.scope.boundaries(self.node.id):
                boundary: BoundarySpec = token.workflow.spec.task_specs[node.id]
                arm(token, boundary)
            if self.node.loop is not None:
                return loops.start(token, self.node.loop)
        self._localise(token)
        return self.begin(token)

    def _enough(self, token: Token) -> bool:
        """Whether as many tokens have come as its start quantity says; they go on as one."""
        here: list[Token] = [
            other
            for tokens in token.workflow.held.get(self.name, {}).values()
            for other in tokens.values()
        ]
        if len(here) + 1 < self.node.needs:
            token.internal_data["early"] = True
            token._set_state(WAITING)
            token.workflow.hold(token)
            return False
        for other in here:
            vanish(other)
        return True

    def _localise(self, token: Token) -> None:
        node = self.node
        content = data.read_in(token, node) if node.data_in else {}
        if node.inputs and not self.takes_inputs:
            content |= self.given(token)
        outputs = tuple(n for a in node.data_out for n in a.sources)
        data.localise(token, content, outputs)

    def begin(self, token: Token) -> bool:
        """Prepares the work; True when it may be done at once."""
        return True

    def _run_hook(self, token: Token) -> bool:
        if token.internal_data.pop("over", False):
            loops.finish(token)
            return True
        return bool(token.internal_data.pop("empty", False)) or self.act(token)

    def _on_complete_hook(self, token: Token) -> None:
        marks, top = token.internal_data, token.workflow.top_workflow
        many = self.node.loop is not None and "of" not in marks
        if not many:
            self._take_out(token)
        if "of" in marks:
            top.path.append(f"-{self.node.id}")
            loops.instance_done(token)
            return
        if self.scope.boundaries(self.node.id):
            disarm(token)
        record = None if many else record_of(token)
        if record is not None:
            token.workflow.done.append(record)
        if "undo" in marks:
            if "reopened" not in marks:
                top.path.append(f"-{self.node.id}")
            go_on(top, marks["undo"])
        elif token.workflow.spec.ad_hoc and self._closes_ad_hoc(token):
            top.path.append(f"-{self.node.id}")
        else:
            super()._on_complete_hook(token)
            if token.workflow.spec.ad_hoc:
                token.workflow.host.task_spec.refresh(token.workflow)

    def _closes_ad_hoc(self, token: Token) -> bool:
        return bool(token.workflow.host.task_spec.closes(token))

    def _take_out(self, token: Token) -> None:
        """Outputs go into the scope around the activity."""
        if self.node.outputs and not self.takes_inputs:
            self.put_out(token, token.frame.view())
        if self.node.data_out:
            data.write_out(token, self.node, token.frame.view())

    def _on_cancel(self, token: Token) -> None:
        super()._on_cancel(token)
        disarm(token)
        if "loop" in token.internal_data:
            for other in token.workflow.grouped("of", token.id):
                other.cancel()

    def given(self, token: Token) -> Record:
        """The activity's input parameters."""
        view, world = token.frame.view(), self.world(token)
        return {
            name: expressions.text_or_value(source, view, world, self.label)
            for name, source in self.node.inputs
        }

    def put_out(self, token: Token, view: Record) -> None:
        """Sets the output parameters in the scope around the activity."""
        target = token.workflow.frame
        if "of" in token.internal_data:
            target = token.frame
        for name, source in self.node.outputs:
            found = expressions.text_or_value(source, view, self.world(token), self.label)
            target.put(name, found)


class ScriptTaskSpec(ScriptSpec, ActivitySpec):
    """A script task: an activity whose work is a FEEL expression."""


class ReceiveTaskSpec(CatchSpec, ActivitySpec):
    """A receive task: an activity that waits for a message."""

    is_event = False

    def enter(self, token: Any) -> bool:
        return ActivitySpec.enter(self, token)

    def begin(self, token: Any) -> bool:
        return CatchSpec.enter(self, token)

    def _take_out(self, token: Token) -> None:
        """What the message brought has gone along its associations already."""
        self.put_last(token)


class SendTaskSpec(ActivitySpec):
    """A send task without an operation: throws its message."""

    takes_inputs = True

    def act(self, token: Token) -> bool:
        throw_all(token, self.node.events)
        return token.is_live

    def _take_out(self, token: Token) -> None:
        super()._take_out(token)
        self.put_last(token)


class ServiceSpec(ActivitySpec):
    """Calls an operation: a local one at once, a remote one by a job that the token waits for."""

    takes_inputs = True

    def begin(self, token: Token) -> bool:
        if not self.world(token).is_remote(self.operation):
            return True
        token.internal_data["call"] = {
            "operation": self.operation,
            "parameters": self.given(token),
        }
        token._set_state(WAITING)
        return False

    @property
    def operation(self) -> str:
        return self.node.camunda.get("topic", "")

    def act(self, token: Token) -> bool:
        if "result" not in token.internal_data:
            world, top = self.world(token), token.workflow.top_workflow
            key = f"{top.key}:{token.id}"
            try:
                result = world.operate(self.operation, self.given(token), key)
            except Rejected as rejection:
                return self.reject(token, rejection.code, str(rejection))
            self.take(token, result)
        token.internal_data.pop("result", None)
        return True

    def take(self, token: Token, result: Record) -> None:
        """Sets the output parameters from a result."""
        if self.node.outputs:
            self.put_out(token, {**token.frame.view(), "result": result})
        if self.node.data_out:
            for name in {n for a in self.node.data_out for n in a.sources} & set(result):
                token.frame.put(name, result[name])
        variable = self.node.camunda.get("resultVariable")
        if variable:
            token.frame.put(variable, result)

    def returned(self, token: Token, result: Record) -> None:
        """A remote call came back."""
        token.internal_data.pop("call", None)
        token.internal_data["result"] = True
        self.take(token, result)
        token._ready()

    def reject(self, token: Token, code: str, message: str) -> bool:
        """The operation said no: the BPMN error of that code. Raises StepFailed if nobody catches
        it.
        """
        token.internal_data.pop("call", None)
        if not throw(token, "error", code, {"error_code": code, "error_message": message}):
            raise unhandled(token, code)
        return False


class DecisionSpec(ActivitySpec):
    """A business-rule task: asks a decision of the bundle and notes which rules fired."""

    takes_inputs = True

    def act(self, token: Token) -> bool:
        top, world = token.workflow.top_workflow, self.world(token)
        name = self.node.camunda.get("decisionRef", "")
        view = {**token.frame.view(), **self.given(token)}
        value, rules = top.program.decide(name, view, world, self.label)
        world.note(name, list(rules), value)
        variable = self.node.camunda.get("resultVariable")
        if variable:
            token.frame.put(variable, value)
        elif isinstance(value, dict):
            for key, part in value.items():
                token.frame.put(key, part)
        if self.node.outputs:
            self.put_out(token, {**token.frame.view(), "result": value})
        return True
