"""`simulate`: runs one case of any BPMN file in memory. It needs neither database nor pages.

Exit status: 0 it ran to its end or its next wait, 1 the run failed, 2 it could not run.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from app.cli_ask import as_line
from app.terminal import gettext, localised, sentence, speak
from app.terminal import words as said
from app.where import ROOT, content_of, from_where, text_or_file
from engine import feel
from engine.errors import Refusal
from engine.simulation import START, Advance, Send, Simulation, simulate
from engine.values import composed
from engine.wellformed import as_text

SECONDS = 20
"""How long one run may take, of processor time: a large drawing must not be refused because the
machine is busy. The engine's own limits end most endless ones much sooner.
"""
BYTES = 2_000_000_000
MOST_BYTES = 20_000_000
_SPAN = re.compile(
    r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?\Z", re.ASCII
)
_ASKS = re.compile(
    r"""topic\s*=|\b(working_(days|hours)(_before)?|is_working_day|due_after_pause|setting|head_of
    |deputy_of|parent|unit_of|unit_name|person_name|email_of|people_of|people_now
    |units_above|units_below|site_url)\s*\(""",
    re.VERBOSE,
)
"""What a drawing says that asks this installation's own operations and facts."""


class OutOfTime(Refusal):
    """The run took longer than {seconds} seconds and was stopped. Does something repeat without
    end?
    """

    status = 422


class OutOfMemory(Refusal):
    """The run took more than {gigabytes} GB of memory and was stopped. Does something grow
    without end?
    """

    status = 422


class CouldNotRun(click.ClickException):
    """The file or the arguments are not what they should be."""

    exit_code = 2


class InOrder(click.Command):
    """Keeps the order in which --send and --advance were typed: `options` in the context."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        found, _, order = self.make_parser(ctx).parse_args(args=list(args))
        given = {name: iter(found.get(name) or ()) for name in ("send", "advance")}
        ctx.meta["options"] = [(p.name, next(given[p.name])) for p in order if p.name in given]
        return super().parse_args(ctx, args)


HELP = """Run the process in FILE in memory, to its end or its next wait.

The clock is frozen and nothing is written. Every task is completed by itself, with its answer
or its form's defaults; one of no kind passes at once, as in a live case. Timers, messages,
signals and conditions are waited for. Forms, decisions and called processes are looked for in
the file, beside it and in the shipped tree. Which process: the executable one, or the first with
a start event. Where it starts: the start event that a first --send names, else the plain one,
else the first.

Other executable pools of the file take part, unless --process names the one to run: what one
says reaches or begins the others, and entered holds the elements of all in their order.

\b
--answers is an object by element id (or name). The answer of an activity, or of a start form:
  {"approved": true}        data that it puts into the case
  5, "text", true           the value of its result variable
  {"error": "CODE"}         it ends with that BPMN error ("data" may stand beside)
  {"escalation": "CODE"}    it throws that escalation and is then completed
  null or "wait"            it stays open, so that something else can happen to it
  [ANSWER, ...]             one for each time it is reached; the last one stays
The answer of a gateway and, with --flow-only, of anything whose flows have conditions:
  "Flow_2"                  the flow taken: its id, its name or its target
  ["Flow_2", "Flow_3"]      all that are taken; at an exclusive gateway one for each visit
  [["Flow_2"], ["Flow_3"]]  those of each visit

--flow-only passes scripts, services, decisions and called processes that cannot be found,
whatever they are written in. Conditions hold: an exclusive gateway takes its first flow in
the order of the file, others take all, unless answered; a timer that says no time that can be
read is due a second later.

--send and --advance are carried out in the order typed. What is sent arrives as soon as
somebody waits for it, before tasks are completed; MESSAGE is the name or id of the message or
signal, or the id of the event. A message whose data give another key than is awaited reaches
nobody. One that comes early is kept, a signal is lost. While time passes, what falls due happens
in its order; a task with a boundary event that falls due then is left open for it, unless the
task has an answer and the event would interrupt it.

\b
JSON: {"state": "completed"|"waiting"|"failed", "entered": [ids], "completed": [ids],
       "waiting": [{"element", "kind", "until"|"message"}], "data": {},
       "error": null|{"element", "message"}}
Exit status: 0 completed or waiting, 1 failed, 2 it could not run.
"""


@click.command("simulate", cls=InOrder, help=HELP, short_help="Run any BPMN file in memory.")
@click.argument("file", metavar="FILE")
@click.option("--process", metavar="ID", help="The process (or pool) to run.")
@click.option("--data", default="{}", metavar="JSON", help="What the case begins with, or @FILE.")
@click.option(
    "--answers", default="{}", metavar="JSON", help="Answers by element, see above; or @FILE."
)
@click.option("--flow-only", is_flag=True, help="Pass scripts, services and conditions.")
@click.option("--send", multiple=True, metavar="MESSAGE[=JSON]", help="A message or signal.")
@click.option("--advance", multiple=True, metavar="DURATION", help="Time passes: PT1H, P2D.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def run(ctx: click.Context, file: str, *, as_json: bool, **words: Any) -> None:
    """Says what came of it; ends with 1 if it failed, with 2 if it could not run."""
    try:
        found = _simulated(file, ctx.meta["options"], words)
    except click.ClickException as problem:
        if not as_json:
            raise
        show(Simulation("failed", error={"element": None, "message": _one(problem)}), as_json)
        sys.exit(2)
    try:
        with limits():
            show(found, as_json)
    except Refusal as refusal:
        raise CouldNotRun(said(refusal)) from None
    sys.exit(1 if found.state == "failed" else 0)


def _simulated(file: str, order: list[tuple[str, str]], words: dict[str, Any]) -> Simulation:
    """What came of it. Raises ClickException when it could not run."""
    path = from_where(file)
    source = read_file(path, file)
    options = [_option(name, text) for name, text in order]
    answers, data = _object("--answers", words["answers"]), _object("--data", words["data"])
    try:
        with limits(), own_world(source) as world:
            return simulate(
                source,
                path=file,
                process=words["process"],
                data=data,
                answers=answers,
                options=options,
                flow_only=words["flow_only"],
                beside=path.parent,
                shipped=ROOT,
                **world,
            )
    except Refusal as refusal:
        raise CouldNotRun(said(refusal)) from None


def _one(problem: click.ClickException) -> str:
    """What is wrong, in one sentence."""
    return " ".join(problem.format_message().split())


def read_file(path: Path, name: str) -> bytes:
    """The content of the file. Raises ClickException in one sentence."""
    try:
        if path.is_dir():
            raise CouldNotRun(gettext("%(name)s is a folder, not a BPMN file.", name=name))
        content = content_of(path, MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise CouldNotRun(gettext("%(name)s is larger than 20 MB.", name=name))
        return content
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        told = gettext(str(reason))
        words = gettext("%(name)s cannot be read: %(reason)s.", name=name, reason=told)
        raise CouldNotRun(words) from None


def _object(option: str, text: str) -> dict[str, Any]:
    try:
        found = _json(option, text_or_file(text))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        fields = {"file": text.removeprefix("@"), "reason": reason}
        message = sentence("{file} cannot be read: {reason}.", fields)
        raise click.BadParameter(message, param_hint=option) from None
    if not isinstance(found, dict):
        message = gettext('an object is needed, such as {"a": 1}.')
        raise click.BadParameter(message, param_hint=option)
    return found


def _json(option: str, text: str) -> Any:
    try:
        return feel.json_values.read_json(text)
    except feel.FeelError as problem:
        message = sentence(problem.sentence.template, problem.sentence.fields)
        raise click.BadParameter(message, param_hint=option) from None


def _option(name: str, text: str) -> Send | Advance:
    if name == "advance":
        if not _SPAN.match(text):
            words = "“%(text)s” is no span of time in ISO 8601, such as PT1H or P2D."
            raise click.BadParameter(gettext(words, text=text), param_hint="--advance")
        return Advance(text)
    message, equals, content = text.partition("=")
    data = _json("--send", content) if equals else {}
    if not isinstance(data, dict):
        words = gettext("after MESSAGE= comes an object.")
        raise click.BadParameter(words, param_hint="--send")
    return Send(composed(message), data)


@contextmanager
def limits() -> Iterator[None]:
    """Ends a run that takes too long or too much memory with an error that can be told."""

    def stop(_signal: int, _frame: Any) -> None:
        raise OutOfTime(seconds=SECONDS)

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGPROF, stop)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, hard))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    except MemoryError:
        raise OutOfMemory(gigabytes=BYTES // 10**9) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def own_world(source: bytes) -> Iterator[dict[str, Any]]:
    """Operations, facts and the shipped calendar, for a drawing that asks for them.

    Loading them takes longer than most runs, so a drawing that names none does without.
    """
    if not _ASKS.search(as_text(source, "replace")):
        yield {}
        return
    from app import areas, config
    from engine import Engine, Store
    from engine.database import Base, connect

    with TemporaryDirectory() as folder:
        settings = config.Config(home=Path(folder), database_url="sqlite://")
        bind = connect(settings.database_url)
        around = areas.surroundings(lambda: START, settings)
        engine = Engine(bind, around, Store(settings.home / "files"))
        Base.metadata.create_all(bind)
        with engine.writing() as session:
            areas.load_shipped(session, START)
        with engine.reading() as session:
            yield {"surroundings": around, "session": session}


def show(found: Simulation, as_json: bool) -> None:
    """One JSON object, or the same in words; what was never used is said beside it."""
    for name in found.unsent:
        if name in found.other_keys:
            text = gettext("“%(name)s” is waited for under another key.", name=name)
        else:
            text = gettext("Nothing waited for “%(name)s”.", name=name)
        click.echo(text, err=True)
    for name in found.unknown:
        click.echo(gettext("Nothing in the drawing is called “%(name)s”.", name=name), err=True)
    told = found.as_json()
    if found.sentence is not None:
        told["error"]["message"] = sentence(found.sentence.template, found.sentence.fields)
    if as_json:
        click.echo(as_line(told))
        return
    words = {
        "completed": gettext("completed"),
        "waiting": gettext("waiting"),
        "failed": gettext("failed"),
    }
    click.echo(words[found.state])
    click.echo(gettext("entered: %(names)s", names=_listed(told["entered"])))
    click.echo(gettext("completed: %(names)s", names=_listed(told["completed"])))
    for row in told["waiting"]:
        about = row.get("until") or row.get("message") or ""
        kind = _kinds().get(row["kind"], row["kind"])
        what = gettext("waits at %(element)s (%(kind)s)", element=row["element"], kind=kind)
        click.echo(f"{what} {about}".rstrip())
    if told["data"]:
        click.echo(gettext("data: %(data)s", data=as_line(told["data"])))
    if told["error"] is not None:
        click.echo(f"{told['error']['element'] or '–'}: {told['error']['message']}", err=True)


MOST_LISTED = 200
"""Names of a list that are written in words; JSON has all."""


def _listed(names: list[str]) -> str:
    """The names with commas; of a list that nobody would read, its two ends."""
    if len(names) > MOST_LISTED:
        half = MOST_LISTED // 2
        left_out = gettext("… %(count)s more …", count=len(names) - 2 * half)
        names = [*names[:half], left_out, *names[-half:]]
    return ", ".join(names) or "–"


def _kinds() -> dict[str, str]:
    """What is waited for, in words; JSON has the keys."""
    return {
        "task": gettext("task"),
        "timer": gettext("timer"),
        "message": gettext("message"),
        "signal": gettext("signal"),
        "conditional": gettext("condition"),
        "call": gettext("called process"),
    }


def main() -> None:
    """Runs the command by itself, without the application."""
    speak()
    try:
        localised(run).main(
            args=sys.argv[2:], prog_name="quytrinh simulate", standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
