"""Parts of which the standard allows one, and what nobody but the one who wrote it understands.

Sources: BPMN 2.0.2, 8.2.3 (extensions), 10.3.1 (resource roles), 10.3.7 (loops), and the schema of
its interchange format.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.check.document import Document, children, first, is_true, kind_of, spot
from engine.check.finding import Finding, found
from engine.check.metamodel import is_a

_EITHER = (
    ("resourceRole", "resourceRef", "resourceAssignmentExpression"),
    ("multiInstanceLoopCharacteristics", "loopCardinality", "loopDataInputRef"),
)


def check_choices(document: Document) -> Iterator[Finding]:
    """Findings about extensions that must be understood, and parts that exclude each other."""
    for extension in document.all("extension"):
        if is_true(extension, "mustUnderstand"):
            name = extension.get("definition") or ""
            yield found(document.path, "must-understand", spot(extension), extension=name[:200])
    for above, one, other in _EITHER:
        for kind in sorted(kind for kind in document.by_kind if is_a(kind, above)):
            for element in document.all(kind):
                yield from _either(document, element, one, other)
    for item in document.all("itemDefinition"):
        yield from _prefix(document, item)


def _either(document: Document, element: Any, one: str, other: str) -> Iterator[Finding]:
    if first(element, one) is None:
        binding = next(children(element, "resourceParameterBinding"), None)
        if binding is not None:
            yield found(
                document.path, "missing-element", spot(element), kind=one, around=kind_of(element)
            )
    elif first(element, other) is not None:
        around = kind_of(element)
        yield found(
            document.path, "either-part", spot(element), around=around, one=one, other=other
        )


def _prefix(document: Document, item: Any) -> Iterator[Finding]:
    """A type is named by a qualified name, whose prefix the file declares (XML Schema, QName)."""
    value = (item.get("structureRef") or "").strip()
    prefix, colon, _ = value.partition(":")
    if colon and "://" not in value and prefix not in item.nsmap:
        yield found(
            document.path, "undeclared-prefix", spot(item), value=value[:200], prefix=prefix[:80]
        )
