"""A file of decisions among those that it imports: what each may name, and how.

    <import name="chung" namespace="urn:chung"/>     chung.lệ phí, chung.tGiấy

Parts of an import with a name are known by `name.part`, parts of one without a name as the
file's own. Source: DMN 1.5, 6.3.2 and 10.4 (qualified names).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from engine.decisions.document import (
    Document,
    Element,
    Import,
    child,
    children,
    local,
    names_of,
    reference,
)
from engine.decisions.errors import DecisionInvalid
from engine.decisions.shapes import Shape
from engine.decisions.types import Shapes
from engine.feel.names import normal

# Finds the file of an import, given the path of who imports it: its path and bytes, or None.
Load: TypeAlias = Callable[[Import, str], "tuple[str, bytes] | None"]

MAX_MODELS = 50
MAX_COPIED = 20_000
"""Elements of files that are there for several ways; where they are more, ways share inputs."""
LEAST_SIZE = 200
KINDS = ("decision", "inputData", "businessKnowledgeModel", "decisionService")


class Model:
    """One file: its parts and their names by id, its types, and the models that it imports.

    way: the names of the imports by which the first file reaches it; chain: the models on it.

    doubled: parts whose id another one has too: who asks by it may mean either. The other can
    still be asked for by its name.
    """

    def __init__(self, document: Document, number: int) -> None:
        self.document = document
        self.number = number
        self.shapes = Shapes(document)
        self.problems: list[DecisionInvalid] = []
        self.doubled: dict[Element, DecisionInvalid] = {}
        self.parts: dict[str, Element] = {}
        self.names_of: dict[str, tuple[str, ...]] = {}
        self.imports: list[tuple[str, Model]] = []
        self.way: tuple[str, ...] = ()
        self.chain: tuple[Model, ...] = ()
        for part in children(document.root, *KINDS):
            self.add(part)

    def add(self, part: Element) -> None:
        name = part.get("id") or ""
        if not name or name in self.parts:
            message = (
                "The id “{id}” is used twice, by “{first}” and “{second}”; give each part an id"
                " of its own."
            )
            if not name:
                message = "Each decision and input needs an id."
            remedy = "Give the part an id that no other one has."
            both = [self.parts[name], part] if name else []
            first, second = ([one.get("name") or name for one in both] or ["", ""])[:2]
            problem = self.document.refuse(
                part, message, remedy, id=name, first=first, second=second
            )
            self.problems.append(problem)
            self.doubled |= dict.fromkeys(both[:1], problem)
            # Parts without an id of their own can still be asked for by name.
            name = f"{name}#{len(self.parts)}"
        self.parts[name] = part
        self.names_of[name] = names_of(part)

    def key(self, part_id: str) -> str:
        """What a part is called in the whole: its id, with the file's number for imports."""
        return f"{self.number}#{part_id}" if self.number else part_id

    def visible(self) -> Iterator[tuple[str, Model]]:
        """This model and those whose parts it may name, with the prefix of their names."""
        yield from self.same("", set())
        for name, model in self.imports:
            if name:
                yield from model.same(f"{name}.", set())

    def same(self, prefix: str, seen: set[int]) -> Iterator[tuple[str, Model]]:
        """This model and all that it imports without a name, and they in turn."""
        if self.number not in seen:
            seen.add(self.number)
            yield prefix, self
            for name, model in self.imports:
                if not name:
                    yield from model.same(prefix, seen)

    def names(self) -> Iterator[str]:
        """All names that expressions of this file may use."""
        for prefix, model in self.visible():
            yield from model.shapes.fields()
            for names in model.names_of.values():
                yield from (prefix + name for name in names)

    def given(self) -> dict[str, Shape]:
        """The declared types of all input data that expressions of this file may name."""
        return {
            prefix + name: model.shapes.named(variable_type(part))
            for prefix, model in self.visible()
            for part_id, part in model.parts.items()
            if local(part) == "inputData"
            for name in model.names_of[part_id]
        }

    def find(self, href: Element | None, kinds: tuple[str, ...]) -> Found | None:
        """The part that a reference means: in the namespace it says, or wherever it is."""
        namespace, target = reference(href)
        for prefix, model in self.visible():
            part = model.parts.get(target)
            if part is None or local(part) not in kinds:
                continue
            if namespace in ("", model.document.namespace) or (
                # An address of a file, or DMN 1.1's relative one, names no namespace.
                all(namespace != other.document.namespace for _, other in self.visible())
            ):
                return prefix, model, target
        return None


