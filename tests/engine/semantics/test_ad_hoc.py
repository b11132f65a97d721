"""Ad-hoc sub-processes (BPMN 2.0 §10.3.5, §13.3.5)."""

from __future__ import annotations

import pytest

from tests.engine.drawings import Run


def drawing(head: str, *inner: str) -> str:
    rows = "\n".join(inner)
    return f"start s\nadhoc p {head} {{\n{rows}\n}}\nuser after\ns > p > after"


def test_people_choose_the_order_and_each_activity_is_done_once():
    run = Run(drawing("", "user a", "user b", "user c")).start()
    assert run.at() == ["a", "b", "c"]
    run.do("c").do("a")
    assert run.at() == ["b"]
    assert run.do("b").at() == ["after"]


def test_what_runs_by_itself_begins_by_itself_in_the_order_of_the_file():
    lines = drawing("ordering=Sequential", "script a feel=1 resultVariable=x",
                    "script b feel=x+1 resultVariable=x")  # fmt: skip
    run = Run(lines).start()
    assert (run.at(), run.data) == (["after"], {"x": 2})


def test_flows_inside_are_followed_and_what_they_lead_to_is_not_offered():
    run = Run(drawing("", "user a", "user b", "user c", "a > b")).start()
    assert run.at() == ["a", "c"]
    assert run.do("a").at() == ["b", "c"]
    assert run.do("b").do("c").at() == ["after"]


def test_one_after_the_other_offers_nothing_while_something_runs():
    run = Run(drawing("ordering=Sequential", "user a", "user b", "user c", "a > b")).start()
    assert run.at() == ["a", "c"]
    assert run.do("a").at() == ["b"]
    assert run.do("b").at() == ["c"]
    assert run.do("c").at() == ["after"]


def test_a_completion_condition_ends_it_and_withdraws_the_rest():
    run = Run(drawing('done="enough"', "user a", "user b")).start(enough=False)
    run.do("a", enough=True)
    assert run.at() == ["after"]
    assert "!b" in run.path


def test_until_the_condition_holds_an_activity_may_be_done_again():
    run = Run(drawing('done="n >= 3"', "user a")).start(n=0)
    run.do("a", n=1).do("a", n=2)
    assert run.at() == ["a"]
    assert run.do("a", n=3).at() == ["after"]


def test_what_runs_by_itself_is_repeated_until_the_condition_holds():
    lines = drawing('done="n >= 3"', 'script a feel="n + 1" resultVariable=n')
    run = Run(lines).start(n=0)
    assert (run.at(), run.data["n"]) == (["after"], 3)


def test_what_is_running_may_be_left_to_end():
    lines = drawing('done="ok" keep', "user a", "user b", "user c", "a > c")
    run = Run(lines).start(ok=False)
    run.do("a", ok=False).do("b", ok=True)
    assert run.at() == ["c"]
    assert run.do("c").at() == ["after"]


def test_its_candidates_choose_what_would_run_by_itself():
    lines = drawing("candidateGroups=van-thu", "service o topic=near", "user a")
    run = Run(lines).start()
    assert run.at() == ["a", "o"]
    offer = next(w for w in run.waiting() if w.element == "o").marks
    assert offer["candidates"] == ["van-thu@vp"]
    assert run.calls == []
    run.do("o")
    assert [name for name, _p, _k in run.calls] == ["near"]
    assert run.do("a").at() == ["after"]


@pytest.mark.parametrize("event", ["timer=PT1H", "message=stop"])
def test_a_boundary_event_ends_all_of_it(event: str):
    lines = drawing("", "user a", "user b")
    run = Run(f"{lines}\nboundary x on=p {event}\nuser late\nx > late").start()
    if event.startswith("timer"):
        run.timer("x")
    else:
        run.message("x")
    assert run.at() == ["late"]


def test_an_activity_that_a_boundary_event_has_interrupted_is_not_offered_as_if_never_begun():
    """§13.3.5: its flow goes on from the event, and what is done once is done."""
    lines = drawing("", "user a", "boundary x on=a message=stop", "user h", "user b", "x > h")
    run = Run(lines).start()
    assert run.message("x").at() == ["b", "h"]
    assert run.do("h").do("b").at() == ["after"]


def test_an_event_sub_process_that_interrupts_it_leaves_nothing_to_be_offered():
    """§13.5.4: the scope ends with the event sub-process that has interrupted it."""
    inner = ("sub ev byevent {", "start es message=stop", "user h", "es > h", "}")
    for head in ("", 'done="false"'):
        run = Run(drawing(head, "user a", "user b", *inner)).start()
        assert run.message("ev").at() == ["h"]
        assert run.do("h").at() == ["after"]
