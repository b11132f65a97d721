"""Every rule of `check`: how heavily it weighs, what it says, and what to do about it.

The words hold fields in braces; `name` is always the element's name or id.
"""

from __future__ import annotations

from engine.check.rules.files import FILES
from engine.check.rules.rule import Rule
from engine.check.rules.running import RUNNING
from engine.check.rules.standard import STANDARD
from engine.check.rules.style import STYLE

RULES: dict[str, Rule] = {**FILES, **STANDARD, **RUNNING, **STYLE}

__all__ = ["RULES", "Rule"]
