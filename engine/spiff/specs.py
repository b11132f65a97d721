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
from engine.spiff.tokens import COMPLETED, FUTURE, WAITING, Frame, Token


class NodeSpec(BpmnTaskSpec):  # type: ignore[misc]  # the library is untyped
    """One element of a drawing. Subclasses say how it is entered, worked and left."""

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
        self.leave(token)

    def _on_cancel(self, token: Token) -> None:
        top = token.workflow.top_workflow
        top.path.append(f"!{self.node.id}")
        inside = top.subprocesses.get(token.id)
        for other in list(inside.live.values()) if inside is not None else []:
            other.cancel()

    def waits_for_people(self, token: Token) -> bool:
        return False

    def enter(self, token: Token) -> bool:
        """Whether the token may be worked at once."""
        return True

    def act(self, token: Token) -> bool:
        """The element's work; True when it is done."""
        return True

    def leave(self, token: Token) -> None:
        """Sends a token along each flow that is taken."""
        for flow in self.taken(token):
            follow(token, flow)

    def taken(self, token: Token) -> list[Flow]:
        """Unconditional flows and those whose condition holds; the default when no condition
        does.
        """
        conditional = [f for f in self.flows if f.condition and f.id != self.node.default]
        if not conditional and self.node.default is None:
            return self.flows
        holding = [f for f in conditional if holds(token, f)]
        plain = [f for f in self.flows if not f.condition and f.id != self.node.default]
        if not holding and self.node.default is not None:
            plain += [f for f in self.flows if f.id == self.node.default]
        if not holding and not plain and self.flows:
            raise StepFailed(element=self.label, reason="no condition of its flows holds.")
        return [f for f in self.flows if f in holding or f in plain]

    @property
    def label(self) -> str:
        return self.node.name or self.node.id


def holds(token: Token, flow: Flow) -> bool:
    """Whether a flow's condition is true; anything else, null too, is not."""
    name = flow.name or flow.id
    top = token.workflow.top_workflow
    return expressions.evaluate(flow.condition or "", token.frame.view(), top.world, name) is True


def follow(token: Token, flow: Flow) -> None:
    """Sends a token along a sequence flow."""
    token.workflow.top_workflow.path.append(f">{flow.id}")
    arrive(token.workflow, flow.target, flow=flow.id)


def arrive(workflow: Any, node_id: str, *, flow: str | None = None, **marks: Any) -> Token:
    """A new token at an element; `marks` are what it carries (frame, host, of, race)."""
    spec = workflow.spec.task_specs[node_id]
    workflow.top_workflow.path.append(f"+{node_id}")
    token = Token(workflow, spec, workflow.task_tree, FUTURE)
    if flow is not None:
        token.internal_data["flow"] = flow
    token.internal_data.update(marks)
    spec._update(token)
    return token


class ExclusiveGatewaySpec(NodeSpec):
    """Takes the first flow whose condition holds, in the order of the file; else the default.

    A flow that has no condition is not tied to one and so always open (§8.4.13).
    """

    def taken(self, token: Token) -> list[Flow]:
        default = None
        for flow in self.flows:
            if flow.id == self.node.default:
                default = flow
            elif not flow.condition or holds(token, flow):
                return [flow]
        if default is not None:
            return [default]
        raise StepFailed(
            element=self.label,
            reason="no condition of its flows holds and it has no default flow.",
        )


class ParallelGatewaySpec(NodeSpec):
    """Waits for one token on every incoming flow, consumes just those, and sends one out on each.

    The library's join looks at what the tree once held and crashes inside a loop; this one looks
    only
    at the tokens that wait here now.
    """

    def enter(self, token: Token) -> bool:
        if len(self.node.incoming) < 2:
            return True
        first: dict[str, Token] = {}
        for other in token.workflow.live.values():
            if other.task_spec is self and (other is token or other.has_state(WAITING)):
                first.setdefault(other.internal_data["flow"], other)
        if len(first) < len(self.node.incoming):
            token._set_state(WAITING)
            return False
        for other in first.values():
            if other is not token:
                other._set_state(COMPLETED)
        return True

    def taken(self, token: Token) -> list[Flow]:
        return self.flows


class InclusiveGatewaySpec(NodeSpec):
    """Sends tokens along every flow whose condition holds; joins those that can still come
    (§13.4.3).
    """

    def __init__(self, wf_spec: Any, node: Node, scope: Scope) -> None:
        super().__init__(wf_spec, node, scope)
        self.before = {f: _upstream(scope, f, node.id) for f in node.incoming}

    def enter(self, token: Token) -> bool:
        if len(self.node.incoming) < 2:
            return True
        token._set_state(WAITING)
        return False

    def try_join(self, workflow: Any) -> bool:
        """Lets the waiting tokens through when no other token can still arrive on
        an empty flow.
        """
        here = [t for t in workflow.live.values() if t.task_spec is self and t.has_state(WAITING)]
        if not here:
            return False
        filled = {t.internal_data["flow"] for t in here}
        empty = [f for f in self.before if f not in filled]
        for other in workflow.live.values():
            if other.task_spec is self or "host" in other.internal_data:
                continue
            place = other.task_spec.name
            if any(place in self.before[f] for f in empty) and not any(
                place in self.before[f] for f in filled
            ):
                return False
        used: dict[str, Token] = {}
        for token in here:
            used.setdefault(token.internal_data["flow"], token)
        going, *absorbed = used.values()
        for token in absorbed:
            token._set_state(COMPLETED)
        going._ready()
        return True

    def taken(self, token: Token) -> list[Flow]:
        if len(self.flows) == 1 and not self.flows[0].condition:
            return self.flows
        return super().taken(token)


def _upstream(scope: Scope, flow: str, stop: str) -> frozenset[str]:
    """Elements from which the flow can be reached without passing `stop`."""
    seen: set[str] = set()
    waiting = [scope.flows[flow].source]
    while waiting:
        node_id = waiting.pop()
        if node_id in seen or node_id == stop or node_id not in scope.nodes:
            continue
        seen.add(node_id)
        node = scope.nodes[node_id]
        waiting += [scope.flows[f].source for f in node.incoming]
        if node.attached_to:
            waiting.append(node.attached_to)
    return frozenset(seen)


class EventGatewaySpec(NodeSpec):
    """The first event to happen wins; the tokens at the others are withdrawn."""

    def leave(self, token: Token) -> None:
        for flow in self.flows:
            token.workflow.top_workflow.path.append(f">{flow.id}")
            arrive(token.workflow, flow.target, flow=flow.id, race=token.id)


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
            token.frame.content[name] = found
        elif isinstance(found, dict):
            token.frame.content.update(found)
        elif found is not None:
            raise StepFailed(
                element=self.label,
                reason="its script gives a single value but no result variable.",
            )
        return True


def start_scope(workflow: Any, frame: Frame, start: str | None = None) -> None:
    """Begins a scope: arms its event sub-processes, then puts a token on its start event.

    start: the start event whose trigger has happened; without it the none start event, and in a
    sub-process that has no start event every element without an incoming flow (§13.2.4).
    """
    scope: Scope = workflow.spec.scope
    workflow.prepare(frame)
    for inner in scope.event_subprocesses():
        workflow.spec.task_specs[inner.id].arm(workflow)
    starts = [n for n in scope.starts() if n.id == start] or sorted(
        scope.starts(), key=lambda n: bool(n.events)
    )
    if starts:
        arrive(workflow, starts[0].id, started=True)
        return
    for node in scope.nodes.values():
        if not node.incoming and not node.attached_to and not node.by_event:
            arrive(workflow, node.id)
