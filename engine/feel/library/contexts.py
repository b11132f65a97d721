"""Built-in functions on contexts, and those on any value. Source: DMN 1.5, 10.3.4.9, 10.3.4.10."""

from __future__ import annotations

from engine.feel.library.registry import built_in
from engine.feel.order import equal, zone_key
from engine.feel.runtime import Run
from engine.feel.values import Value, kind_of

Context = dict[str, Value]


@built_in("get value(m: context, key: string)")
def get_value(run: Run, m: Context, key: str) -> Value:
    return m.get(key)


@built_in("get value(context: context, keys: list of string)")
def get_value_at(run: Run, context: Context, keys: list[Value]) -> Value:
    """The value at the end of a path of keys; null where the path breaks off."""
    found: Value = context if keys else None
    for key in keys:
        if not isinstance(key, str) or kind_of(found) != "context":
            return None
        found = found.get(key)
    return found


@built_in("get entries(m: context)")
def get_entries(run: Run, m: Context) -> list[Context]:
    run.check_items(len(m))
    return [{"key": key, "value": value} for key, value in m.items()]


@built_in("context(entries: list of context)")
def context(run: Run, entries: list[Value]) -> Context | None:
    """A context of entries {key, value}; null if one is malformed or a key comes twice."""
    made: Context = {}
    run.check_items(len(entries))
    for entry in entries:
        if kind_of(entry) != "context" or not {"key", "value"} <= entry.keys():
            return None
        key = entry["key"]
        if not isinstance(key, str) or key in made:
            return None
        made[key] = entry["value"]
    return made


@built_in("context put(context: context, key: string, value: any)")
def context_put(run: Run, context: Context, key: str, value: Value) -> Context:
    run.check_items(len(context) + 1)
    return {**context, key: value}


@built_in("context put(context: context, keys: list of string, value: any)")
def context_put_at(run: Run, context: Context, keys: list[Value], value: Value) -> Value:
    """The context with a value at the end of a path of keys, made where it is missing."""
    if not keys or not all(isinstance(key, str) for key in keys):
        return None
    if len(keys) == 1:
        return context_put(run, context, keys[0], value)
    run.charge(len(keys))
    inner = context.get(keys[0])
    if inner is None:
        inner = {}
    if kind_of(inner) != "context":
        return None
    run.descend()
    changed = context_put_at(run, inner, keys[1:], value)
    run.depth -= 1
    return None if changed is None else context_put(run, context, keys[0], changed)


@built_in("context merge(contexts: list of context)")
def context_merge(run: Run, contexts: list[Value]) -> Context | None:
    """All entries of all contexts; of two with one key the later stands."""
    made: Context = {}
    for part in contexts:
        if kind_of(part) != "context":
            return None
        run.check_items(len(made) + len(part))
        made.update(part)
    return made


@built_in("is(value1: any, value2: any)")
def is_same(run: Run, value1: Value, value2: Value) -> bool:
    """Whether two values are the same element of one domain: offsets count, as instants do not."""
    if kind_of(value1) != kind_of(value2):
        return False
    if kind_of(value1) in ("date and time", "time") and zone_key(value1) != zone_key(value2):
        return False
    return equal(run, value1, value2) is True


@built_in("not(negand: boolean)")
def negation(run: Run, negand: bool) -> bool:
    return not negand


@built_in("get or else(value: any, default: any)")
def get_or_else(run: Run, value: Value, default: Value) -> Value:
    return default if value is None else value


@built_in("is defined(value: any)")
def is_defined(run: Run, value: Value) -> bool:
    return value is not None
