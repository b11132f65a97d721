"""Errors, escalations, signals and messages that a case throws (BPMN 2.0 §10.5.6, §13.5)."""

from __future__ import annotations

import pytest

from tests.engine.drawings import Run, text

NESTED = """start s
    and f
    user other
    sub p {
        start is
        user a
        end bad error=E1
        is > a > bad
    }
    user after
    s > f > p > after
    f > other"""


def test_an_error_that_nothing_catches_ends_the_case():
    run = Run(NESTED).start().do("a")
    assert (run.status, run.outcome, run.at()) == ("completed", "bad", [])
    assert run.rest is not None
    assert run.rest.error == {"element": "bad", "code": "E1"}
    assert {"!other", "!p"} <= set(run.path)


def test_an_error_ends_the_activity_at_whose_border_it_is_caught_at_once():
    lines = NESTED.replace(
        "user after", "user after\nboundary b on=p error=any\nuser mend\nb > mend"
    ).replace("user a\n", "user a\nuser sibling\nis > sibling\n")
    run = Run(lines).start()
    assert run.at() == ["a", "other", "sibling"]
    assert run.do("a").at() == ["mend", "other"]
    assert run.rest is not None
    assert run.rest.error is None


def test_an_error_goes_through_called_processes_to_who_catches_it():
    inner = text("start s\nend bad error=E9\ns > bad", "r")
    middle = text("start s\ncall k of=r\nend e\ns > k > e", "q")
    outer = "start s\ncall k of=q\nboundary b on=k error=any\nuser mend\ns > k\nb > mend"
    assert Run(outer, middle, inner).start().at() == ["mend"]


def test_the_boundary_event_of_the_same_code_goes_before_one_for_all():
    lines = """start s
        sub p {
            start is
            end bad error=E1
            is > bad
        }
        boundary any on=p error=any
        boundary one on=p error=E1
        boundary two on=p error=E2
        user x
        user y
        user z
        s > p
        any > x
        one > y
        two > z"""
    assert Run(lines).start().at() == ["y"]


def test_errors_without_codes_are_told_apart_by_what_they_are():
    roots = '!<error id="e1" name="First"/>\n!<error id="e2" name="Second"/>\n'
    bad = '<endEvent id="bad"><errorEventDefinition errorRef="e2"/></endEvent>'
    one, two = (
        f'<boundaryEvent id="b{n}" attachedToRef="p"><errorEventDefinition errorRef="e{n}"/>'
        "</boundaryEvent>"
        for n in (1, 2)
    )
    lines = f"""{roots}start s
        sub p {{
            start is
            {bad}
            is > bad
        }}
        {one}
        {two}
        user x
        user y
        s > p
        b1 > x
        b2 > y"""
    assert Run(lines).start().at() == ["y"]


def test_an_errors_code_goes_into_the_variable_that_is_named():
    definition = '<errorEventDefinition camunda:errorCodeVariable="why"/>'
    boundary = f'<boundaryEvent id="b" attachedToRef="p">{definition}</boundaryEvent>'
    lines = f"start s\nsub p {{\nstart is\nend bad error=E1\nis > bad\n}}\n{boundary}\nuser x"
    assert Run(f"{lines}\ns > p\nb > x").start().data == {"why": "E1"}


ESCALATION = """start s
    sub p {
        start is
        throw t escalation=late
        user a
        end ie escalation=late
        is > t > a > ie
    }
    user after
    s > p > after"""


def test_an_escalation_that_nobody_catches_changes_nothing():
    assert Run(ESCALATION).start().do("a").at() == ["after"]


def test_an_escalation_may_be_caught_beside_the_work_or_interrupt_it():
    beside = ESCALATION + "\nboundary b on=p escalation=late non\nuser chief\nb > chief"
    run = Run(beside).start()
    assert run.at() == ["a", "chief"]
    assert run.do("a").at() == ["after", "chief", "chief"]
    instead = beside.replace("late non", "late")
    assert Run(instead).start().at() == ["chief"]


