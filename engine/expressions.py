"""FEEL as drawings use it: text or "=expression", evaluated over a frame with the world's
answers.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine import feel
from engine.errors import Sentence, StepFailed, ValueRefused
from engine.spelling import is_iso, is_number, spans, with_seconds
from engine.values import MAX_DEPTH, Record, Value, check, letters
from engine.world import World

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""Local time of the product's users: dates without a zone are read here (vn-rules 5.2: kept in
UTC).
"""


MOST_WORK = 10_000_000
"""How much work the expressions and decisions of one step may take together, in steps of FEEL's
budget, of which one expression has 100,000 and one decision 300,000: some twenty seconds.
"""


MOST_LETTERS = 100_000_000
"""How many letters the values that a step keeps may hold together, each counted as often as it is
kept: values are shared in memory, and written out one by one.
"""


TEMPORAL = frozenset(
    (
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    )
)


def evaluate(text: str, view: Record, world: World, element: str) -> Any:
    """The value of a FEEL expression, with or without its leading "=". Raises StepFailed."""
    try:
        expression = feel.parse(text, functions=world.names)
        budget = None if world.leeway == 1 else feel.Budget().wider(world.leeway)
        work, found = expression.weigh(view, world.functions, now=world.now, budget=budget)
    except feel.FeelError as problem:
        quoted = {"text": text, "problem": problem.sentence}
        raise failed(element, '"{text}": {problem}', **quoted) from problem
    count_work(work, world, element)
    return found


def count_work(work: int, world: World, element: str) -> None:
    """So much work was done for the step. Raises StepFailed where it is too much together."""
    world.work += work
    if world.work > MOST_WORK * world.leeway:
        reason = "the expressions of this step take too much work together; let it rest between."
        raise StepFailed(element=element, reason=reason)


def names_in(text: str, functions: Collection[str]) -> frozenset[str]:
    """The variables that an expression names, perhaps; none of one that cannot be read."""
    try:
        expression = feel.parse(text, functions=functions)
    except feel.FeelError:
        return frozenset()
    return expression.variables | expression.possible | expression.calls


def asks_more(text: str, functions: Collection[str]) -> bool:
    """Whether the value of an expression may hang on more than variables: on what it calls, or on
    the clock.
    """
    try:
        calls = feel.parse(text, functions=functions).calls
    except feel.FeelError:
        return True
    return bool(calls) or "now" in text or "today" in text


def failed(element: str, template: str, **fields: object) -> StepFailed:
    """The refusal of a step whose reason is translated like the refusal itself."""
    return StepFailed(element=element, reason=Sentence(template, fields))


def value(text: str, view: Record, world: World, element: str) -> Value:
    """Like `evaluate`, for what goes into case data: instants to the microsecond."""
    found = evaluate(text, view, world, element)
    _count_letters(found, world, element)
    try:
        return check(found, element)
    except ValueRefused:
        return check(feel.narrowed(found), element)


def comparable(text: str, view: Record, world: World, element: str) -> Any:
    """Like `value`, for what is compared and not kept: also ranges and any date, time or span of
    time, on its own or within, each as exact as it is. Raises ValueRefused for a function.
    """
    found = evaluate(text, view, world, element)
    _count_letters(found, world, element)
    check(_without_times(found), element)
    return found


def _without_times(found: Any, depth: int = 0) -> Any:
    """The value with null for what only a comparison takes, and the ends of ranges as lists."""
    kind = feel.kind_of(found)
    if depth > MAX_DEPTH or kind in TEMPORAL:
        return None if kind in TEMPORAL else found
    if kind == "list":
        return [_without_times(item, depth + 1) for item in found]
    if kind == "context":
        return {key: _without_times(item, depth + 1) for key, item in found.items()}
    if kind == "range":
        return [_without_times(end, depth + 1) for end in (found.start, found.end)]
    return found


def _count_letters(found: Any, world: World, element: str) -> None:
    if isinstance(found, (str, list, dict)):
        world.letters += letters(found)
        if world.letters > MOST_LETTERS * world.leeway:
            reason = "the values of this step hold too many letters together; let it keep less."
            raise StepFailed(element=element, reason=reason)


