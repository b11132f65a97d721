"""Ad-hoc sub-processes: people choose what is done and in which order (BPMN 2.0 §13.3.5).

Each activity that no flow leads to may begin. Work for people is offered as open work; what runs
by itself is offered to the sub-process's own candidates, or begins by itself when it has none.
Without a completion condition each is done once; with one, everything may be done again until the
condition holds, which is asked after each activity.
The host's mark "ad_hoc" is {"begun": [ids], "closing": true}.
"""

from __future__ import annotations

from typing import Any

from engine import expressions
from engine.bpmn import BY_PEOPLE, AdHoc, Node
from engine.spiff.frames import Frame
from engine.spiff.performers import offered
from engine.spiff.specs import arm_event_subprocesses, arrive, withdraw, withdraw_all
from engine.spiff.subprocesses import SubprocessSpec
from engine.spiff.tokens import READY, Token
from engine.values import Record


class AdHocSpec(SubprocessSpec):
    """Offers its activities, and ends by its completion condition or when all are done."""

    @property
    def rules(self) -> AdHoc:
        return self.node.ad_hoc or AdHoc()

    def open(self, inside: Any, frame: Frame) -> None:
        inside.prepare(frame)
        arm_event_subprocesses(inside)
        inside.host.internal_data["ad_hoc"] = {"begun": []}
        for node in inside.spec.scope.entries():
            if not node.is_activity:
                arrive(inside, node.id)
        if not self.rules.sequential:
            self._begin_automatic(inside)
        self.refresh(inside)

    def _activities(self, inside: Any) -> list[Node]:
        return [n for n in inside.spec.scope.entries() if n.is_activity]

    def refresh(self, inside: Any) -> None:
        """What may begin now is offered. One after the other, nothing is while something runs."""
        progress: Record = inside.host.internal_data["ad_hoc"]
        if progress.get("closing"):
            return
        if self.rules.sequential:
            if _running(inside):
                for token in _offers(inside):
                    withdraw(token)
                return
            if not _offers(inside) and self._begin_automatic(inside):
                return
        begun, open_now = frozenset(_begun(progress)), _open(inside)
        for node in self._activities(inside):
            again = node.id in begun
            if node.id not in open_now and (self.rules.completion or not again):
                self._offer(inside, node, again)

    def _offer(self, inside: Any, node: Node, again: bool) -> None:
        if node.kind in BY_PEOPLE:
            marks: dict[str, Any] = {"again": True} if again else {}
            arrive(inside, node.id, enabled=True, **marks)
            return
        candidates = offered(inside.host)
        if not candidates:
            return
        token = Token(inside, inside.spec.task_specs[node.id], inside.task_tree)
        offer: Record = {"candidates": list(candidates), "begins": True}
        token.internal_data.update({"enabled": True, "offer": offer})
        token._set_state(READY)

    def _begin_automatic(self, inside: Any) -> bool:
        """What nobody is asked for begins by itself: all at once, or the next one."""
        progress: Record = inside.host.internal_data["ad_hoc"]
        if offered(inside.host):
            return False
        begun = frozenset(_begun(progress))
        waiting = [
            n for n in self._activities(inside) if n.kind not in BY_PEOPLE and n.id not in begun
        ]
        for node in waiting[:1] if self.rules.sequential else waiting:
            _note(inside, node.id)
            arrive(inside, node.id)
        return bool(waiting)

    def chosen(self, token: Token) -> None:
        """Somebody begins an activity that runs by itself."""
        inside = token.workflow
        token.internal_data.pop("enabled")
        token.internal_data.pop("offer")
        _note(inside, token.task_spec.node.id)
        inside.top_workflow.path.append(f"+{token.task_spec.node.id}")
        token.task_spec._update(token)
        self.refresh(inside)

    def interrupted(self, token: Token) -> None:
        """A boundary event ends an activity: it has been done, if not to its end."""
        _note(token.workflow, token.task_spec.node.id)

    def ends(self, inside: Any) -> None:
        """An event sub-process interrupts it: nothing is offered any more."""
        inside.host.internal_data["ad_hoc"]["closing"] = True

    def closes(self, token: Token) -> bool:
        """After an activity: whether the completion condition holds, so that nothing follows."""
        inside = token.workflow
        progress: Record = inside.host.internal_data["ad_hoc"]
        if token.internal_data.pop("enabled", False):
            _note(inside, token.task_spec.node.id)
        if progress.get("closing"):
            return True
        if not self.rules.completion:
            return False
        view, world = inside.frame.view(), inside.top_workflow.world
        if expressions.evaluate(self.rules.completion, view, world, self.label) is not True:
            return False
        progress["closing"] = True
        if self.rules.cancel_remaining:
            withdraw_all(inside)
        for other in _offers(inside):
            withdraw(other)
        return True

    def goes_on(self, token: Token, inside: Any) -> bool:
        progress: Record = token.internal_data.get("ad_hoc") or {"closing": True}
        if progress.get("closing") or "cancelled" in token.internal_data:
            return False
        self.refresh(inside)
        if inside.is_done() and self.rules.completion and _begun(progress):
            progress["begun"] = []
            self._begin_automatic(inside)
        return not inside.is_done()


def _begun(progress: Record) -> Any:
    return progress["begun"]


def _note(inside: Any, element: str) -> None:
    begun = inside.host.internal_data["ad_hoc"]["begun"]
    if element not in begun:
        begun.append(element)


def _offers(inside: Any) -> list[Token]:
    """What is offered and not yet begun."""
    return [t for t in inside.live.values() if {"enabled", "offer"} <= t.internal_data.keys()]


def _running(inside: Any) -> bool:
    return any(
        not ({"event_subprocess", "host"} & t.internal_data.keys())
        and not ({"enabled", "offer"} <= t.internal_data.keys())
        for t in inside.live.values()
    )


def _open(inside: Any) -> set[str]:
    """The elements that are offered, or done as they were offered."""
    return {t.task_spec.node.id for t in inside.live.values() if "enabled" in t.internal_data}
