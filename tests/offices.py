"""Debian's LibreOffice, without a screen: what a saved list is to whoever opens it there."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

ROOT = Path(__file__).parents[1]
UNPACKED = ROOT / ".libreoffice"
PROGRAM = "usr/lib/libreoffice/program"
MISSING = "LibreOffice is not there: ./test unpacks it, or apt-get install libreoffice-calc-nogui"
CSV = "CSV:59,34,76,1,,1066,false,true"
"""As somebody in Vietnam confirms the question of how to read: semicolons, UTF-8, days as days."""
STARTED_AGAIN = 81
"""The first start makes the folder of the user and asks to be started once more."""
NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
}


def program() -> Path:
    """The folder under which LibreOffice is, with the libraries that it came with."""
    for root in (UNPACKED, Path("/")):
        if (root / PROGRAM / "libsclo.so").exists():
            return root
    pytest.skip(MISSING)


def opened(files: list[Path], folder: Path, *, reading: str | None = None) -> dict[str, Sheet]:
    """The first sheet of each file by the file's name, after one start for all of them.

    reading: how they are to be read, where they do not say so themselves.
    """
    root = program()
    system = [*root.glob("usr/lib/*-linux-gnu"), *root.glob("usr/lib/*-linux-gnu/blas")]
    libraries = [root / PROGRAM, *system, *root.glob("usr/lib/*-linux-gnu/lapack")]
    environment = {**os.environ, "HOME": str(folder)}
    if root == UNPACKED:
        environment["LD_LIBRARY_PATH"] = ":".join(map(str, libraries))
    command = [
        str(root / PROGRAM / "soffice.bin"), f"-env:UserInstallation=file://{folder}/user",
        "--headless", "--norestore", *([f"--infilter={reading}"] if reading else []),
        "--convert-to", "fods", "--outdir", str(folder / "opened"), *map(str, files),
    ]  # fmt: skip
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120)
    if done.returncode == STARTED_AGAIN:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return {file.name: Sheet.of(folder / "opened" / f"{file.stem}.fods") for file in files}


@dataclass(frozen=True)
class Sheet:
    """rows: (kind, value) of each cell, kind "string", "float", "date" or None; a value as the
    file has it, so that a day is "2026-11-20". formulas: how many cells have one. head: how many
    rows stand on every page. widths: of the columns, in millimetres. paper: of its page.
    """

    rows: list[list[tuple[str | None, str]]]
    formulas: int
    head: int
    widths: list[float]
    paper: dict[str, str]

    @classmethod
    def of(cls, path: Path) -> Sheet:
        """The first sheet of a document in one file of XML."""
        root = etree.parse(str(path)).getroot()
        table = _found(root, ".//table:table")[0]
        head = _found(table, "./table:table-header-rows/table:table-row")
        rows = head + _found(table, "./table:table-row")
        return cls(
            [_cells(row) for row in rows if _found(row, "./table:table-cell/text:p")],
            len(_found(table, ".//table:table-cell[@table:formula]")),
            len(head),
            _widths(root, table),
            _paper(root, table),
        )


def _found(node: Any, path: str) -> list[Any]:
    return list(node.xpath(path, namespaces=NAMES))


def _said(node: Any, name: str) -> str:
    space, _, local = name.partition(":")
    return str(node.get(f"{{{NAMES[space]}}}{local}") or "")


def _cells(row: Any) -> list[tuple[str | None, str]]:
    found: list[tuple[str | None, str]] = []
    for cell in _found(row, "./table:table-cell"):
        kind = _said(cell, "office:value-type") or None
        shown = "\n".join("".join(line.itertext()) for line in _found(cell, "./text:p"))
        own = _said(cell, "office:date-value") if kind == "date" else _said(cell, "office:value")
        times = int(_said(cell, "table:number-columns-repeated") or 1)
        # The empty rest of a row is told as one cell that is repeated to the sheet's edge.
        found += [(kind, own or shown)] * (times if times < 100 else 0)
    return found


def millimetres(length: str) -> float:
    """A length as documents tell it, "8.27in" or "210mm"."""
    return float(length.rstrip("inm")) * (25.4 if length.endswith("in") else 1)


def _widths(root: Any, table: Any) -> list[float]:
    styles = {_said(one, "style:name"): one for one in _found(root, ".//style:style")}
    widths: list[float] = []
    for column in _found(table, ".//table:table-column"):
        style = _found(styles[_said(column, "table:style-name")], "./*")[0]
        size = millimetres(_said(style, "style:column-width"))
        times = int(_said(column, "table:number-columns-repeated") or 1)
        widths += [size] * (times if times < 100 else 0)
    return widths


def _paper(root: Any, table: Any) -> dict[str, str]:
    """The attributes of the page's layout without their name spaces."""
    style = _found(root, f".//style:style[@style:name='{_said(table, 'table:style-name')}']")[0]
    master = _said(style, "style:master-page-name")
    page = _found(root, f".//style:master-page[@style:name='{master}']")[0]
    layout = _said(page, "style:page-layout-name")
    found = _found(root, f".//style:page-layout[@style:name='{layout}']/*")[0]
    return {etree.QName(name).localname: value for name, value in found.attrib.items()}
