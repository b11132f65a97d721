"""Who may know whom, where the import contracts of setup.cfg cannot say it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSIDE = {"engine.spiff", "engine.apply", "engine.moves", "engine.due", "engine.jobs",
          "engine.projection", "engine.world", "engine.dry", "engine.expressions"}  # fmt: skip
"""What moves cases: nobody outside may reach past the doors to it."""


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def test_only_the_package_spiff_names_the_library():
    wrong = [
        str(path.relative_to(ROOT))
        for path in sources("app", "adapters", "engine")
        if "spiff" not in path.parts and any(i.startswith("SpiffWorkflow") for i in imports(path))
    ]
    assert wrong == []


def test_nobody_reaches_past_the_doors():
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources("app", "adapters")
        for name in imports(path)
        if name in INSIDE or any(name.startswith(f"{inside}.") for inside in INSIDE)
    ]
    assert wrong == []


def test_only_the_doors_open_transactions():
    """Pages read and doors write; whoever opened a session of their own could half do a step."""
    opens = re.compile(r"\bsessionmaker\(|\bSession\(|\.begin\(\)|\.commit\(\)")
    allowed = {"engine/api.py", "engine/database.py", "engine/writing.py"}
    wrong = [
        f"{name}:{number}"
        for path in sources("app", "adapters", "engine")
        if (name := str(path.relative_to(ROOT))) not in allowed and "migrations" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if opens.search(line)
    ]
    assert wrong == []


def test_nothing_reads_the_wall_clock():
    """The clock is handed in: `create_app` wires it; only log lines have one of their own."""
    reads = re.compile(r"datetime\.(utc)?now\(|date\.today\(|time\.time\(")
    allowed = {"app/__init__.py", "app/logs.py"}
    wrong = [
        f"{name}:{number}: {line.strip()}"
        for path in sources("app", "adapters", "engine")
        if (name := str(path.relative_to(ROOT))) not in allowed and "migrations" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if reads.search(line) and not line.strip().startswith("#")
    ]
    assert wrong == []
