"""Repeated activities: standard loops and many instances (BPMN 2.0 §13.3.6, §13.3.7).

The container is STARTED while instances live; its mark "loop" is how far it has come:
{"next": 2, "done": 1, "results": {"0": ...}, "items": [...], "total": 3, "undone": [...]}.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine import expressions, values
from engine.bpmn import EventDefinition, Loop
from engine.errors import Sentence, StepFailed
from engine.spiff.compensation import record_of
from engine.spiff.data import own_names
from engine.spiff.throwing import throw_all
from engine.spiff.tokens import FUTURE, STARTED, Token
from engine.values import Record, Value
from engine.world import LAST_CAUGHT

MOST_INSTANCES = 10_000


def start(token: Token, loop: Loop) -> bool:
    """The container begins; True when there is nothing to do and it may complete at once."""
    items = _items(token, loop)
    token._set_state(STARTED)
    progress: Record = {"next": 0, "done": 0, "results": {}}
    if items is not None:
        progress["items"] = items
        progress["total"] = len(items)
    token.internal_data["loop"] = progress
    if loop.kind == "standard":
        if loop.test_before and not _continues(token, loop):
            return _nothing_to_do(token, loop)
        _next_instance(token, loop)
    elif not items:
        return _nothing_to_do(token, loop)
    else:
        for _ in items if loop.kind == "parallel" else items[:1]:
            _next_instance(token, loop)
    return False


def _evaluate(token: Token, text: str, view: Record) -> Any:
    world = token.workflow.top_workflow.world
    return expressions.evaluate(text, view, world, token.task_spec.label)


def _most(token: Token) -> int:
    """How many instances an activity may have."""
    leeway: int = token.workflow.top_workflow.world.leeway
    return MOST_INSTANCES * leeway


def _items(token: Token, loop: Loop) -> list[Value] | None:
    if loop.kind == "standard":
        return None
    label, view, most = token.task_spec.label, token.frame.view(), _most(token)
    if loop.cardinality:
        count = _evaluate(token, loop.cardinality, view)
        if isinstance(count, Decimal) and count == count.to_integral_value():
            count = int(count)
        if type(count) is not int or not 0 <= count <= most:
            words = {"count": count, "most": most}
            reason = Sentence("its number of instances is {count}, not 0 to {most}.", words)
            raise StepFailed(element=label, reason=reason)
        return list(range(count))
    found = values.check(_evaluate(token, loop.collection or "null", view), label)
    if found is None:
        return []
    if not isinstance(found, list) or len(found) > most:
        words = {"most": most}
        reason = Sentence("its collection is no list of at most {most} items.", words)
        raise StepFailed(element=label, reason=reason)
    return found


def _next_instance(token: Token, loop: Loop) -> None:
    progress, spec = token.internal_data["loop"], token.task_spec
    index = progress["next"]
    progress["next"] = index + 1
    top = token.workflow.top_workflow
    top.allow_instance(spec.label)
    local: Record = {"loopCounter": index}
    if "items" in progress:
        local["nrOfInstances"] = progress["total"]
        if loop.item:
            local[loop.item] = values.copy(progress["items"][index])
    frame = top.new_frame(token.frame, local)
    top.path.append(f"+{spec.node.id}")
    instance = Token(token.workflow, spec, token, FUTURE)
    top.arrives(instance)
    instance.internal_data.update({"of": token.id, "frame": frame.number, "index": index})
    token.workflow.group(instance)
    spec._update(instance)


def instance_done(instance: Token) -> None:
    """An instance is completed: its result is kept, its event thrown, and the next one begins or
    the container ends.
    """
    top = instance.workflow.top_workflow
    container: Token = top.index[instance.internal_data["of"]]
    loop, progress = instance.task_spec.node.loop, container.internal_data["loop"]
    progress["done"] += 1
    _collect(container, instance, loop)
    record = record_of(instance)
    if record is not None:
        progress.setdefault("undone", []).append(record)
    has_thrown = _behave(container, instance, loop)
    if not container.is_live:
        return
    if _enough(container, instance, loop):
        if progress["next"] > _ended(progress):
            for other in instance.workflow.grouped("of", container.id):
                other.cancel()
        if has_thrown and top.world.follows(LAST_CAUGHT):
            # What the last instance throws is caught on the border of its activity, which ends
            # afterwards, unless it is interrupted.
            container.internal_data["over"] = True
            top.ending.append(container)
            return
        finish(container)
        container.complete()
    elif loop.kind != "parallel":
        _next_instance(container, loop)


def instance_lost(instance: Token) -> None:
    """An instance has been cancelled: it counts as terminated, and the next one begins or the
    container ends. Where none was completed, nothing follows it, as without a loop.
    """
    container: Token = instance.workflow.top_workflow.index[instance.internal_data["of"]]
    loop, progress = instance.task_spec.node.loop, container.internal_data["loop"]
    instance.cancel()
    progress["lost"] = progress.get("lost", 0) + 1
    if loop.kind == "standard":
        is_over = not _continues(container, loop)
    else:
        is_over = _ended(progress) >= progress["total"]
    if is_over and progress["done"]:
        finish(container)
        container.complete()
    elif is_over:
        container.cancel()
    elif loop.kind != "parallel":
        _next_instance(container, loop)


def _ended(progress: Any) -> int:
    """How many instances were completed or cancelled."""
    return int(progress["done"] + progress.get("lost", 0))


def _collect(container: Token, instance: Token, loop: Loop) -> None:
    """Keeps the instance's result in its place; without a collection its data
    goes outwards.
    """
    content, progress = instance.frame.content, container.internal_data["loop"]
    if loop.output_collection:
        world, label = instance.workflow.top_workflow.world, instance.task_spec.label
        found = expressions.value(loop.output_item or "null", instance.frame.view(), world, label)
        progress["results"][str(instance.internal_data["index"])] = found
        return
    own = {"loopCounter", "nrOfInstances", loop.item} | own_names(instance.task_spec.node)
    container.frame.write({k: v for k, v in content.items() if k not in own})


def _counts(container: Token, loop: Loop, view: Record, condition: str) -> Record:
    """What a completion condition sees: Camunda's names of the counts, the standard's, and the
    results so far.

    To put all results in order takes as long as there are results, after each of them: it is done
    only for a condition that names them.
    """
    progress = container.internal_data["loop"]
    total, done = progress.get("total", progress["next"]), progress["done"]
    lost = progress.get("lost", 0)
    active = progress["next"] - done - lost
    counts: Record = {
        "nrOfInstances": total,
        "nrOfCompletedInstances": done,
        "nrOfActiveInstances": active,
        "numberOfInstances": total,
        "numberOfCompletedInstances": done,
        "numberOfActiveInstances": active,
        "numberOfTerminatedInstances": lost,
    }
    names = container.workflow.top_workflow.world.names
    if loop.output_collection and _results(loop) in expressions.names_in(condition, names):
        counts[_results(loop)] = _ordered(progress["results"])
    return {**view, **counts}


def _behave(container: Token, instance: Token, loop: Loop) -> bool:
    """Throws what the activity throws when an instance is completed: with None each time, with
    One the first time, with Complex whenever a rule's condition holds. Whether it threw anything.
    """
    thrown: list[EventDefinition] = []
    if loop.behavior == "None" or (
        loop.behavior == "One" and container.internal_data["loop"]["done"] == 1
    ):
        thrown += loop.thrown
        throw_all(container, loop.thrown)
    elif loop.behavior == "Complex":
        seen = instance.frame.view()
        for condition, events in loop.rules:
            view = _counts(container, loop, seen, condition)
            if container.is_live and _evaluate(instance, condition, view) is True:
                thrown += events
                throw_all(container, events)
    return bool(thrown)


def _enough(container: Token, instance: Token, loop: Loop) -> bool:
    progress = container.internal_data["loop"]
    if loop.kind == "standard":
        return not _continues(container, loop)
    if loop.completion:
        view = _counts(container, loop, instance.frame.view(), loop.completion)
        if _evaluate(instance, loop.completion, view) is True:
            return True
    return bool(_ended(progress) >= progress["total"])


def _results(loop: Loop) -> str:
    return (loop.output_collection or "").lstrip("= ")


def _continues(container: Token, loop: Loop) -> bool:
    done = _ended(container.internal_data["loop"])
    if loop.maximum is not None and done >= loop.maximum:
        return False
    if done >= _most(container):
        reason = Sentence("it was repeated {count} times.", {"count": done})
        raise StepFailed(element=container.task_spec.label, reason=reason)
    if not loop.condition:
        return loop.maximum is not None
    view = {**container.frame.view(), "loopCounter": done}
    return _evaluate(container, loop.condition, view) is True


def _nothing_to_do(container: Token, loop: Loop) -> bool:
    finish(container)
    container.internal_data["empty"] = True
    return True


def finish(container: Token) -> None:
    """All instances are done: their results stand in order, and what can undo them is kept."""
    loop, progress = container.task_spec.node.loop, container.internal_data.pop("loop")
    if loop.output_collection:
        container.frame.put(_results(loop), _ordered(progress["results"]))
    if "undo" not in container.internal_data:
        container.workflow.done += progress.get("undone", ())


def _ordered(results: Record) -> list[Value]:
    return [results[key] for key in sorted(results, key=int)]
