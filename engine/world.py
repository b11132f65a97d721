"""Everything a step may learn from outside its case, answered live or from the record.

A live world asks and writes down; a recorded world gives the same answers in the same order, so
that a step run again years later, under other settings and another organisation, comes to rest at
the same place. Shape of the record:
[["head_of", ["vp"], "annv"], ["accounts.create", [{...}], {"user_name": "annv"}], ...].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine import values
from engine.errors import Defect, Rejected, Sentence, StepFailed
from engine.ports import Call, Fact, Operation
from engine.values import Record, Value

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


BY_VALUE = "keys_by_value"
"""What a step notes whose keys of messages are those of values. An entry without it was written
when keys were told apart as they were spelled, or has none that the two ways tell apart.
"""
BY_CONVERSATION = "keys_by_conversation"
"""What the first step of a case notes that takes part in conversations; an older one does not."""
ALL_KEYS = "awaited_under_all_keys"
"""What a step notes that awaits messages under every key of a conversation that is populated."""
WAIT_STAYS = "wait_stays_in_its_conversation"
"""What a step notes in which another conversation begins beside those who wait in one."""
LAST_CAUGHT = "last_instance_caught"
"""What a step notes whose repeated activity still catches what its last instance throws."""
FIRED_GOES_ON = "fired_boundary_goes_on"
"""What a step notes whose boundary event has fired and goes on though its activity is over."""
UNDONE_INSIDE = "undone_inside_what_ran"
"""What a step notes that cancels a transaction and undoes what is done in activities of it that
still run.
"""
KEYS_IN_ORDER = "keys_in_order_of_file"
"""What a step notes whose keys have their parts in the file's order, not in a subscription's."""
UNKEYED_APART = "unkeyed_message_apart"
"""What a step notes whose message without a key passes by who waits for it under one."""
UNDONE_BY_EVENT = "undone_in_event_subprocess"
"""What a step notes after which what an event sub-process has done can be undone."""
UNDOING_KEPT = "broken_off_undoing_kept"
"""What a step notes that cancels a transaction while something in it is being undone, and has that
undone too.
"""
INSTANCE_GIVEN_UP = "cancelled_instance_given_up"
"""What a step notes in which an instance of a transaction is cancelled and its loop goes on."""
DEFAULT_ALONE = "default_flow_alone"
"""What a step notes in which a default flow is not taken, since one without a condition is."""
OUTPUTS_OF_EVENTS = "outputs_of_events"
"""What a step notes in which an event, or a task that waits for or throws a message, writes its
output parameters.
"""
OUTCOME_STAYS = "outcome_of_the_main_way"
"""What a step notes that ends an event sub-process beside a case which has come to its own end."""
PASSED_ON = "escalation_passed_on"
"""What a step notes whose event sub-process throws its escalation outwards, not to itself."""


class RecordDiffers(Defect):
    """The step asked for {asked} where its record holds {recorded}."""


class World:
    """Answers questions of one step at one instant. `facts` is the record, `now` the step's
    clock, `work` what its expressions have taken so far, `letters` what their values hold.
    """

    work = 0
    letters = 0
    leeway = 1  # how many times the bounds of a step it may take
    by_value = True  # whether keys of messages are those of values: see engine.correlation
    by_conversation = (
        True  # whether a case that begins has conversations: see engine.conversations
    )

    def __init__(self, now: datetime, names: Mapping[str, Any]) -> None:
        self.now = now
        self.facts: list[list[Value]] = []
        self._asked: dict[str, Value] = {}
        self._names = names
        self._noted: set[str] = set()

    @cached_property
    def functions(self) -> Asked:
        """What expressions may ask, by name."""
        return Asked(self)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of what expressions may ask."""
        return frozenset(self._names)

    def ask(self, name: str, arguments: list[Value]) -> Value:
        """The answer of a fact. Asked twice in one step, it answers the same and is recorded
        once.
        """
        # By their text: for Python 1 and true are the same, for a drawing they are not.
        key = values.encode([name, arguments])
        if key not in self._asked:
            self._asked[key] = self._answer(name, arguments)
            self._record_fact(name, arguments, self._asked[key])
        return values.copy(self._asked[key])  # type: ignore[no-any-return]  # a value

    def _record_fact(self, name: str, arguments: list[Value], answer: Any) -> None:
        """Copies: what a case does with an answer later must not change the record."""
        self.facts.append([name, values.copy(arguments), values.copy(answer)])

    def operate(self, name: str, parameters: Record, key: str) -> Record:
        """The result of a local operation. Raises Rejected as the operation did."""
        outcome = self._operate(name, parameters, key)
        self._record_fact(name, [parameters], outcome)
        if isinstance(outcome, dict) and "$rejected" in outcome:
            raise Rejected(str(outcome["$rejected"]), str(outcome.get("message", "")))
        return outcome

    def is_remote(self, name: str) -> bool:
        """Whether an operation talks to the world and so is called after the commit, by a job.

        Recorded as well: an operation may change its kind between two releases.
        """
        key = values.encode(["is_remote", [name]])
        if key not in self._asked:
            self._asked[key] = self._is_remote(name)
            self._record_fact("is_remote", [name], self._asked[key])
        return bool(self._asked[key])

    def _is_remote(self, name: str) -> bool:
        raise NotImplementedError

    def note(self, name: str, arguments: list[Value], answer: Value) -> None:
        """Writes down what was decided inside the step, for the auditor (the rules of a table)."""
        self._record_fact(name, arguments, answer)

    def note_by_value(self) -> None:
        """Writes down, once a step, that its keys of messages are those of values."""
        self._note_once(BY_VALUE)

    def _note_once(self, name: str) -> None:
        if name not in self._noted:
            self._noted.add(name)
            self.note(name, [], True)

    def follows(self, rule: str) -> bool:
        """Whether the step goes by a rule that has corrected an older one, which it then notes.

        Asked only where the older rule comes to something else, so that a step that was recorded
        under either is run again as it was run.
        """
        if not self._knows(rule):
            return False
        self._note_once(rule)
        return True

    def _knows(self, rule: str) -> bool:
        return True

    def note_by_conversation(self) -> None:
        """Writes down that the case that begins in this step takes part in conversations."""
        self.note(BY_CONVERSATION, [], True)

    def _answer(self, name: str, arguments: list[Value]) -> Value:
        raise NotImplementedError

    def _operate(self, name: str, parameters: Record, key: str) -> Record:
        raise NotImplementedError


