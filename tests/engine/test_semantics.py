"""What each element does, as BPMN 2.0 says (formal/2013-12-09; the paragraph stands by each
test).
"""

from __future__ import annotations

import pytest

from engine.errors import EndlessStep, StepFailed
from tests.engine.drawings import NOW, Run, text


def test_a_case_without_people_runs_to_its_end():
    run = Run('start s\nscript a feel="{total: 2 + 3}"\nend e\ns > a > e').start()
    assert (run.status, run.outcome, run.data) == ("completed", "e", {"total": 5})


def test_an_exclusive_gateway_takes_the_first_flow_that_holds():  # §13.4.2
    lines = """start s
        xor x
        user a
        user b
        user c
        s > x
        x > a : n > 10
        x > b : n > 5
        x > c : default"""
    assert Run(lines).start(n=7).at() == ["b"]
    assert Run(lines).start(n=70).at() == ["a"]
    assert Run(lines).start(n=1).at() == ["c"]


def test_an_exclusive_gateway_without_a_way_out_refuses_the_step():
    lines = "start s\nxor x\nend a\nend b\ns > x\nx > a : n = 1\nx > b : n = 2"
    with pytest.raises(StepFailed, match='"x" could not be carried out: no condition'):
        Run(lines).start(n=3)


def test_a_parallel_gateway_waits_for_one_token_on_every_flow():  # §13.4.1
    run = Run("""start s
        and f
        user a
        user b
        and j
        user c
        s > f > a > j
        f > b > j > c""").start()
    assert run.at() == ["a", "b"]
    run.do("a")
    assert run.at() == ["b"]
    run.do("b")
    assert run.at() == ["c"]


def test_a_task_with_several_flows_out_splits():  # §13.3.1
    assert Run("start s\nuser a\nuser b\ns > a\ns > b").start().at() == ["a", "b"]


def test_a_task_that_several_flows_reach_runs_once_for_each():  # §13.3.1
    run = Run("start s\nand f\nuser a\nend e\ns > f\nf > a\nf > a\na > e").start()
    assert run.at() == ["a", "a"]


def test_conditional_flows_of_a_task_and_their_default():  # §13.3.1
    lines = "start s\nuser t\nuser a\nuser b\ns > t\nt > a : n > 1\nt > b : default"
    assert Run(lines).start(n=2).do("t").at() == ["a"]
    assert Run(lines).start(n=0).do("t").at() == ["b"]


def test_an_inclusive_gateway_joins_the_tokens_that_can_still_come():  # §13.4.3
    lines = """start s
        or f
        user a
        user b
        user c
        or j
        end e
        s > f
        f > a : n > 1
        f > b : n > 2
        f > c : default
        a > j
        b > j
        c > j
        j > e"""
    one = Run(lines).start(n=2)
    assert one.do("a").status == "completed"
    two = Run(lines).start(n=3)
    assert two.do("a").status == "open"
    assert two.do("b").status == "completed"


def test_many_instances_run_side_by_side_and_collect_in_order():  # §13.3.7
    run = Run("""start s
        user a each=people item=who results=answers result=answer
        end e
        s > a > e""").start(people=["x", "y", "z"])
    assert run.at() == ["a", "a", "a"]
    last = run.waiting()[-1].token
    run.give({"kind": "task_completed", "token": last, "data": {"answer": 3}, "by": "z"})
    run.do("a", answer=1).do("a", answer=2)
    assert (run.status, run.data["answers"]) == ("completed", [1, 2, 3])


def test_many_instances_one_after_the_other():
    run = Run("""start s
        user a each=people item=who sequential=1 results=answers result=answer
        end e
        s > a > e""").start(people=["x", "y"])
    assert run.at() == ["a"]
    run.do("a", answer="first")
    assert run.at() == ["a"]
    run.do("a", answer="second")
    assert (run.status, run.data["answers"]) == ("completed", ["first", "second"])


def test_a_completion_condition_ends_the_other_instances():
    run = Run("""start s
        user a times=3 until="nrOfCompletedInstances = 2"
        end e
        s > a > e""").start()
    run.do("a").do("a")
    assert run.status == "completed"
    assert run.path.count("!a") == 1


@pytest.mark.parametrize("kind", ["user", "service topic=x", "script feel=1 resultVariable=r"])
def test_no_instances_of_an_empty_list(kind):
    first, _, rest = kind.partition(" ")
    run = Run(f"start s\n{first} a {rest} each=people\nend e\ns > a > e").start(people=[])
    assert (run.status, run.calls) == ("completed", [])


