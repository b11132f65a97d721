"""Rules of running: what a process needs to be run here, and what its names must lead to."""

from __future__ import annotations

from engine.check.rules.rule import Rule, advice, deploy, error, lacking, run, wrong

_MEND = "Mend the expression; the manual explains FEEL."

RUNNING: dict[str, Rule] = {
    # The process and its elements
    "bad-key": run(
        'The id "{key}" cannot be the key of a process.',
        "Use letters, digits, “-”, “_” and “.” only.",
    ),
    "long-key": deploy(
        'The key "{name}" has {count} characters; {most} can be kept.', "Give a shorter key."
    ),
    "long-id": deploy(
        'The id "{name}" has {count} characters; {most} can be kept.', "Give a shorter id."
    ),
    "long-name": deploy(
        'The name "{name}" has {count} characters; {most} can be kept.',
        "Shorten the name, and put the rest into the documentation of the element.",
    ),
    "empty-process": deploy('The process "{name}" is empty.', "Draw what is done."),
    "no-beginning": wrong(
        'The process "{name}" begins nowhere: something leads to each element.',
        "Draw the start event.",
    ),
    "no-activation": run(
        'The complex gateway "{name}" does not say when it goes on.',
        "Give it an activation condition, such as activationCount >= 2.",
    ),
    "no-awaited": deploy('"{name}" does not say which message it waits for.', "Choose a message."),
    "no-condition": deploy(
        'The flow "{name}" leaves an exclusive gateway without a condition.',
        "Give it a condition, or make it the default.",
    ),
    "no-default": advice(
        '"{name}" has no default flow: a case may get stuck in it.',
        "Make one of its flows the default.",
    ),
    "default-unused": advice(
        'The default flow "{name}" is never taken: "{other}" beside it always is.',
        'Give "{other}" a condition, or let the default be a flow like it.',
    ),
    "no-collection": run(
        '"{name}" is repeated, but not for what.', "Give it a collection or a number of instances."
    ),
    "mapping-unused": advice(
        '"{name}" has a {parameter} that nothing reads there.',
        "Remove it, or move it to the task before or after.",
    ),
    "foreign-collection": deploy(
        '"{name}" is repeated for a collection that only another engine reads.',
        "Name it again as the collection of the repeated activity, in FEEL.",
    ),
    "too-many": wrong(
        '"{name}" is repeated {count} times; at most {most} are run.', "Give a smaller number."
    ),
    "bad-count": wrong(
        'The number of instances of "{name}" is {count}: not a whole number, or below 0.',
        "Give a whole number.",
    ),
    # Compensation
    "nothing-to-undo": wrong(
        '"{name}" undoes {ref}, of which nothing can be undone.',
        "Put a compensation event on that activity, and join it to the task that undoes the work.",
    ),
    "compensation-unseen": wrong(
        '"{name}" undoes {ref}, which cannot be seen from there.',
        "Name an activity of the same process or sub-process; from an event sub-process, also one "
        "of the scope around it.",
    ),
    "handler-unused": advice(
        '"{name}" only undoes other work, but no compensation event leads to it.',
        "Draw an association from the compensation event on the activity that it undoes.",
    ),
    # Where tokens go
    "endless": wrong(
        '"{name}" goes round in a circle in which nothing is waited for.',
        "Put a task, a timer or a message into the circle.",
    ),
    "busy-loop": advice(
        '"{name}" is in a circle that only a condition ends, with nothing waited for in it.',
        "Make sure that the condition changes, or put a task or a timer into the circle.",
    ),
    "endless-choice": run(
        '"{name}" goes round for ever: the choice takes its first flow, which has no condition.',
        "Give each flow of the choice a condition, or make the one that goes back the default.",
    ),
    "endless-events": wrong(
        '"{name}" begins again and again, and nothing is waited for in between: {circle}.',
        "Put a task or a timer before the event that is thrown, throw another one, or let the "
        "event interrupt.",
    ),
    "busy-events": advice(
        '"{name}" may begin again and again with nothing waited for in between: {circle}.',
        "Make sure that a condition ends it, or put a task or a timer before the event that is "
        "thrown.",
    ),
    "endless-calls": wrong(
        '"{name}" calls the process "{called}", which comes back to this call without waiting.',
        "Put a task, a timer or a message before the call, or repeat the steps without a call.",
    ),
    "error-uncaught": advice(
        'Nothing around the end event "{name}" catches its error {code}.',
        "Put a boundary event for the error on the sub-process, or end with a plain end event.",
    ),
    "cancel-uncaught": advice(
        '"{name}" cancels "{ref}", which has no cancel event: nothing follows when all is undone.',
        "Put a cancel event on the border of the transaction, and draw what follows it.",
    ),
    "unreachable": wrong('No path leads to "{name}".', "Connect it, or remove it."),
    "deadlock": wrong(
        'The parallel gateway "{name}" waits for ever: its flows in never all have a token.',
        "Join what an exclusive gateway divides with an exclusive gateway.",
    ),
    "joins-wait": wrong(
        '"{name}" and "{other}" wait for each other for ever: each leads to the other, and both '
        "have a token.",
        "Let what comes back lead to an exclusive gateway before one of them.",
    ),
    "timer-never-ends": wrong(
        'The timer "{name}" comes back without end, every {seconds} seconds.',
        "Give the number of times, as in R3/PT1H, or a longer pause.",
    ),
    "timer-endless": advice(
        'The timer "{name}" comes back without end.', "Give the number of times, as in R3/PT1H."
    ),
    "timer-invalid": wrong(
        'The timer "{name}" says {text}, which is no ISO 8601 time to wait for.',
        "Write a date, a duration such as PT1H, a cycle such as R3/PT1H, or FEEL.",
    ),
    "timer-words": run(
        '"{name}" is a timer, and its time is words for people: {text}',
        "Write a date, a duration such as P2D, a cycle such as R3/PT1H, or FEEL such as =x.",
    ),
    "timer-never": wrong(
        'The timer "{name}" is to come back no times: {text}.',
        "Give the number of times, as in R3/PT1H, or remove the timer.",
    ),
    # What a drawing names
    "one-end-keyed": advice(
        'The message "{message}" has a key at "{other}" and none at "{name}": they never meet.',
        "Give both the property correlation, or neither.",
    ),
    "key-empty": advice(
        'The correlation key "{name}" has no property, so no message belongs to it.',
        "List its properties, or remove the key.",
    ),
    "key-part-unread": advice(
        'The property "{name}" of the key "{key}" is read from none of these messages: '
        "{messages}.",
        "Give the property a retrieval expression for each message of the conversation.",
    ),
    "subscription-differs": run(
        '"{name}" does not subscribe to each property of the key "{key}" once, or to others.',
        "Bind these, each once: {properties}.",
        "List the properties of the key, and bind each of them once.",
    ),
    "key-kinds": advice(
        '"{end}" gives a {kind} for the key "{key}", and "{other}" a {wanted}: they never match.',
        "Let both give a value of the same kind, such as string(x) or number(x).",
    ),
    "near-property": advice(
        '"{name}" has the property "{key}", which nothing here reads.',
        "Write {meant} if that was meant.",
    ),
    "bad-value": run('"{name}" has {key} "{text}", which is not {wanted}.', "Write {instead}."),
    "bad-expression": run('"{name}" has an expression that is wrong: {text} – {problem}', _MEND),
    "bad-state": deploy(
        'The words of "{name}" for how the case stands ({key}) cannot be filled in: {problem}',
        "Read the process's columns within {{{{ }}}}, as in {{{{due}}}}, and close each mark.",
    ),
    "foreign-expression": deploy(
        '"{name}" has an expression in another language than FEEL: {text}',
        "Write it in FEEL: {instead}.",
    ),
    "type-error": wrong('"{name}" has an expression that cannot work: {text} – {problem}', _MEND),
    "unwritten-variable": advice(
        '"{name}" reads {variable}, which nothing in the process writes.', "Look at: {near}."
    ),
    "function-variable": advice(
        '"{name}" reads {variable}, which is a function of FEEL until a step has written it.',
        "Give the variable another name, such as {variable}_given: what is unwritten is null.",
    ),
    "unknown-function": run(
        '"{name}" calls the function {function}, which does not exist.',
        "Use one of FEEL's functions or: {known}.",
        "Use one of FEEL's functions.",
    ),
    "unknown-form": run(
        '"{name}" shows the form {form}, which is not there.',
        "Add the file {path}, or mend the name.",
    ),
    "foreign-work": deploy(
        'What carries out "{name}" stands in {key}, which only another engine reads.',
        "Write instead: {instead}.",
    ),
    "foreign-person": deploy(
        'Who does "{name}" stands in {key}, which only another engine reads.',
        "Write instead: {instead}.",
    ),
    "foreign-choice": deploy(
        '"{name}" says by {key} what begins in it, which only another engine reads: here '
        "everything in it begins, or is offered to people.",
        "Draw an inclusive gateway inside it with a condition on each flow, or give it candidate "
        "groups, whose people choose.",
    ),
    "foreign-addition": deploy(
        '"{name}" has {key}, which only another engine reads.', "Write instead: {instead}."
    ),
    "foreign-binding": advice(
        '"{name}" has {key}: what it calls is always of the same version as the process itself.',
        "Remove it.",
    ),
    "foreign-form": deploy(
        '"{name}" shows the form {form}, which is HTML or kept by another engine.',
        "Build the form anew in the form editor, and name it as PROCESS/FORM.",
    ),
    "plain-task": lacking(
        '"{name}" is done by nobody and nothing: a case only passes it.',
        "Make it a user task, a manual task, a service task or another kind of task; leave it as "
        "it is where nothing is to be done.",
    ),
    "unknown-template": run(
        '"{name}" makes a paper by the template {template}, which is not there.',
        "Add the file {path}, or mend the name.",
    ),
    "template-fails": run(
        "The paper cannot be made: {problem}",
        "Mend the template; it must be set with the values of its own example.",
    ),
    "template-data": run(
        '"{name}" does not give its paper {missing}, which the template reads.',
        "Add it to the parameter data, or take it out of the template and its example.",
    ),
    "unknown-register": run(
        "The cases of the process stand in the register {register}, which is not there.",
        "Add the file {path}, or mend the name in the property registers.",
    ),
    "register-invalid": run(
        "The register cannot be read: {problem}.",
        "Mend the file; its columns have a label, label_en and the name of a column.",
    ),
    "register-columns": run(
        "The register does not fit the process {process}: {problem}.",
        "Declare the column in the property columns of the process, or mend the register.",
    ),
    "register-entries-gone": deploy(
        "Cases that stand in the register have no column {column} of this kind: they would be "
        "missing from it.",
        'Say how the column was called: "formerly": {{"{column}": ["former name"]}}; '
        "its kind must stay.",
    ),
    "register-column-gone": advice(
        "Cases that stand in the register have the column {column}, which would not be shown any "
        "more.",
        'Keep the column, or name it as a former one: "formerly": {{"new name": ["{column}"]}}.',
    ),
    "unknown-catalogue": run(
        "The process keeps the catalogue {catalogue}, whose description is not there.",
        "Add the file {path}, or mend the name in the property catalogues.",
    ),
    "catalogue-invalid": run(
        "The catalogue cannot be read: {problem}.",
        "Mend the file; its columns have a name, a label and label_en.",
    ),
    "nobody": deploy('Nobody can do "{name}".', "Name its candidate groups or its assignee."),
    "lane-no-group": deploy(
        'Nobody can do "{name}": its lane "{lane}" is no group.',
        "Name its candidate groups, or call the lane as a group is called: {known}.",
        "Name its candidate groups, or call the lane as a group is called.",
    ),
    "unknown-group": run(
        '"{name}" is for the group {group}, which does not exist.',
        "Use one of: {known}.",
        "There is no group yet: make one, and name it here.",
    ),
    "unknown-person": deploy(
        '"{name}" is for the account {person}, which does not exist or is closed.',
        "Name a group, or the account as people log in with it; alike: {near}.",
        "Name a group, or the account as people log in with it.",
    ),
    "named-person": advice(
        '"{name}" is for the account {person}, and for nobody after its holder has left.',
        "Name a group, or a post in FEEL, such as =head_of(unit).",
    ),
    "own-field": deploy(
        '"{name}" has a field {field}: each case has {variable} from its start, and what is '
        "entered there is not kept.",
        "Give the field another key, or make it read-only.",
    ),
    "own-variable": advice(
        '"{name}" declares the variable {variable}, which each case has from its start.',
        "Give it another name.",
    ),
    "no-operation": deploy(
        '"{name}" names no operation.',
        "Set Type to External and Topic to one of: {known}.",
        "This installation offers no operation: let people do it, in a user task.",
    ),
    "unknown-operation": run(
        '"{name}" calls the operation "{topic}", which does not exist.',
        "Set Type to External and Topic to one of: {known}.",
        "This installation offers no operation: let people do it, in a user task.",
    ),
    "unknown-parameter": run(
        '"{name}" gives {topic} the parameter {parameter}, which it does not take.',
        "It takes: {known}.",
        "It takes none: remove the parameter.",
    ),
    "missing-parameter": run(
        '"{name}" does not give {topic} the parameter {parameter}.',
        "Add the input parameter {parameter}.",
    ),
    "no-decision": deploy('"{name}" asks no decision.', "Name the decision that it asks."),
    "unknown-decision": run(
        '"{name}" asks the decision "{ref}", which is not there.',
        "Add its table to processes/dmn/, or mend the name.",
    ),
    "script-language": deploy(
        '"{name}" is written in {language}; scripts are FEEL only.',
        "Set the format to feel and write a FEEL expression.",
    ),
    "empty-script": deploy('"{name}" has no script.', "Write a FEEL expression."),
    "script-result": run(
        'The script of "{name}" gives a single value, and nothing says how it is to be called.',
        "Name the result variable, or let the script give a context, as in {{total: 3}}.",
    ),
    "no-called": deploy('"{name}" calls no process.', "Name the process that it calls."),
    "unknown-process": run(
        '"{name}" calls the process "{called}", which is not there.', "Draw it, or mend the name."
    ),
    "no-message": run('"{name}" names no message.', "Choose or create it in the properties."),
    "message-not-set": deploy(
        '"{name}" refers to an event definition that names no message.',
        "Choose the message in that definition.",
    ),
    "no-signal": deploy(
        '"{name}" names no signal.', "Choose or create the signal in the properties."
    ),
    "foreign-sending": deploy(
        '"{name}" sends in a way that only another engine carries out, and names no message.',
        "Name the message that it sends.",
    ),
    "no-operation-of-message": run(
        '"{name}" exchanges a message but names none of the operations that the file declares.',
        "Name the operation, or remove the interface.",
    ),
    "no-time": run('The time of the timer "{name}" is empty.', "Write it, or remove the element."),
    "timer-not-set": deploy(
        'The timer "{name}" has no time.', "Give a date, a duration or a cycle."
    ),
    "no-event-condition": run(
        'The conditional event "{name}" has no condition.', "Write a FEEL expression."
    ),
    "unknown-separation": error(
        '"{name}" is kept apart from "{other}", which is not drawn.',
        "Name the id of a task of this process.",
    ),
    "unknown-right": error(
        'The cases of "{name}" are seen with the permission "{right}", which does not exist.',
        "Choose one of: {known}.",
        "No permissions are known here: remove the property.",
    ),
    "unknown-in-person": error(
        '"{name}" is for the group "{group}" in person, but is not offered to it.',
        "Name a group of those that may do it: {known}.",
        "The task is offered to no group: remove the property.",
    ),
    "unknown-duty": error(
        '"{name}" has the duty "{duty}", which this installation does not keep apart.',
        "Choose one of: {known}.",
        "No duties are kept apart here: remove the property.",
    ),
}
