"""The command `decide`: makes a decision of any DMN file, without an installation.

./quytrinh decide FILE --decision approver --data '{"rank": 3}' --json
{"value": "chief", "type": "string",
 "rules": [{"decision": "approver", "rule": "r2", "number": 2, "notes": []}]}

{"error": {"position": null, "message": "...", "element": "r2"}}
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any, NoReturn

import click

from app import utc_now
from app.cli_ask import as_line
from app.terminal import gettext, localised, sentence, speak
from app.where import content_of, from_where, text_or_file
from engine.decisions import (
    DecisionFailed,
    DecisionInvalid,
    Decisions,
    Hit,
    beside,
    missing,
    read_decisions,
    stray_names,
)
from engine.feel import FeelError, kind_of, read_json, to_json
from engine.wellformed import as_text


class CannotRun(FeelError):
    """Nothing was decided, because the question cannot be asked: status 2 instead of 1."""


@click.command("decide")
@click.argument("file")
@click.option("--decision", "name", help="Its id or name; a service or function works too.")
@click.option("--data", default="{}", metavar="JSON", help="Values by name of input, or @FILE.")
@click.option("--json", "as_json", is_flag=True, help="The answer as one JSON object.")
def decide(file: str, name: str | None, data: str, *, as_json: bool) -> None:
    """Make a decision of the DMN FILE and name the rules that gave it.

    Texts become dates, times, durations and numbers where the input's declared type asks for
    them; without a type, a text like @"2026-11-22" does. Without --decision the one that no other
    decision requires is made; of several such, all: the value then holds theirs by name.

    The data is a JSON object, or @ and the path of a file that holds one. In JSON: {value, type,
    rules: [{decision, rule, number, notes}]}, numbers counting the rules of a table from 1, or
    {error: {position, message, element}}. Under warnings stand inputs that were not given,
    {input, message}, and what made a value null, {decision, message}. Status 0 with a value, 1
    with an error, 2 where the question could not be asked.
    """
    try:
        answer = answered(from_where(file), name, data)
    except FeelError as problem:
        refuse(problem, as_json=as_json)
    click.echo(as_line(answer) if as_json else told(answer))
    if as_json:
        return
    for warning in answer.get("warnings", ()):
        click.echo(warning["message"], err=True)
    is_silent = answer["type"] == "null" and not (answer["rules"] or answer.get("warnings"))
    if is_silent and holds_rules(from_where(file)):
        click.echo(gettext("No rule of the decision applied to this data."), err=True)


def holds_rules(path: Path) -> bool:
    """Whether the file has rules that could have applied; an expression may also give null."""
    text = as_text(content(path), "replace")
    return ":rule" in text or "<rule" in text


def answered(path: Path, name: str | None, data: str) -> dict[str, Any]:
    """The answer as `--json` prints it. Raises FeelError."""
    xml = content(path)
    try:
        decisions = read_decisions(xml, path=str(path.absolute()), load=beside(path))
    except DecisionInvalid as problem:
        # Nothing can be read at all: the file is no DMN.
        raise CannotRun("{reason}", reason=problem.sentence) from None
    keys = chosen(decisions, name)
    context = decisions.read(given(data))
    now = utc_now()
    hits = [decisions.decide(key, context, now=now, warn=True) for key in keys]
    if len(hits) == 1:
        value = hits[0].value
    else:
        value = {
            (decisions.decisions[key].names or (key,))[0]: hit.value
            for key, hit in zip(keys, hits, strict=True)
        }
    answer = {"value": to_json(value), "type": kind_of(value), "rules": fired(decisions, hits)}
    lacking = dict.fromkeys(name for key in keys for name in missing(decisions, key, context))
    warnings = [
        {"input": name, "message": gettext("No value was given for “%(name)s”.", name=name)}
        for name in lacking
    ]
    told = {
        stray.name: {
            "decision": stray.table.owner,
            "element": stray.rule.id,
            "message": sentence("{place}: {said}", {"place": stray.place, "said": stray.said}),
        }
        for key in keys
        for stray in stray_names(decisions, key)
        if stray.name not in context
    }
    warnings += told.values()
    warnings += doubts(hits, {*lacking, *told})
    return {**answer, "warnings": warnings} if warnings else answer


def doubts(hits: list[Hit], lacking: Collection[str]) -> list[dict[str, str]]:
    """What made values null, each once; names that lack a value are told already."""
    found = {
        (decision, sentence(said.template, said.fields)): None
        for hit in hits
        for decision, said in hit.warnings
        if said.fields.get("name") not in lacking
    }
    return [{"decision": decision, "message": message} for decision, message in found]


def given(data: str) -> dict[str, Any]:
    try:
        found = read_json(text_or_file(data))
    except (OSError, ValueError) as problem:
        raise unreadable(data.removeprefix("@"), problem) from None
    except FeelError as problem:
        raise CannotRun("{reason}", position=problem.position, reason=problem.sentence) from None
    if not isinstance(found, dict):
        raise CannotRun("The data must be a JSON object with the values by name.")
    return found


def content(path: Path) -> bytes:
    try:
        return content_of(path)
    except (OSError, ValueError) as problem:
        raise unreadable(str(path), problem) from None


def unreadable(file: str, problem: Exception) -> CannotRun:
    reason = getattr(problem, "strerror", None) or problem
    return CannotRun("{file} cannot be read: {reason}.", file=file, reason=reason)


def chosen(decisions: Decisions, name: str | None) -> list[str]:
    """The keys of what to decide. Raises CannotRun, naming what there is to choose from."""
    if name is None:
        keys = decisions.tops() or list(decisions.ids) or list(decisions.functions)[:1]
        if not keys:
            raise CannotRun("The file holds no decision.")
        return keys
    keys = decisions.find(name)
    if len(keys) == 1:
        return keys
    if keys:
        raise CannotRun(
            "“{name}” may be any of {choices}; say which.", name=name, choices=", ".join(keys)
        )
    choices = [part.names[0] for part in decisions.decisions.values() if part.names]
    choices += [part.names[0] for part in decisions.functions.values() if part.names]
    raise CannotRun(
        "There is no decision “{name}” in the file; it holds {choices}.",
        name=name,
        choices=", ".join(choices) or "-",
    )


def fired(decisions: Decisions, hits: list[Hit]) -> list[dict[str, Any]]:
    """The rules that gave the values, in the order in which they did."""
    found = []
    for owner, rule_id in (rule for hit in hits for rule in hit.rules):
        rule = decisions.rule(owner, rule_id)
        found.append(
            {
                "decision": owner,
                "rule": rule_id,
                "number": rule.number if rule else None,
                "notes": list(rule.notes) if rule else [],
            }
        )
    return found


def told(answer: dict[str, Any]) -> str:
    """The answer for a reader: the value, then a line for each rule."""
    lines = [json.dumps(answer["value"], ensure_ascii=False, indent=2)]
    for rule in answer["rules"]:
        notes = "".join(f": {note}" for note in rule["notes"])
        lines.append(f"  {rule['decision']} {rule['number']} ({rule['rule']}){notes}")
    return "\n".join(lines)


def refuse(problem: FeelError, *, as_json: bool) -> NoReturn:
    """Says what is wrong and ends."""
    error: dict[str, Any] = {
        "position": problem.position,
        "message": sentence(problem.template, problem.fields),
    }
    if isinstance(problem, DecisionInvalid) and problem.element:
        error["element"] = problem.element
    if isinstance(problem, DecisionFailed) and problem.rules:
        error["element"] = problem.rules[-1]
    if as_json:
        click.echo(as_line({"error": error}))
    else:
        line = getattr(problem, "line", None)
        where = f"{line}: " if line else ""
        click.echo(f"{where}{error['message']}", err=True)
    sys.exit(2 if isinstance(problem, CannotRun) else 1)


def main() -> None:
    """Runs the command by itself, without the application."""
    speak()
    localised(decide)(args=sys.argv[2:], prog_name="quytrinh decide")
