"""What a file of XML says as text, and why one is not well-formed, in sentences of our own: the
parser's are English only.
"""

from __future__ import annotations

import codecs
import re
from typing import Any
from unicodedata import is_normalized, normalize

from engine.errors import Sentence

_BEFORE = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""What may stand before the first "<": byte order marks, white space, halves of UTF-16."""

_TOO_LONG = ("limit exceeded", "too long", "too big")
"""Words by which the parser says that a bound of its own is passed, not a rule of XML."""


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
    if any(words in said for words in _TOO_LONG):
        return Sentence("it holds a text that is too long at line {line}.", where), line
    return Sentence("it breaks the rules of XML at line {line}, column {column}.", where), line


_DECLARED = re.compile(r"""\A(<\?xml[^>]*?)\s+encoding\s*=\s*(?:"([^"]*)"|'([^']*)')""")
HEAD = 200
"""Letters within which a declaration stands."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
"""How files begin that are in one of these encodings, whatever they declare (XML 1.0, F)."""
_KNOWN = frozenset(
    """utf-8 utf8 utf-16 utf-16le utf-16be utf-32 utf-32le utf-32be us-ascii ascii tis-620 koi8-r
    koi8-u big5 gb2312 gbk gb18030 shift_jis euc-jp iso-2022-jp euc-kr""".split()
) | {
    *(f"iso-8859-{part}" for part in range(1, 17) if part != 12),
    *(f"windows-{page}" for page in (874, *range(1250, 1259))),
    *(f"cp{page}" for page in range(1250, 1259)),
}
"""What editors write into a declaration. Python knows more by name, of which some are no encodings
of letters at all, and some take time that grows with the square of the text.
"""


def as_text(content: bytes, errors: str = "strict") -> str:
    """The text of a file in the encoding that its beginning or its XML declaration names, else in
    UTF-8. A declaration of another encoding is taken out, so that the text may be kept as UTF-8.
    Raises ValueError where it is no text of that encoding, unless `errors` are to be passed over.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    declared = _DECLARED.match(content[:HEAD].decode("latin-1"))
    if not encoding and declared is not None:
        encoding = (declared[2] or declared[3] or "").lower()
        if encoding and encoding not in _KNOWN:
            if errors == "strict":
                raise ValueError(f"no encoding is called {encoding}")
            encoding = ""
    text = content.decode(encoding or "utf-8", errors)
    if encoding in ("", "utf-8", "utf8", "utf-8-sig"):
        return text
    return _DECLARED.sub(r"\1", text, count=1)


def compose(root: Any) -> None:
    """All words of a tree in composed letters (NFC): editors on some systems write "ộ" as three
    signs, and a name must be one wherever it is read.
    """
    for element in root.iter():
        for name, value in element.attrib.items():
            if not _is_composed(value):
                element.set(name, normalize("NFC", value))
        for words in ("text", "tail"):
            value = getattr(element, words)
            if value and not _is_composed(value):
                setattr(element, words, normalize("NFC", value))


def _is_composed(text: str) -> bool:
    return text.isascii() or is_normalized("NFC", text)
