"""Builds DMN files out of tables and expressions, for the tests of decisions."""

from __future__ import annotations

from xml.sax.saxutils import escape

from engine.decisions import parse_decisions

DMN13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"
NAMESPACES = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    DMN13,
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


def file(*parts, namespace=DMN13):
    body = "".join(parts)
    return f'<definitions xmlns="{namespace}" id="d" name="d">{body}</definitions>'.encode()


def text(source):
    return f"<text>{escape(source)}</text>"


def literal(source, type_ref=""):
    declared = f' typeRef="{type_ref}"' if type_ref else ""
    return f"<literalExpression{declared}>{text(source)}</literalExpression>"


def decision(key, logic, *, requires=(), name="", type_ref=""):
    links = "".join(
        f'<informationRequirement><requiredDecision href="#{other}"/></informationRequirement>'
        for other in requires
    )
    variable = f'<variable name="{name or key}" typeRef="{type_ref}"/>' if type_ref else ""
    return f'<decision id="{key}" name="{name or key}">{variable}{links}{logic}</decision>'


def table(inputs, outputs, *rules, policy="UNIQUE", aggregation=""):
    """inputs: expressions, or (expression, allowed); outputs: names, or (name, values, default);
    rules: cells from left to right, named r1, r2, ... by their place."""
    columns = "".join(input_column(source) for source in inputs)
    columns += "".join(output_column(output) for output in outputs)
    rows = "".join(row(n, cells, len(inputs)) for n, cells in enumerate(rules, 1))
    extra = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable hitPolicy="{policy}"{extra}>{columns}{rows}</decisionTable>'


def input_column(source):
    expression, allowed = source if isinstance(source, tuple) else (source, "")
    values = f"<inputValues>{text(allowed)}</inputValues>" if allowed else ""
    return f"<input><inputExpression>{text(expression)}</inputExpression>{values}</input>"


def output_column(output):
    name, values, default = output if isinstance(output, tuple) else (output, "", "")
    inner = f"<outputValues>{text(values)}</outputValues>" if values else ""
    inner += f"<defaultOutputEntry>{text(default)}</defaultOutputEntry>" if default else ""
    return f'<output name="{name}">{inner}</output>'


def row(number, cells, inputs):
    conditions = "".join(f"<inputEntry>{text(cell)}</inputEntry>" for cell in cells[:inputs])
    results = "".join(f"<outputEntry>{text(cell)}</outputEntry>" for cell in cells[inputs:])
    return f'<rule id="r{number}">{conditions}{results}</rule>'


def decide(logic, context, **extra):
    return parse_decisions(file(decision("d", logic)), path="d.dmn").decide("d", context, **extra)
