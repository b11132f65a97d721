"""Books of Excel 97 (BIFF8 in a compound file) written byte by byte, so that they may lie."""

import struct

FREE, END, OF_TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR = 512
_EOF = b"\x0a\0\0\0"


def book(texts, cells, *, sheets=1, said=(0, 0)):
    """A book whose sheets all show the same cells.

    texts: its table of texts. cells: (row, column, index of the text). said: rows and columns
    that each sheet says it has.
    """
    names = [f"S{number}".encode() for number in range(sheets)]
    heads = sum(12 + len(name) for name in names)
    front = _begin(5) + _texts(texts)
    at = len(front) + heads + len(_EOF)
    for name in names:
        front += _record(0x85, struct.pack("<IHBB", at, 0, len(name), 0) + name)
    sheet = _begin(0x10) + _record(0x200, struct.pack("<IIHHH", 0, said[0], 0, said[1], 0))
    sheet += b"".join(_record(0xFD, struct.pack("<HHHI", r, c, 0, text)) for r, c, text in cells)
    return _compound(front + _EOF + sheet + _EOF)


def _record(kind, body):
    return struct.pack("<HH", kind, len(body)) + body


def _begin(kind):
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 6))


def _texts(texts):
    body = struct.pack("<II", len(texts), len(texts))
    for text in texts:
        body += struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")
    return _record(0xFC, body)


def _compound(stream):
    """The stream as the only one of a compound file: header, stream, folder, table of sectors."""
    stream = stream.ljust(4096, b"\0")
    sectors = -(-len(stream) // SECTOR)
    tables = -(-(sectors + 2) // 127)
    chain = [*range(1, sectors), END, END, *[OF_TABLE] * tables]
    chain += [FREE] * (tables * 128 - len(chain))
    places = [sectors + 1 + number for number in range(tables)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, tables, sectors, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", *places, *[FREE] * (109 - tables))
    folder = _entry("Root Entry", 5, child=1, start=END, size=0)
    folder += _entry("Workbook", 2, child=FREE, start=0, size=len(stream))
    parts = header, stream.ljust(sectors * SECTOR, b"\0"), folder.ljust(SECTOR, b"\0")
    return b"".join(parts) + struct.pack(f"<{len(chain)}I", *chain)


def _entry(name, kind, *, child, start, size):
    wide = (name + "\0").encode("utf-16-le")
    head = struct.pack("<HBBIII", len(wide), kind, 1, FREE, FREE, child)
    return wide.ljust(64, b"\0") + head + bytes(36) + struct.pack("<IQ", start, size)
