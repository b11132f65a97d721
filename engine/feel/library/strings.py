"""Built-in functions on strings. Source: DMN 1.5, 10.3.4.3; XPath for the patterns."""

from __future__ import annotations

from engine.feel.library.registry import built_in
from engine.feel.patterns import PatternError, compile_pattern, find_all, substitute
from engine.feel.runtime import Run
from engine.feel.values import Value


@built_in("substring(string: string, start position: whole|cut, length?: whole|cut)")
def substring(run: Run, string: str, start: int, length: int | None) -> str | None:
    """The letters from a 1-based position, or from the end if it is negative."""
    if start == 0 or abs(start) > len(string) or (length is not None and length < 1):
        return None
    first = start - 1 if start > 0 else len(string) + start
    return string[first:] if length is None else string[first : first + length]


@built_in("string length(string: string)")
def string_length(run: Run, string: str) -> int:
    return len(string)


@built_in("upper case(string: string)")
def upper_case(run: Run, string: str) -> str:
    return string.upper()


@built_in("lower case(string: string)")
def lower_case(run: Run, string: str) -> str:
    return string.lower()


@built_in("substring before(string: string, match: string)")
def substring_before(run: Run, string: str, match: str) -> str:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@built_in("substring after(string: string, match: string)")
def substring_after(run: Run, string: str, match: str) -> str:
    if not match:
        return string
    _, found, after = string.partition(match)
    return after if found else ""


@built_in("contains(string: string, match: string)")
def contains(run: Run, string: str, match: str) -> bool:
    return match in string


@built_in("starts with(string: string, match: string)")
def starts_with(run: Run, string: str, match: str) -> bool:
    return string.startswith(match)


@built_in("ends with(string: string, match: string)")
def ends_with(run: Run, string: str, match: str) -> bool:
    return string.endswith(match)


@built_in("matches(input: string, pattern: string, flags?: string)")
def matches(run: Run, text: str, pattern: str, flags: str | None) -> bool | None:
    """Whether the pattern is found anywhere in the text; null if it is no pattern."""
    try:
        program = compile_pattern(pattern, flags or "")
    except PatternError:
        return None
    return next(find_all(run, program, text), None) is not None


@built_in("replace(input: string, pattern: string, replacement: string, flags?: string)")
def replace(run: Run, text: str, *how: str | None) -> str | None:
    """The text with each match replaced; `$1` stands for the first group.

    Null if the pattern is none or matches nothing at all (XPath, FORX0003), or if the replacement
    has a stray `$` or backslash (FORX0004).
    """
    pattern, replacement, flags = how
    try:
        program = compile_pattern(pattern or "", flags or "")
        result = substitute(run, program, text, replacement or "")
    except PatternError:
        return None
    run.check_letters(len(result))
    return result


@built_in("split(string: string, delimiter: string)")
def split(run: Run, string: str, delimiter: str) -> list[str] | None:
    """The parts between the matches of a pattern."""
    try:
        program = compile_pattern(delimiter, "")
    except PatternError:
        return None
    parts: list[str] = []
    last = 0
    for found in find_all(run, program, string):
        start, end = found[0], found[1]
        if start is None or end is None or start == end:
            return None
        parts.append(string[last:start])
        last = end
    parts.append(string[last:])
    run.check_items(len(parts))
    return parts


@built_in(
    "string join(list: list of string, delimiter?: string)",
    "string join(list: list of string, delimiter: string|null, prefix: string|null,"
    " suffix: string|null)",
)
def string_join(
    run: Run,
    items: list[Value],
    delimiter: str | None,
    *around: str | None,
) -> str | None:
    """The strings of a list one after the other; nulls are left out."""
    strings = [item for item in items if item is not None]
    if not all(isinstance(item, str) for item in strings):
        return None
    gap = delimiter or ""
    run.check_letters(sum(map(len, strings)) + len(gap) * len(strings))
    prefix, suffix = around or ("", "")
    return f"{prefix or ''}{gap.join(strings)}{suffix or ''}"


@built_in("trim(string: string)")
def trim(run: Run, string: str) -> str:
    return string.strip()


@built_in("is blank(string: string)")
def is_blank(run: Run, string: str) -> bool:
    return not string.strip()


@built_in("extract(string: string, pattern: string)")
def extract(run: Run, string: str, pattern: str) -> list[str] | None:
    """All matches of a pattern, in order."""
    try:
        program = compile_pattern(pattern, "")
    except PatternError:
        return None
    found = [string[match[0] : match[1]] for match in find_all(run, program, string)]
    run.check_items(len(found))
    return found
