"""Messages whose two ends in one file do not go together: who waits would wait in vain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.bpmn import EventDefinition, Node, Process
from engine.check.finding import Finding, found

SPEAKING = frozenset({"intermediateThrowEvent", "endEvent", "sendTask"})

End = tuple[Node, EventDefinition]


def check_keys(path: str, processes: Iterable[Process]) -> Iterator[Finding]:
    """Findings about messages that one end sends or awaits under a key and the other without one
    (8.4.2). A message that begins a case needs none.
    """
    thrown, awaited = thrown_and_awaited(processes)
    for name in thrown.keys() & awaited.keys():
        yield from _ends(path, name, thrown[name], awaited[name])


def thrown_and_awaited(
    processes: Iterable[Process],
) -> tuple[dict[str, list[End]], dict[str, list[End]]]:
    """Who sends a message within the file and who awaits it in a case, by its name."""
    thrown: dict[str, list[End]] = {}
    awaited: dict[str, list[End]] = {}
    for process in processes:
        begins = process.top.triggers()
        for node in process.nodes():
            for event in node.events:
                if event.kind != "message" or not event.name or node.id in begins:
                    continue
                if node.kind not in SPEAKING:
                    awaited.setdefault(event.name, []).append((node, event))
                elif not node.outward and "topic" not in node.camunda:
                    thrown.setdefault(event.name, []).append((node, event))
    return thrown, awaited


def _ends(path: str, name: str, thrown: list[End], awaited: list[End]) -> Iterator[Finding]:
    """Told where every other end has a key, or none has: at those that differ."""
    sent = {_is_sent_so(*end) for end in thrown}
    kept = {_is_awaited_so(*end) for end in awaited}
    if len(sent) > 1 or len(kept) > 1 or sent == kept:
        return
    (without, _), (other, _) = (awaited[0], thrown[0]) if True in sent else (thrown[0], awaited[0])
    label = other.name or other.id
    yield found(path, "one-end-keyed", without, message=name, other=label)


def _is_sent_so(node: Node, event: EventDefinition) -> bool:
    return bool(node.properties.get("correlation") or event.retrieval)


def _is_awaited_so(node: Node, event: EventDefinition) -> bool:
    return bool(node.properties.get("correlation") or event.bindings or event.conversation)
