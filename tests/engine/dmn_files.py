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
    "https://www.omg.org/spec/DMN/20240513/MODEL/",
]


def file(*parts, namespace=DMN13, own=""):
    """own: the namespace that the file gives to its parts, by which others import it."""
    body = "".join(parts)
    own = f' namespace="{own}"' if own else ""
    return f'<definitions xmlns="{namespace}" id="d" name="d"{own}>{body}</definitions>'.encode()


def text(source):
    return f"<text>{escape(source)}</text>"


def literal(source, type_ref=""):
    declared = f' typeRef="{type_ref}"' if type_ref else ""
    return f"<literalExpression{declared}>{text(source)}</literalExpression>"


def invoked(name, *bound):
    """A boxed invocation that binds 1 to each parameter."""
    bindings = "".join(
        f'<binding><parameter name="{each}"/>{literal("1")}</binding>' for each in bound
    )
    return f"<invocation>{literal(name)}{bindings}</invocation>"


def typed(name, inner, **attributes):
    """An item definition or, within one, a component."""
    extra = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<itemDefinition name="{name}"{extra}>{inner}</itemDefinition>'


def of_type(name, allowed=""):
    """What an item definition says of the type that it is made from."""
    values = f"<allowedValues>{text(allowed)}</allowedValues>" if allowed else ""
    return f"<typeRef>{name}</typeRef>{values}"


def input_data(key, type_ref="", name=""):
    declared = f' typeRef="{type_ref}"' if type_ref else ""
    return (
        f'<inputData id="{key}" name="{name or key}"><variable name="{name or key}"{declared}/>'
        "</inputData>"
    )


def imports(name, namespace):
    return (
        f'<import name="{name}" namespace="{namespace}" importType="{DMN13}"'
        f' locationURI="{namespace.rpartition(":")[2]}.dmn"/>'
    )


def decision(key, logic, *, requires=(), name="", type_ref="", inputs=()):
    """requires, inputs: ids, or whole references `namespace#id`."""
    links = "".join(
        f'<informationRequirement><required{kind} href="{reference(other)}"/>'
        "</informationRequirement>"
        for kind, others in (("Decision", requires), ("Input", inputs))
        for other in others
    )
    variable = f'<variable name="{name or key}" typeRef="{type_ref}"/>' if type_ref else ""
    return f'<decision id="{key}" name="{name or key}">{variable}{links}{logic}</decision>'


def reference(target):
    return target if "#" in target else f"#{target}"


def knowledge(name, parameters, logic, type_ref=""):
    """A business knowledge model; parameters: names, or (name, type)."""
    pairs = [part if isinstance(part, tuple) else (part, "") for part in parameters]
    formal = "".join(
        f'<formalParameter name="{key}"' + (f' typeRef="{kind}"/>' if kind else "/>")
        for key, kind in pairs
    )
    variable = f'<variable name="{name}" typeRef="{type_ref}"/>' if type_ref else ""
    return (
        f'<businessKnowledgeModel id="{name}-id" name="{name}">{variable}'
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic></businessKnowledgeModel>"
    )


def service(name, outputs, *, inputs=(), given=(), type_ref=""):
    parts = [
        f'<{kind} href="{reference(target)}"/>'
        for kind, targets in (
            ("outputDecision", outputs),
            ("inputDecision", given),
            ("inputData", inputs),
        )
        for target in targets
    ]
    variable = f'<variable name="{name}" typeRef="{type_ref}"/>' if type_ref else ""
    inner = variable + "".join(parts)
    return f'<decisionService id="{name}-id" name="{name}">{inner}</decisionService>'


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
