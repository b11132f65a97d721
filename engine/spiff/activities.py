"""Activities: what is common to them, services, decisions, sub-processes, called processes, many
instances.
"""

from __future__ import annotations

from typing import Any

from engine import expressions, values
from engine.bpmn import Loop, Scope
from engine.errors import Rejected, StepFailed
from engine.spiff.events import BoundarySpec, arm, disarm, throw, unhandled
from engine.spiff.specs import NodeSpec, start_scope
from engine.spiff.tokens import FUTURE, STARTED, WAITING, Frame, Token
from engine.values import Record, Value
from engine.world import World

MOST_INSTANCES = 10_000


class ActivitySpec(NodeSpec):
    """Arms its boundary events, runs once or for each instance of its loop, disarms them again."""

    def world(self, token: Token) -> World:
        return token.workflow.top_workflow.world  # type: ignore[no-any-return]  # ours

    def enter(self, token: Token) -> bool:
        if "of" not in token.internal_data:
            for node in self.scope.boundaries(self.node.id):
                boundary: BoundarySpec = token.workflow.spec.task_specs[node.id]
                arm(token, boundary)
            if self.node.loop is not None:
                return self._start_loop(token, self.node.loop)
        return self.begin(token)

    def begin(self, token: Token) -> bool:
        """Prepares the work; True when it may be done at once."""
        return True

    def _run_hook(self, token: Token) -> bool:
        return bool(token.internal_data.pop("empty", False)) or self.act(token)

    def _on_complete_hook(self, token: Token) -> None:
        if "of" in token.internal_data:
            token.workflow.top_workflow.path.append(f"-{self.node.id}")
            self._instance_done(token)
            return
        disarm(token)
        super()._on_complete_hook(token)

    def _on_cancel(self, token: Token) -> None:
        super()._on_cancel(token)
        disarm(token)
        for other in list(token.workflow.live.values()):
            if other.internal_data.get("of") == token.id:
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
            target.content[name] = expressions.text_or_value(
                source, view, self.world(token), self.label
            )

    # Many instances (BPMN 2.0 §13.3.6, §13.3.7). The container is STARTED while instances live.

    def _start_loop(self, token: Token, loop: Loop) -> bool:
        items = self._items(token, loop)
        token._set_state(STARTED)
        progress: Record = {"next": 0, "done": 0, "results": {}}
        if items is not None:
            progress["items"] = items
            progress["total"] = len(items)
        token.internal_data["loop"] = progress
        if loop.kind == "standard":
            if loop.test_before and not self._continues(token, loop):
                return self._nothing_to_do(token)
            self._next_instance(token, loop)
        elif not items:
            return self._nothing_to_do(token)
        else:
            for _ in items if loop.kind == "parallel" else items[:1]:
                self._next_instance(token, loop)
        return False

    def _items(self, token: Token, loop: Loop) -> list[Value] | None:
        if loop.kind == "standard":
            return None
        view, world = token.frame.view(), self.world(token)
        if loop.cardinality:
            count = expressions.evaluate(loop.cardinality, view, world, self.label)
            if not isinstance(count, int) or not 0 <= count <= MOST_INSTANCES:
                raise StepFailed(
                    element=self.label,
                    reason=f"its number of instances is {count}, not 0 to {MOST_INSTANCES}.",
                )
            return list(range(count))
        found = expressions.value(loop.collection or "", view, world, self.label)
        if found is None:
            return []
        if not isinstance(found, list) or len(found) > MOST_INSTANCES:
            raise StepFailed(
                element=self.label,
                reason=f"its collection is no list of at most {MOST_INSTANCES} items.",
            )
        return found

    def _next_instance(self, token: Token, loop: Loop) -> None:
        progress = token.internal_data["loop"]
        index = progress["next"]
        progress["next"] = index + 1
        top = token.workflow.top_workflow
        local: Record = {"loopCounter": index}
        if "items" in progress:
            local["nrOfInstances"] = progress["total"]
            if loop.item:
                local[loop.item] = values.copy(progress["items"][index])
        frame = top.new_frame(token.frame, local)
        top.path.append(f"+{self.node.id}")
        instance = Token(token.workflow, self, token, FUTURE)
        instance.internal_data.update({"of": token.id, "frame": frame.number, "index": index})
        self._update(instance)

    def _instance_done(self, instance: Token) -> None:
        top = instance.workflow.top_workflow
        container: Token = top.index[instance.internal_data["of"]]
        loop, progress = self.node.loop, container.internal_data["loop"]
        assert loop is not None
        progress["done"] += 1
        self._collect(container, instance, loop)
        if self._enough(container, instance, loop):
            for other in list(instance.workflow.live.values()):
                if other.internal_data.get("of") == container.id:
                    other.cancel()
            self._end_loop(container)
        elif loop.kind != "parallel":
            self._next_instance(container, loop)

    def _collect(self, container: Token, instance: Token, loop: Loop) -> None:
        """Keeps the instance's result in its place; without a collection its data
        goes outwards.
        """
        content, progress = instance.frame.content, container.internal_data["loop"]
        if loop.output_collection:
            source = loop.output_item or "null"
            found = expressions.value(
                source, instance.frame.view(), self.world(instance), self.label
            )
            progress["results"][str(instance.internal_data["index"])] = found
            return
        own = {"loopCounter", "nrOfInstances", loop.item}
        container.frame.write({k: v for k, v in content.items() if k not in own})

    def _enough(self, container: Token, instance: Token, loop: Loop) -> bool:
        progress = container.internal_data["loop"]
        if loop.kind == "standard":
            return not self._continues(container, loop)
        if loop.completion:
            counts = {
                "nrOfInstances": progress["total"],
                "nrOfCompletedInstances": progress["done"],
                "nrOfActiveInstances": progress["next"] - progress["done"],
            }
            view = {**instance.frame.view(), **counts}
            if self._results(loop):
                view[self._results(loop)] = _ordered(progress["results"])
            if (
                expressions.evaluate(loop.completion, view, self.world(instance), self.label)
                is True
            ):
                return True
        return bool(progress["done"] >= progress["total"])

    def _results(self, loop: Loop) -> str:
        return (loop.output_collection or "").lstrip("= ")

    def _continues(self, container: Token, loop: Loop) -> bool:
        done = container.internal_data["loop"]["done"]
        if loop.maximum is not None and done >= loop.maximum:
            return False
        if done >= MOST_INSTANCES:
            raise StepFailed(element=self.label, reason=f"it was repeated {done} times.")
        if not loop.condition:
            return loop.maximum is not None
        view = {**container.frame.view(), "loopCounter": done}
        return (
            expressions.evaluate(loop.condition, view, self.world(container), self.label) is True
        )

    def _nothing_to_do(self, container: Token) -> bool:
        self._finish_loop(container)
        container.internal_data["empty"] = True
        return True

    def _end_loop(self, container: Token) -> None:
        self._finish_loop(container)
        container.complete()

    def _finish_loop(self, container: Token) -> None:
        progress, loop = container.internal_data.pop("loop"), self.node.loop
        assert loop is not None
        if loop.output_collection:
            container.frame.content[self._results(loop)] = _ordered(progress["results"])


