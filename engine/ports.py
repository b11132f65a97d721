"""What the engine asks of the world around it, as plain values and protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from engine.duties import Apart
from engine.errors import NotPermitted
from engine.papers import Examine
from engine.values import Record, Value

if TYPE_CHECKING:
    from marshmallow import Schema
    from sqlalchemy.orm import Session

    from engine.api import Engine


@dataclass(frozen=True)
class Mandate:
    """By what somebody acts for another: the permission, and how far it reaches.

    number: the code of the case that gave the permission. processes: their keys; units: codes of
    the units whose work it is; groups: keys of the groups in whose name it is done; None is all of
    them.
    """

    number: str
    processes: frozenset[str] | None = None
    units: frozenset[str] | None = None
    groups: frozenset[str] | None = None

    def covers(self, process_key: str) -> bool:
        """Whether cases of the process lie within it."""
        return self.processes is None or process_key in self.processes

    def reaches(self, unit: str | None) -> bool:
        """Whether the work of that unit lies within it; what is of no unit is of no one unit."""
        return self.units is None or unit in self.units


@dataclass(frozen=True)
class Actor:
    """Who acts, as the rights were at that moment.

    name: the account's user name, never reused ("annv.vp"); label: the person's full name.
    candidacies: {"van-thu@vp"}, a group within one unit, with "unit and below" already spread out.
    rights: {"cases.view": {"vp", "p-dt"}}, permission -> codes of the units where it holds.
    unit: code of the unit the person belongs to, if any.
    persons: who holds the account, and who that for which they act, as the application names
    people ("person:17"): accounts change hands, and a hand stays whose it was.
    behalf_of, mandate: the account for which they act, and by what. Candidacies and rights are
    then what that account has and the mandate reaches, "=account" among them; none of their own.
    """

    name: str
    label: str
    unit: str | None = None
    candidacies: frozenset[str] = frozenset()
    rights: Mapping[str, frozenset[str]] = field(default_factory=dict)
    behalf_of: str | None = None
    address: str | None = None
    mandate: Mandate | None = None
    persons: tuple[str, ...] = ()
    stands_for: frozenset[str] = frozenset()
    """The numbers of whom an account from outside stands for, as cases have them: a firm's."""
    only_sees: bool = False
    """Whether the account may look at cases and do nothing in them: it administers (HP-6.3) or
    supervises."""

    @property
    def whose(self) -> str:
        """The account whose work they do: their own, or that for which they act."""
        return self.behalf_of or self.name

    def owns(self, account: str | None, unit: str | None) -> bool:
        """Whether what that account began or may do by name, for that unit, is the actor's to go
        on with. Acting within some groups only, nothing is: it is of no group.
        """
        if account != self.whose:
            return False
        mandate = self.mandate
        return mandate is None or (mandate.groups is None and mandate.reaches(unit))

    def may(self, permission: str, unit: str | None = None) -> bool:
        """Whether the permission holds, anywhere or in one unit."""
        units = self.rights.get(permission)
        return bool(units) and (unit is None or unit in units)  # type: ignore[operator]

    def require(self, permission: str, unit: str | None = None) -> None:
        """Raises NotPermitted when the permission does not hold."""
        if not self.may(permission, unit):
            raise NotPermitted(right=permission)


SYSTEM = Actor(name="system", label="Hệ thống")


Keep = Callable[[str, bytes], Record]


@dataclass(frozen=True)
class Call:
    """One call of an operation by a case.

    key: the same for every attempt of the same call; outside systems use it to tell a repeat.
    session: the case's transaction for a local operation, None for a remote one.
    """

    key: str
    now: datetime
    case_id: int
    case_code: str
    actor: str
    unit: str | None
    session: Session | None = None
    engine: Engine | None = None
    """The doors, for a remote operation whose outside world is other cases of the same engine."""
    keep: Keep | None = None
    """For a remote operation: puts a file that it has made on the case, together with its result;
    gives the file's value, which the result must hold."""
    behalf_of: str | None = None
    mandate: str | None = None
    """For whom `actor` acts, if for another, and by which case's permission."""


Run = Callable[[Call, Record], Record | None]


@dataclass(frozen=True)
class Operation:
    """What a service task calls by name.

    A local one changes our own registers inside the case's transaction; a remote one talks to the
    world after the commit, as a job with retries. `run` may raise Rejected(code) and, when remote,
    CallFailed(message, permanent=...).
    """

    name: str
    run: Run
    parameters: type[Schema]
    result: type[Schema]
    remote: bool = False
    errors: tuple[str, ...] = ()


Fact = Callable[..., Value]
"""A question about the world outside the case: called as fact(session, now, *arguments).

Every answer is recorded in the entry that asked, and stands in when the entry is run again."""


Errand = Callable[["Session", Record, datetime], None]
"""Work of the application due at a time: called in a transaction of its own, once, as
errand(session, payload, now). What it raises puts it back; a refusal makes it stuck."""


class Groups(Protocol):
    """What a drawing may name, asked when it is checked."""

    def groups(self, session: Session) -> Iterable[str]:
        """Keys of all groups."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """Everything the engine needs from outside, wired once in `create_app`."""

    clock: Callable[[], datetime]
    operations: Mapping[str, Operation] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    groups: Callable[[Session], frozenset[str]] = lambda session: frozenset()
    people: Callable[[Session], frozenset[str] | None] = lambda session: None
    """Names of the accounts that drawings may name; None where they are not asked."""
    standing: Callable[[Session, Actor, datetime], Actor | None] = lambda *_asked: None
    """Who acts for another, with the rights of this instant; None when they may no longer. Asked
    under the case's lock, and keeps the permission from being ended before the commit."""
    counted: frozenset[str] = frozenset()
    """Names of the facts that count over the calendar: asked anew when it has changed."""
    duties: tuple[Apart, ...] = ()
    """What no hand does both of in one case, whatever its drawing says."""
    permissions: frozenset[str] | None = None
    """Every permission that a drawing may name; None where they are not asked."""
    selves: Callable[[Session, str], frozenset[str]] = lambda session, account: frozenset(
        {account}
    )
    """All accounts of the person who holds an account, that one among them, and the name of the
    person as in `Actor.persons`: what must be done by different hands is done by different
    people."""
    errands: Mapping[str, Errand] = field(default_factory=dict)
    """What the application wants done at a time by its own database, by name."""
    templates: Examine | None = None
    """Tries the templates of papers; None where nothing sets them."""
