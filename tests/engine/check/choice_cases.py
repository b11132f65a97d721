"""Parts that exclude each other, extensions that must be understood, and links by their names: for
each rule a drawing that breaks it, and the same drawing mended.
"""

from __future__ import annotations

from tests.engine.check.drawn import END, START, flows, one, with_roots

LINE = one('<task id="a"/>')
ROLE = one('<userTask id="a"><potentialOwner>{0}</potentialOwner></userTask>')
RESOURCE = '<resource id="r" name="R"><resourceParameter id="v" name="v"/></resource>'
NAMED = "<resourceRef>r</resourceRef>"
SAID = (
    "<resourceAssignmentExpression><formalExpression>=x</formalExpression>"
    "</resourceAssignmentExpression>"
)
BOUND = (
    '<resourceParameterBinding parameterRef="v"><formalExpression>=1</formalExpression>'
    "</resourceParameterBinding>"
)
REPEATED = (
    one(
        '<subProcess id="a"><multiInstanceLoopCharacteristics>{0}'
        "</multiInstanceLoopCharacteristics>"
        '<startEvent id="is"/><endEvent id="ie"/>' + flows("is ie") + "</subProcess>"
    )
    + '<dataObject id="d" isCollection="true"/>'
)
LINKS = (
    START + '<intermediateThrowEvent id="i"><linkEventDefinition id="li"{0}</linkEventDefinition>'
    '</intermediateThrowEvent><intermediateCatchEvent id="j"><linkEventDefinition id="lj"{1}'
    "</linkEventDefinition></intermediateCatchEvent>" + END + flows("s i", "j e")
)  # fmt: skip
WITHIN = one(
    '<subProcess id="a"><startEvent id="is"/><startEvent id="it">{0}</startEvent>'
    '<endEvent id="ie"/>' + flows("is ie", "it ie") + "</subProcess>"
)
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"

CASES = [
    ("must-understand", with_roots('<extension definition="x" mustUnderstand="1"/>', LINE),
     with_roots('<extension definition="x" mustUnderstand="0"/>', LINE)),
    ("either-part", with_roots(RESOURCE, ROLE.format(NAMED + SAID)),
     with_roots(RESOURCE, ROLE.format(SAID))),
    ("either-part",
     REPEATED.format("<loopCardinality>3</loopCardinality><loopDataInputRef>d</loopDataInputRef>"),
     REPEATED.format("<loopDataInputRef>d</loopDataInputRef>")),
    ("missing-element", with_roots(RESOURCE, ROLE.format(BOUND)),
     with_roots(RESOURCE, ROLE.format(NAMED + BOUND))),
    ("undeclared-prefix", with_roots('<itemDefinition id="I" structureRef="no:x"/>', LINE),
     with_roots('<itemDefinition id="I" structureRef="t:x"/>', LINE)),
    ("dangling-reference",
     '<laneSet id="ls"><lane id="l" partitionElementRef="zz"/></laneSet>' + LINE,
     '<laneSet id="ls"><lane id="l" partitionElementRef="a"/></laneSet>' + LINE),
    ("bad-attribute", one('<task id="a"><standardLoopCharacteristics loopMaximum="-1"/></task>'),
     one('<task id="a"><standardLoopCharacteristics loopMaximum="3"/></task>')),
    ("sub-process-starts", WITHIN.format(""),
     WITHIN.replace('<startEvent id="it">{0}</startEvent>', '<task id="it"/>')
     .replace(flows("it ie"), flows("is it", "it ie"))),
    ("link-unnamed", LINKS.format(">", ">"), LINKS.format(' name="L">', ' name="L">')),
    ("link-one-sided",
     LINKS.format(' name="L"><target>li</target>', ' name="L"><source>li</source>'),
     LINKS.format(' name="L"><target>t:lj</target>', ' name="L"><source>t:li</source>')),
    ("link-not-thrown", LINKS.format(' name="M">', ' name="L"><source>li</source>'),
     LINKS.format(' name="L">', ' name="L"><source>li</source>')),
]  # fmt: skip

MAPPED = (
    '<extensionElements><camunda:inputOutput><camunda:{0}putParameter name="x">1'
    "</camunda:{0}putParameter></camunda:inputOutput></extensionElements>"
)
THROWS = one('<task id="a"/>').replace(
    END, '<endEvent id="e">{0}<errorEventDefinition/></endEvent>'
)
MAPPINGS = [
    ("mapping-unused", one(f'<exclusiveGateway id="a">{MAPPED.format("in")}</exclusiveGateway>'),
     LINE),
    ("mapping-unused",
     LINE.replace(START, f'<startEvent id="s">{MAPPED.format("in")}</startEvent>'), LINE),
    ("mapping-unused", THROWS.format(MAPPED.format("out")), THROWS.format("")),
]  # fmt: skip

LANES = (
    '<laneSet id="ls"><lane id="l" name="{0}"><flowNodeRef>s</flowNodeRef><flowNodeRef>a'
    "</flowNodeRef><flowNodeRef>e</flowNodeRef></lane></laneSet>" + one('<userTask id="a"/>')
)
MAPPINGS += [
    ("lane-no-group", LANES.format("Văn thư"), LANES.format("van-thu")),
    ("lane-no-group", LANES.format("van-tho"), LANES.format("van-thu")),
]
ELSEWHERE = {"long-key", "long-id", "long-name", "unknown-parameter", "missing-parameter",
             "own-field", "template-data", "template-fails", "unknown-template",
             "register-columns", "register-column-gone", "register-entries-gone",
             "register-invalid", "unknown-register",
             "catalogue-invalid", "unknown-catalogue", "default-unused"}  # fmt: skip
"""Rules of running that more than drawings break: those of `tests/engine/test_check.py`,
`test_variables.py`, `test_registers.py`, `test_catalogues.py`, `test_style.py` and
`app/papers/test_rendering.py`."""