class Asked(Mapping[str, Callable[..., Value]]):
    """What the expressions of a step may ask. A step asks few of what it may, so that each is made
    when it is asked for.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._own: dict[str, Callable[..., Value]] = {}

    def __getitem__(self, name: str) -> Callable[..., Value]:
        if name in self._own:
            return self._own[name]
        if name not in self._world.names:
            raise KeyError(name)
        return lambda *arguments: self._world.ask(name, list(arguments))

    def __setitem__(self, name: str, function: Callable[..., Value]) -> None:
        """Lends a function beside what is asked of the world."""
        self._own[name] = function

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._world.names

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._world.names), **self._own})

    def __len__(self) -> int:
        return len({*self._world.names, *self._own})


class LiveWorld(World):
    """Asks the application, inside the case's transaction."""

    def __init__(
        self,
        session: Session,
        now: datetime,
        *,
        facts: Mapping[str, Fact],
        operations: Mapping[str, Operation],
        call: Callable[[str], Call],
    ) -> None:
        super().__init__(now, facts)
        self._session = session
        self._known = facts
        self._operations = operations
        self._call = call

    def _is_remote(self, name: str) -> bool:
        operation = self._operations.get(name)
        if operation is None:
            raise StepFailed(element=name, reason="there is no operation of that name.")
        return operation.remote

    def _answer(self, name: str, arguments: list[Value]) -> Value:
        try:
            answer = self._known[name](self._session, self.now, *arguments)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as problem:
            raise StepFailed(element=name, reason=f"{problem}.") from problem
        return values.check(answer, name)

    def _operate(self, name: str, parameters: Record, key: str) -> Record:
        operation = self._operations.get(name)
        if operation is None:
            raise StepFailed(element=name, reason="there is no operation of that name.")
        return run_operation(operation, parameters, self._call(key))


def run_operation(operation: Operation, parameters: Record, call: Call) -> Record:
    """Its result, both sides checked by the operation's schemas; a rejection as {"$rejected":
    code}.
    """
    problems = operation.parameters().validate(parameters)
    if problems:
        raise StepFailed(element=operation.name, reason=f"{_words(problems)}.")
    try:
        result = operation.run(call, parameters) or {}
    except Rejected as rejection:
        return {"$rejected": rejection.code, "message": str(rejection)}
    problems = operation.result().validate(result)
    if problems:
        reason = Sentence("its result is wrong: {problems}.", {"problems": _words(problems)})
        raise StepFailed(element=operation.name, reason=reason)
    values.check(result, operation.name)
    return result


def _words(problems: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {why}" for name, why in sorted(problems.items()))


class RecordedWorld(World):
    """Gives the answers that an entry recorded, in their order. Raises RecordDiffers.

    What a step was allowed in its day it may do again, though bounds are narrower now: so they are
    wider here. They stay, since an entry may be forged that never comes to an end.
    """

    leeway = 10

    def __init__(self, now: datetime, names: Mapping[str, Any], record: list[list[Value]]) -> None:
        super().__init__(now, names)
        self._record = list(record)
        self._noted_then = {str(fact[0]) for fact in record}
        self.by_value = BY_VALUE in self._noted_then
        self.by_conversation = BY_CONVERSATION in self._noted_then

    def _knows(self, rule: str) -> bool:
        return rule in self._noted_then

    def _is_remote(self, name: str) -> bool:
        return bool(self._next("is_remote", [name]))

    def _next(self, name: str, arguments: list[Value]) -> Any:
        if len(self.facts) >= len(self._record):
            raise RecordDiffers(asked=name, recorded="nothing more")
        recorded, given, answer = self._record[len(self.facts)]
        if recorded != name or values.encode(given) != values.encode(arguments):
            raise RecordDiffers(asked=f"{name}{arguments}", recorded=f"{recorded}{given}")
        return answer

    def _answer(self, name: str, arguments: list[Value]) -> Value:
        answer: Value = self._next(name, arguments)
        return answer

    def _operate(self, name: str, parameters: Record, key: str) -> Record:
        result: Record = self._next(name, [parameters])
        return result
