"""Templates of papers: each is set once with its own example, and gets the data that it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine import feel
from engine.bpmn import Node
from engine.check.finding import Finding, found
from engine.feel.tree import ContextOf
from engine.papers import Examined


def check_template(path: str, node: Node, template: str, examined: Examined) -> Iterator[Finding]:
    """Findings about a template that an element of the drawing at `path` names."""
    if examined.problem is not None:
        finding = found(examined.path or template, "template-fails", problem=examined.problem)
        yield replace(finding, line=examined.line)
        return
    given = given_names(node)
    missing = sorted((examined.keys or frozenset()) - given) if given is not None else []
    if missing:
        yield found(path, "template-data", node, missing=", ".join(missing))


def given_names(node: Node) -> frozenset[str] | None:
    """The names in what an element gives as `data`; None where they cannot be told."""
    sources = [source for name, source in node.inputs if name == "data"]
    if not sources:
        return frozenset()
    source = sources[0]
    if isinstance(source, dict):
        return frozenset(source)
    if not isinstance(source, str) or not source.startswith("="):
        return None
    try:
        tree = feel.parse(source).tree
    except feel.FeelError:
        return None
    return frozenset(key for key, _value in tree.entries) if isinstance(tree, ContextOf) else None
