"""Files that a drawing imports: they are there, and their ids are not those of another file of the
same target namespace, since references name both (8.2.2).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from engine import bpmn_reader
from engine.bpmn import BPMN
from engine.check.document import Document, spot
from engine.check.finding import Finding, found
from engine.errors import Refusal

MOST_IMPORTED = 20
Name = tuple[str, str]
"""Target namespace and id: what a reference from another file names."""
Fetch = Callable[[str], bytes | None]
"""The bytes of a file by its place beside the one that imports it; None where there is none."""


def check_imports(document: Document, fetch: Fetch) -> Iterator[Finding]:
    """Reads what a drawing imports, so that references into it are known; says what is wrong."""
    owners = {(document.namespace, key): document.path for key in document.by_id}
    seen = {PurePosixPath(document.path).name}
    todo = deque(document.all("import"))
    while todo:
        import_ = todo.popleft()
        location = import_.get("location", "").strip()
        if not location or location in seen or len(seen) > MOST_IMPORTED:
            continue
        seen.add(location)
        if "://" in location:
            yield found(document.path, "import-unchecked", spot(import_), location=location[:200])
            continue
        source = fetch(location)
        if source is None:
            if import_.get("importType") in (BPMN, None):
                yield found(document.path, "import-missing", spot(import_), location=location)
            continue
        if import_.get("importType") in (BPMN, None):
            imported, problem = _read(source, location)
            if imported is None:
                yield found(document.path, "import-unreadable", spot(import_),
                            location=location, problem=problem)  # fmt: skip
                continue
            yield from _join(document, imported, owners)
            todo += imported.all("import")


def _read(source: bytes, location: str) -> tuple[Document | None, Any]:
    try:
        return Document.of(bpmn_reader.parse_xml(source, location, comments=False), location), None
    except Refusal as problem:
        return None, problem


def _join(document: Document, imported: Document, owners: dict[Name, str]) -> Iterator[Finding]:
    own, path = imported.namespace, imported.path
    twice = [key for key in imported.by_id if owners.get((own, key), path) != path]
    if twice:
        yield found(document.path, "import-ids", location=path, ids=", ".join(sorted(twice)[:5]))
    for key, element in imported.by_id.items():
        owners.setdefault((own, key), path)
        document.shared[own, key] = element
