"""Generated drawings without a structure: any element may lead to any other, also back, inside
sub-processes too, with events of all kinds on the way, at the borders and beside it all.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

TALLY = 'script {} feel="(if x = null then 0 else x) + 1" resultVariable=x'
NODES = (
    "task {}", "user {}", "user {}", "user {}", "manual {}", TALLY, "xor {}", "and {}", "or {}",
    "or {}", 'complex {} activation="activationCount >= 2"', "complex {} activation=pick>=1",
    "service {} topic=near out:got=$result.v", "service {} topic=far.tax out:got=$result.v",
    "rule {} decisionRef=rate resultVariable=rate", "receive {} message=ask",
    "send {} message=ask", "call {} of=called give:pick=$pick", "script {} feel=tong(1)",
    "catch {} timer=PT1H", "catch {} cycle=R2/PT30M", "catch {} message=ask",
    "catch {} signal=go", 'catch {} when="pick = 1"', "catch {} message=ask timer=PT3H",
    "catch {} timer=PT1H signal=go parallel", "throw {}", "throw {} signal=go",
    "throw {} message=ask", "throw {} escalation=L", "throw {} compensate=1",
    "user {} needs=2", "task {} gives=2", "user {} times=2", "user {} each=items times=1",
    'user {} times=3 sequential=1 until="pick = 1"', "task {} times=pick", "user {} max=2",
    'user {} loop="pick > 0" max=3 before',
    "call {} of=called times=2 sequential=1 give:pick=$pick",
    "service {} topic=far.tax times=2", "user {} times=2 behavior=One throws=D_go",
)  # fmt: skip
"""One element each; "$" stands for the mark before an expression."""
MANY = (
    ("user {0}\nboundary c{0} on={0} compensate=1 handler=h{0}\nuser h{0} undo", "{0}"),
    ("service {0} topic=near\nboundary c{0} on={0} compensate=1 handler=h{0}\n"
     "service h{0} topic=far.tax undo", "{0}"),
    ("events {0}\ncatch c{0} message=ask\ncatch d{0} timer=PT2H\n{0} > c{0}\n{0} > d{0}",
     "c{0} d{0}"),
    ("events {0}\ncatch c{0} signal=go\nreceive d{0} message=ask\ncatch k{0} when=pick>1\n"
     "{0} > c{0}\n{0} > d{0}\n{0} > k{0}", "c{0} d{0} k{0}"),
    ("throw {0} link=L{0}\ncatch c{0} link=L{0}", "c{0}"),
    ("adhoc {0} ordering=Sequential {{\nuser u{0}\nuser v{0}\n}}", "{0}"),
    ('adhoc {0} done="pick = 1" {{\nuser u{0}\nuser v{0}\nu{0} > v{0}\nuser w{0}\n}}', "{0}"),
    ("or {0}\nor j{0}\nuser u{0}\nuser v{0}\nf{0} > j{0}\ntask f{0}\n{0} > u{0} : pick >= 1\n"
     "{0} > v{0} : pick >= 0\n{0} > f{0} : default\nu{0} > j{0}\nv{0} > j{0}", "j{0}"),
    ("and {0}\nand j{0}\nuser u{0}\n{0} > u{0} > j{0}\n{0} > j{0}", "j{0}"),
)  # fmt: skip
"""Several elements that belong together, and those of them that lead on."""
HEADS = ("sub {}", "sub {} times=2", "sub {} times=2 sequential=1", "sub {} max=2",
         "transaction {}", "transaction {} times=2")  # fmt: skip
ENDS = ("", "", "", "error=E", "escalation=L", "signal=go", "message=ask", "terminate=1",
        "compensate=1")  # fmt: skip
BORDER = (
    "timer=PT1H", "timer=PT1H non", "cycle=R2/PT1H non", "signal=go", "signal=go non",
    "message=ask", "message=ask non", 'when="pick = 1"', 'when="pick = 1" non', "error=any",
    "error=E", "escalation=any", "escalation=L non", "message=ask timer=PT2H",
    "signal=go timer=PT2H non", "signal=go timer=PT2H parallel",
)  # fmt: skip
BESIDE = (
    "signal=go", "signal=go non", "timer=PT2H", "cycle=R2/PT2H non", "message=ask",
    "message=ask non", "error=any", "error=E", "escalation=any non", "escalation=L",
    'when="pick = 1"', 'when="pick = 1" non', "compensate=1", "message=ask signal=go non",
)  # fmt: skip
GO = """!<signalEventDefinition id="D_go" signalRef="signal_go"/>
    !<signal id="signal_go" name="go"/>"""


@dataclass
class Part:
    """One element with what belongs to it: the rows, and who of them leads on."""

    rows: list[str]
    ways: list[str]
    is_choice: bool = False
    has_border: bool = False


@dataclass
class Scope:
    """The inside of a process or sub-process while it is drawn."""

    name: str
    depth: int
    parts: list[Part] = field(default_factory=list)
    in_transaction: bool = False


@st.composite
def graphs(draw: st.DrawFn) -> str:
    """A process with flows between any of its elements."""
    rows = _scope(draw, Scope("n", 2), most=8)
    return "\n".join([GO, "start s", "s > n0", *rows])


def _scope(draw: st.DrawFn, scope: Scope, *, most: int) -> list[str]:
    count = draw(st.integers(1, most))
    ends = draw(st.lists(st.sampled_from(ENDS), min_size=1, max_size=2))
    if scope.in_transaction:
        ends.append("cancel=1")
    rows = [f"end {scope.name}e{i} {event}" for i, event in enumerate(ends)]
    scope.parts = [_part(draw, f"{scope.name}{i}", scope) for i in range(count)]
    # What is drawn first is entered first; a token may end at any of the ends or nowhere.
    places = [f"{scope.name}{i}" for i in range(count)] + [
        f"{scope.name}e{i}" for i in range(len(ends))
    ]
    for index, part in enumerate(scope.parts):
        rows += part.rows
        for way in part.ways:
            many = draw(st.sampled_from((0, 1, 1, 1, 1, 1, 2, 2, 3)))
            # Mostly onwards: what only goes back ends in no time, or never.
            near = st.sampled_from(places[index + 1 :])
            target = st.one_of(near, near, near, st.sampled_from(places))
            rows += _flows(way, part, draw(st.lists(target, min_size=many, max_size=many)))
        if part.has_border:
            for number in range(draw(st.sampled_from((0, 0, 1, 1, 2)))):
                border = f"b{number}{scope.name}{index}"
                event, target = draw(st.sampled_from(BORDER)), draw(st.sampled_from(places))
                on = f"{scope.name}{index}"
                rows += [f"boundary {border} on={on} {event}", f"{border} > {target}"]
    if draw(st.booleans()):
        rows += _beside(draw, scope)
    return rows


def _part(draw: st.DrawFn, name: str, scope: Scope) -> Part:
    sorts = ("one", "one", "one", "work", "many", "inside" if scope.depth else "work")
    sort = draw(st.sampled_from(sorts))
    if sort == "inside":
        return _inside(draw, name, scope)
    if sort == "many":
        text, ways = draw(st.sampled_from(MANY))
        rows = text.format(name).split("\n")
        return Part(rows, ways.format(name).split(), has_border=rows[0].startswith(("user", "ad")))
    # Work for people, where cases rest, is drawn often: they would end too soon without it.
    text = "user {}" if sort == "work" else draw(st.sampled_from(NODES))
    row = text.format(name).replace("$", "=")
    kind = row.split()[0]
    return Part(
        [row],
        [name],
        is_choice=kind in ("xor", "or"),
        has_border=kind not in ("xor", "or", "and", "complex", "catch", "throw"),
    )


def _inside(draw: st.DrawFn, name: str, scope: Scope) -> Part:
    head = draw(st.sampled_from(HEADS)).format(name)
    within = Scope(f"{name}i", scope.depth - 1, in_transaction=head.startswith("transaction"))
    rows = [f"{head} {{", f"start s{name}", f"s{name} > {within.name}0"]
    if draw(st.booleans()):
        rows.append(f'<dataObject id="d{name}" name="x"/>')
    rows += [*_scope(draw, within, most=3), "}"]
    if within.in_transaction:
        rows += [f"boundary y{name} on={name} cancel=1", f"end z{name}", f"y{name} > z{name}"]
    return Part(rows, [name], has_border=True)


def _beside(draw: st.DrawFn, scope: Scope) -> list[str]:
    event = draw(st.sampled_from(BESIDE))
    work = draw(st.sampled_from(("user", "task", "throw", "service")))
    tail = {"service": " topic=far.tax", "throw": " signal=go"}.get(work, "")
    at = f"h{scope.name}"
    rows = [f"sub {at} byevent {{", f"start {at}s {event}", f"{work} {at}t{tail}"]
    end = draw(st.sampled_from(("", "error=E", "terminate=1", "signal=go")))
    return [*rows, f"end {at}e {end}", f"{at}s > {at}t > {at}e", "}"]


def _flows(way: str, part: Part, targets: list[str]) -> list[str]:
    """Flows from an element; a fork by the data has a default among them, or none."""
    if not part.is_choice:
        return [f"{way} > {target}" for target in targets]
    tails = [f"pick >= {number}" for number in range(1, len(targets))] + ["default"]
    return [f"{way} > {name} : {tail}" for name, tail in zip(targets, tails, strict=bool(targets))]
