"""Routes whose addresses are built only when somebody asks for one."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.routing import Rule


class Route(Rule):
    """A rule that writes the code which builds its address at the first address.

    Werkzeug writes two functions a rule when the rule is added: most of the time that making the
    application takes, for functions that most processes never call.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        written: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Route, /, **values: object) -> tuple[str, str]:
            if not written:
                written.append(Rule._compile_builder(rule, append_unknown))
            return written[0](rule, **values)

        return build
