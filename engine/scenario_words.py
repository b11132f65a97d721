"""The words of scenarios: which may stand where, and what must come after each.

A misspelt word would otherwise expect nothing and always pass; so every scenario is read to its
last step before the first one is played.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine import dry
from engine.ports import Surroundings


@dataclass(frozen=True)
class Said:
    """One sentence: English, with `fields` in braces. at: the field of a form that it is about."""

    message: str
    fields: Mapping[str, Any]
    at: str = ""

    def __str__(self) -> str:
        words = self.message.format_map(self.fields)
        return f"{self.at}: {words}" if self.at else words


ACTS = ("start", "complete", "refused", "send", "deliver", "wait")
"""A step does one of these; what else stands in it goes with it, or is expected afterwards."""

_GO_WITH = {
    "as": ("start", "complete", "refused", "send"),
    "unit": ("start",),
    "fields": ("refused",),
    "correlation": ("deliver",),
    "data": ("complete", "refused", "send", "deliver"),
}
WORDS = frozenset({"given", *ACTS, *_GO_WITH, "calls", "open", "ends"})
_RECORDS = ("given", "start", "data")
_TEXTS = ("as", "unit", "complete", "refused", "send", "deliver", "wait", "ends")
_LISTS = ("open", "fields")


def misread(step: Mapping[str, Any], surroundings: Surroundings) -> tuple[Said, ...]:
    """One sentence for each word of a step that is unknown, out of place, or before another kind
    of thing.
    """
    return (*_words(step), *_kinds(step), *_doubles(step.get("given"), surroundings))


def _words(step: Mapping[str, Any]) -> Iterator[Said]:
    for word in step:
        if word not in WORDS:
            yield Said('"{word}" is no word of a scenario.', {"word": word})
    acts = [word for word in ACTS if word in step]
    if len(acts) > 1:
        first, second = acts[:2]
        message = '"{first}" and "{second}" are two steps; write them one after the other.'
        yield Said(message, {"first": first, "second": second})
        return
    for word, beside in _GO_WITH.items():
        # Data alone are what the case must hold.
        alone = word == "data" and not acts
        if word in step and not alone and not set(beside) & set(acts):
            message = '"{word}" says nothing here; it stands beside {beside}.'
            yield Said(message, {"word": word, "beside": ", ".join(f"“{b}”" for b in beside)})
    if not step:
        yield Said("The step says nothing.", {})


def _kinds(step: Mapping[str, Any]) -> Iterator[Said]:
    for word, value in step.items():
        texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if word in _RECORDS and not isinstance(value, dict):
            yield Said('After "{word}" comes a record in braces.', {"word": word})
        elif word in _TEXTS and not isinstance(value, str):
            yield Said('After "{word}" comes a text.', {"word": word})
        elif word in _LISTS and not texts:
            yield Said('After "{word}" comes a list of texts.', {"word": word})
        elif word == "calls" and not (texts or isinstance(value, str)):
            yield Said('After "{word}" comes a text or a list of them.', {"word": word})
        elif word == "correlation" and not _is_key(value):
            yield Said('After "{word}" comes a text or a whole number.', {"word": word})


def _is_key(value: Any) -> bool:
    return value is None or type(value) in (str, int)


def _doubles(given: Any, surroundings: Surroundings) -> Iterator[Said]:
    """What is wrong with the answers that a step gives for facts and operations."""
    facts = surroundings.facts.keys() | dry.ORGANISATION
    for name, answers in given.items() if isinstance(given, dict) else ():
        operation = surroundings.operations.get(name)
        if operation is None:
            if name not in facts:
                yield Said('There is no fact or operation "{name}" to answer for.', {"name": name})
            continue
        results = operation.result().fields
        for answer in answers if isinstance(answers, list) else [answers]:
            if not isinstance(answer, dict):
                continue
            known = {"fail", "reject", "result", *results}
            for word in answer.keys() - known:
                message = '"{word}" is no answer of {name}; write {known}.'
                shown = ", ".join(f"“{each}”" for each in sorted(known))
                yield Said(message, {"word": word, "name": name, "known": shown})


def repeated(text: str) -> tuple[Said, ...]:
    """One sentence for each name that a record of the file gives twice: the first would be lost.

    Raises ValueError for what is no JSON.
    """
    found: dict[str, Said] = {}

    def record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                message = 'The file gives "{name}" twice in one place; only the last would count.'
                found[name] = Said(message, {"name": name})
            seen.add(name)
        return dict(pairs)

    json.loads(text, object_pairs_hook=record)
    return tuple(found.values())
