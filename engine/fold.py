"""Text folded for search: no marks, no case, đ as d, one space between words (vn-rules 6, 8)."""

from __future__ import annotations

import re
import unicodedata

_CODE = re.compile(r"(\w+(?:-\w+)*-\d{4}-)0*(\d{1,9})")
_CLOSED = re.compile(r"([a-z]+)(20\d\d)-?0*(\d{1,9})")
"""A code without its hyphens, as fast typists and some scanners write it."""
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """ "Ủy quyền Đặng" and "uỷ quyền dang" give the same."""
    spread = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(c for c in spread if not unicodedata.combining(c)).replace("đ", "d")
    return _SPACES.sub(" ", plain).strip()


def code(word: str) -> str | None:
    """The code of a case that a folded word means, or None: "tk-2026-47" means "tk-2026-0047".

    People leave out the zeros when they say or type a code, and the hyphens: "tk20260047" means
    the same; no case has a code without them.
    """
    # Word processors turn the hyphen into a dash; people paste both.
    hyphened = word.replace("–", "-")
    if found := _CODE.fullmatch(hyphened):
        return f"{found[1]}{found[2]:0>4}"
    closed = _CLOSED.fullmatch(hyphened)
    return f"{closed[1]}-{closed[2]}-{closed[3]:0>4}" if closed else None
