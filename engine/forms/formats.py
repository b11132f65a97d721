"""Formats of short texts: e-mail, phone, personal identity number, tax code.

Each takes the text as typed and returns it as it is kept, or raises Unreadable.
Source: vn-rules 8 (numbering plan of 2017-2018; Decree 137/2015; check digit of tax codes).
"""

from __future__ import annotations

import re

from engine.forms.errors import Unreadable

_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+"
)
_NATIONAL = re.compile(r"0[35789][0-9]{8}|02[0-9]{9}")
_HOTLINE = re.compile(r"1[89]00[0-9]{4,6}")
_FOREIGN = re.compile(r"\+[1-9][0-9]{6,14}")
_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


def email(text: str, label: str) -> str:
    """The address; at least one dot after the @, as mail between agencies needs."""
    if len(text) > 254 or _EMAIL.fullmatch(text) is None:
        raise Unreadable(
            '"{value}" is not an e-mail address; write it like ten@coquan.gov.vn.',
            value=text,
            label=label,
        )
    return text


def phone(text: str, label: str) -> str:
    """The number in international form, "+84912345678"; hotlines 1800 and 1900 as they are."""
    bare = re.sub(r"[\s.()-]", "", text)
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    if bare.startswith("+84"):
        bare = f"0{bare[3:].removeprefix('0')}"
    if _NATIONAL.fullmatch(bare):
        return f"+84{bare[1:]}"
    if _HOTLINE.fullmatch(bare) or _FOREIGN.fullmatch(bare):
        return bare
    digits = sum(letter.isdecimal() for letter in bare)
    raise Unreadable(
        'The phone number "{value}" has {digits} digits; write 10 that begin with 03, 05, 07, 08'
        " or 09, 11 that begin with 02, or +84 and the number without its 0.",
        value=text,
        digits=digits,
        label=label,
    )


def identity_number(text: str, label: str) -> str:
    """The 12 digits of a personal identity number. The birth province's code is not looked up:
    codes of provinces that were merged stay valid for life."""
    bare = re.sub(r"[\s.]", "", text)
    if not (bare.isascii() and bare.isdigit()):
        raise Unreadable(
            'The personal identity number "{value}" may hold digits only; enter its 12 digits.',
            value=text,
            label=label,
        )
    if len(bare) != 12:
        raise Unreadable(
            "The personal identity number {value} has {digits} digits; enter all 12.",
            value=text,
            digits=len(bare),
            label=label,
        )
    if bare.startswith("000"):
        raise Unreadable(
            "The personal identity number {value} begins with 000, which no place has; check it.",
            value=text,
            label=label,
        )
    return bare


def tax_code(text: str, label: str) -> str:
    """A tax code of 10 digits, of 13 written "0123456789-001", or a personal number of 12."""
    bare = re.sub(r"[\s.-]", "", text)
    if not (bare.isascii() and bare.isdigit()) or len(bare) not in (10, 12, 13):
        raise Unreadable(
            "The tax code {value} has {digits} digits; enter 10, 12 for a person, or 13 for a"
            " branch.",
            value=text,
            digits=sum(letter.isdecimal() for letter in bare),
            label=label,
        )
    if len(bare) == 12:
        return identity_number(bare, label)
    check = 10 - sum(w * int(d) for w, d in zip(_WEIGHTS, bare, strict=False)) % 11
    if check != int(bare[9]) or bare[10:] == "000":
        raise Unreadable(
            "The tax code {value} does not fit its own check digit; compare it with the"
            " certificate and mend the wrong digit.",
            value=text,
            label=label,
        )
    return bare if len(bare) == 10 else f"{bare[:10]}-{bare[10:]}"


FORMATS = {
    "email": email,
    "phone": phone,
    "identity_number": identity_number,
    "tax_code": tax_code,
}

SAMPLES = {
    "email": "mau@example.vn",
    "phone": "0912345678",
    "identity_number": "001090000001",
    "tax_code": "0100109106",
}


def local_phone(kept: str) -> str:
    """A kept number as people write it: "0912 345 678"."""
    if not kept.startswith("+84"):
        return kept
    bare = f"0{kept[3:]}"
    return f"{bare[:4]} {bare[4:7]} {bare[7:]}"
