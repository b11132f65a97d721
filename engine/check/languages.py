"""What a file says in the language of another engine: expressions that are declared as no FEEL
(8.4.6), and what its editors keep in attributes and extension elements of their own.

The standard leaves both open: a file that uses XPath, or names its collection as Flowable does, is
as good as any other, it only cannot be run here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from engine.check.document import Document, first, kind_of, spot, text_of
from engine.check.finding import Finding, found
from engine.check.metamodel import is_a
from engine.check.texts import Text

_CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"


def check_vendors(document: Document) -> Iterator[Finding]:
    """Findings where another engine finds in an addition of its own what is asked for here."""
    for loop in document.all("multiInstanceLoopCharacteristics"):
        own = loop.get(f"{_CAMUNDA}collection")
        said = first(loop, "loopCardinality") is not None or (
            first(loop, "loopDataInputRef") is not None
        )
        if not own and not said and _has(loop, ("collection", "inputCollection")):
            yield found(document.path, "foreign-collection", spot(loop))
    for definition in document.all("messageEventDefinition"):
        event = definition.getparent()
        if definition.get("messageRef") or not is_a(kind_of(event), "throwEvent"):
            continue
        if _has(definition, _DONE_BY) or _has(event, _DONE_BY):
            yield found(document.path, "foreign-sending", spot(definition))


_DONE_BY = ("topic", "class", "expression", "delegateExpression", "type")
"""What other engines call that which carries out a step: an attribute, or one of an extension."""


def _has(element: Any, names: tuple[str, ...]) -> bool:
    """Whether another language adds one of the attributes to an element or to its extensions."""
    if any(key.startswith("{") and key.rpartition("}")[2] in names for key in element.attrib):
        return True
    extensions = first(element, "extensionElements")
    parts = () if extensions is None else extensions
    return any(part.get(name) for part in parts for name in names)


def with_languages(
    document: Document, texts: Iterable[Text], *, is_deployed: bool
) -> Iterator[Text]:
    """The expressions, those marked that are declared in another language.

    What a file says for all its expressions counts only for a file by itself: editors write XPath
    there whatever they are used for.
    """
    general = "" if is_deployed else document.root.get("expressionLanguage", "")
    others: set[str] = set()
    for kind in document.by_kind:
        for expression in document.all(kind) if is_a(kind, "expression") else ():
            language = expression.get("language") or general
            if language and "feel" not in language.lower():
                others.add(text_of(expression))
    for text in texts:
        yield replace(text, is_other=True) if text.text.strip() in others else text
