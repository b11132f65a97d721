"""A word such as "Đã thu hồi" on every page of a PDF file, written behind what it was.

The file itself stays within the marked copy, byte by byte, so that its signatures can still be
read and held against it.
"""

from __future__ import annotations

import io
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.stamp import StaticStampStyle

from adapters.signing.fields import Updated
from adapters.typesetting import Typesetter
from engine.calendar import ZONE

PATH = "forms/_signature/mark.typ"
_TEMPLATE = """#let data = json(bytes(sys.inputs.data))
#set document(title: "Dấu")
#set page(width: data.width * 1pt, height: data.height * 1pt, margin: 0pt, fill: none)
#set text(font: ("Tinos", "Libertinus Serif"), fill: rgb("#c00000"), lang: "vi", hyphenate: false)
#let drawn = text(size: 64pt, weight: "bold", fill: rgb(192, 0, 0, 70), upper(data.mark))
#place(center + horizon, context {
  let wide = measure(drawn).width
  let room = calc.min(data.width, data.height) * 1pt * 0.95
  rotate(-35deg, scale(if wide > room { room / wide * 100% } else { 100% }, drawn))
})
#place(top + center, dy: 8pt, block(width: 92%, align(center, text(
  size: 9pt, strong(upper(data.mark) + " " + data.at) + ": " + data.reason))))
"""


class CannotBeMarked(Exception):
    """The file is no PDF that something can be written behind."""


def marked(content: bytes, setter: Typesetter, *, mark: str, reason: str, at: datetime) -> bytes:
    """The PDF file with the word across each page, and why and since when above.

    at: since when it bears the word. Raises CannotBeMarked.
    """
    local = at.astimezone(ZONE)
    since = f"{local:%H:%M} ngày {local.day}/{local.month}/{local.year}"
    try:
        writer: IncrementalPdfFileWriter = Updated(content)
        styles: dict[tuple[int, int], Any] = {}
        with tempfile.TemporaryDirectory(prefix="mark-") as folder:
            for number in range(int(writer.root["/Pages"]["/Count"])):
                left, low, width, height = _box(writer, number)
                if (width, height) not in styles:
                    data: dict[str, Any] = {"mark": mark, "reason": reason, "at": since}
                    data |= {"width": width, "height": height}
                    paper = setter.set({PATH: _TEMPLATE}, PATH, data, at=at, is_tagged=False)
                    file = Path(folder) / f"{width}-{height}.pdf"
                    file.write_bytes(paper.content)
                    styles[width, height] = StaticStampStyle.from_pdf_file(
                        str(file), border_width=0, background_opacity=1
                    )
                box = BoxConstraints(width, height)
                stamp = styles[width, height].create_stamp(writer, box, {})
                stamp.apply(number, left, low)
        out = io.BytesIO()
        writer.write(out)
    except (PdfError, KeyError, ValueError, OSError) as error:
        raise CannotBeMarked from error
    return out.getvalue()


def _box(writer: IncrementalPdfFileWriter, number: int) -> tuple[int, int, int, int]:
    """Left, lower side, width and height of a page, in points; a page may have it from above."""
    page = writer.find_page_for_modification(number)[0].get_object()
    while "/MediaBox" not in page:
        page = page["/Parent"]
    left, low, right, top = (float(side) for side in page["/MediaBox"])
    return round(left), round(low), round(right - left), round(top - low)
