"""`simulate` held against live cases: what passes at once, which of an answer and a timer comes
first, and how much a run may pass.
"""

from __future__ import annotations

import pytest

from engine.simulation import Advance, Send, Simulation, simulate
from engine.simulation.trail import Trail
from tests.engine.drawings import Run, text


def run(lines: str, *options: Advance | Send, **words: object) -> Simulation:
    """A drawing of `tests.engine.drawings`, simulated."""
    return simulate(text(lines), options=options, **words)  # type: ignore[arg-type]


BESIDE_WORK = {
    "a terminate end": "end x terminate=1\nf > {0} > x",
    "an error that ends the scope around": "end x error=E\nf > {0} > x",
    "a join": 'and j\nf > {0} > j\nscript k feel="{{y: 1}}"\nf > k > j > e',
    "a signal": "throw x signal=G\ncatch c signal=G\nf > {0} > x > e\nf > c > e",
}


@pytest.mark.parametrize("row", BESIDE_WORK)
@pytest.mark.parametrize("answers", [{}, {"t": {"z": 1}}, {"t": [5]}])
def test_tasks_of_no_kind_pass_in_the_turn_in_which_they_pass_in_a_live_case(row, answers):
    """The engine's own `apply` is held against it, without any work of people in between."""
    scripts = "\n".join(f'script s{n} feel="{{{{x: {n}}}}}"' for n in range(4))
    lines = f"start s\nand f\nend e\ntask t\n{scripts}\ns > f\nf > s0 > s1 > s2 > s3 > e\n"
    source = text((lines + BESIDE_WORK[row]).format("t"))
    live, found = Run(source).start(), simulate(source, answers=answers)
    trail = Trail([live.program.process], {})
    trail.follow(live.path, live.case.never)
    assert (found.entered, found.completed) == (trail.entered, trail.completed)
    given = {"z": 1} if answers.get("t") == {"z": 1} else {"t": 5} if answers else {}
    assert found.data == live.case.frame.content | given


def test_a_task_of_no_kind_rests_only_where_its_answer_says_so():
    lines = "start s\ntask t\nuser u\nend e\ns > t > u > e"
    assert run(lines, answers={"t": None}).entered == ["s", "t"]
    assert run(lines, answers={"t": {"error": "E"}}).state == "failed"
    assert run(lines, Advance("PT1H"), answers={"t": {}}).state == "completed"


def test_many_instances_of_a_few_tasks_each_are_no_endless_run():
    inside = "sub p times=2000 {\nstart i\nuser a\nuser b\nuser c\ni > a > b > c\n}"
    found = run(f"start s\n{inside}\nend e\ns > p > e")
    assert (found.state, found.completed.count("c")) == ("completed", 2000)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("[1..3]", "is a range"),
        ("function(x) x", "is a function"),
        ("time(10, 0, 0)", "is a time"),
    ],
)
def test_what_cannot_be_kept_is_named_in_words(given, words):
    script = f'script u feel="{{f: {given}}}"'
    found = run(f"start s\n{script}\nend e\ns > u > e")
    assert found.error is not None
    assert words in str(found.error["message"])


def test_an_answer_comes_before_a_timer_that_would_interrupt_what_is_around_its_task():
    lines = "sub p times=3 {\nstart i\nuser a\nend x\ni > a > x\n}\nboundary b on=p timer=PT2H"
    lines = f"start s\n{lines}\nend e\nend late\ns > p > e\nb > late"
    assert run(lines, Advance("P1D"), answers={"a": {}}).entered[-1] == "e"
    assert run(lines, Advance("P1D")).entered[-1] == "late"


def test_an_activity_that_is_done_no_time_is_completed_once_for_each_token():
    for repeated in ("each=none", "times=0 sequential=1", "loop=false before=1"):
        lines = f"start s\nand f\nuser a {repeated}\nend e\ns > f\nf > a\nf > a\na > e"
        found = simulate(text(lines), data={"none": []})
        assert (found.state, found.completed.count("a")) == ("completed", 2)


GATHERS = """start s
xor m
sub p {
    start ps
    and f
    task a
    receive r message=R
    JOIN
    end pe
    ps > f
    f > a > j
    f > r > j
    j > pe
}
boundary b on=p timer=PT1H
end e
s > m > p > e
b > m"""


@pytest.mark.parametrize("join", ["and j", "or j", "user j needs=2"])
def test_a_scope_that_is_entered_again_gathers_anew(join):
    found = run(GATHERS.replace("JOIN", join), Advance("PT1H"), Send("R"))
    assert found.entered == "s m p ps f a r j b m p ps f a r j pe e".split()


