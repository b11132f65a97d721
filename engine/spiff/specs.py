"""How a token behaves at each kind of element: BPMN 2.0's execution semantics (formal/2013-12-09,
§13).

`arrive` puts a token on an element, `_update_hook` lets it enter, `_run_hook` does the work,
`_on_complete_hook` sends tokens out along the sequence flows.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from engine import expressions
from engine.bpmn import Flow, Node, Scope
from engine.errors import StepFailed
from engine.spiff.frames import Frame
from engine.spiff.tokens import COMPLETED, FUTURE, Token
from engine.values import Record
from engine.world import DEFAULT_ALONE, OUTPUTS_OF_EVENTS


class NodeSpec(BpmnTaskSpec):  # type: ignore[misc]  # the library is untyped
    """One element of a drawing. Subclasses say how it is entered, worked and left."""

    is_event = False

    def __init__(self, wf_spec: Any, node: Node, scope: Scope) -> None:
        super().__init__(wf_spec, node.id, lane=node.lane)
        self.bpmn_id, self.bpmn_name = node.id, node.name
        self.node = node
        self.scope = scope
        self.flows: list[Flow] = [scope.flows[f] for f in node.outgoing]

    def test(self) -> None:
        """The library asks for an input; our start, boundary and instance tokens have none."""

    def _predict(self, my_task: Token, **_ignored: Any) -> None:
        """Nothing is predicted: k parallel blocks would predict 3^k tokens."""

    def _update_hook(self, token: Token) -> bool:
        return self.enter(token)

    def _run_hook(self, token: Token) -> bool:
        return self.act(token)

    def _on_ready_hook(self, token: Token) -> None:
        if not self.waits_for_people(token):
            token.workflow.top_workflow.queue.append(token)

    def _on_complete_hook(self, token: Token) -> None:
        token.workflow.top_workflow.path.append(f"-{self.node.id}")
        if self.is_event:
            self.put_last(token)
        self.leave(token)

    def put_last(self, token: Token) -> None:
        """Sets the output parameters of what has none of its own to take them from: what a message
        or its time has brought is in the case's data by now.
        """
        top = token.workflow.top_workflow
        if not self.node.outputs or not top.world.follows(OUTPUTS_OF_EVENTS):
            return
        target = token.frame if "of" in token.internal_data else token.workflow.frame
        view = token.frame.view()
        for name, source in self.node.outputs:
            target.put(name, expressions.text_or_value(source, view, top.world, self.label))

    def _on_cancel(self, token: Token) -> None:
        top = token.workflow.top_workflow
        if "reopened" not in token.internal_data:
            if token.came is not None:
                top.never.update((token.came, len(top.path)))
            top.path.append(f"!{self.node.id}")
        inside = top.subprocesses.get(token.id)
        if inside is not None:
            withdraw_all(inside)

    def waits_for_people(self, token: Token) -> bool:
        return "offer" in token.internal_data

    def enter(self, token: Token) -> bool:
        """Whether the token may be worked at once."""
        return True

    def act(self, token: Token) -> bool:
        """The element's work; True when it is done."""
        return True

    def leave(self, token: Token) -> None:
        """Sends tokens along each flow that is taken: one, or as many as its completion quantity
        says (§13.3.1).
        """
        for flow in self.taken(token):
            for _ in range(self.node.gives):
                follow(token, flow)

    def taken(self, token: Token) -> list[Flow]:
        """Unconditional flows and those whose condition holds; the default when that is none."""
        conditional = [f for f in self.flows if f.condition and f.id != self.node.default]
        if not conditional and self.node.default is None:
            return self.flows
        holding = {f.id for f in conditional if holds(token, f)}
        plain = {f.id for f in self.flows if not f.condition and f.id != self.node.default}
        # Beside a flow without a condition, which is taken, the default is not.
        world, default = token.workflow.top_workflow.world, self.node.default
        if default is not None and not holding and not (plain and world.follows(DEFAULT_ALONE)):
            plain.add(default)
        taken = [f for f in self.flows if f.id in holding or f.id in plain]
        if not taken and self.flows:
            raise StepFailed(element=self.label, reason="no condition of its flows holds.")
        return taken

    @property
    def label(self) -> str:
        return self.node.name or self.node.id


