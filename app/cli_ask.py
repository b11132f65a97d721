"""`feel`: what an expression comes to. It needs neither the database nor the pages.

Exit status: 0 a value, 1 the expression is wrong, 2 the arguments are.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from app import utc_now
from app.terminal import gettext, localised, sentence, speak
from app.where import text_or_file
from engine import feel
from engine.errors import Sentence


@click.command("feel", context_settings={"ignore_unknown_options": True})
@click.argument("expression")
@click.option("--data", default="{}", metavar="JSON", help="The names in reach, or @FILE.")
@click.option("--unary", is_flag=True, help='Unary tests of the value that --data calls "?".')
@click.option("--json", "as_json", is_flag=True, help="One JSON object: {value, type} or {error}.")
def ask(expression: str, data: str, unary: bool, as_json: bool) -> None:
    """Say what the FEEL EXPRESSION comes to.

    What the standard calls null is null, and the warnings say why. The data is a JSON object, or
    @ and the path of a file that holds one; a text in it like @"2026-11-22" is the date.

    In JSON: {value, type}, with warnings: [{position, message}] where there are any, or
    {error: {position, message}}. Numbers that a double cannot hold are strings; dates, times and
    durations are ISO 8601; contexts are objects; ranges and functions are texts as FEEL writes
    them. Status 0 with a value, 1 with an error, 2 where the question could not be asked.
    """
    names = read_data(data)
    try:
        answer = evaluate(expression, names, unary=unary)
    except feel.FeelError as problem:
        show_error(problem, as_json)
        sys.exit(1)
    show(answer, as_json)


def read_data(text: str) -> dict[str, Any]:
    """The names in reach; raises BadParameter for what is no JSON object."""
    try:
        data = feel.read_json(text_or_file(text))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        fields = {"file": text.removeprefix("@"), "reason": reason}
        message = sentence("{file} cannot be read: {reason}.", fields)
        raise click.BadParameter(message, param_hint="--data") from None
    except feel.FeelError as problem:
        raise click.BadParameter(said(problem.sentence), param_hint="--data") from None
    if not isinstance(data, dict):
        message = gettext('an object is needed, such as {"a": 1}.')
        raise click.BadParameter(message, param_hint="--data")
    return data


def evaluate(text: str, names: dict[str, Any], *, unary: bool) -> feel.Answer:
    """The value with what made parts of it null. Raises FeelError."""
    now = utc_now()
    fields = frozenset(feel.keys_within([*names.values()]))
    if unary:
        known = names.keys() - {"?"}
        tests = feel.parse_unary(text, names=known, fields=fields, strict=False)
        return tests.ask(names.get("?"), names, now=now)
    read = feel.parse(text, names=names.keys(), fields=fields, strict=False)
    return read.ask(names, now=now)


def show(answer: feel.Answer, as_json: bool) -> None:
    """One JSON object, or the value as FEEL writes it with the warnings beside it."""
    warnings = [
        {"position": warning.position, "message": said(in_case(warning.sentence))}
        for warning in answer.warnings
    ]
    if as_json:
        value = {"value": feel.to_json(answer.value), "type": feel.kind_of(answer.value)}
        click.echo(as_line({**value, "warnings": warnings} if warnings else value))
        return
    click.echo(feel.text_of(answer.value))
    for warning in warnings:
        click.echo(f"{warning['position'] + 1}: {warning['message']}", err=True)


def in_case(found: Sentence) -> Sentence:
    """What is said instead of a function of the installation, which the manual has."""
    if not found.template.startswith("There is no function"):
        return found
    # It is asked for only here, because it loads what checks drawings.
    from app import offered

    if found.fields["name"] not in offered.functions():
        return found
    return Sentence(
        "“{name}” works only in a case: it asks the installation, as for its calendar or people.",
        {"name": found.fields["name"]},
    )


def said(found: Sentence) -> str:
    """The sentence in the terminal's language."""
    return sentence(found.template, found.fields)


def show_error(problem: feel.FeelError, as_json: bool) -> None:
    message = said(problem.sentence)
    if as_json:
        click.echo(as_line({"error": {"position": problem.position, "message": message}}))
        return
    where = "" if problem.position is None else f"{problem.position + 1}: "
    click.echo(f"{where}{message}", err=True)


def as_line(answer: dict[str, Any]) -> str:
    # Half of a surrogate pair is a letter that no output takes; JSON can write it as an escape.
    line = json.dumps(answer, ensure_ascii=False)
    return line if line.isprintable() or encodable(line) else json.dumps(answer)


def encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def main() -> None:
    """Runs the command by itself, without the application."""
    speak()
    localised(ask)(args=sys.argv[2:], prog_name="quytrinh feel")
