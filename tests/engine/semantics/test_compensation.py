"""Compensation (BPMN 2.0 §10.5.5, §13.5.5)."""

from __future__ import annotations

from tests.engine.drawings import Run, text

LOG = 'feel="append(log, &quot;{0}&quot;)" resultVariable=log'


def log(name: str) -> str:
    """A script that notes its name."""
    return f'script {name} feel="append(log, id{name})" resultVariable=log'


def logged(run: Run, **names: str) -> Run:
    ids = {f"id{n}": n for n in "abcdefxyz"} | {f"idu{n}": f"u{n}" for n in "abcxyz"}
    return run.start(log=[], **ids, **names)


TWO = f"""start s
    {log("a")}
    boundary ba on=a compensate=1 handler=ua
    {log("ua")} undo
    {log("b")}
    boundary bb on=b compensate=1 handler=ub
    {log("ub")} undo
    user wait
    throw t compensate=1
    user after
    s > a > b > wait > t > after"""


def test_completed_activities_are_undone_last_first():
    run = logged(Run(TWO))
    assert run.at() == ["wait"]
    assert run.do("wait").at() == ["after"]
    assert run.data["log"] == ["a", "b", "ub", "ua"]


def test_what_was_undone_is_not_undone_again():
    run = logged(Run(TWO.replace("user after", "throw again compensate=1\nuser after")
                     .replace("t > after", "t > again > after")))  # fmt: skip
    run.do("wait")
    assert run.data["log"] == ["a", "b", "ub", "ua"]


def test_a_named_activity_alone_is_undone():
    run = logged(Run(TWO.replace("throw t compensate=1", "throw t compensate=a")))
    assert run.do("wait").data["log"] == ["a", "b", "ua"]


def test_only_completed_activities_are_undone():
    lines = f"""start s
        and f
        user a
        boundary ba on=a compensate=1 handler=ua
        {log("ua")} undo
        {log("b")}
        boundary bb on=b compensate=1 handler=ub
        {log("ub")} undo
        throw t compensate=1
        s > f > a
        f > b > t"""
    assert logged(Run(lines)).data["log"] == ["b", "ub"]


def test_a_handler_may_be_work_for_people_and_the_throw_waits_for_it():
    lines = """start s
        task a
        boundary ba on=a compensate=1 handler=h
        user h undo
        throw t compensate=1
        user after
        s > a > t > after"""
    run = Run(lines).start()
    assert run.at() == ["h"]
    assert run.do("h").at() == ["after"]


def test_a_throw_that_does_not_wait_goes_on_beside_the_handlers():
    lines = """start s
        task a
        boundary ba on=a compensate=1 handler=h
        user h undo
        throw t compensate=1 nowait=1
        user after
        s > a > t > after"""
    run = Run(lines).start()
    assert run.at() == ["after", "h"]
    assert run.do("after").status == "open"
    assert run.do("h").status == "completed"


def test_a_compensation_end_event_ends_when_all_is_undone():
    lines = """start s
        task a
        boundary ba on=a compensate=1 handler=h
        user h undo
        end e compensate=1
        s > a > e"""
    run = Run(lines).start()
    assert (run.status, run.at()) == ("open", ["h"])
    run.do("h")
    assert (run.status, run.outcome) == ("completed", "e")


def test_every_instance_of_a_repeated_activity_is_undone_with_its_own_values():
    lines = """start s
        script a feel=1 resultVariable=r each=people item=who
        boundary ba on=a compensate=1 handler=h
        script h feel="append(log, who)" resultVariable=log undo
        throw t compensate=1
        end e
        s > a > t > e"""
    run = Run(lines).start(log=[], people=["x", "y", "z"])
    assert run.data["log"] == ["z", "y", "x"]


def test_instances_of_an_activity_that_was_interrupted_are_not_undone():
    lines = """start s
        user a each=people
        boundary ba on=a compensate=1 handler=h
        boundary m on=a message=stop
        user h undo
        throw t compensate=1
        user after
        end e
        s > a > e
        m > t > after"""
    run = Run(lines).start(people=["x", "y"])
    assert run.do("a").message("m").at() == ["after"]


