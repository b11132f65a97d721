"""Gateways (BPMN 2.0 §13.4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from engine import expressions
from engine.bpmn import Flow, Node, Scope
from engine.errors import StepFailed
from engine.spiff.specs import NodeSpec, arrive, follow, holds, vanish
from engine.spiff.tokens import WAITING, Token
from engine.values import Record

MOST_TRIED, MOST_KNOWN = 3, 64
"""How many elements a join tries again before its scope is searched, and keeps to try."""
WEIGHT = 3
"""How many elements looked at forwards take as long as one in a search of the scope."""


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
        if not self.flows:
            return []
        raise StepFailed(
            element=self.label,
            reason="no condition of its flows holds and it has no default flow.",
        )


class ParallelGatewaySpec(NodeSpec):
    """Waits for one token on every incoming flow, consumes just those, and sends one out on each.

    The library's join looks at what the tree once held and crashes inside a loop; this one looks
    only at the tokens that wait here now.
    """

    def enter(self, token: Token) -> bool:
        if len(self.node.incoming) < 2:
            return True
        workflow, flow = token.workflow, token.internal_data["flow"]
        held = workflow.held.get(self.name, {})
        if len(held) + (flow not in held) < len(self.node.incoming):
            token._set_state(WAITING)
            workflow.hold(token)
            return False
        for other_flow, other in workflow.first_held(self.name).items():
            if other_flow != flow:
                token.after |= other.after
                vanish(other)
        return True

    def taken(self, token: Token) -> list[Flow]:
        return self.flows


class InclusiveGatewaySpec(NodeSpec):
    """Sends tokens along every flow whose condition holds; joins those that can still come
    (§13.4.3).
    """

    def __init__(self, wf_spec: Any, node: Node, scope: Scope) -> None:
        super().__init__(wf_spec, node, scope)
        self.reach = wf_spec.reach
        self.before = dict.fromkeys(node.incoming if len(node.incoming) > 1 else ())
        self.restless = bool(node.activation)

    def enter(self, token: Token) -> bool:
        if not self.before:
            return True
        self.keep(token)
        return False

    def keep(self, token: Token) -> None:
        """The token waits here until others have come or cannot come any more."""
        token._set_state(WAITING)
        token.workflow.hold(token)
        token.workflow.top_workflow.joining.add(token, restless=self.restless)

    def let_go(self, tokens: Iterable[Token]) -> None:
        """One of the tokens goes on for all of them."""
        going, *absorbed = tokens
        for token in absorbed:
            going.after |= token.after
            vanish(token)
        going.workflow.release(going)
        going.workflow.top_workflow.forget(going)
        going._ready()

    def awaits(self, workflow: Any, filled: Collection[str]) -> bool:
        """Whether a token can still arrive on a flow that has none: see Reach.awaited.

        Where one stood the last time it is looked for first, so that the scope need not be
        searched each time that another has come.
        """
        known: list[str] = workflow.awaiting.setdefault(self.name, [])
        flows, taken, top = self.before, frozenset(filled), workflow.top_workflow
        for _ in range(MOST_TRIED):
            while known and known[-1] not in workflow.standing:
                known.pop()
            if not known:
                break
            looked, holds_up = self.reach.awaits(self.name, known[-1], flows, taken)
            top.look(looked, self.label)
            if holds_up:
                break
            known.pop()
        else:
            known.clear()
        if not known:
            known += self._sought(workflow, taken)
        if known:
            workflow.hindering.setdefault(known[-1], set()).add(self.name)
        return bool(known)

    def _sought(self, workflow: Any, filled: frozenset[str]) -> list[str]:
        """Elements where a token stands that holds up the join, or none: who stands close before
        it is asked first, and then its scope is searched.
        """
        flows, top, standing = self.before, workflow.top_workflow, workflow.standing
        looked, near = self.reach.near(self.name, (f for f in flows if f not in filled), standing)
        top.look(looked, self.label)
        for place in near[:MOST_TRIED]:
            looked, holds_up = self.reach.awaits(self.name, place, flows, filled)
            top.look(looked, self.label)
            if holds_up:
                return [place]
        looked, awaited = self.reach.awaited(self.name, flows, filled)
        top.look(WEIGHT * looked + len(standing), self.label)
        places = (place for place in reversed(standing) if place in awaited)
        return list(islice(places, MOST_KNOWN))[::-1]

    def try_join(self, workflow: Any) -> bool:
        """Lets the waiting tokens through when no other token can still arrive on
        an empty flow.
        """
        joined, decided = False, None
        while used := workflow.held.get(self.name):
            if decided != used.keys():
                if self.awaits(workflow, used.keys()):
                    break
                decided = set(used)
            first = workflow.first_held(self.name)
            self.let_go(sorted(first.values(), key=lambda t: t.id))
            joined = True
        return joined

    def taken(self, token: Token) -> list[Flow]:
        if len(self.flows) == 1 and not self.flows[0].condition:
            return self.flows
        return super().taken(token)


class ComplexGatewaySpec(InclusiveGatewaySpec):
    """Goes on when its activation condition holds, and waits to be reset by what comes late.

    §13.4.5: the condition sees `activationCount`, the number of incoming flows with a token. After
    it has gone on, the gateway waits for the tokens that can still come on the other flows and
    consumes them; only flows whose condition holds with `waitingForStart` false get one then.
    """

    def try_join(self, workflow: Any) -> bool:
        waiting = workflow.first_held(self.name)
        memory = waiting.pop("", None)
        if memory is not None:
            return self._reset(workflow, memory, waiting)
        if not waiting or not self._activates(next(iter(waiting.values())), len(waiting)):
            return False
        if len(waiting) < len(self.before):
            memory = Token(workflow, self, workflow.task_tree, WAITING)
            memory.internal_data.update({"reset": list(waiting), "flow": ""})
            for token in waiting.values():
                memory.after |= token.after
            self.keep(memory)
        self.let_go(sorted(waiting.values(), key=lambda t: t.id))
        return True

    def _activates(self, token: Token, count: int) -> bool:
        if not self.node.activation:
            return True
        view = {**token.frame.view(), "activationCount": count, "waitingForStart": True}
        world = token.workflow.top_workflow.world
        return expressions.evaluate(self.node.activation, view, world, self.label) is True

    def _reset(self, workflow: Any, memory: Token, waiting: dict[str, Token]) -> bool:
        used = [f for f in memory.internal_data["reset"] if f in self.before]
        late = {f: t for f, t in waiting.items() if f not in used}
        if self.awaits(workflow, {*used, *late}):
            return False
        for token in late.values():
            memory.after |= token.after
        with memory.in_turn():
            for flow in self.flows:
                if flow.condition and holds(memory, flow, {"waitingForStart": False}):
                    follow(memory, flow)
        for token in (*late.values(), memory):
            vanish(token)
        return True

    def taken(self, token: Token) -> list[Flow]:
        plain = {f.id for f in self.flows if not f.condition and f.id != self.node.default}
        starting: Record = {"waitingForStart": True}
        chosen = {f.id for f in self.flows if f.condition and holds(token, f, starting)}
        if not plain and not chosen and self.node.default is not None:
            chosen.add(self.node.default)
        taken = [f for f in self.flows if f.id in plain or f.id in chosen]
        if not taken and self.flows:
            raise StepFailed(element=self.label, reason="no condition of its flows holds.")
        return taken


class EventGatewaySpec(NodeSpec):
    """The first event to happen wins; the tokens at the others are withdrawn."""

    def leave(self, token: Token) -> None:
        for flow in self.flows:
            token.workflow.top_workflow.path.append(f">{flow.id}")
            marks: Record = {} if self.node.parallel else {"race": token.id}
            arrive(token.workflow, flow.target, flow=flow.id, **marks)
