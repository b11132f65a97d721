"""No file and no function grows beyond what one reads at a sitting; none is exempt."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULE, FUNCTION = 400, 40
FOLDERS = ("adapters", "app", "engine", "tests")
# Migrations are written once by a program and never read again as a design.
GENERATED = (ROOT / "app/migrations/versions", ROOT / "app/frontend/node_modules")


def sources(*suffixes: str) -> Iterator[Path]:
    """Every hand-written source file with one of these endings."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            is_generated = any(path.is_relative_to(place) for place in GENERATED)
            if path.suffix in suffixes and not is_generated and "dist" not in path.parts:
                yield path


def test_every_module_has_at_most_400_lines():
    too_long = {
        str(path.relative_to(ROOT)): count
        for path in sources(".py", ".js", ".mjs", ".css", ".html")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MODULE
    }
    assert not too_long, f"part these by what they know: {too_long}"


def test_every_function_has_at_most_40_lines():
    too_long = {}
    for path in sources(".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                count = (node.end_lineno or 0) - node.lineno + 1
                if count > FUNCTION:
                    too_long[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = count
    assert not too_long, f"name a part of each and take it out: {too_long}"


def test_the_command_scripts_are_posix_and_short():
    for name in ("run", "test", "quytrinh", "requirements/install.sh", ".ci/run"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert len(lines) <= MODULE, name
        assert "bash" not in lines[0], name


def test_no_step_of_the_scripts_hides_the_command_that_it_looks_for():
    """`command -v NAME` finds a function of that name too, and so would never miss the command."""
    script = (ROOT / "requirements/install.sh").read_text(encoding="utf-8")
    steps = set(re.findall(r"^(\w+)\(\)", script, re.MULTILINE))
    looked_for = set(re.findall(r"command -v (\w+)", script))
    assert steps and looked_for and not steps & looked_for


def test_locks_name_no_host():
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text, f"{lock.name}: lock without index addresses"
        assert "--hash=sha256:" in text, lock.name