SUB = f"""start s
    sub p {{
        start is
        {log("a")}
        boundary ba on=a compensate=1 handler=ua
        {log("ua")} undo
        {log("b")}
        boundary bb on=b compensate=1 handler=ub
        {log("ub")} undo
        end ie
        is > a > b > ie
        INNER
    }}
    OUTER
    throw t compensate=1
    user after
    s > p > t > after"""


def test_a_completed_sub_process_is_undone_by_undoing_what_is_in_it():
    run = logged(Run(SUB.replace("INNER", "").replace("OUTER", "")))
    assert run.data["log"] == ["a", "b", "ub", "ua"]
    assert run.at() == ["after"]


def test_a_compensation_event_sub_process_undoes_its_sub_process():
    inner = f"""sub undo byevent {{
            start us compensate=1
            {log("x")}
            throw ut compensate=a
            end ue
            us > x > ut > ue
        }}"""
    run = logged(Run(SUB.replace("INNER", inner).replace("OUTER", "")))
    assert run.data["log"] == ["a", "b", "x", "ua"]
    assert run.at() == ["after"]


def test_a_handler_at_the_border_of_a_sub_process_hides_what_is_in_it():
    outer = f"boundary bp on=p compensate=1 handler=up\n{log('y').replace('y ', 'up ', 1)} undo"
    run = logged(Run(SUB.replace("INNER", "").replace("OUTER", outer)))
    assert run.data["log"] == ["a", "b", "y"]


def test_an_error_event_sub_process_undoes_what_its_scope_has_done():
    lines = f"""start s
        {log("a")}
        boundary ba on=a compensate=1 handler=ua
        {log("ua")} undo
        end bad error=E1
        sub h byevent {{
            start hs error=E1
            throw t compensate=1
            user mend
            hs > t > mend
        }}
        s > a > bad"""
    run = logged(Run(lines))
    assert (run.data["log"], run.at()) == (["a", "ua"], ["mend"])


def test_a_sub_process_is_undone_with_its_data_as_it_was_at_its_end():
    lines = """start s
        sub p each=units item=u {
            <dataObject id="d" name="sum"/>
            start is
            script a feel="u * 10" resultVariable=sum
            boundary ba on=a compensate=1 handler=h
            script h feel="append(log, sum)" resultVariable=log undo
            is > a
        }
        throw t compensate=1
        user after
        s > p > t > after"""
    run = Run(lines).start(log=[], units=[1, 2])
    assert run.data == {"log": [20, 10], "units": [1, 2]}


def test_an_error_in_a_handler_is_caught_as_any_other():
    lines = """start s
        sub p {
            start is
            task a
            boundary ba on=a compensate=1 handler=h
            service h topic=near undo
            throw t compensate=1
            is > a > t
        }
        boundary b on=p error=any
        user mend
        end e
        s > p > e
        b > mend"""
    run = Run(lines)
    run.results["near"] = {"$rejected": "NO"}
    assert run.start().at() == ["mend"]


def test_a_called_process_is_undone_by_undoing_what_is_in_it():
    inner = text(
        """start s
        script a feel="{mine: 1}"
        boundary b on=a compensate=1 handler=h
        user h undo
        end e
        s > a > e""",
        "q",
    )
    outer = "start s\ncall k of=q\nthrow t compensate=1\nuser after\ns > k > t > after"
    run = Run(outer, inner).start()
    assert run.at() == ["h"]
    assert run.do("h").at() == ["after"]
    assert run.data == {}


def test_what_interrupts_a_scope_ends_the_undoing_in_it_too():
    lines = """start s
        sub p {
            start is
            task a
            boundary ba on=a compensate=1 handler=h
            user h undo
            throw t compensate=1
            end ie
            is > a > t > ie
        }
        boundary b on=p timer=PT1H
        user late
        end e
        s > p > e
        b > late"""
    run = Run(lines).start()
    assert run.at() == ["h"]
    assert run.timer("b").at() == ["late"]
