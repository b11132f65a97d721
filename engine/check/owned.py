"""Names that every case has from its start: whoever fills them again is heard by nobody.

The doors drop them from what people and messages bring (`engine.moves.own_data`), because groups,
duties and journals rest on them.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn import Process
from engine.bundles import form_name
from engine.check.finding import Finding, found
from engine.check.variables import GIVEN, FormOf
from engine.feel.names import normal
from engine.forms import Field


def check_owned(path: str, process: Process, form_of: FormOf) -> Iterator[Finding]:
    """Findings about fields that people can fill and data objects that bear such a name."""
    for scope in process.scopes.values():
        around = process.node(scope.id) or process
        for name in scope.data:
            if normal(name) in GIVEN:
                yield found(path, "own-variable", around, variable=name)
        for node in scope.nodes.values():
            for reference in (form_name(node), node.properties.get("form")):
                shown = form_of(reference) if reference else None
                for name in _filled(shown.fields) if shown is not None else ():
                    variable = normal(name.partition(".")[0])
                    if variable in GIVEN:
                        yield found(path, "own-field", node, field=name, variable=variable)


def _filled(fields: tuple[Field, ...]) -> Iterator[str]:
    """The names under which people can bring values; what a row holds is in its list."""
    for one in fields:
        if one.type == "group":
            yield from _filled(one.children)
        elif one.holds_value and one.readonly is not True and one.disabled is not True:
            yield one.name
