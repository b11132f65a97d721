"""Agreement with feelin, another implementation of FEEL, which bpmn.io's editors use.

Thousands of expressions, those of `tables/` and generated ones, come to the same values in both,
but for those that `differences.txt` lists under the paragraph of the standard that decides.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app import config
from engine import feel
from tests.engine.feel.generated import CONTEXT, expressions

HERE = Path(__file__).parent
PACKAGES = config.ROOT / "app" / "frontend"
GENERATED = 2_500
# What only the clock can answer differs by the instant at which it is asked.
OF_THE_CLOCK = ("now()", "today()")


def by_hand() -> list[str]:
    lines = [
        line.rpartition(" => ")[0]
        for table in sorted((HERE / "tables").glob("*.txt"))
        for line in table.read_text("utf-8").splitlines()
        if line and not line.startswith("# ") and not any(word in line for word in OF_THE_CLOCK)
    ]
    return list(dict.fromkeys(lines))


def listed() -> dict[str, list[str]]:
    """The expressions that differ, under the heading that says by which paragraph."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in (HERE / "differences.txt").read_text("utf-8").splitlines():
        if line.startswith("## "):
            heading = line
            found[heading] = []
        elif line and not line.startswith("# "):
            found[heading].append(line)
    return found


def plain(value: feel.Value) -> list[Any]:
    """A value as the oracle writes its own: [kind, parts]."""
    kind = feel.kind_of(value)
    if kind == "number":
        return [kind, float(value)]
    if kind in ("null", "boolean", "string"):
        return [kind, value]
    if kind == "list":
        return [kind, [plain(item) for item in value]]
    if kind == "context":
        return [kind, {key: plain(item) for key, item in value.items()}]
    if kind == "range":
        ends = [plain(value.start), plain(value.end)]
        return [kind, [*ends, value.start_included, value.end_included]]
    return [kind, None] if kind == "function" else ["moment", feel.text_of(value)]


def agree(ours: list[Any], theirs: list[Any]) -> bool:
    """The same value; numbers to ten digits, since theirs are binary fractions."""
    (kind, mine), (other, yours) = ours, theirs
    if kind != other or kind in ("null", "function"):
        return bool(kind == other)
    if kind == "number":
        return math.isclose(mine, yours, rel_tol=1e-10, abs_tol=1e-12)
    if kind == "context":
        return mine.keys() == yours.keys() and all(agree(mine[k], yours[k]) for k in mine)
    if kind == "list":
        return len(mine) == len(yours) and all(map(agree, mine, yours))
    if kind == "range":
        return agree(mine[0], yours[0]) and agree(mine[1], yours[1]) and mine[2:] == yours[2:]
    return bool(mine == yours)


def theirs(asked: list[dict[str, Any]]) -> list[list[Any]]:
    """What feelin answers, in one process."""
    node = shutil.which("node")
    if node is None or not (PACKAGES / "node_modules" / "@bpmn-io" / "feelin").is_dir():
        pytest.skip("feelin is not installed: run ./test once, which fetches it")
    run = subprocess.run(
        [node, str(HERE / "oracle.mjs"), str(PACKAGES)],
        input=json.dumps(asked),
        env={"TZ": "UTC"},
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[list[Any]] = json.loads(run.stdout)
    return answers


def ours(expression: str, context: dict[str, Any]) -> list[Any]:
    try:
        return plain(feel.parse(expression, names=context).evaluate(context, now=NOW))
    except feel.FeelError as problem:
        return ["error", str(problem)]


NOW = dt.datetime(2026, 11, 22, 1, 30, tzinfo=dt.UTC)


def test_both_agree_but_where_the_standard_decides():
    exact = feel.read_json(json.dumps(CONTEXT))
    asked = [{"expression": text, "context": {}} for text in by_hand()]
    asked += [{"expression": text, "context": CONTEXT} for text in expressions(GENERATED)]
    assert len(asked) > 3_000
    differ = {
        one["expression"]
        for one, answer in zip(asked, theirs(asked), strict=True)
        if not agree(ours(one["expression"], exact if one["context"] else {}), answer)
    }
    known = {text for texts in listed().values() for text in texts}
    assert sorted(differ - known) == []
    assert sorted(known - differ) == []


def test_each_difference_stands_under_a_paragraph_of_the_standard():
    for heading, texts in listed().items():
        assert heading.startswith("## 10.3."), heading
        assert texts, heading


def test_the_generated_expressions_are_the_same_each_time():
    assert expressions(50) == expressions(50)
    assert len(set(expressions(GENERATED))) == GENERATED


def test_generated_expressions_mostly_have_a_value():
    exact = feel.read_json(json.dumps(CONTEXT))
    found = [ours(text, exact)[0] for text in expressions(400)]
    assert found.count("null") < 120
    assert "error" not in found
