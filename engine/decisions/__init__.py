"""Decisions: DMN tables and expressions with the requirements between them.

    decisions = parse_decisions(xml, path="processes/dmn/account-approver.dmn")
    decisions.decide("approver", {"rank": 3})    # Hit(value="chief", rules=(("approver", "r2"),))

    read_decisions(xml, path=..., load=beside(Path(...)))   # keeps what is wrong in `problems`

Expressions are FEEL; each hit names the rules that gave it, for the journal and the audit.
"""

from __future__ import annotations

from engine.decisions.analysis import Finding, analyse
from engine.decisions.asked import missing, stray_names
from engine.decisions.errors import DecisionFailed, DecisionInvalid
from engine.decisions.graph import Decisions, Hit
from engine.decisions.imports import among, beside
from engine.decisions.reading import parse_decisions, read_decisions

__all__ = [
    "DecisionFailed",
    "DecisionInvalid",
    "Decisions",
    "Finding",
    "Hit",
    "among",
    "analyse",
    "beside",
    "missing",
    "parse_decisions",
    "read_decisions",
    "stray_names",
]
