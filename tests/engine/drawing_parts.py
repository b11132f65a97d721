"""Parts of the drawings of `tests.engine.drawings`: events, loops and properties."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr


def property_rows(properties: dict[str, str]) -> str:
    rows = "".join(
        f"<camunda:property name={quoteattr(n)} value={quoteattr(v)}/>"
        for n, v in properties.items()
    )
    if not rows:
        return ""
    inner = f"<camunda:properties>{rows}</camunda:properties>"
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def formal(tag: str, text: str) -> str:
    """An expression that says that it is one, as executable processes must."""
    return f'<bpmn:{tag} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{tag}>'


def events(options: dict[str, str], roots: dict[str, str]) -> str:
    """Several events are told apart by a number: `message=a message2=b timer=PT1H`."""
    found = ""
    for option, value in options.items():
        kind = option.rstrip("0123456789")
        if kind in ("message", "signal", "error", "escalation"):
            found += _named_event(kind, value, roots)
        elif kind in ("timer", "date", "cycle"):
            timer = {"timer": "Duration", "date": "Date", "cycle": "Cycle"}[kind]
            inner = formal(f"time{timer}", value)
            found += f"<bpmn:timerEventDefinition>{inner}</bpmn:timerEventDefinition>"
        elif kind == "when":
            inner = formal("condition", value)
            found += f"<bpmn:conditionalEventDefinition>{inner}</bpmn:conditionalEventDefinition>"
        elif kind == "link":
            found += f'<bpmn:linkEventDefinition name="{value}"/>'
        elif kind == "compensate":
            ref = "" if value == "1" else f' activityRef="{value}"'
            wait = "" if "nowait" not in options else ' waitForCompletion="false"'
            found += f"<bpmn:compensateEventDefinition{ref}{wait}/>"
        elif kind in ("terminate", "cancel"):
            found += f"<bpmn:{kind}EventDefinition/>"
    return found


def _named_event(kind: str, name: str, roots: dict[str, str]) -> str:
    ref = named_root(kind, name, roots)
    used = f' {kind}Ref="{ref}"' if name != "any" else ""
    return f"<bpmn:{kind}EventDefinition{used}/>"


def named_root(kind: str, name: str, roots: dict[str, str]) -> str:
    """The id of the message, signal, error or escalation of that name, put among the roots."""
    ref = f"{kind}_{name}"
    code = f' {kind}Code="{name}"' if kind in {"error", "escalation"} else ""
    roots[ref] = f'<bpmn:{kind} id="{ref}" name="{name}"{code}/>'
    return ref


def repetition(options: dict[str, str]) -> str:
    if "loop" in options or "max" in options:
        most = f' loopMaximum="{options["max"]}"' if "max" in options else ""
        before = ' testBefore="true"' if "before" in options else ""
        inner = formal("loopCondition", options["loop"]) if options.get("loop") else ""
        tag = "bpmn:standardLoopCharacteristics"
        return f"<{tag}{most}{before}>{inner}</{tag}>"
    if "each" not in options and "times" not in options:
        return ""
    sequential = str("sequential" in options).lower()
    attributes = f'isSequential="{sequential}"'
    if "behavior" in options:
        behavior = options["behavior"]
        attributes += f' behavior="{behavior}"'
        if "throws" in options:
            attributes += f' {behavior.lower()}BehaviorEventRef="{options["throws"]}"'
    if "each" in options:
        attributes += f' camunda:collection="{options["each"]}"'
        attributes += f' camunda:elementVariable="{options.get("item", "item")}"'
    inner = ""
    if "results" in options:
        inner += property_rows({"output_collection": options["results"],
                              "output_item": options["result"]})  # fmt: skip
    if "times" in options:
        inner += formal("loopCardinality", options["times"])
    if "rule" in options:
        condition, _, ref = options["rule"].rpartition(" -> ")
        inner += (
            f"<bpmn:complexBehaviorDefinition><bpmn:condition>{escape(condition)}</bpmn:condition>"
            f"<bpmn:event><bpmn:eventDefinitionRef>{ref}</bpmn:eventDefinitionRef></bpmn:event>"
            "</bpmn:complexBehaviorDefinition>"
        )
    if "until" in options:
        inner += formal("completionCondition", options["until"])
    tag = "bpmn:multiInstanceLoopCharacteristics"
    return f"<{tag} {attributes}>{inner}</{tag}>"
