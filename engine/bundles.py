"""A bundle: all files by which a process runs, and its identity, the sha256 over them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine import bpmn, bpmn_reader, papers
from engine.catalogues import catalogue_path
from engine.decisions.imports import imported
from engine.errors import Refusal
from engine.registers import register_path
from engine.spelling import split
from engine.wellformed import as_text


class BundleIncomplete(Refusal):
    """The process "{key}" has no file {path}. Put it there, or mend the name in the drawing."""

    status = 422


class FileUnreadable(Refusal):
    """The file {path} is not written in the encoding that it names. Save it in UTF-8."""

    status = 422


def drawing_path(key: str) -> str:
    """Where the drawing of a process lies."""
    return f"processes/bpmn/{key}.bpmn"


def form_path(name: str) -> str:
    """Where the form "KEY/NAME" lies."""
    return f"forms/{name}.form"


def scenarios_path(key: str) -> str:
    """Where the example runs of a process lie."""
    return f"processes/scenarios/{key}.json"


@dataclass(frozen=True)
class Bundle:
    """Files by path, as texts: the drawing, its forms, decision tables, templates of papers,
    scenarios, registers, catalogues and called processes.
    """

    key: str
    files: Mapping[str, str]

    @cached_property
    def sha256(self) -> str:
        """Equal for equal files, whatever their order."""
        digest = hashlib.sha256()
        for path in sorted(self.files):
            for part in (path, self.files[path]):
                content = part.encode()
                digest.update(len(content).to_bytes(8, "big"))
                digest.update(content)
        return digest.hexdigest()

    @property
    def drawing(self) -> str:
        """The text of its own drawing. Raises BundleIncomplete."""
        path = drawing_path(self.key)
        if path not in self.files:
            raise BundleIncomplete(key=self.key, path=path)
        return self.files[path]

    @classmethod
    def read(cls, root: Path, key: str) -> Bundle:
        """The bundle of a process as it lies under `root`. Raises BundleIncomplete,
        DrawingUnreadable.
        """
        files: dict[str, str] = {}
        _add_process(root, key, key, files)
        scenarios = root / scenarios_path(key)
        if scenarios.is_file():
            files[scenarios_path(key)] = scenarios.read_text(encoding="utf-8")
        _add_described(root, key, files)
        return cls(key, files)

    @classmethod
    def keys(cls, root: Path) -> list[str]:
        """Keys of all processes drawn under `root`."""
        return sorted(p.stem for p in (root / "processes/bpmn").glob("*.bpmn"))


def _text(path: Path) -> str:
    """The text of a file, with line ends of one kind, so that it is one bundle wherever it was
    saved.
    """
    try:
        text = as_text(path.read_bytes())
    except ValueError:
        raise FileUnreadable(path=path.name) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _add_process(root: Path, owner: str, key: str, files: dict[str, str]) -> None:
    path = drawing_path(key)
    if path in files:
        return
    if not (root / path).is_file():
        raise BundleIncomplete(key=owner, path=path)
    files[path] = _text(root / path)
    drawing = bpmn_reader.read(files[path], path)
    for process in drawing.callable:
        for node in process.nodes():
            _add_form(root, node, files)
            _add_decision(root, node, files)
            for template in papers.named(node):
                papers.add(root, template, files)
            if node.kind == "callActivity" and node.called and not drawing.process(node.called):
                _add_process(root, owner, node.called, files)


def _add_described(root: Path, key: str, files: dict[str, str]) -> None:
    """The registers and catalogues that the process names."""
    process = bpmn_reader.read(files[drawing_path(key)], drawing_path(key)).process(key)
    own = process.properties if process is not None else {}
    named = [register_path(name) for name in split(own.get("registers", ""))]
    named += [catalogue_path(name) for name in split(own.get("catalogues", ""))]
    for path in named:
        if (root / path).is_file():
            files[path] = (root / path).read_text(encoding="utf-8")


def form_name(node: bpmn.Node) -> str | None:
    """The form "KEY/NAME" that an element shows, if any."""
    return node.camunda.get("formRef") or node.camunda.get("formKey") or None


def _add_form(root: Path, node: bpmn.Node, files: dict[str, str]) -> None:
    name = form_name(node) or node.properties.get("form")
    if name and (root / form_path(name)).is_file():
        files[form_path(name)] = _text(root / form_path(name))


def _add_decision(root: Path, node: bpmn.Node, files: dict[str, str]) -> None:
    name = node.camunda.get("decisionRef")
    if not name:
        return
    for path in sorted(p for p in (root / "processes/dmn").glob("*.dmn") if p.is_file()):
        text = _text(path)
        if f'id="{name}"' in text:
            _add_tables(path, files)


def _add_tables(path: Path, files: dict[str, str]) -> None:
    """The file of decisions and those that it imports; what is wrong with them the check says."""
    name = f"processes/dmn/{path.name}"
    if name in files:
        return
    files[name] = _text(path)
    for other in imported(path):
        if other.parent == path.parent:
            _add_tables(other, files)
