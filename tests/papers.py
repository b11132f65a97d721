"""Papers that tests have made: layouts, a template, a process that makes papers, what is read."""

from __future__ import annotations

import io
import os
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import sqlalchemy as sa
from pypdf import PdfReader

from adapters.signing.appearance import Shown
from adapters.signing.fields import with_fields
from adapters.signing.keys import KeyFolder
from adapters.signing.pades import Order, sign
from adapters.signing.sandbox import Authority
from adapters.typesetting import Typesetter
from app.config import ROOT
from app.people.models import Account, Grant
from app.typefaces import FONTS
from tests.clocks import MONDAY
from tests.engine.drawings import text
from tests.worlds import BASIS, office

KEY = "letters"
LAYOUTS = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in sorted((ROOT / "forms" / "_layout").glob("*.typ"))
}
LETTER = """#import "/forms/_layout/nd30.typ": *
#let example = (about: "họp giao ban", number: 7, day: "2026-02-05", name: "Đỗ Quang Hải")
#let data = given(example)
#letter(
  superior: "Ủy ban nhân dân tỉnh Sơn Hải", agency: "Ban Quản lý Khu kinh tế Sơn Hải",
  code: "BQL-VP", place: "Sơn Hải", number: data.number, date: data.day, about: data.about,
  to: ("Văn phòng",), role: "Trưởng ban", name: data.name, receivers: ("Như trên",), qr-size: 18mm,
)[Kính mời dự #data.about; số tiền #number(1250000) đồng.]
"""
DATA = '={about: about, number: 7, day: date("2026-02-05"), name: "Đỗ Quang Hải"}'


def service(element: str, topic: str, given: dict[str, str], *, out: str = "") -> str:
    """A service task as a line of a test's drawing; out: "paper=result.files"."""
    rows = "".join(
        f"<camunda:inputParameter name={quoteattr(name)}>{escape(value)}</camunda:inputParameter>"
        for name, value in given.items()
    )
    if out:
        name, _, source = out.partition("=")
        rows += (
            f'<camunda:outputParameter name="{name}">={escape(source)}</camunda:outputParameter>'
        )
    return (
        f'<bpmn:serviceTask id="{element}" name="{element}" camunda:type="external" '
        f'camunda:topic="{topic}"><bpmn:extensionElements><camunda:inputOutput>{rows}'
        "</camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>"
    )


def letters(*steps: str, template: str = LETTER, data: str = DATA) -> dict[str, str]:
    """The files of a process whose cases write a letter about what they are told, and go on with
    the steps, lines of a drawing, each of which begins with its element's name.
    """
    given = {"template": f"{KEY}/letter", "name": "Công văn", "data": data, "qr": "=case.code"}
    begun = service("write", "pdf.render", given, out="paper=result.files")
    names = [row.partition(":")[0] for row in steps]
    rows = [row.partition(":")[2] for row in steps]
    flow = " > ".join(["s", "tell", "write", *names, "wait", "e"])
    tell = f'user tell "Soạn" assignee="=initiator" formKey={KEY}/tell'
    wait = 'user wait "Xem" candidateGroups=van-phong'
    # What an operation rejects leads to the last task, past what should have come of it.
    calls = [name for name in names if name in ("person", "seal", "look")]
    caught = [f"boundary no_{name} on={name} error=any\nno_{name} > wait" for name in calls]
    lines = "\n".join(["start s", tell, begun, *rows, wait, "end e", flow, *caught])
    form = (
        '{"type": "default", "components": [{"type": "textfield", "key": "about", "label": "V"}]}'
    )
    return {
        f"processes/bpmn/{KEY}.bpmn": text(lines, KEY),
        f"forms/{KEY}/letter.typ": template,
        f"forms/{KEY}/tell.form": form,
        **LAYOUTS,
    }


def signed(keys: KeyFolder, at: datetime) -> bytes:
    """A letter that the director has signed by a key made for it; no time stamp."""
    authority = Authority(keys, at - timedelta(days=9))
    authority.person("haidq", "Đỗ Quang Hải", unit="Ban Quản lý Khu kinh tế Sơn Hải")
    setter, path = Typesetter(FONTS), f"forms/{KEY}/letter.typ"
    letter = setter.set({path: LETTER, **LAYOUTS}, path, None, at=at)
    identity = keys.identity("people", "haidq")
    shown = Shown("Đỗ Quang Hải", "Ban Quản lý", at)
    content = with_fields(letter.content, letter.places)
    return sign(content, Order("person", identity, shown), setter)


def read(content: bytes) -> str:
    """The text of a PDF file as copying it gives it, on one line."""
    return " ".join(" ".join(page.extract_text() for page in pages(content)).split())


def pages(content: bytes) -> list[Any]:
    return list(PdfReader(io.BytesIO(content)).pages)


POPPLER = ROOT / ".poppler"
"""Where ./test unpacks Poppler where the machine has none."""


def poppler() -> Path | None:
    """The folder whose usr/bin has Poppler's programs; None where there are none."""
    return next((one for one in (POPPLER, Path("/")) if (one / "usr/bin/pdfsig").exists()), None)


def through(name: str, content: bytes, folder: Path, *given: str) -> bytes:
    """What one of Poppler's programs says of a PDF file."""
    file, program = folder / "paper.pdf", poppler()
    assert program is not None
    file.write_bytes(content)
    libraries = ":".join(map(str, program.glob("usr/lib/*-linux-gnu")))
    more = {"LD_LIBRARY_PATH": libraries} if program == POPPLER else {}
    return subprocess.run(
        [program / "usr/bin" / name, *given, file, *(["-"] if name == "pdftotext" else [])],
        env={**os.environ, **more, "HOME": str(folder), "TZ": "UTC"},
        capture_output=True, timeout=60, check=False,
    ).stdout  # fmt: skip


def codes(content: bytes, folder: Path) -> list[str]:
    """What the QR codes of the first page say to who reads its picture, 110 points an inch."""
    import zxingcpp

    picture = through("pdftoppm", content, folder, "-gray", "-r", "110", "-singlefile")
    _kind, size, _deepest, points = picture.split(b"\n", 3)
    width, height = map(int, size.split())
    shown: Any = memoryview(points).cast("B", shape=[height, width])
    return [found.text for found in zxingcpp.read_barcodes(shown)]


def faults(content: bytes) -> list[str]:
    """The rules of PDF/A-2b (ISO 19005-2) that a file breaks, by a validator that passes the
    corpus of veraPDF; of a file signed twice without what it says of the earlier signature, whose
    range cannot reach over what came after it.
    """
    import page  # Large: who checks drawings in a bounded child does without it.

    found = [each.rule_id for each in page.validate_pdf_bytes(content, profile="2b").failures]
    signed = content.count(b"/ByteRange")
    return [rule for rule in found if signed < 2 or rule != "PDFA2B-SIGNATURE-BYTERANGE-001"]


def made_clerk(case: Any) -> None:
    """The officer of the Office keeps the organisation's key."""
    with case.engine.writing() as session:
        account = session.scalars(sa.select(Account).where(Account.user_name == office.name)).one()
        session.add(
            Grant(
                account_id=account.id, group_key="van-thu", unit_code="vp", with_below=False,
                granted_at=MONDAY, granted_by="system", valid_from=date(2026, 1, 1), basis=BASIS,
            )
        )  # fmt: skip