def holds(token: Token, flow: Flow, extra: Record | None = None) -> bool:
    """Whether a flow's condition is true; anything else, null too, is not."""
    name = flow.name or flow.id
    top, view = token.workflow.top_workflow, token.frame.view()
    view = {**view, **extra} if extra else view
    return expressions.evaluate(flow.condition or "", view, top.world, name) is True


def follow(token: Token, flow: Flow) -> None:
    """Sends a token along a sequence flow."""
    token.workflow.top_workflow.path.append(f">{flow.id}")
    arrive(token.workflow, flow.target, flow=flow.id)


def arrive(workflow: Any, node_id: str, *, flow: str | None = None, **marks: Any) -> Token:
    """A new token at an element; `marks` are what it carries (frame, host, of, race)."""
    spec = workflow.spec.task_specs[node_id]
    workflow.top_workflow.path.append(f"+{node_id}")
    token = Token(workflow, spec, workflow.task_tree, FUTURE)
    workflow.top_workflow.arrives(token)
    if flow is not None:
        token.internal_data["flow"] = flow
    if marks:
        token.internal_data.update(marks)
        workflow.group(token)
    spec._update(token)
    return token


def vanish(token: Token) -> None:
    """The token is gone without a step of the path: it was joined, or only listened."""
    token._set_state(COMPLETED)


def withdraw(token: Token) -> None:
    """Takes a token away: what only listened vanishes, what was entered is cancelled."""
    if "event_subprocess" in token.internal_data or "host" in token.internal_data:
        vanish(token)
    else:
        token.cancel()


def withdraw_all(workflow: Any, keep: Token | None = None) -> None:
    """Takes every token of a scope away, and what is inside of them."""
    for other in list(workflow.live.values()):
        if other is not keep and other.is_live:
            withdraw(other)


class ScriptSpec(NodeSpec):
    """scriptFormat="feel": the result goes into camunda:resultVariable, or as a context of
    values.
    """

    def act(self, token: Token) -> bool:
        top = token.workflow.top_workflow
        found = expressions.value(
            self.node.script or "", token.frame.view(), top.world, self.label
        )
        name = self.node.camunda.get("resultVariable")
        if name:
            token.frame.put(name, found)
        elif isinstance(found, dict):
            for key, value in found.items():
                token.frame.put(key, value)
        elif found is not None:
            raise StepFailed(
                element=self.label,
                reason="its script gives a single value but no result variable.",
            )
        return True


def start_scope(
    workflow: Any, frame: Frame, start: str | None = None, trigger: Record | None = None
) -> None:
    """Begins a scope: arms its event sub-processes, then puts a token on its start event.

    start: the element whose event has happened, `trigger` says which of its events; without it
    the none start event, and in a scope that has no start event every element without an incoming
    flow (§13.2.4).
    """
    scope: Scope = workflow.spec.scope
    workflow.prepare(frame)
    arm_event_subprocesses(workflow)
    triggers = scope.triggers() if start is not None else {}
    if start in triggers:
        _begin_at(workflow, start, triggers[start], trigger)
        return
    starts = [n for n in scope.starts() if n.id == start] or sorted(
        scope.starts(), key=lambda n: bool(n.events)
    )
    if starts:
        arrive(workflow, starts[0].id, started=True)
        return
    for node in scope.entries():
        arrive(workflow, node.id)


def arm_event_subprocesses(workflow: Any) -> None:
    """The event sub-processes of a scope listen for their events."""
    for inner in workflow.spec.scope.event_subprocesses():
        workflow.spec.task_specs[inner.id].arm(workflow)


def _begin_at(workflow: Any, start: str, gateway: Node | None, trigger: Record | None) -> None:
    """The scope begins by an event: at a start event or receive task, or behind a gateway that
    instantiates. A parallel one awaits the other events in the same case (§10.5.6).
    """
    if gateway is None:
        arrive(workflow, start, started=trigger or True)
        return
    path = workflow.top_workflow.path
    path += [f"+{gateway.id}", f"-{gateway.id}"]
    for flow_id in gateway.outgoing:
        target = workflow.spec.scope.flows[flow_id].target
        if target == start or gateway.parallel:
            path.append(f">{flow_id}")
            marks: Record = {"started": True} if target == start else {}
            arrive(workflow, target, flow=flow_id, **marks)
