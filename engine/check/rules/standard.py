"""Rules of the BPMN 2.0.2 standard: what may stand where, what leads where, what belongs together.

They hold whether or not a process is to be run.
"""

from __future__ import annotations

from engine.check.rules.rule import Rule, advice, error, run, wrong

_SAVE = "Open the drawing in a BPMN editor, mend it there and save it again."
_REMOVE_FLOW = "Remove the flow."
_DRAW_FLOW = "Draw the flow, or remove the element."
_FILL_IN = "Fill it in, in the properties of the element."

STANDARD: dict[str, Rule] = {
    # Elements, attributes and ids (8.2, 15)
    "unknown-element": error('BPMN has no element "{kind}".', _SAVE),
    "misplaced-element": error('"{kind}" cannot stand inside "{around}".', _SAVE),
    "missing-element": error('"{name}" ({around}) lacks its "{kind}".', _SAVE),
    "repeated-element": error('"{around}" has more than one "{kind}".', "Keep one of them."),
    "element-order": advice(
        '"{kind}" comes too late inside "{around}": strict readers refuse that order.', _SAVE
    ),
    "stray-element": advice(
        '"{kind}" is not BPMN and stands outside the extension elements.',
        "Move it into extensionElements, or remove it.",
    ),
    "either-part": error(
        '"{around}" of "{name}" has both "{one}" and "{other}".', "Keep one of them."
    ),
    "must-understand": error(
        "The file needs an extension to be understood that is not known here: {extension}",
        "Remove the extension, or set its mustUnderstand to false.",
    ),
    "undeclared-prefix": error(
        'The type "{value}" has the prefix "{prefix}", which the file does not declare.',
        "Declare the prefix with its namespace (xmlns), or name the type without it.",
    ),
    "missing-attribute": error('"{name}" ({kind}) has no {key}.', _FILL_IN),
    "missing-formality": advice('"{kind}" has no {key}; strict readers ask for it.', _SAVE),
    "bad-attribute": error('"{name}" ({kind}) has {key}="{value}".', "Use one of: {allowed}."),
    "unknown-attribute": error(
        '"{kind}" has no attribute {key}, so it says nothing.',
        "Look for a spelling mistake, or remove it.",
    ),
    "stray-text": error(
        'The text "{text}" stands inside "{kind}", which has none, so it says nothing.',
        "Move it into the documentation, or remove it.",
    ),
    "bad-id": error(
        'The id "{id}" is no XML name.',
        "Use letters, digits, “-”, “_” and “.”, with a letter or “_” first.",
    ),
    "duplicate-id": error(
        'The id "{id}" is used {count} times.', "Give each element an id of its own."
    ),
    "no-id": error('"{name}" has an element without an id.', "Give each element an id."),
    "dangling-reference": error(
        'The {key} of "{name}" names {ref}, which is not there.',
        "Name another one: {near}.",
        "The file holds nothing that could be named there: draw it, or remove the reference.",
    ),
    "wrong-reference": error(
        'The {key} of "{name}" names {ref}, which is of the kind {kind}.',
        "Name an element of the right kind.",
    ),
    # Sequence flows (8.4.13) and the elements that they join (10.5)
    "flow-crosses": error(
        'The flow "{name}" leads from "{source}" to "{target}", across the border of a process or '
        "sub-process.",
        "Use a message between pools; connect a sub-process from outside to itself only.",
    ),
    "flow-not-listed": error(
        '"{other}" does not list the flow "{name}" as {list}, though the file lists flows.', _SAVE
    ),
    "flows-half-listed": advice(
        '"{name}" lists its incoming and outgoing flows, but {count} other ends of flows are not '
        "listed in the file.",
        _SAVE,
    ),
    "flow-listed-wrongly": error(
        '"{name}" lists the flow {ref} as {list}, but that flow is another element\'s.', _SAVE
    ),
    "event-sub-process-flow": error(
        'A flow leads into or out of "{other}", which an event begins.', _REMOVE_FLOW
    ),
    "condition-not-allowed": error(
        'The flow "{name}" has a condition but leaves "{source}" ({kind}), which does not choose.',
        "Remove the condition, or put an exclusive gateway before it.",
    ),
    "lonely-condition": error(
        'The only flow out of "{source}" has a condition: nothing is drawn for its not being met.',
        "Remove the condition, or draw the other way.",
    ),
    "default-condition": advice(
        'The default flow "{name}" has a condition, which is never asked.', "Remove the condition."
    ),
    "default-elsewhere": error(
        'The default flow of "{name}" does not leave it.',
        "Choose one of its own flows as the default.",
    ),
    "not-immediate": error(
        'The flow "{name}" is marked as not immediate, which no process that runs may have.',
        "Remove isImmediate, or draw what happens in between.",
    ),
    "flow-into-start": error(
        'A flow leads into "{name}", which begins by its event.',
        "Let the flow lead to another element.",
    ),
    "start-leads-nowhere": error('No flow leaves the start event "{name}".', _DRAW_FLOW),
    "end-goes-on": error(
        'The end event "{name}" has a flow going out.',
        "Remove the flow, or use an intermediate event.",
    ),
    "end-not-reached": error('No flow leads to the end event "{name}".', _DRAW_FLOW),
    "event-not-reached": error('No flow leads to the event "{name}".', _DRAW_FLOW),
    "event-leads-nowhere": error('No flow leaves the event "{name}".', _DRAW_FLOW),
    "boundary-ends": error('No flow leaves the boundary event "{name}".', "Draw what follows it."),
    "no-start": error('"{name}" has end events but no start event.', "Draw the start event."),
    "no-end": error('"{name}" has start events but no end event.', "Draw at least one end event."),
    "no-incoming": error('There is a start event, but no flow leads to "{name}".', _DRAW_FLOW),
    "no-outgoing": error('There is an end event, but no flow leaves "{name}".', _DRAW_FLOW),
    # Gateways (10.6)
    "gateway-one-way": error(
        'The gateway "{name}" neither joins nor divides.', "Draw its other flows, or remove it."
    ),
    "gateway-direction": error(
        'The gateway "{name}" is marked {direction} but has {into} flows in and {out} out.',
        "Correct its flows or its direction.",
    ),
    "event-gateway-one-way": error(
        'The event-based gateway "{name}" has fewer than two ways out.',
        "Draw each event that may come.",
    ),
    "event-gateway-target": error(
        'An event-based gateway leads to "{name}", which is no event that it can wait for.',
        "Let it lead to message, signal, timer or conditional events, or to receive tasks.",
    ),
    "event-gateway-mixed": error(
        'The event-based gateway "{name}" leads to message events and to receive tasks.',
        "Use one of the two.",
    ),
    "event-gateway-boundary": error(
        '"{name}" follows an event-based gateway and must not have boundary events.',
        "Let the gateway lead to those events instead.",
    ),
    "event-gateway-shared": error(
        '"{name}" follows an event-based gateway and must not be reached in another way.',
        "Draw an event of its own for the gateway.",
    ),
    "instantiating-reached": error(
        '"{name}" begins the process, so no flow may lead to it.', _REMOVE_FLOW
    ),
    # Events by position (10.5.6, tables 10.84 to 10.93)
    "event-not-here": error(
        'The event "{name}" has the trigger "{kind}", which cannot stand there.',
        "Use one of: {allowed}.",
        "Remove the trigger.",
    ),
    "no-event": error('"{name}" does not say which event it waits for.', "Choose its trigger."),
    "must-interrupt": error(
        '"{name}" has the trigger "{kind}" and must interrupt.', "Mark it as interrupting."
    ),
    "cancel-outside": error(
        'The cancel event "{name}" belongs to no transaction.',
        "Use it inside a transaction or on its border, or choose another trigger.",
    ),
    "boundary-alone": error(
        '"{name}" is attached to no task or sub-process.',
        "Drop it on the border of the element that it interrupts.",
    ),
    "boundary-elsewhere": error(
        '"{name}" is attached to an element of another process or sub-process.',
        "Drop it on the border of an element beside it.",
    ),
    "definition-shared": error(
        'The event "{name}" refers to {ref}, which belongs to an event that throws it.',
        "Give the event a definition of its own.",
    ),
    "event-sub-process-start": error(
        '"{name}" is begun by an event and has {count} start events.',
        "Draw exactly one start event in it.",
    ),
    "sub-process-starts": wrong(
        '"{name}" has {count} start events without a trigger: a sub-process begins at one.',
        "Keep one, and let a gateway after it divide the flow.",
    ),
    "called-start": error(
        'The process "{name}" is called but has no start event without a trigger.',
        "Draw a plain start event.",
    ),
    "event-data": error(
        'The event "{name}" has {count} data, not one for each trigger.',
        "Give each trigger its data, or remove them.",
    ),
    "event-items": error(
        'The data of the event "{name}" are not what its trigger carries.',
        "Use the same item definition for both.",
    ),
    # Links (10.5.4) and compensation (10.7)
    "link-both-ways": error(
        'The link event "{name}" has flows in and out.', "Draw two link events of the same name."
    ),
    "link-not-caught": error(
        'Nothing catches the link "{link}" of "{name}".', "Draw a link event that catches it."
    ),
    "link-unnamed": wrong(
        'The link event "{name}" has no link name, so it is not told where it leads.',
        "Give both ends of the link the same link name.",
    ),
    "link-not-thrown": error(
        'Nothing throws the link "{link}" that "{name}" catches.',
        "Draw a link event that throws it.",
    ),
    "link-caught-twice": error(
        'The link "{link}" is caught more than once, here by "{name}".', "Keep one of them."
    ),
    "link-one-sided": error(
        'The link "{link}" of "{name}" names its other end, which does not name it in turn.',
        "Name both ends of the link.",
    ),
    "link-leaves": error(
        'The link "{link}" of "{name}" leads into another process or sub-process.',
        "Keep both ends of a link in one.",
    ),
    "no-compensation": error(
        'The compensation event "{name}" is joined to no activity.',
        "Draw an association to the task that undoes the work.",
    ),
    "handlers-several": error(
        '"{name}" leads to several tasks that undo the work; only one can be meant.',
        "Keep one association; put what is to be done besides into a sub-process that undoes.",
    ),
    "not-for-compensation": error(
        '"{name}" undoes an activity but is not marked as compensation.',
        "Mark it as a compensation activity.",
    ),
    "compensation-goes-on": error(
        'A flow leaves the compensation event "{name}".',
        "Use an association to the task that undoes the work.",
    ),
    "compensation-in-flow": error(
        'A flow leads into or out of "{name}", which is only done to undo another activity.',
        _REMOVE_FLOW,
    ),
    "compensation-elsewhere": error(
        '"{name}" undoes {ref}, which is in another process.',
        "Name an activity of the same process.",
    ),
    # Sub-processes (10.3.5)
    "ad-hoc-empty": wrong('The ad-hoc sub-process "{name}" has no activity.', "Draw its tasks."),
    "ad-hoc-event": error(
        'The start or end event "{name}" stands inside the ad-hoc sub-process {other}.',
        "Remove the event.",
    ),
    "choreography-inside": error(
        '"{name}" is a {kind}, which cannot stand in a process.', "Draw a task instead."
    ),
    "data-of-sub-process": error(
        '"{name}" is a sub-process and must not have inputs and outputs of its own.',
        "Give them to the activities inside.",
    ),
    # Collaborations (9)
    "message-in-one-pool": error(
        'The message flow "{name}" begins and ends in the same pool.',
        "Use a sequence flow within a pool, or remove the message flow: in a case messages find "
        "their way by their names.",
    ),
    "message-from-catcher": error(
        'The message flow "{name}" leaves "{other}", which only receives.',
        'Turn it round, so that it leaves "{sender}".',
        "Let it leave a task or an event that sends a message, in another pool.",
    ),
    "message-to-thrower": error(
        'The message flow "{name}" leads to "{other}", which only sends.',
        'Turn it round, so that it leads to "{receiver}".',
        "Let it lead to a task or an event that receives a message, in another pool.",
    ),
    "message-differs": advice(
        'The message flow "{name}" joins different messages: {messages}.',
        "Name the same message at both ends and at the flow.",
    ),
    "message-at-other-event": error(
        'The message flow "{name}" is joined to the event "{other}", which has no message.',
        'Give "{event}" the trigger message.',
        "Join the flow to a task, or to an event that exchanges a message.",
    ),
    "multiplicity": error(
        '"{name}" takes part fewer than no times, or at most fewer times than at least.',
        "Correct its minimum and maximum.",
    ),
    "choreography-of-choreography": error(
        '"{name}" ({kind}) must not refer to a choreography.', "Remove the reference."
    ),
    "global-conversation": error(
        'The global conversation "{name}" holds more than participants and message flows.',
        "Remove the rest, or use a collaboration.",
    ),
    "closed-differs": error(
        '"{name}" and its choreography {ref} do not agree on whether they are closed.',
        "Set isClosed to the same in both.",
    ),
    "lane-elsewhere": error(
        'The lane "{name}" holds {ref}, which is not in its process.',
        "Move the element into the lane, in a BPMN editor.",
    ),
    "lane-twice": error(
        'The element {ref} is in two lanes, one of them "{name}".', "Put it into one lane."
    ),
    # Data (10.4)
    "data-in-no-set": error('"{name}" is in no {kind}.', "List it in one."),
    "data-not-listed": error('"{name}" uses {ref} without listing it as {key}.', "List it there."),
    "sets-one-sided": error(
        '"{name}" refers to the set {ref}, which does not refer back.', "Name both, or neither."
    ),
    "collection-differs": run(
        '"{name}" and its item definition do not agree on whether it is a collection.',
        "Set isCollection to the same in both.",
    ),
    "association-sources": error(
        'A data association of "{name}" has {count} sources and no transformation.',
        "Give it one source, or a transformation.",
    ),
    "association-items": run(
        'A data association of "{name}" joins data of different kinds without a transformation.',
        "Use one item definition for both, or give a transformation.",
    ),
    "operation-sets": error(
        '"{name}" names an operation and needs exactly one set of inputs, at most one of outputs.',
        "Correct its inputs and outputs.",
    ),
    "operation-items": run(
        'The {kind} of "{name}" is not what its operation exchanges.',
        "Use the item definition of the operation's message.",
    ),
    "message-data": error(
        '"{name}" names a message and may have one data element and one set only.',
        "Remove the others.",
    ),
    "message-items": error(
        'The data of "{name}" are not what its message carries.',
        "Use the item definition of the message.",
    ),
    "call-data": run(
        'The inputs and outputs of "{name}" are not those of the process that it calls.',
        "Give it the same inputs and outputs.",
    ),
    "no-binding": error(
        '"{name}" offers an interface but binds no data to its operations.',
        "Add an ioBinding for each operation.",
    ),
    "binding-items": error(
        'The data that "{name}" binds are not what the operation exchanges.',
        "Use the item definitions of the operation's messages.",
    ),
    "loop-data": error(
        '"{name}" repeats over data that are not its own inputs or outputs.',
        "Name one of its own data inputs or outputs.",
    ),
    "loop-items": error(
        'The single item of "{name}" is not what its collection holds.',
        "Use the item definition of the collection.",
    ),
    "data-state-name": run(
        '"{name}" should be called "{wanted}", as its data object and state are.',
        'Call it "{wanted}".',
    ),
    # What an executable process must say (8.4.6, 10.2, 10.3)
    "empty-expression": run('"{name}" has an empty {kind}.', "Write the expression."),
    "informal-expression": error(
        '"{name}" is to be run, but its condition is words for people: {text}',
        "Write a FEEL expression of the type tFormalExpression, or mark the process as not "
        "executable.",
    ),
    "no-script-format": error(
        'The script of "{name}" does not say its language.', "Set the format to feel."
    ),
    "no-escalation-code": run(
        'The escalation that "{name}" throws has no code.', "Give the escalation a code."
    ),
    "no-error-code": run('The error that "{name}" throws has no code.', "Give the error a code."),
    "quantity": error('"{name}" has {key} {value}, less than 1.', "Set it to 1 or more."),
    "public-executable": error(
        'The process "{name}" is public and so cannot be executable.',
        "Set its type to Private, or mark it as not executable.",
    ),
}