@pytest.mark.parametrize("kind", ["escalation", "error"])
def test_an_event_sub_process_passes_its_event_on_to_the_border(kind):
    """§10.5.7: what it throws is not thrown within the scope that it handles."""
    lines = f"""start s
        sub p {{
            start ps
            user a
            throw t escalation=X
            user c
            sub x byevent {{
                start xs {kind}=X non
                end xe {kind}=X
                xs > xe
            }}
            ps > a > t > c
        }}
        boundary b on=p {kind}=X non
        user f
        s > p
        b > f"""
    if kind == "error":
        lines = lines.replace("throw t escalation=X\n", "end t error=X\n").replace("t > c", "t")
        lines = lines.replace("error=X non", "error=X").replace("            user c\n", "")
    run = Run(lines).start().do("a")
    assert run.at() == (["f"] if kind == "error" else ["c", "f"])


def test_a_signal_end_event_ends_and_is_heard():
    lines = """start s
        and f
        user a
        end e signal=go
        user work
        boundary b on=work signal=go
        user heard
        s > f > a > e
        f > work
        b > heard"""
    run = Run(lines).start().do("a")
    assert (run.at(), "!work" in run.path) == (["heard"], True)


def test_what_is_thrown_stops_a_sibling_before_it_goes_on():
    lines = """start s
        and f
        throw t signal=go
        sub p {
            start is
            script a feel="{done: true}"
            end ie
            is > a > ie
        }
        boundary b on=p signal=go
        user heard
        s > f
        f > p
        f > t
        b > heard"""
    run = Run(lines).start(done=False)
    assert (run.at(), run.data["done"]) == (["heard"], False)


def test_a_message_reaches_one_receiver_in_the_case():
    lines = """start s
        and f
        throw t message=m in:n="=x + 1"
        catch c message=m
        user a
        s > f
        f > c > a
        f > t"""
    run = Run(lines).start(x=1)
    assert (run.at(), run.data) == (["a"], {"x": 1, "n": 2})
    assert run.rest is not None
    assert run.rest.sent == []


def test_a_message_that_nobody_in_the_case_awaits_goes_out():
    for element in ("throw t message=m", "end t message=m", "send t message=m"):
        lines = f'start s\n{element} in:n=plain correlation="=key"\ns > t'
        run = Run(lines).start(key="K7")
        assert run.status == "completed"
        assert run.rest is not None
        (post,) = run.rest.sent
        assert (post.name, post.key.text, post.data) == ("m", "K7", {"n": "plain"})


def test_a_message_finds_the_receiver_of_its_key():
    lines = """start s
        and f
        throw t message=m correlation="=b"
        catch c message=m correlation="=a"
        catch d message=m correlation="=b"
        user x
        user y
        s > f
        f > c > x
        f > d > y
        f > t"""
    assert Run(lines).start(a=1, b=2).at() == ["y"]


def test_a_message_without_a_key_passes_by_who_waits_under_one():
    """§8.4.2: between cases as within one; who waits without a key gets it, though later."""
    lines = """start s
        and f
        catch c message=M correlation==x
        catch d message=M
        user u
        throw t message=M
        end e
        s > f
        f > c > e
        f > u > t > e
        f > d > e"""
    run = Run(lines).start(x="A1").do("u")
    assert [w.element for w in run.waiting("message")] == ["c"]
    lines = lines.replace("catch d message=M", "user d")
    run = Run(lines).start(x="A1").do("u")
    assert [w.element for w in run.waiting("message")] == ["c"]
    assert len(run.rest.sent) == 1


def test_what_is_thrown_before_anybody_waits_is_offered_once_more_in_the_step():
    lines = """start s
        and f
        throw t message=m
        task slow
        catch c message=m
        user a
        s > f
        f > t
        f > slow > c > a"""
    assert Run(lines).start().at() == ["a"]


def test_a_message_to_a_pool_of_which_nothing_is_drawn_is_not_sent():
    pools = (
        '!<collaboration id="co"><participant id="us" processRef="proc"/>'
        '<participant id="them" name="Bank"/>'
        '<messageFlow id="mf" name="paid" sourceRef="t" targetRef="them"/></collaboration>'
    )
    run = Run(f"{pools}\nstart s\nthrow t message=m\nend e\ns > t > e").start()
    assert run.rest is not None
    assert (run.status, run.rest.sent) == ("completed", [])


def test_a_message_event_may_send_by_an_operation():
    definition = '<messageEventDefinition camunda:type="external" camunda:topic="near"/>'
    run = Run(f'start s\n<endEvent id="e">{definition}</endEvent>\ns > e').start()
    assert [name for name, _p, _k in run.calls] == ["near"]
    assert (run.status, run.outcome) == ("completed", "e")


