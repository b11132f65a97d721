"""For every rule of the standard a drawing that breaks it, and the same drawing mended."""

from __future__ import annotations

from tests.engine.check.drawn import (
    END,
    FORMAL,
    IO,
    POOLS,
    REF,
    START,
    TASK,
    association,
    flows,
    process,
    with_roots,
)  # fmt: skip

LINE = START + TASK + END + flows("s a e")
LISTED = (
    '<startEvent id="s"><outgoing>s-a</outgoing></startEvent><task id="a">{0}</task>'
    '<endEvent id="e"><incoming>a-e</incoming></endEvent>' + flows("s a e")
)  # fmt: skip
XOR = '<exclusiveGateway id="g"{0}/>' + START + '<endEvent id="e"/><endEvent id="f"/>'
CHOICE = flows("s g", "g e", "g f")
LINK = START + (
    '<exclusiveGateway id="g" default="g-f"/><endEvent id="e"/><endEvent id="f"/><sequenceFlow '
    'id="g-e" sourceRef="g" targetRef="e"><conditionExpression xsi:type="{0}">= amount &gt; 1'
    "</conditionExpression></sequenceFlow>" + flows("s g f")
)
NAMED = (
    POOLS.format('<messageFlow id="m" sourceRef="a" targetRef="b" messageRef="{0}"/>').replace(
        '<sendTask id="a"/>', '<sendTask id="a" messageRef="N"/>'
    )
    + '<message id="M" name="M"/><message id="N" name="N"/>'
)
EVENTS = (
    START + '<eventBasedGateway id="g"/><endEvent id="e"/><endEvent id="f"/>{0}{1}'
    + flows("s g", "g x e", "g y f")
)  # fmt: skip
X_TIMER = (
    '<intermediateCatchEvent id="x"><timerEventDefinition>'
    "<timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>"
)
Y_SIGNAL = X_TIMER.replace('"x"', '"y"')
Y_MESSAGE = '<intermediateCatchEvent id="y"><messageEventDefinition/></intermediateCatchEvent>'
BOUNDARY = (
    LINE + '<boundaryEvent id="b" attachedToRef="{0}"{2}>{1}</boundaryEvent><endEvent id="f"/>'
    + flows("b f")
)  # fmt: skip
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
UNDO = (
    LINE + '<boundaryEvent id="b" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
    '<task id="u"{1}/>{0}{2}'
)  # fmt: skip
TO_UNDO = '<association id="as" sourceRef="b" targetRef="u"/>'
COMPLEX = LINE.replace(
    '<task id="a"/>',
    """<task id="a">
<multiInstanceLoopCharacteristics behavior="Complex"><loopCardinality>3</loopCardinality>
<complexBehaviorDefinition><condition>{0}</condition></complexBehaviorDefinition>
</multiInstanceLoopCharacteristics></task>""",
)
BY_EVENT = (
    LINE + '<subProcess id="u" triggeredByEvent="true"{1}><startEvent id="us">{0}</startEvent>'
    '<endEvent id="ue"/>' + flows("us ue") + "{2}</subProcess>{3}"
)  # fmt: skip
SIGNAL = "<signalEventDefinition/>"
INNER = (
    START + '<subProcess id="u"><startEvent id="us">{0}</startEvent>{1}<endEvent id="ue"/>'
    + flows("us ue") + "</subProcess>" + END + flows("s u e")
)  # fmt: skip
AD_HOC = START + '<adHocSubProcess id="u">{0}</adHocSubProcess>' + END + flows("s u e")
LINKS = (
    START + '<intermediateThrowEvent id="i"><linkEventDefinition id="li" name="L">{0}'
    "</linkEventDefinition></intermediateThrowEvent>"
    '<intermediateCatchEvent id="j"><linkEventDefinition id="lj" name="{1}">{2}'
    "</linkEventDefinition></intermediateCatchEvent>" + END + flows("s i", "j e")
)  # fmt: skip
ITEMS = '<itemDefinition id="I" structureRef="xsd:int"/><itemDefinition id="J" structureRef="xsd:date"/>'  # noqa: E501
SERVICE = (
    ITEMS + '<message id="M" itemRef="I"/><interface id="F" name="f"><operation id="O" name="o">'
    "<inMessageRef>M</inMessageRef></operation></interface>"
)  # fmt: skip


