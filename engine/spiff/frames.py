"""Variables of a case: records inside one another, and which of them were written to."""

from __future__ import annotations

from engine.values import Record, Value


class Changes:
    """What was written to the variables of a case: the names, by frame, since they were last
    looked at, and how often.
    """

    def __init__(self) -> None:
        self.names: set[tuple[int, str]] = set()
        self.count = 0

    def note(self, frame: int, name: str) -> None:
        self.names.add((frame, name))
        self.count += 1


class Frame:
    """One record of variables; reading looks through to the outer frames, writing stays in this
    one. With `local` only the names in it stay here, and the others are written further out.
    """

    def __init__(
        self,
        number: int,
        outer: Frame | None,
        content: Record,
        local: tuple[str, ...] | None = None,
        *,
        changes: Changes,
    ) -> None:
        self.number = number
        self.outer = outer
        self.content = content
        self.local = local
        self.changes = changes

    def view(self) -> Record:
        """All variables seen from here."""
        if self.outer is None:
            return self.content
        return {**self.outer.view(), **self.content}

    def home(self, name: str) -> Record:
        """The record in which a variable of that name is written, now."""
        frame = self
        while frame.local is not None and name not in frame.local and frame.outer is not None:
            frame = frame.outer
        self.changes.note(frame.number, name)
        return frame.content

    def take(self, content: Record) -> None:
        """Sets variables of this frame alone."""
        for name, value in content.items():
            self.changes.note(self.number, name)
            self.content[name] = value

    def put(self, name: str, value: Value) -> None:
        """Sets one variable, whatever it was."""
        self.home(name)[name] = value

    def write(self, record: Record) -> None:
        """Sets variables; records within records are merged, so that a form's part keeps the
        rest.
        """
        for name, value in record.items():
            home = self.home(name)
            home[name] = merged(home.get(name), value)


def merged(mine: Value, value: Value) -> Value:
    """`value` put into `mine`, descending where both hold a record. Both stay as they are: values
    are shared by all that hold them.
    """
    if not isinstance(mine, dict) or not isinstance(value, dict):
        return value
    return {**mine, **{key: merged(mine.get(key), part) for key, part in value.items()}}
