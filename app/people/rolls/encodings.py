"""Vietnamese text in the encodings of older software, and which of them a text is in.

Lists of offices come from spreadsheets with fonts of TCVN3 and VNI, whose letters stand in the
places of Western ones: a spreadsheet takes them for Western letters too, so that such text is met
in files of Unicode as well as in files of single bytes. Everything comes out composed (NFC).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from app.people.rights.groups import DATA

UNICODE, WINDOWS, VIQR = "unicode", "windows-1258", "viqr"
ENCODINGS = {
    UNICODE: "Unicode (UTF-8)",
    "tcvn3": "TCVN3 (ABC)",
    "vni": "VNI",
    WINDOWS: "Windows-1258",
    VIQR: "VIQR",
}
"""By key, what each encoding is called; the order in which one is preferred to another."""

_TONES = {"`": "\u0300", "'": "\u0301", "?": "\u0309", "~": "\u0303", ".": "\u0323"}
_SHAPES = {"^": "\u0302", "(": "\u0306", "+": "\u031b"}
_VIQR = re.compile(r"(?<!\\)([aeiouyAEIOUY])([\^(+]?)([`'?~.]?)|([dD])[dD]|\\(?=[`'?~.^(+dD])")


@cache
def _codes(encoding: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """The pattern that finds every code of a table, the longest first, and what each stands for.

    Source: see data/legacy_encodings.json.
    """
    raw = json.loads((DATA / "legacy_encodings.json").read_text(encoding="utf-8"))
    codes: dict[str, str] = dict(raw[encoding]["codes"])
    # A capital letter of VNI may be followed by the small sign of its mark.
    codes |= {
        code[0].upper() + code[1]: letter.upper()
        for code, letter in codes.items()
        if len(code) == 2 and letter.islower()
    }
    longest = sorted(codes, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest))), codes


def text_of(data: bytes, encoding: str) -> str | None:
    """The bytes of a text file as text, before `letters`; None where they are not of that
    encoding.
    """
    for sign, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"),
                        (b"\xfe\xff", "utf-16")):  # fmt: skip
        if data.startswith(sign):
            return _decoded(data, codec)
    whole = _decoded(data, "utf-8")
    if encoding == UNICODE:
        return whole
    if encoding == WINDOWS:
        return _decoded(data, "cp1258")
    return whole if whole is not None else data.decode("latin-1")


def _decoded(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def letters(text: str, encoding: str) -> str:
    """The text with the letters that its encoding means, composed."""
    if encoding == VIQR:
        text = " ".join(
            word if "@" in word else _VIQR.sub(_viqr, word) for word in text.split(" ")
        )
    elif encoding in ("tcvn3", "vni"):
        pattern, codes = _codes(encoding)
        text = pattern.sub(lambda found: codes[found[0]], text)
    return unicodedata.normalize("NFC", text)


def _viqr(found: re.Match[str]) -> str:
    base, shape, tone, d = found.groups()
    if d:
        return "Đ" if d == "D" else "đ"
    if not base:
        return ""
    letter = unicodedata.normalize("NFC", base + _SHAPES.get(shape, "") + _TONES.get(tone, ""))
    return letter if len(letter) == 1 else found[0]


def guess(texts: dict[str, str]) -> str:
    """Which of the encodings the text is in: the one in which most of its words with marks can be
    syllables of Vietnamese.

    texts: by encoding, the text as `text_of` gives it. Plain text without marks is Unicode.
    """
    scores = {
        encoding: _score(letters(texts[encoding], encoding))
        for encoding in ENCODINGS
        if encoding in texts
    }
    if VIQR in scores and not _is_viqr(texts[VIQR], scores):
        del scores[VIQR]
    return max(scores, key=lambda encoding: scores[encoding])


def _is_viqr(text: str, scores: dict[str, int]) -> bool:
    """Marks as signs are believed only of a text that has none otherwise, and many of these."""
    return text.isascii() and scores[VIQR] >= 3 and any(sign in text for sign in "^(+")


def _score(text: str) -> int:
    """Words with marks that can be syllables, less those that cannot, which weigh double."""
    score = 0
    for word in set(_words(text)):
        if not word.isascii():
            score += 1 if is_syllable(word) else -2
    return score


def _words(text: str) -> Iterable[str]:
    return re.split(r"[\s,;:/()\-._\"'“”’–\[\]]+", text[:100_000])


_BEGINS = "ngh ng nh gh gi kh ph qu th tr ch b c d đ g h k l m n p q r s t v x".split()
_NUCLEI = (
    "a ă â e ê i o ô ơ u ư y ai ao au ay âu ây eo êu ia iê iu oa oă oe oi oo ôi ơi ua uâ uă uê ui "
    "uô uơ uy ưa ưi ươ ưu yê iêu yêu oai oao oay oeo uây uôi uya uyê uyu ươi ươu uai uyêu"
).split()
_ENDS = "ch nh ng c m n p t".split()


@cache
def _shape() -> re.Pattern[str]:
    nuclei = sorted(_NUCLEI, key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(_BEGINS)})?(?:{'|'.join(nuclei)})(?:{'|'.join(_ENDS)})?")


def is_syllable(word: str) -> bool:
    """Whether the word is built as a syllable of Vietnamese with at most one tone."""
    spread = unicodedata.normalize("NFD", word.casefold())
    marks = [sign for sign in spread if sign in _TONES.values()]
    plain = "".join(sign for sign in spread if sign not in _TONES.values())
    return len(marks) <= 1 and bool(_shape().fullmatch(unicodedata.normalize("NFC", plain)))