def text_or_value(source: Any, view: Record, world: World, element: str) -> Value:
    """A parameter: "=expression" is evaluated, other text is itself; lists and maps are
    descended.
    """
    if isinstance(source, dict):
        return {k: text_or_value(v, view, world, element) for k, v in source.items()}
    if isinstance(source, list):
        return [text_or_value(v, view, world, element) for v in source]
    text = str(source)
    return value(text, view, world, element) if text.startswith("=") else text


def instant(found: Any, now: datetime, element: str) -> datetime | None:
    """An aware UTC instant from what an expression gave: instant, day (its first moment), span,
    ISO text. Raises StepFailed for what is none of them, and for what UTC cannot tell.
    """
    if found is None:
        return None
    try:
        if isinstance(found, str):
            *early, last = spans(found)
            for part in early:
                now = _utc(feel.narrowed(_parsed(part, element)), now, element)
            found = _parsed(last, element)
        return _utc(feel.narrowed(found), now, element)
    except OverflowError:
        raise _no_moment(found, element) from None


def _no_moment(found: Any, element: str) -> StepFailed:
    """The refusal of a time, as FEEL writes it."""
    try:
        text = feel.text_of(found)
    except feel.FeelError:
        text = feel.kind_of(found)
    reason = (
        "{found} leads to no instant of the years 1 to 9999; "
        "a date, an instant or a span such as P5D is wanted."
    )
    return failed(element, reason, found=text[:200])


def _utc(found: Any, now: datetime, element: str) -> datetime:
    if isinstance(found, datetime):
        return (found if found.tzinfo else found.replace(tzinfo=ZONE)).astimezone(UTC)
    if isinstance(found, date):
        return datetime.combine(found, time(), ZONE).astimezone(UTC)
    later = feel.parse("a + b").evaluate({"a": now, "b": found}, {}, now=now)
    later = feel.narrowed(later)
    if not isinstance(later, datetime):
        raise _no_moment(found, element)
    return later.astimezone(UTC)


def _parsed(text: str, element: str) -> Any:
    """ISO 8601 text as FEEL reads it: P… a span, otherwise a day or an instant."""
    form = (
        "duration(t)"
        if text[:1] in "P-"
        else 'if contains(t, "T") then date and time(t) else date(t)'
    )
    found = feel.parse(form).evaluate({"t": with_seconds(text)}, {})
    if found is None:
        raise failed(element, '"{text}" is no ISO 8601 date, instant or span.', text=text)
    return found


def timer(kind: str, text: str, view: Record, world: World, element: str) -> Record:
    """When a timer fires: {"due": instant} and, for cycles, {"every": "PT1H", "left": 2 (-1:
    endless)}.
    """
    found = text if is_iso(text) else evaluate(text, view, world, element)
    if kind != "cycle":
        due = instant(found, world.now, element)
        if due is None:
            raise failed(element, 'The timer "{text}" gives no time.', text=text)
        return {"due": due}
    return _cycle(found, world.now, element)


def _cycle(found: Any, now: datetime, element: str) -> Record:
    if isinstance(found, timedelta):
        found = f"R/PT{int(found.total_seconds())}S"
    parts = str(found).split("/")
    if len(parts) < 2 or not parts[0].startswith("R") or parts[0] == "R0":
        raise failed(element, '"{text}" is no ISO 8601 cycle such as R3/PT1H.', text=found)
    left = int(parts[0][1:]) if is_number(parts[0][1:]) else -1
    every = parts[-1] if parts[-1].startswith("P") else parts[1]
    if len(parts) == 3 and is_number(parts[1][:1]):
        first = instant(parts[1], now, element)
    else:
        first = instant(every, now, element)
    assert first is not None
    return {"due": first, "every": every, "left": left - 1 if left > 0 else left}


def next_cycle(wait: Record, element: str) -> Record | None:
    """The following firing of a cycle, or None when it has had its last."""
    left = wait.get("left")
    if "every" not in wait or left == 0 or not isinstance(left, int):
        return None
    due = wait["due"]
    assert isinstance(due, datetime)
    following = instant(wait["every"], due, element)
    return {**wait, "due": following, "left": left - 1 if left > 0 else left}
