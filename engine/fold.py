"""Text folded for search: no marks, no case, đ as d, one space between words (vn-rules 6, 8)."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """ "Ủy quyền Đặng" and "uỷ quyền dang" give the same."""
    spread = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(c for c in spread if not unicodedata.combining(c)).replace("đ", "d")
    return _SPACES.sub(" ", plain).strip()
