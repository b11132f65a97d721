"""Reads a BPMN 2.0 file into the values of `engine.bpmn`.

Hostile XML is refused: no document type, no entities, no network, at most 20 MB.
"""

from __future__ import annotations

from engine.bpmn import BPMN, Drawing, DrawingUnreadable
from engine.bpmn_reader.drawing import read_drawing
from engine.bpmn_reader.xml import parse_xml


def read(source: bytes | str, path: str = "drawing.bpmn") -> Drawing:
    """The drawing in a BPMN file. Raises DrawingUnreadable with the line of
    what is wrong.
    """
    text = source.encode() if isinstance(source, str) else source
    root = parse_xml(text, path, comments=False)
    if root.tag != f"{{{BPMN}}}definitions":
        raise DrawingUnreadable(path=path, reason="its root element is not bpmn:definitions.")
    return read_drawing(root, path)


__all__ = ["parse_xml", "read"]