def test_a_join_counts_in_each_instance_in_which_it_waits_when_all_are_withdrawn():
    inside = "sub p times=2 {\nstart i\nand f\ntask a\nreceive r message=R\nand j\ni > f\n"
    lines = (
        f"start s\n{inside}f > a > j\nf > r > j\n}}\nboundary b on=p timer=PT1H\nend e\nend g\n"
    )
    found = run(lines + "s > p > e\nb > g", Advance("PT1H"))
    assert found.entered == "s p i p i f f a r a r j j b g".split()


def test_what_comes_late_to_a_complex_gateway_gathers_with_nothing_of_its_next_turn():
    """§13.4.5: it is consumed when the gateway is reset."""
    lines = """start s
    xor m
    and f
    user a
    user b
    complex g activation="activationCount >= 1"
    script n feel=k+1 resultVariable=k
    xor x
    end e
    s > m > f
    f > a > g
    f > b > g
    g > n > x
    x > m : k < 2
    x > e : default"""
    found = run(lines, data={"k": 0})
    assert found.entered == "s m f a b g n x m f a b g g n x e g".split()


ENDED = """start s
sub p {
    start ps
    task a
    ps > a
    sub h byevent {
        start hs HEARD
        end he
        hs > he
    }
}
receive r message=ask
end e
s > p > r > e"""


@pytest.mark.parametrize("heard", ["message=ask", "timer=PT1H"])
def test_an_event_sub_process_whose_scope_has_ended_hears_nothing(heard):
    """§13.5.4: the message goes to who still waits, and no time comes for what is gone."""
    found = run(ENDED.replace("HEARD", heard), Advance("PT2H"), Send("ask"))
    assert (found.state, found.error) == ("completed", None)
    assert found.entered == ["s", "p", "ps", "a", "r", "e"]


NEXT = {
    "work of the machine": 'script k feel="{n: 5}"',
    "work of people": "user k",
    "a scope": "sub k {\nstart q\ntask w\nq > w\n}",
    "many": "user k times=2",
    "a join": "and k",
}


@pytest.mark.parametrize("following", NEXT)
@pytest.mark.parametrize("kind", ["signal", "message", "escalation"])
def test_what_would_follow_a_throw_is_not_entered_when_that_interrupts_its_scope(kind, following):
    """An interrupting event stops its siblings in the same step."""
    inside = f"start ps\nthrow t {kind}=Z\n{NEXT[following]}\nend pe\nps > t > k > pe\n"
    around = f"start s\nsub p {{\n{inside}}}\nboundary b on=p {kind}=Z\nend e\nend g\n"
    found = run(around + "s > p > e\nb > g")
    assert found.entered == ["s", "p", "ps", "t", "b", "g"]
    assert (found.completed, found.data) == (["s", "ps", "t", "b", "g"], {})
    by_event = run(inside + f"sub h byevent {{\nstart hs {kind}=Z\nend he\nhs > he\n}}")
    assert by_event.entered == ["ps", "t", "h", "hs", "he"]


def test_only_what_has_begun_beside_a_throw_is_entered():
    """What waits has begun where its token stands, what runs by itself in its turn."""
    lines = (
        "start ps\nand f\nuser u\nreceive r message=R\nthrow t signal=Z\ntask k\nuser w\nps > f\n"
        "f > u\nf > r\nf > t > w\nf > k\nsub h byevent {\nstart hs signal=Z\nend he\nhs > he\n}"
    )
    assert run(lines).entered == ["ps", "f", "u", "r", "t", "h", "hs", "he"]


ROUND = (
    "start s\nxor m\nuser a\nMORE\nxor x\nend e\n"
    "s > m > a > k > x\nx > m : n < 40\nx > e : default"
)


def test_a_circle_in_which_nothing_changes_is_told_of_long_before_it_has_passed_all():
    found = run(ROUND.replace("MORE", "task k"), data={"n": 1}, most=1_000)
    assert (found.state, found.error["element"]) == ("failed", "a")
    assert 100 <= len(found.entered) < 200
    counted = ROUND.replace("MORE", 'script k feel="{n: n + 1}"')
    assert run(counted, data={"n": 1}, most=1_000).state == "completed"
    answers = {"x": ["m"] * 39 + ["e"]}
    assert run(ROUND.replace("MORE", "task k"), answers=answers, most=1_000).state == "completed"
    many = "start s\nuser a times=300 sequential=1\nuser b times=300 sequential=1\ns > a > b"
    assert run(many, most=1_000).state == "completed"


def test_what_comes_back_by_its_time_is_told_of_only_if_that_is_too_often():
    lines = "start s\nreceive r message=R\nboundary b on=r cycle=R/PT1S non\nend f\ns > r\nb > f"
    assert run(lines, Advance("PT5M"), most=1_000).state == "waiting"
    found = run(lines, Advance("P1D"), most=1_000)
    assert (found.state, len(found.entered) < 200) == ("failed", True)
