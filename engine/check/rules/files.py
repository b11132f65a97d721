"""Rules of files: that they can be read at all, and belong together."""

from __future__ import annotations

from engine.check.rules.rule import Rule, advice, deploy, error

_SAVE_BPMN = "Open the file in a BPMN editor and save it again."
_SAVE_DMN = "Mend the decision in a DMN editor."

FILES: dict[str, Rule] = {
    "no-drawing": error('The process "{key}" has no drawing {path}.', "Add the file."),
    "unreadable": error("{problem}", _SAVE_BPMN),
    "not-opened": error(
        "The file cannot be opened: {reason}.",
        "Give this user the right to read it; of a link, see that what it leads to is there.",
    ),
    "not-a-file": error(
        "This is no file but a {kind}, which is not read.", "Name a file or a folder."
    ),
    "empty-file": error("The file is empty.", "Save it again from the editor that made it."),
    "too-large": error(
        "The file is larger than {limit} MB, which no drawing or form needs.",
        "Split it, or save it without what it embeds.",
    ),
    "too-hard": error(
        "The file could not be examined within {seconds} seconds and {memory} MB.",
        "Make it smaller: split the process into several that call each other.",
    ),
    "no-time-left": error(
        "The file was not looked at: the others took the {seconds} seconds that all may take.",
        "Give it by itself.",
    ),
    "too-many-elements": error(
        "The drawing has {count} elements; at most {most} are examined.",
        "Split it into several processes that call each other.",
    ),
    "large-drawing": advice(
        "The drawing has {count} elements: style, diagram and variables are examined up to {most} "
        "only.",
        "Split it into several processes that call each other.",
    ),
    "too-many-attributes": error(
        "An element of the drawing has {count} attributes; at most {most} are read.",
        "Open the file in a BPMN editor and save it again.",
    ),
    "more": advice(
        "{count} more findings of the rule {key} are left out.",
        "Mend those that are shown first.",
    ),
    "not-examined": error(
        "The software failed on this file, which is a fault of its own.",
        "Send the file to those who maintain the software.",
    ),
    "nothing-there": error(
        "The folder holds no drawing, decision or form.",
        "Name a folder with files that end in .bpmn, .dmn or .form.",
    ),
    "other-format": error(
        "The file is {program}, not a BPMN drawing.",
        "Export it as BPMN 2.0 from the program that made it; where that cannot, draw it anew "
        "in a BPMN editor.",
    ),
    "unknown-format": error(
        "This is no BPMN drawing, no DMN decision and no form.",
        "Name a file that a BPMN, DMN or form editor has saved.",
    ),
    "not-text": error(
        "The file is no text in UTF-8 from byte {position} on.",
        "Save it again from the editor that made it.",
    ),
    "process-key": error(
        'The file should hold the process "{key}" but holds {ids}.',
        'Give the process the id "{key}", or the file the name of its process.',
    ),
    "no-process": deploy(
        "The file has no process that is marked executable.",
        "Tick “Executable” in the properties of the process.",
    ),
    "not-run": deploy(
        '"{name}" is a {kind}, which shows how parties work together and is not run.',
        "Draw what each party does as a process; a collaboration shows several side by side.",
    ),
    "decision-invalid": error("{problem}", _SAVE_DMN),
    "decision-doubtful": advice("{problem}", _SAVE_DMN),
    "decision-overlap": advice(
        "{problem}",
        "Part the ranges of the two rules, or choose another hit policy, such as FIRST.",
    ),
    "decision-gap": advice(
        "{problem}", "Add a rule for that case, or give the output a default value."
    ),
    "decision-unreachable": advice(
        "{problem}", "Move the rule above those that hide it, change its cells, or remove it."
    ),
    "scenario-fails": error(
        'The scenario "{name}" fails at step {step}: {problem}',
        "Mend the drawing, or the scenario if the procedure was meant to change.",
    ),
    "import-missing": error(
        "The file imports {location}, which is not beside it.",
        "Put the file there, or remove the import.",
    ),
    "import-unreadable": error(
        "The file imports {location}, which cannot be read: {problem}",
        "Mend the imported file, or remove the import.",
    ),
    "import-ids": error(
        "The file and {location}, which it imports, both use the ids {ids}.",
        "Give the elements of one of them other ids.",
    ),
    "import-unchecked": advice(
        "The file imports {location} from the network, which is not fetched.",
        "Put a copy of the file beside this one.",
    ),
}
