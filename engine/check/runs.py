"""What of the standard is run here: kinds of elements, and events by where they stand.

`tests/engine/check` holds this against what `engine.spiff` builds; it is written down here so that
a drawing can be checked without loading what runs it.
"""

from __future__ import annotations

RUN_KINDS = frozenset(
    "startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent "
    "task userTask manualTask scriptTask serviceTask sendTask receiveTask businessRuleTask "
    "subProcess transaction adHocSubProcess callActivity exclusiveGateway parallelGateway "
    "inclusiveGateway eventBasedGateway complexGateway".split()
)
"""Elements that tokens may pass."""

_CAUGHT = frozenset({"message", "timer", "signal", "conditional"})
RUN_EVENTS = {
    "startEvent": _CAUGHT | {"error", "escalation", "compensate"},
    "intermediateCatchEvent": _CAUGHT | {"link"},
    "intermediateThrowEvent": frozenset({"message", "signal", "escalation", "link", "compensate"}),
    "boundaryEvent": _CAUGHT | {"error", "escalation", "compensate", "cancel"},
    "endEvent": frozenset(
        {"message", "signal", "error", "escalation", "compensate", "cancel", "terminate"}
    ),
    "receiveTask": frozenset({"message"}),
    "sendTask": frozenset({"message"}),
}
"""Triggers that are run, by the element that has them; several at one element are run too."""

MOST_INSTANCES = 10_000
"""Instances of one repeated activity, as `engine.spiff.activities` runs them."""

SHORTEST_CYCLE_SECONDS = 60
"""The shortest pause of a timer that comes back without end."""
