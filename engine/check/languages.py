"""Which expressions of a file are declared in another language than FEEL (8.4.6).

The standard leaves the language open: a file that uses XPath or JavaScript is as good as one that
uses FEEL, it only cannot be run here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.check.document import Document, text_of
from engine.check.metamodel import is_a
from engine.check.texts import Text


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
