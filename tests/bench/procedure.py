"""What benches run: a case that two people hand back and forth with forms of 1 KiB."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from engine import Actor, Bundle, Engine, Store, Surroundings
from tests.bench.places import Place
from tests.clocks import Clock
from tests.engine.drawings import text

KEY = "bench-loop"
UNITS = frozenset({"vp"})
WRITER = Actor("an.vp", "Nguyễn Văn An", "vp", frozenset({"chuyen-vien@vp"}),
               {"cases.start": UNITS, "cases.view": UNITS})  # fmt: skip
HEAD = Actor("binh.vp", "Trần Thị Bình", "vp", frozenset({"lanh-dao@vp"}), {"cases.view": UNITS})
OWNER = Actor("owner", "Owner", "vp", frozenset(), {"studio.deploy": UNITS})

# The condition reads alike in FEEL and in Python, so that both engines run this very drawing.
LOOP = """start s
    user draft "Draft the request" candidateGroups=chuyen-vien formKey=bench-loop/draft
    user check "Check the request" candidateGroups=lanh-dao formKey=bench-loop/check
    xor g
    end e "Agreed"
    s > draft > check > g
    g > draft : again
    g > e : default"""

FIELDS: list[dict[str, Any]] = [
    {"type": "textfield", "key": "full_name", "validate": {"required": True, "maxLength": 100}},
    {"type": "textfield", "key": "citizen_number",
     "validate": {"required": True, "pattern": "^[0-9]{12}$"}},
    {"type": "datetime", "subtype": "date", "key": "birth_date", "validate": {"required": True}},
    {"type": "textfield", "key": "address", "validate": {"required": True, "maxLength": 300}},
    {"type": "textfield", "key": "email", "validate": {"validationType": "email"}},
    {"type": "number", "key": "amount", "validate": {"min": 0}},
    {"type": "textarea", "key": "reason", "validate": {"required": True, "maxLength": 2000}},
]  # fmt: skip
SENTENCE = "Đề nghị xem xét, cấp tài khoản để thực hiện nhiệm vụ được giao. "
ENTERED = 1024
"""Bytes that a person enters into one form, as UTF-8: the values alone, without their names."""


def _form(name: str, *more: dict[str, Any]) -> str:
    """A form of seven fields, named after the form so that the data of both are live at once."""
    fields = [
        {**field, "id": field["key"], "key": f"{name}.{field['key']}", "label": field["key"]}
        for field in FIELDS
    ]
    whole = {"type": "default", "id": name, "schemaVersion": 18, "components": [*fields, *more]}
    return json.dumps(whole)


AGAIN = {"type": "checkbox", "id": "again", "key": "again", "label": "again"}
FORMS = {"draft": _form("draft"), "check": _form("check", AGAIN)}


def entered(name: str, number: int) -> dict[str, str]:
    """What a person posts the `number`th time: 1,024 bytes of values, never twice the same."""
    values = {
        "full_name": "Nguyễn Thị Hồng Nhung",
        "citizen_number": f"{number:012}",
        "birth_date": "1988-03-14",
        "address": "Số 12, đường Lê Lợi, phường Bến Thủy, tỉnh Nghệ An",
        "email": "nhung@vinhnghe.gov.vn",
        "amount": f"{number}.50",
    }
    room = ENTERED - sum(len(value.encode()) for value in values.values()) - 2
    reason = (SENTENCE * 20).encode()[: room - 8].decode(errors="ignore")
    values["reason"] = reason + "." * (room - len(reason.encode())) + "OK"
    return {f"{name}.{key}": value for key, value in values.items()}


def posted(name: str, number: int) -> dict[str, str]:
    """The same as the page of a form posts it: the head ticks that it goes round again."""
    return entered(name, number) | ({"again": "true"} if name == "check" else {})


def size(values: dict[str, str]) -> int:
    """Bytes that were entered."""
    return sum(len(value.encode()) for value in values.values())


def bundle(key: str, lines: str, forms: dict[str, str], **properties: str) -> Bundle:
    """A drawing of a few lines with its forms."""
    files = {f"processes/bpmn/{key}.bpmn": text(lines, key, **properties)}
    files |= {f"forms/{key}/{name}.form": content for name, content in forms.items()}
    return Bundle(key, files)


def loop() -> Bundle:
    """The case of two tasks in a loop; its first values are the title of the case."""
    return bundle(KEY, LOOP, FORMS, title="draft.full_name")


def engine(place: Place, clock: Callable[[], Any] | None = None, **surroundings: Any) -> Engine:
    """An engine of its own on the place's database."""
    groups = frozenset({"chuyen-vien", "lanh-dao"})
    around = Surroundings(clock=clock or Clock(), groups=lambda session: groups, **surroundings)
    return Engine(place.bind, around, Store(place.folder / "files"))


def put(made: Engine, wanted: Bundle) -> None:
    """The process is in force."""
    made.deploy(wanted, actor=OWNER, legal_basis="Điều 8")
