"""Sets one paper: run by `typesetting` as a program, which reads its order as JSON and says as
JSON what became of it. Files: FOLDER/root/... are what a template may read, FOLDER/out.pdf is the
paper, FOLDER/out-N.png are pictures of its pages.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path
from typing import Any

_PAGE = re.compile(rb"/Type\s*/Page\b")
_PROBE = '#import "/{main}": example\n#metadata(example.keys())<keys>\n'


def _limit(order: dict[str, Any]) -> None:
    _at_most(resource.RLIMIT_CPU, order["seconds"])
    _at_most(resource.RLIMIT_DATA, order["megabytes"] << 20)
    _at_most(resource.RLIMIT_CORE, 0)


def _at_most(kind: int, wanted: int) -> None:
    """Who checks drawings is bounded already, and nobody may be given more again."""
    _soft, hard = resource.getrlimit(kind)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (most, most))


def _set(order: dict[str, Any]) -> dict[str, Any]:
    import typst

    folder = Path(order["folder"])
    nowhere = str(folder / "packages")
    fonts = typst.Fonts(
        include_system_fonts=False,
        font_paths=[order["fonts"]] if Path(order["fonts"]).is_dir() else [],
    )
    compiler = typst.Compiler(
        input=str(folder / "root" / order["main"]),
        root=str(folder / "root"),
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs=order["inputs"],
        package_path=nowhere,
        package_cache_path=nowhere,
    )
    try:
        content: Any = compiler.compile(
            format="pdf",
            pdf_standards="a-2b",
            timestamp=order["at"],
            pdf_tags=order.get("tags", True),
        )
        (folder / "out.pdf").write_bytes(content)
        pages = len(_PAGE.findall(content))
        if order.get("pictures"):
            shown: Any = compiler.compile(format="png", ppi=110)
            for number, picture in enumerate([shown] if isinstance(shown, bytes) else shown):
                (folder / f"out-{number:03}.png").write_bytes(picture)
        places = json.loads(compiler.query("<sign-here>", field="value"))
        return {"pages": pages, "places": places, "keys": _keys(compiler, order)}
    except typst.TypstError as problem:
        said = {"message": problem.message, "hints": list(problem.hints)}
        return {"problem": {**said, "diagnostic": str(problem.diagnostic)}}


def _keys(compiler: Any, order: dict[str, Any]) -> list[str] | None:
    """The names in the template's `example`; None when it has none, and so asks for no data."""
    import typst

    if not order.get("probe"):
        return None
    probe = Path(order["folder"]) / "root" / "probe.typ"
    probe.write_text(_PROBE.replace("{main}", order["main"]), encoding="utf-8")
    try:
        compiler.compile(input=str(probe), format="pdf")
        found: list[str] = json.loads(compiler.query("<keys>", field="value", one=True))
    except typst.TypstError:
        return None
    return found


if __name__ == "__main__":
    given: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    _limit(given)
    sys.stdout.write(json.dumps(_set(given)))