def _ordered(results: Record) -> list[Value]:
    return [results[key] for key in sorted(results, key=int)]


class ServiceSpec(ActivitySpec):
    """Calls an operation: a local one at once, a remote one by a job that the token waits for."""

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
        name = self.node.camunda.get("resultVariable")
        if name:
            token.frame.content[name] = result

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

    def act(self, token: Token) -> bool:
        top, world = token.workflow.top_workflow, self.world(token)
        name = self.node.camunda.get("decisionRef", "")
        view = {**token.frame.view(), **self.given(token)}
        value, rules = top.program.decide(name, view, world, self.label)
        world.note(name, list(rules), value)
        variable = self.node.camunda.get("resultVariable")
        if variable:
            token.frame.content[variable] = value
        elif isinstance(value, dict):
            token.frame.content.update(value)
        if self.node.outputs:
            self.put_out(token, {**token.frame.view(), "result": value})
        return True


class SubprocessSpec(ActivitySpec):
    """An embedded sub-process: a scope of its own, the same variables."""

    spec_key: str
    inside: Scope

    def begin(self, token: Token) -> bool:
        token._set_state(STARTED)
        top = token.workflow.top_workflow
        inside = top.create_subprocess(token, self.spec_key)
        start_scope(inside, self.inner_frame(token))
        return False

    def inner_frame(self, token: Token) -> Frame:
        return token.frame

    def ended(self, token: Token, inside: Any) -> None:
        """Nothing lives inside any more: the activity is done."""
        token.complete()


class CallActivitySpec(SubprocessSpec):
    """A called process: variables of its own, filled and read by camunda:in and camunda:out."""

    def inner_frame(self, token: Token) -> Frame:
        content = self._mapped(token, "in", token.frame.view())
        base = token.workflow.top_workflow.base
        return token.workflow.top_workflow.new_frame(base, content)  # type: ignore[no-any-return]

    def ended(self, token: Token, inside: Any) -> None:
        token.frame.content.update(self._mapped(token, "out", inside.frame.content))
        token.complete()

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
