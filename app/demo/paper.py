"""A written request as a small PDF, such as a scanner would give."""

from __future__ import annotations

_PAGE = (
    "0.5 w 60 60 475 722 re S "
    "BT /F1 11 Tf 80 745 Td (BAN QUAN LY KHU KINH TE SON HAI) Tj ET "
    "0.8 w 80 738 m 262 738 l S "
    "BT /F2 15 Tf 178 680 Td (VAN BAN DE NGHI CAP TAI KHOAN) Tj ET "
    "BT /F1 12 Tf 80 640 Td (Vu viec: {code}) Tj ET "
    "{lines}"
    "BT /F1 11 Tf 360 180 Td (TRUONG DON VI) Tj ET "
    "1.4 w 360 130 m 380 160 400 110 420 150 c 440 120 460 140 470 125 c S "
    "BT /F1 8 Tf 80 75 Td (Ban quet trinh dien, khong co gia tri phap ly) Tj ET"
)


def scan(code: str, *, lines: int = 9) -> bytes:
    """One page with a heading, the case's code, lines in place of text and a signature."""
    drawn = "".join(
        f"0.6 G 2 w 80 {600 - 26 * line} m {515 - 70 * (line % 3)} {600 - 26 * line} l S 0 G "
        for line in range(lines)
    )
    content = _PAGE.format(code=code, lines=drawn).encode("ascii")
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        font % b"Helvetica",
        font % b"Helvetica-Bold",
    ]
    return _written(parts)


def _written(parts: list[bytes]) -> bytes:
    """The objects as a PDF file with its table of offsets."""
    file, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(parts) + 1
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + tail