def test_a_sub_process_shares_the_case_data_and_ends_by_itself():
    run = Run("""start s
        sub p {
            start is
            user a
            end ie
            is > a > ie
        }
        user b
        s > p > b""").start()
    assert run.at() == ["a"]
    assert run.do("a", n=1).at() == ["b"]
    assert run.data == {"n": 1}


def test_a_sub_process_for_each_unit_keeps_its_own_values():
    run = Run("""start s
        sub p each=units item=u results=sums result=n {
            start is
            user a
            end ie
            is > a > ie
        }
        end e
        s > p > e""").start(units=["x", "y"])
    run.do("a", n=10).do("a", n=20)
    assert (run.status, run.data["sums"]) == ("completed", [10, 20])
    assert "n" not in run.data


def test_a_called_process_has_variables_of_its_own():
    inner = text(
        'start s\nuser a\nscript c feel="{sum: x + y, secret: 1}"\nend e\ns > a > c > e', "q"
    )
    outer = "start s\ncall k of=q give:x=n take:total=sum\nend e\ns > k > e"
    run = Run(outer, inner).start(n=5)
    run.do("a", y=7)
    assert (run.status, run.data) == ("completed", {"n": 5, "total": 12})


def test_a_local_operation_gives_its_result_at_once():
    run = Run("""start s
        service o topic=numbers.next in:book="=book" in:kind=plain out:number="=result.n"
        end e
        s > o > e""")
    run.results["numbers.next"] = {"n": 12}
    run.start(book="QD")
    assert run.calls == [("numbers.next", {"book": "QD", "kind": "plain"}, "X-1:3")]
    assert run.data == {"book": "QD", "number": 12}


def test_a_rejected_operation_is_the_error_of_its_code():
    lines = """start s
        service o topic=accounts.create
        boundary b on=o error=TAKEN
        user mend
        end e
        s > o > e
        b > mend"""
    run = Run(lines)
    run.results["accounts.create"] = {"$rejected": "TAKEN", "message": "already there"}
    assert run.start().at() == ["mend"]
    assert run.data["error_message"] == "already there"


def test_a_rejection_that_nobody_catches_refuses_the_step():
    run = Run("start s\nservice o topic=x\nend e\ns > o > e")
    run.results["x"] = {"$rejected": "NO"}
    with pytest.raises(StepFailed, match="NO"):
        run.start()


def test_a_remote_operation_rests_until_it_answers():
    run = Run("""start s
        service o topic=far.mail in:to=a@b.vn out:id="=result.id"
        end e
        s > o > e""").start()
    call = run.waiting("call")[0].marks
    assert call == {"operation": "far.mail", "parameters": {"to": "a@b.vn"}}
    run.returned("o", id="m1")
    assert (run.status, run.data) == ("completed", {"id": "m1"})


def test_a_remote_rejection_takes_the_boundary_way():
    run = Run("""start s
        service o topic=far.mail
        boundary b on=o error=any
        user call
        end e
        s > o > e
        b > call""").start()
    assert run.rejected("o", "NO_BOX").at() == ["call"]


def test_a_receive_task_waits_for_its_message():
    run = Run("start s\nreceive r message=paid\nuser a\ns > r > a").start()
    assert run.message("r", amount=5).at() == ["a"]
    assert run.data == {"amount": 5}


def test_a_circle_that_never_waits_is_refused_not_endless():
    with pytest.raises(EndlessStep, match="without coming to rest"):
        Run("start s\ntask a\ntask b\ns > a > b > a").start()


def test_candidates_are_groups_within_units_and_accounts():
    run = Run("""start s
        user a candidateGroups="van-thu, lanh-dao@parent(unit)"
        user b assignee="=initiator"
        s > a
        s > b""")
    run.facts["parent"] = lambda unit: f"over-{unit}"
    run.start()
    offers = {w.element: w.marks for w in run.waiting()}
    assert offers["a"]["candidates"] == ["van-thu@vp", "lanh-dao@over-vp"]
    assert offers["b"] == {"candidates": ["=an"], "assignee": "an"}


def test_now_is_the_steps_own_clock():
    run = Run('start s\nscript a feel="now()" resultVariable=t\nend e\ns > a > e').start()
    assert run.data["t"] == NOW


def test_any_id_may_be_used_in_a_drawing():
    """Start and End are names of the library's own tasks, and common ones in drawings."""
    run = Run("start Start\nuser Root\nend End\nStart > Root > End").start()
    assert run.do("Root").outcome == "End"
