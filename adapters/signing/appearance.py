"""How a signature looks, by Nghị định 30/2020/NĐ-CP, Phụ lục I: a person's between position and
name, the organisation's overlapping it by a third at its left, with its name and the moment in the
notation of ISO 8601.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.typesetting import Typesetter
from engine.calendar import ZONE

PATH = "forms/_signature/stamp.typ"
PICTURE = "forms/_signature/picture.png"
_TEMPLATE = """#let data = json(bytes(sys.inputs.data))
#set document(title: "Chữ ký số")
#set page(width: data.width * 1pt, height: data.height * 1pt, margin: 0pt)
#let ink = rgb(data.ink)
#set text(font: ("Tinos", "Libertinus Serif"), size: 10pt, fill: ink, lang: "vi", hyphenate: false)
#set par(leading: 0.32em, spacing: 0.4em)
#let marked = data.marks.map(strong).join(linebreak())
#let words = {
  if data.marks.len() > 0 { marked; parbreak() }
  if data.above != "" { strong(data.above); parbreak() }
  [Ký bởi: #strong(data.name)]
  if data.organisation != "" { parbreak(); [Cơ quan: #data.organisation] }
  parbreak()
  [Thời gian ký: #data.at]
}
// A person's words leave free where the organisation's signature overlaps theirs.
#let wide = data.width * 1pt - if data.seal { 8pt } else { 40pt }
#let high = data.height * 1pt - 8pt
// As large as there is room for, at most 10 pt.
#let fitted = context {
  let size = 10pt
  let tall(size) = measure(block(width: wide, text(size: size, words))).height
  let long(size) = measure(text(size: size, data.at)).width
  while size > 4pt and (tall(size) > high or long(size) > wide) { size -= 0.5pt }
  block(width: wide, text(size: size, words))
}
#if data.picture {
  let drawn = image("picture.png", width: 100%, height: 100%, fit: "contain", alt: data.name)
  align(center + horizon, drawn)
  let told = (..data.marks, data.name, data.at).join(linebreak())
  let said = block(width: wide, text(size: 5pt, told))
  if data.seal { place(bottom, dx: 2pt, dy: -2pt, said) }
} else {
  let frame = rect.with(width: 100%, height: 100%, inset: 4pt, radius: 2pt, stroke: 0.7pt + ink)
  frame(align(horizon + if data.seal { left } else { right }, fitted))
}
"""


@dataclass(frozen=True)
class Shown:
    """What a signature says. above: by which authority, "TUQ. Đỗ Quang Hải"; picture: PNG; marks:
    what the clerk adds, number and date.
    """

    name: str
    organisation: str
    at: datetime
    above: str = ""
    is_seal: bool = False
    picture: bytes | None = None
    marks: tuple[str, ...] = ()


def drawn(setter: Typesetter, shown: Shown, width: float, height: float) -> bytes:
    """A PDF page of that size, in points, with the signature as people see it."""
    local = shown.at.astimezone(ZONE).replace(microsecond=0)
    data: dict[str, Any] = {
        "width": int(width),
        "height": int(height),
        "name": shown.name,
        # A seal says whose it is by its name already.
        "organisation": "" if shown.is_seal else shown.organisation,
        "at": local.isoformat(),
        "above": shown.above,
        "picture": shown.picture is not None,
        "seal": shown.is_seal,
        "marks": list(shown.marks),
        "ink": "#c00000" if shown.is_seal else "#1f3f9f",
    }
    beside = {PICTURE: shown.picture} if shown.picture else {}
    paper = setter.set({PATH: _TEMPLATE}, PATH, data, at=shown.at, beside=beside, is_tagged=False)
    return paper.content
