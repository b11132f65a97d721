"""Limits of what is run, as a drawing can show them before it runs.

They are written down here so that a drawing can be checked without loading what runs it;
`tests/engine/check` holds them against `engine.spiff`.
"""

from __future__ import annotations

MOST_INSTANCES = 10_000
"""Instances of one repeated activity."""

SHORTEST_CYCLE_SECONDS = 60
"""The shortest pause of a timer that comes back without end."""
