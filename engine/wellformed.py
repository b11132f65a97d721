"""Why a file is no well-formed XML, in sentences of our own: the parser's are English only."""

from __future__ import annotations

from engine.errors import Sentence

_BEFORE = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""What may stand before the first "<": byte order marks, white space, halves of UTF-16."""


def fault(source: bytes, problem: Exception) -> tuple[Sentence, int | None]:
    """What the parser stumbled over, and the line of it where there is one."""
    line, column = getattr(problem, "position", None) or (0, 0)
    if source.lstrip(_BEFORE)[:1] != b"<" or not line:
        return Sentence("it is not XML, which begins with “<”."), None
    where = {"line": line, "column": column}
    said = str(problem)
    if "depth" in said:
        return Sentence("its elements are nested too deep at line {line}.", where), line
    if said.startswith("Entity "):
        return Sentence("it uses an entity that is not defined at line {line}.", where), line
    return Sentence("it breaks the rules of XML at line {line}, column {column}.", where), line