OFFERED = (
    '<process id="p"><supportedInterfaceRef>F</supportedInterfaceRef><ioSpecification>'
    '<dataInput id="in" itemSubjectRef="{0}"/><dataOutput id="out"/><inputSet>' + REF
    + "</inputSet><outputSet><dataOutputRefs>out</dataOutputRefs></outputSet></ioSpecification>"
    '<ioBinding operationRef="O" inputDataRef="in" outputDataRef="out"/>' + LINE + "</process>"
    + SERVICE
)  # fmt: skip


CASES: list[tuple[str, str, str]] = [
    ("unknown-element", LINE + "<shoe/>", LINE),
    ("misplaced-element", LINE + "<participant id='x'/>", LINE),
    ("missing-element", process(LINE) + "<correlationProperty id='k'/>", process(LINE)),
    ("repeated-element",
     START + "<scriptTask id='a' scriptFormat='feel'><script>1</script><script>2</script>"
     "</scriptTask>" + END + flows("s a e"),
     START + "<scriptTask id='a' scriptFormat='feel'><script>1</script></scriptTask>" + END
     + flows("s a e")),
    ("element-order", LISTED.format("<outgoing>a-e</outgoing><incoming>s-a</incoming>"),
     LISTED.format("<incoming>s-a</incoming><outgoing>a-e</outgoing>")),
    ("stray-element", LINE.replace('<task id="a"/>', '<task id="a"><camunda:x/></task>'),
     LINE.replace('<task id="a"/>',
                  '<task id="a"><extensionElements><camunda:x/></extensionElements></task>')),
    ("missing-attribute", LINE.replace('sourceRef="a"', ""), LINE),
    ("missing-formality",
     "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'>" + process(LINE)
     + "</definitions>", LINE),
    ("bad-attribute", LINE.replace('<task id="a"/>', '<task id="a" isForCompensation="maybe"/>'),
     LINE),
    ("unknown-attribute",
     LISTED.format('<incoming note="x">s-a</incoming><outgoing>a-e</outgoing>'),
     LISTED.format("<incoming>s-a</incoming><outgoing>a-e</outgoing>")),
    ("bad-attribute", LINK.format("tFormal"), LINK.format("tFormalExpression")),
    ("bad-attribute", LINK.format("nobody:tFormalExpression"), LINK.format("tExpression")),
    ("unknown-attribute", LINE.replace('<task id="a"/>', '<task id="a" asignee="x"/>'), LINE),
    ("stray-text", LINE.replace('<task id="a"/>', '<task id="a"><!-- no --> hello </task>'),
     LINE.replace('<task id="a"/>', '<task id="a"> <!-- hello --> </task>')),
    ("bad-id", LINE.replace('"a"', '"../../a"'), LINE),
    ("duplicate-id", LINE + TASK, LINE),
    ("dangling-reference", LINE.replace('targetRef="e"', 'targetRef="nowhere"'), LINE),
    ("wrong-reference", LINE + "<association id='x' sourceRef='a' targetRef='n'/>"
     "<textAnnotation id='n'/>" + flows("a n"), LINE),
    ("flow-crosses", INNER.format("", "") + flows("s us"), INNER.format("", "")),
    ("flow-not-listed", LISTED.format("<incoming>s-a</incoming>"),
     LISTED.format("<incoming>s-a</incoming><outgoing>a-e</outgoing>")),
    ("flows-half-listed",
     LINE.replace('<task id="a"/>', '<task id="a"><incoming>s-a</incoming></task>'), LINE),
    ("flow-listed-wrongly",
     LINE.replace('<task id="a"/>', '<task id="a"><incoming>a-e</incoming></task>'), LINE),
    ("event-sub-process-flow", BY_EVENT.format(SIGNAL, "", "", flows("a u")),
     BY_EVENT.format(SIGNAL, "", "", "")),
    ("condition-not-allowed",
     LINE.replace('sourceRef="s" targetRef="a"/>',
                  f'sourceRef="s" targetRef="a"><conditionExpression {FORMAL}>x'
                  "</conditionExpression></sequenceFlow>"), LINE),
    ("lonely-condition",
     LINE.replace('sourceRef="a" targetRef="e"/>',
                  f'sourceRef="a" targetRef="e"><conditionExpression {FORMAL}>x'
                  "</conditionExpression></sequenceFlow>"), LINE),
    ("default-condition",
     XOR.format(' default="g-e"') + CHOICE.replace(
         'targetRef="e"/>', f'targetRef="e"><conditionExpression {FORMAL}>x</conditionExpression>'
         "</sequenceFlow>"), XOR.format(' default="g-e"') + CHOICE),
    ("default-elsewhere", XOR.format(' default="s-g"') + CHOICE,
     XOR.format(' default="g-e"') + CHOICE),
    ("not-immediate", LINE.replace('id="a-e"', 'id="a-e" isImmediate="false"'), LINE),
    ("flow-into-start", LINE + flows("a s"), LINE),
    ("start-leads-nowhere", LINE + "<startEvent id='t'/>", LINE),
    ("end-goes-on", LINE + "<endEvent id='f'/>" + flows("e f"), LINE),
    ("end-not-reached", LINE + "<endEvent id='f'/>", LINE),
    ("event-not-reached", LINE + "<intermediateThrowEvent id='i'/>" + flows("i e"),
     LINE + "<intermediateThrowEvent id='i'/>" + flows("a i e")),
    ("event-leads-nowhere", LINE + "<intermediateThrowEvent id='i'/>" + flows("a i"),
     LINE + "<intermediateThrowEvent id='i'/>" + flows("a i e")),
    ("boundary-ends", BOUNDARY.format("a", TIMER, "").replace(flows("b f"), ""),
     BOUNDARY.format("a", TIMER, "")),
    ("no-start", TASK + END + flows("a e"), LINE),
    ("no-end", START + TASK + flows("s a"), LINE),
    ("no-incoming", LINE + '<task id="x"/>' + flows("x e"), LINE),
    ("no-outgoing", LINE + '<task id="x"/>' + flows("a x"), LINE),
    ("gateway-one-way", START + '<exclusiveGateway id="g"/>' + END + flows("s g e"),
     XOR.format("") + CHOICE),
    ("gateway-direction", XOR.format(' gatewayDirection="Converging"') + CHOICE,
     XOR.format(' gatewayDirection="Diverging"') + CHOICE),
    ("bad-attribute",
     EVENTS.format(X_TIMER, Y_SIGNAL).replace('"g"', '"g" eventGatewayType="Parallel"', 1),
     EVENTS.format(X_TIMER, Y_SIGNAL).replace('"g"', '"g" eventGatewayType="Exclusive"', 1)),
    ("event-gateway-one-way", START + '<eventBasedGateway id="g"/>' + X_TIMER + END
     + flows("s g x e"), EVENTS.format(X_TIMER, Y_SIGNAL)),
    ("event-gateway-target", EVENTS.format(X_TIMER, '<task id="y"/>'),
     EVENTS.format(X_TIMER, Y_SIGNAL)),
    ("event-gateway-target",
     EVENTS.format(X_TIMER, Y_SIGNAL.replace('"y"', '"y" parallelMultiple="true"')),
     EVENTS.format(X_TIMER, Y_SIGNAL)),
    ("event-gateway-mixed", EVENTS.format('<receiveTask id="x"/>', Y_MESSAGE),
     EVENTS.format(X_TIMER, Y_MESSAGE)),
    ("event-gateway-boundary",
     EVENTS.format('<receiveTask id="x"/>', Y_SIGNAL)
     + f'<boundaryEvent id="b" attachedToRef="x">{TIMER}</boundaryEvent>' + flows("b e"),
     EVENTS.format('<receiveTask id="x"/>', Y_SIGNAL)),
    ("event-gateway-shared", EVENTS.format(X_TIMER, Y_SIGNAL) + flows("s x"),
     EVENTS.format(X_TIMER, Y_SIGNAL)),
    ("instantiating-reached", START + '<receiveTask id="a" instantiate="true"/>' + END
     + flows("s a e"), '<receiveTask id="a" instantiate="true"/>' + END + flows("a e")),
    ("event-not-here", LINE.replace(END, '<endEvent id="e"><timerEventDefinition/></endEvent>'),
     LINE.replace(END, '<endEvent id="e"><terminateEventDefinition/></endEvent>')),
    ("event-not-here", INNER.format(TIMER, ""), INNER.format("", "")),
    ("event-not-here", LINE.replace(START, '<startEvent id="s"><errorEventDefinition/>'
                                    "</startEvent>"), LINE),
    ("no-event", BOUNDARY.format("a", "", ""), BOUNDARY.format("a", TIMER, "")),
    ("must-interrupt", BOUNDARY.format("a", "<errorEventDefinition/>", ' cancelActivity="false"'),
     BOUNDARY.format("a", "<errorEventDefinition/>", "")),
    ("cancel-outside", BOUNDARY.format("a", "<cancelEventDefinition/>", ""),
     BOUNDARY.format("a", "<cancelEventDefinition/>", "").replace(
         '<task id="a"/>', '<transaction id="a"><task id="z"/></transaction>')),
    ("boundary-alone", BOUNDARY.format("s", TIMER, ""), BOUNDARY.format("a", TIMER, "")),
    ("boundary-elsewhere",
     INNER.format("", '<boundaryEvent id="b" attachedToRef="u">' + TIMER + "</boundaryEvent>"
                  + flows("b ue")), INNER.format("", "")),
    ("definition-shared",
     LINE.replace(END, '<endEvent id="e"><signalEventDefinition id="sd"/></endEvent>')
     + '<boundaryEvent id="b" attachedToRef="a"><eventDefinitionRef>sd</eventDefinitionRef>'
     "</boundaryEvent>" + flows("b e"), LINE),
    ("event-sub-process-start",
     BY_EVENT.format(SIGNAL, "", '<startEvent id="u2">' + SIGNAL + "</startEvent>"
                     + flows("u2 ue"), ""), BY_EVENT.format(SIGNAL, "", "", "")),
    ("called-start",
     process('<startEvent id="t">' + SIGNAL + '</startEvent><endEvent id="f"/>' + flows("t f"),
             key="q") + process(START + '<callActivity id="k" calledElement="q"/>' + END
                                + flows("s k e")),
     process('<startEvent id="t"/><endEvent id="f"/>' + flows("t f"), key="q")
     + process(START + '<callActivity id="k" calledElement="q"/>' + END + flows("s k e"))),
    ("event-data",
     LINE.replace(END, '<endEvent id="e"><dataInput id="d"/><inputSet><dataInputRefs>d'
                  "</dataInputRefs></inputSet></endEvent>"), LINE),
    ("event-items",
     with_roots(ITEMS + '<message id="M" itemRef="I" name="m"/>', LINE.replace(
         END, '<endEvent id="e"><dataInput id="d" itemSubjectRef="J"/><inputSet><dataInputRefs>d'
         '</dataInputRefs></inputSet><messageEventDefinition messageRef="M"/></endEvent>')),
     with_roots(ITEMS + '<message id="M" itemRef="I" name="m"/>', LINE.replace(
         END, '<endEvent id="e"><dataInput id="d" itemSubjectRef="I"/><inputSet><dataInputRefs>d'
         '</dataInputRefs></inputSet><messageEventDefinition messageRef="M"/></endEvent>'))),
    ("link-both-ways", LINKS.format("", "L", "") + flows("i e"), LINKS.format("", "L", "")),
    ("link-not-caught", LINKS.format("", "other", ""), LINKS.format("", "L", "")),
    ("link-not-thrown", LINKS.format("", "other", ""), LINKS.format("", "L", "")),
    ("link-caught-twice",
     LINKS.format("", "L", "") + '<intermediateCatchEvent id="k"><linkEventDefinition name="L"/>'
     "</intermediateCatchEvent>" + flows("k e"), LINKS.format("", "L", "")),
    ("link-one-sided", LINKS.format("<target>lj</target>", "L2", ""),
     LINKS.format("<target>lj</target>", "L2", "<source>li</source>")),
    ("link-leaves",
     INNER.format("", '<intermediateCatchEvent id="j"><linkEventDefinition id="lj" name="L">'
                  "<source>li</source></linkEventDefinition></intermediateCatchEvent>"
                  + flows("j ue"))
     + '<intermediateThrowEvent id="i"><linkEventDefinition id="li" name="L"><target>lj</target>'
     "</linkEventDefinition></intermediateThrowEvent>" + flows("s i"),
     LINKS.format("<target>lj</target>", "L", "<source>li</source>")),
    ("no-compensation", UNDO.format("", ' isForCompensation="true"', ""),
     UNDO.format(TO_UNDO, ' isForCompensation="true"', "")),
    ("handlers-several",
     UNDO.format(TO_UNDO + '<association id="at" sourceRef="b" targetRef="v"/>',
                 ' isForCompensation="true"', '<task id="v" isForCompensation="true"/>'),
     UNDO.format(TO_UNDO, ' isForCompensation="true"', "")),
    ("not-for-compensation", UNDO.format(TO_UNDO, "", ""),
     UNDO.format(TO_UNDO, ' isForCompensation="true"', "")),
    ("compensation-goes-on", UNDO.format(TO_UNDO, ' isForCompensation="true"', flows("b e")),
     UNDO.format(TO_UNDO, ' isForCompensation="true"', "")),
    ("compensation-in-flow", UNDO.format(TO_UNDO, ' isForCompensation="true"', flows("u e")),
     UNDO.format(TO_UNDO, ' isForCompensation="true"', "")),
    ("compensation-elsewhere",
     process(LINE.replace(END, '<endEvent id="e"><compensateEventDefinition activityRef="z"/>'
                          "</endEvent>")) + process('<task id="z"/>', key="q"), LINE),
    ("ad-hoc-empty", AD_HOC.format(""), AD_HOC.format('<task id="z"/>')),
    ("ad-hoc-event", AD_HOC.format('<task id="z"/><startEvent id="zs"/>'),
     AD_HOC.format('<task id="z"/>')),
    ("choreography-inside",
     LINE + '<choreographyTask id="x" initiatingParticipantRef="A"/>', LINE),
    ("data-of-sub-process",
     INNER.format("", "").replace('<subProcess id="u">', '<subProcess id="u"><ioSpecification>'
                                  "<inputSet/><outputSet/></ioSpecification>"),
     INNER.format("", "")),
    ("message-in-one-pool",
     POOLS.format('<messageFlow id="m" sourceRef="a" targetRef="e"/>'),
     POOLS.format('<messageFlow id="m" sourceRef="a" targetRef="b"/>')),
    ("message-from-catcher", POOLS.format('<messageFlow id="m" sourceRef="b" targetRef="a"/>'),
     POOLS.format('<messageFlow id="m" sourceRef="a" targetRef="b"/>')),
    ("message-to-thrower", POOLS.format('<messageFlow id="m" sourceRef="a" targetRef="i"/>'),
     POOLS.format('<messageFlow id="m" sourceRef="a" targetRef="b"/>')),
    ("message-at-other-event", POOLS.format('<messageFlow id="m" sourceRef="a" targetRef="t"/>'),
     POOLS.format('<messageFlow id="m" sourceRef="i" targetRef="s"/>')),
    ("message-differs", NAMED.format("M"), NAMED.format("N")),
    ("multiplicity",
     '<collaboration id="c"><participant id="A"><participantMultiplicity minimum="3" maximum="2"/>'
     "</participant></collaboration>",
     '<collaboration id="c"><participant id="A"><participantMultiplicity minimum="2" maximum="3"/>'
     "</participant></collaboration>"),
    ("choreography-of-choreography",
     '<choreography id="h"><choreographyRef>h</choreographyRef></choreography>',
     '<choreography id="h"/>'),
    ("global-conversation",
     '<globalConversation id="h"><textAnnotation id="n"/></globalConversation>',
     '<globalConversation id="h"/>'),
    ("closed-differs",
     '<collaboration id="c" isClosed="true"><choreographyRef>h</choreographyRef></collaboration>'
     '<choreography id="h" isClosed="false"/>',
     '<collaboration id="c" isClosed="true"><choreographyRef>h</choreographyRef></collaboration>'
     '<choreography id="h" isClosed="true"/>'),
    ("lane-elsewhere",
     process('<laneSet id="ls"><lane id="l" name="L"><flowNodeRef>z</flowNodeRef></lane></laneSet>'
             + LINE) + process('<task id="z"/>', key="q"),
     process('<laneSet id="ls"><lane id="l" name="L"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
             + LINE)),
    ("lane-twice",
     '<laneSet id="ls"><lane id="l"><flowNodeRef>a</flowNodeRef></lane><lane id="k">'
     "<flowNodeRef>a</flowNodeRef></lane></laneSet>" + LINE,
     '<laneSet id="ls"><lane id="l"><flowNodeRef>a</flowNodeRef></lane></laneSet>' + LINE),
    ("data-in-no-set", IO.format("", "", "task", ""), IO.format("", REF, "task", "")),
    ("data-not-listed",
     IO.format("", "<optionalInputRefs>in</optionalInputRefs>", "task", ""),
     IO.format("", REF + "<optionalInputRefs>in</optionalInputRefs>", "task", "")),
    ("sets-one-sided",
     IO.format("", REF + "<outputSetRefs>os</outputSetRefs>", "task", "")
     .replace("<outputSet>", '<outputSet id="os">'), IO.format("", REF, "task", "")),
    ("collection-differs",
     with_roots('<itemDefinition id="I" isCollection="true"/>',
                '<dataObject id="d" itemSubjectRef="I"/>' + LINE),
     with_roots('<itemDefinition id="I" isCollection="true"/>',
                '<dataObject id="d" itemSubjectRef="I" isCollection="true"/>' + LINE)),
    ("association-sources",
     with_roots(ITEMS, association("<sourceRef>DR</sourceRef><sourceRef>D</sourceRef>", "I")),
     with_roots(ITEMS, association("<sourceRef>DR</sourceRef>", "I"))),
    ("association-items", with_roots(ITEMS, association("<sourceRef>DR</sourceRef>", "J")),
     with_roots(ITEMS, association(
         "<sourceRef>DR</sourceRef>", "J", "<transformation>x</transformation>"))),
    ("operation-sets",
     with_roots(SERVICE, START + '<serviceTask id="a" operationRef="O"/>' + END + flows("s a e")),
     with_roots(SERVICE, IO.format(' itemSubjectRef="I"', REF, "serviceTask",
                                   ' operationRef="O"'))),
    ("operation-items",
     with_roots(SERVICE, IO.format(' itemSubjectRef="J"', REF, "serviceTask",
                                   ' operationRef="O"')),
     with_roots(SERVICE, IO.format(' itemSubjectRef="I"', REF, "serviceTask",
                                   ' operationRef="O"'))),
    ("message-data",
     with_roots(SERVICE, IO.format(' itemSubjectRef="I"', REF, "sendTask", ' messageRef="M"')
                .replace('<dataOutput id="out"/>', '<dataInput id="i2" itemSubjectRef="I"/>'
                         '<dataOutput id="out"/>')
                .replace(REF, REF + "<dataInputRefs>i2</dataInputRefs>")),
     with_roots(SERVICE, IO.format(' itemSubjectRef="I"', REF, "sendTask", ' messageRef="M"'))),
    ("message-items",
     with_roots(SERVICE, IO.format(' itemSubjectRef="J"', REF, "sendTask", ' messageRef="M"')),
     with_roots(SERVICE, IO.format(' itemSubjectRef="I"', REF, "sendTask", ' messageRef="M"'))),
    ("call-data",
     process(LINE, key="q").replace("id=\"", "id=\"q-").replace("Ref=\"", "Ref=\"q-")
     .replace('"q-q"', '"q"')
     + process(IO.format("", REF, "callActivity", ' calledElement="q"')),
     process(LINE, key="q").replace("id=\"", "id=\"q-").replace("Ref=\"", "Ref=\"q-")
     .replace('"q-q"', '"q"')
     + process(START + '<callActivity id="a" calledElement="q"/>' + END + flows("s a e"))),
    ("no-binding",
     with_roots(SERVICE, LINE).replace("isExecutable", "name").replace(
         LINE, "<supportedInterfaceRef>F</supportedInterfaceRef>" + LINE)
     + process('<startEvent id="t"/><callActivity id="k" calledElement="p"/><endEvent id="f"/>'
               + flows("t k f"), key="q"), LINE),
    ("binding-items", OFFERED.format("J"), OFFERED.format("I")),
    ("loop-data",
     IO.format("", REF, "task", "") + '<task id="z"><multiInstanceLoopCharacteristics>'
     "<loopDataInputRef>in</loopDataInputRef></multiInstanceLoopCharacteristics></task>"
     + flows("a z e"),
     IO.format("", REF, "task", "").replace(
         "</ioSpecification>", "</ioSpecification><multiInstanceLoopCharacteristics>"
         "<loopDataInputRef>in</loopDataInputRef></multiInstanceLoopCharacteristics>")),
    ("loop-items",
     with_roots(ITEMS, IO.format(' itemSubjectRef="I"', REF, "task", "").replace(
         "</ioSpecification>", "</ioSpecification><multiInstanceLoopCharacteristics>"
         '<loopDataInputRef>in</loopDataInputRef><inputDataItem id="one" itemSubjectRef="J"/>'
         "</multiInstanceLoopCharacteristics>")),
     with_roots(ITEMS, IO.format(' itemSubjectRef="I"', REF, "task", "").replace(
         "</ioSpecification>", "</ioSpecification><multiInstanceLoopCharacteristics>"
         '<loopDataInputRef>in</loopDataInputRef><inputDataItem id="one" itemSubjectRef="I"/>'
         "</multiInstanceLoopCharacteristics>"))),
    ("data-state-name",
     LINE + '<dataObject id="d" name="Order"/><dataObjectReference id="r" name="Order" '
     'dataObjectRef="d"><dataState name="paid"/></dataObjectReference>',
     LINE + '<dataObject id="d" name="Order"/><dataObjectReference id="r" name="Order [paid]" '
     'dataObjectRef="d"><dataState name="paid"/></dataObjectReference>'),
    ("empty-expression",
     XOR.format("") + CHOICE.replace('targetRef="e"/>', f'targetRef="e"><conditionExpression '
                                     f"{FORMAL}/></sequenceFlow>"), XOR.format("") + CHOICE),
    ("empty-expression", COMPLEX.format(""), COMPLEX.format("done")),
    ("informal-expression",
     XOR.format("") + CHOICE.replace('targetRef="e"/>', 'targetRef="e"><conditionExpression>'
                                     "the sum is large</conditionExpression></sequenceFlow>"),
     XOR.format("") + CHOICE.replace('targetRef="e"/>', f'targetRef="e"><conditionExpression '
                                     f"{FORMAL}>sum &gt; 5</conditionExpression></sequenceFlow>")),
    ("no-script-format",
     START + '<scriptTask id="a"><script>x = 1; y()</script></scriptTask>' + END
     + flows("s a e"),
     START + '<scriptTask id="a" scriptFormat="feel"><script>1</script></scriptTask>' + END
     + flows("s a e")),
    ("no-escalation-code",
     with_roots('<escalation id="E" name="n"/>', LINE.replace(
         END, '<endEvent id="e"><escalationEventDefinition escalationRef="E"/></endEvent>')),
     with_roots('<escalation id="E" name="n" escalationCode="c"/>', LINE.replace(
         END, '<endEvent id="e"><escalationEventDefinition escalationRef="E"/></endEvent>'))),
    ("no-error-code", LINE.replace(END, '<endEvent id="e"><errorEventDefinition/></endEvent>'),
     with_roots('<error id="E" errorCode="late"/>', LINE.replace(
         END, '<endEvent id="e"><errorEventDefinition errorRef="E"/></endEvent>'))),
    ("quantity", LINE.replace('<task id="a"/>', '<task id="a" startQuantity="0"/>'), LINE),
    ("public-executable", process(LINE, more='isExecutable="true" processType="Public"'),
     process(LINE, more='isExecutable="true" processType="Private"')),
]  # fmt: skip
