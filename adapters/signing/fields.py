"""Places for signatures in a PDF file: empty fields, which any program that signs PDF fills in."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field, enumerate_sig_fields

from adapters.places import Place


class Updated(IncrementalPdfFileWriter):
    """Writes what is new behind a file, and leaves the file's own description (XMP) as it is.

    The library would write it anew in another notation of RDF, which PDF/A does not allow for
    extension schemas (ISO 19005-2, 6.6.2.3.3): a paper for keeping was none once it was signed.
    """

    def __init__(self, content: bytes) -> None:
        # A number of an object follows an end of line (ISO 19005-2, 6.1.9); typst ends without.
        super().__init__(io.BytesIO(content if content.endswith(b"\n") else content + b"\n"))

    def _update_meta(self) -> None:
        return


def with_fields(content: bytes, places: Iterable[Place]) -> bytes:
    """The file with an empty field at each place, called "person", "organisation", "person-2"...;
    unchanged without places.
    """
    wanted = list(places)
    if not wanted:
        return content
    writer: IncrementalPdfFileWriter = Updated(content)
    counts: Counter[str] = Counter()
    for place in wanted:
        counts[place.kind] += 1
        number = counts[place.kind]
        name = place.kind if number == 1 else f"{place.kind}-{number}"
        spec = SigFieldSpec(name, on_page=place.page - 1, box=_box(writer, place))
        append_signature_field(writer, spec)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _box(writer: IncrementalPdfFileWriter, place: Place) -> tuple[int, int, int, int]:
    """As PDF counts: from the lower left corner of the page, up."""
    page = writer.root["/Pages"]
    media = writer.find_page_for_modification(place.page - 1)[0].get_object()
    box = media.get("/MediaBox") or page["/MediaBox"]
    left, top = float(box[0]) + place.x, float(box[3]) - place.y
    return (
        round(left),
        round(top - place.height),
        round(left + place.width),
        round(top),
    )


def field_box(content: bytes, name: str) -> tuple[int, int, int, int]:
    """The box of a field, in points from the lower left corner of its page."""
    reader = PdfFileReader(io.BytesIO(content))
    found = {field: ref for field, _value, ref in enumerate_sig_fields(reader)}
    left, low, right, top = (round(float(side)) for side in found[name].get_object()["/Rect"])
    return left, low, right, top


def empty_fields(content: bytes, kind: str) -> list[str]:
    """Names of the fields of a kind in which nobody has signed, in the file's order."""
    reader = PdfFileReader(io.BytesIO(content))
    names = [name for name, value, _ref in enumerate_sig_fields(reader) if value is None]
    return [name for name in names if name == kind or name.startswith(f"{kind}-")]
