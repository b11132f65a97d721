"""Camunda's extension attributes and elements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn import CAMUNDA, DataMapping
from engine.bpmn_reader.xml import children, is_in, local


def extensions(element: Any) -> Iterator[Any]:
    for extension in children(element, "extensionElements"):
        yield from extension


def properties(element: Any) -> dict[str, str]:
    """camunda:properties as a record."""
    found: dict[str, str] = {}
    for extension in extensions(element):
        if local(extension) == "properties":
            for item in extension:
                if item.get("name"):
                    found[item.get("name")] = item.get("value", "")
    return found


def camunda(element: Any) -> dict[str, str]:
    """The camunda: attributes without their prefix."""
    prefix = f"{{{CAMUNDA}}}"
    return {k.removeprefix(prefix): v for k, v in element.attrib.items() if k.startswith(prefix)}


def _parameter(element: Any) -> Any:
    """A parameter's value: text, or for camunda:map and camunda:list a dict or list of texts."""
    for inner in element:
        if local(inner) == "map":
            return {e.get("key", ""): _parameter(e) for e in inner if local(e) == "entry"}
        if local(inner) == "list":
            return [_parameter(e) for e in inner if isinstance(e.tag, str)]
    return (element.text or "").strip()


def input_output(element: Any) -> tuple[tuple[tuple[str, Any], ...], tuple[tuple[str, Any], ...]]:
    """The input and output parameters of camunda:inputOutput."""
    inputs: list[tuple[str, Any]] = []
    outputs: list[tuple[str, Any]] = []
    for extension in extensions(element):
        if local(extension) == "inputOutput":
            for item in extension:
                side = {"inputParameter": inputs, "outputParameter": outputs}.get(local(item))
                if side is not None:
                    side.append((item.get("name", ""), _parameter(item)))
    return tuple(inputs), tuple(outputs)


def mappings(element: Any) -> Iterator[DataMapping]:
    """camunda:in and camunda:out of a call activity."""
    for extension in extensions(element):
        if is_in(extension, CAMUNDA) and local(extension) in {"in", "out"}:
            yield DataMapping(
                direction=local(extension),
                source=extension.get("source"),
                expression=extension.get("sourceExpression"),
                target=extension.get("target"),
                everything=extension.get("variables") == "all",
            )