Found: TypeAlias = tuple[str, Model, str]
Place: TypeAlias = tuple[str, tuple[str, ...]]
"""A namespace, and the names of the imports by which the first file reaches it."""


def read_models(xml: bytes, path: str, load: Load | None) -> list[Model]:
    """A file and all that it imports, itself first. Raises DecisionInvalid for the file itself.

    A file that is reached by several ways has inputs of its own in each, since an import is a
    context by its name (DMN 1.5, 6.3.3): it is read once, and is there once for each way.
    """
    models = [Model(Document(xml, path), 0)]
    files, there = {models[0].document.namespace: models[0]}, dict[Place, Model]()
    room = MAX_COPIED
    for model in models:
        for wanted in model.document.imports():
            name = normal(wanted.name)
            place = (wanted.namespace, (*model.way, name) if name else model.way)
            found = around(model, wanted) or there.get(place)
            known = files.get(wanted.namespace)
            if found is None and known is not None:
                size = size_of(known)
                found = Model(known.document, len(models)) if 0 < size <= room else known
                room -= size
            elif found is None:
                file = loaded(model, wanted, load, len(files))
                if file is None:
                    continue
                found = files[wanted.namespace] = Model(file, len(models))
            there[place] = found
            if found.number == len(models):
                found.way, found.chain = place[1], (*model.chain, model)
                models.append(found)
            model.imports.append((name, found))
    for model in models:
        model.shapes.imported = [
            (f"{name}." if name else "", other.shapes) for name, other in model.imports
        ]
    return models


def around(model: Model, wanted: Import) -> Model | None:
    """The file that a model is imported by, however far away, if it imports that in turn."""
    chain = (*model.chain, model)
    return next((one for one in chain if one.document.namespace == wanted.namespace), None)


def size_of(model: Model) -> int:
    """How much it takes to have a file once more: 0 for what is the same in each place, a file
    without inputs that imports nothing.
    """
    inputs = any(local(part) == "inputData" for part in model.parts.values())
    if not inputs and next(iter(model.document.imports()), None) is None:
        return 0
    return LEAST_SIZE + sum(1 for _ in model.document.root.iter())


def loaded(model: Model, wanted: Import, load: Load | None, number: int) -> Document | None:
    """The imported file; None, with a problem kept, where there is none that can be read."""
    name = wanted.name or wanted.namespace
    if number >= MAX_MODELS:
        message = "The file imports more than {most} others; put decisions together."
        remedy = "Put the decisions of several files into one."
        problem = model.document.refuse(wanted.element, message, remedy, most=MAX_MODELS)
        model.problems.append(problem)
        return None
    file = load(wanted, model.document.path) if load is not None else None
    if file is None:
        message = (
            "The file imports “{name}”, and no file with the namespace {namespace} is beside it."
        )
        model.problems.append(
            model.document.refuse(
                wanted.element,
                message,
                "Put the file there, or remove the import.",
                name=name,
                namespace=wanted.namespace or "“”",
            )
        )
        return None
    try:
        return Document(file[1], file[0])
    except DecisionInvalid as problem:
        message = "The file imports “{name}”, which cannot be read: {reason}"
        model.problems.append(
            model.document.refuse(
                wanted.element,
                message,
                "Mend the imported file, or remove the import.",
                name=name,
                reason=problem.sentence,
            )
        )
        return None


def variable_type(element: Element) -> str | None:
    """The type that a part's variable declares."""
    variable = child(element, "variable")
    found: str | None = None if variable is None else variable.get("typeRef")
    return found