def test_terminate_ends_every_token_of_its_scope_alone():
    lines = """start s
        sub p times=2 {
            start is
            and f
            user a
            user b
            end t terminate=1
            is > f > a > t
            f > b
        }
        user after
        s > p > after"""
    run = Run(lines).start()
    assert run.do("a").at() == ["a", "b"]
    assert run.do("a").at() == ["after"]


def test_a_terminate_in_a_called_process_ends_only_that():
    inner = text("start s\nand f\nuser x\nend t terminate=1\ns > f\nf > x\nf > t", "q")
    run = Run("start s\ncall k of=q\nuser after\ns > k > after", inner).start()
    assert run.at() == ["after"]


def test_an_error_is_caught_at_the_border_before_the_scope_around_it():
    """Outwards from where it is thrown: the activity's border lies inside the process."""
    lines = """start s
        sub p {
            end x error=E
        }
        boundary b on=p error=E
        user near
        end e
        s > p > e
        b > near
        sub h byevent {
            start hs error=E
            user far
            hs > far
        }"""
    assert Run(lines).start().at() == ["near"]


SIGNAL = "throw t signal=Go\ncatch c signal=Go\nuser u\nstart s\n"


@pytest.mark.parametrize(
    "lines",
    [
        "s > t > c > u",
        "task a\ns > t > a > c > u",
        "sub p {{\n{throw}\n}}\ns > p > c > u",
        "sub p times=2 {{\n{throw}\n}}\ns > p > c > u",
        "and f\nand j\ntask a\ns > f\nf > t > j\nf > a > j\nj > c > u",
        "or f\nor j\ntask a\ns > f\nf > t > j : true\nf > a > j : true\nj > c > u",
    ],
)
def test_what_comes_after_a_signal_was_thrown_waits_for_the_next_one(lines: str):
    """A signal is not kept (§10.5.1): when it was thrown, nobody waited there yet."""
    whole = (SIGNAL + lines).format(throw="throw t signal=Go")
    if "sub p" in lines:
        whole = whole.replace("throw t signal=Go\n", "", 1)
    run = Run(whole).start()
    assert [w.element for w in run.waiting("signal")] == ["c"]
    assert run.give({"kind": "signal_received", "name": "Go", "data": {}}).status == "open"
    assert run.at() == ["u"]


def test_what_goes_on_beside_a_throw_catches_the_signal_whoever_comes_first():
    """Tokens of two branches have no order, so that none is too late in one step."""
    run = Run(SIGNAL + "and f\ntask a\nend e\ns > f\nf > t > e\nf > a > c > u").start()
    assert run.at() == ["u"]


BY_OTHERS = {
    "a message": "throw x message=M\ncatch w message=M\nt > x > e\nf > w > c > u",
    "another signal": "throw x signal=S\ncatch w signal=S\nt > x > e\nf > w > c > u",
    "a condition": 'script x feel="{on: 1}"\ncatch w when="on = 1"\nt > x > e\nf > w > c > u',
    "an escalation": """sub p {
        throw x escalation=E
        user y
        t > x > y
        }
        boundary w on=p escalation=E non
        f > p
        w > c > u""",
    "what two messages set going together": """catch w message=M message2=N parallel
        throw x message=M
        throw y message=N
        t > x > e
        f > y > e
        f > w > c > u""",
}


@pytest.mark.parametrize("by", BY_OTHERS)
def test_what_a_branch_after_the_throw_sets_going_in_another_comes_after_it_too(by: str):
    rows = BY_OTHERS[by]
    signal = "catch c signal=Go\nuser u\nstart s\nand f\nend e\ns > f\n"
    throw = "throw t signal=Go\n"
    if by == "an escalation":
        rows = rows.replace("sub p {", "sub p {\n" + throw, 1)
    else:
        rows = f"{throw}f > t\n{rows}"
    run = Run(signal + rows).start()
    assert [w.element for w in run.waiting("signal")] == ["c"]


def test_what_listens_on_beside_an_activity_hears_each_signal_of_one_turn():
    lines = """start s
        and f
        user a
        boundary b on=a signal=Go non
        throw t signal=Go signal2=Go
        user u
        end e
        s > f
        f > a > e
        f > t > e
        b > u"""
    assert Run(lines).start().at() == ["a", "u", "u"]
