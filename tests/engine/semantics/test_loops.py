"""Loops and many instances (BPMN 2.0 §13.3.6, §13.3.7)."""

from __future__ import annotations

import pytest

from engine.errors import StepFailed
from engine.expressions import names_in
from engine.simulation import simulate
from tests.engine.drawings import Run, text

STEP = 'script a feel="n + 1" resultVariable=n'


def test_a_loop_repeats_while_its_condition_holds_and_runs_at_least_once():
    run = Run(f'start s\n{STEP} loop="n &lt; 3"\nend e\ns > a > e'.replace("&lt;", "<")).start(n=0)
    assert run.data["n"] == 3
    assert Run(f'start s\n{STEP} loop="n < 3"\nend e\ns > a > e').start(n=9).data["n"] == 10


def test_a_condition_tested_before_may_leave_nothing_to_do():
    lines = f'start s\n{STEP} loop="n < 3" before=1\nend e\ns > a > e'
    assert Run(lines).start(n=9).data["n"] == 9


def test_a_loop_ends_at_its_maximum():
    assert Run(f"start s\n{STEP} max=2\nend e\ns > a > e").start(n=0).data["n"] == 2
    lines = f'start s\n{STEP} loop="n < 9" max=2\nend e\ns > a > e'
    assert Run(lines).start(n=0).data["n"] == 2


def test_the_number_of_instances_may_be_computed():
    lines = "start s\nuser a times=count(people)+1\nend e\ns > a > e"
    assert Run(lines).start(people=["x", "y"]).at() == ["a", "a", "a"]


BEHAVIOR = """!<signalEventDefinition id="sd" signalRef="signal_go"/>
    start s
    user a times=3 {how}
    boundary b on=a signal=go non
    user note
    end e
    s > a > e
    b > note"""


def test_behavior_none_throws_its_event_for_every_instance():
    run = Run(BEHAVIOR.format(how="behavior=None throws=sd")).start()
    assert run.do("a").at() == ["a", "a", "note"]
    assert run.do("a").at() == ["a", "note", "note"]
    # The last one is thrown while the activity is still there to catch it (table 10.30).
    assert run.do("a").at() == ["note", "note", "note"]
    assert run.path[-4:] == ["-a", ">f1_a_e", "+e", "-e"]


def test_behavior_one_throws_its_event_for_the_first_instance():
    run = Run(BEHAVIOR.format(how="behavior=One throws=sd")).start()
    assert run.do("a").at() == ["a", "a", "note"]
    assert run.do("a").at() == ["a", "note"]


@pytest.mark.parametrize(
    "how",
    ["times=1 behavior=One throws=sd", 'times=3 behavior=Complex rule="loopCounter = 2 -> sd"'],
)
def test_what_the_last_instance_throws_may_interrupt_its_activity(how):
    lines = BEHAVIOR.replace("times=3 ", "").format(how=how)
    run = Run(lines.replace("go non", "go") + "\ncatch never message=m\n").start()
    while "a" in run.at():
        run.do("a")
    assert (run.at(), "-e" in run.path) == (["note"], False)


@pytest.mark.parametrize(
    ("how", "event"),
    [
        ("task t times=3 behavior=One throws=sd", "signal=go"),
        ("task t times=2 sequential=1 behavior=One throws=sd", "signal=go"),
        ('task t times=3 behavior=Complex rule="loopCounter = 1 -> sd"', "signal=go"),
        ("script t times=3 feel={x:1}", 'when="x = 1"'),
    ],
)
def test_what_is_caught_beside_an_activity_goes_on_though_it_ends_in_the_same_step(how, event):
    """An earlier instance threw it; the activity ends before the boundary event has its turn."""
    definition = BEHAVIOR.partition("\n")[0]
    lines = f"{definition}\nstart s\n{how}\nboundary b on=t {event} non\nuser note\nend e\n"
    run = Run(f"{lines}s > t > e\nb > note").start()
    assert (run.at(), run.status, run.path.count("-b")) == (["note"], "open", 1)


def test_what_does_not_interrupt_goes_on_beside_what_does():
    """The same signal ends the activity by its other boundary event."""
    lines = """start s
        and g
        user t
        boundary b on=t signal=go non
        boundary c on=t signal=go
        user n
        user m
        throw w signal=go
        end e
        s > g > w > e
        g > t > e
        b > n
        c > m"""
    assert Run(lines).start().at() == ["m", "n"]


def test_behavior_all_throws_nothing():
    assert Run(BEHAVIOR.format(how="behavior=All")).start().do("a").at() == ["a", "a"]


def test_behavior_complex_throws_by_its_conditions():
    how = 'behavior=Complex rule="numberOfCompletedInstances = 2 -> sd"'
    run = Run(BEHAVIOR.format(how=how)).start()
    assert run.do("a").at() == ["a", "a"]
    assert run.do("a").at() == ["a", "note"]


def test_an_interrupting_event_of_the_first_instance_ends_the_others():
    lines = BEHAVIOR.format(how="behavior=One throws=sd").replace("go non", "go")
    assert Run(lines).start().do("a").at() == ["note"]


def test_the_standards_own_words_for_collection_item_and_result():
    lines = """start s
        <dataObject id="d1" name="people"/>
        <dataObjectReference id="r1" dataObjectRef="d1"/>
        <dataObject id="d2" name="answers"/>
        <userTask id="a" name="a">
            <ioSpecification>
                <dataInput id="in" name="all"/><dataOutput id="out" name="results"/>
                <inputSet/><outputSet/>
            </ioSpecification>
            <dataInputAssociation><sourceRef>r1</sourceRef><targetRef>in</targetRef></dataInputAssociation>
            <dataOutputAssociation><sourceRef>out</sourceRef><targetRef>d2</targetRef></dataOutputAssociation>
            <multiInstanceLoopCharacteristics>
                <loopDataInputRef>in</loopDataInputRef><loopDataOutputRef>out</loopDataOutputRef>
                <inputDataItem id="it" name="who"/><outputDataItem id="ot" name="answer"/>
            </multiInstanceLoopCharacteristics>
        </userTask>
        end e
        s > a > e"""
    lines = "\n".join(_one_line(lines))
    run = Run(lines).start(people=["x", "y"])
    assert run.at() == ["a", "a"]
    run.do("a", answer=1).do("a", answer=2)
    assert run.data["answers"] == [1, 2]


def _one_line(lines: str) -> list[str]:
    """The XML of one element on one line."""
    found: list[str] = []
    depth = 0
    for row in (line.strip() for line in lines.splitlines()):
        if depth:
            found[-1] += row
        else:
            found.append(row)
        if "<userTask" in row:
            depth = 1
        if "</userTask>" in row:
            depth = 0
    return found


@pytest.mark.parametrize("lines", [
    "user a times=4000",
    "user a times=4000 results=out result=loopCounter until=\"nrOfActiveInstances = 0\"",
])  # fmt: skip
def test_many_parallel_instances_cost_the_same_each(lines: str):
    """Looking at all of them for each would take minutes."""
    found = simulate(text(f"start s\n{lines}\nend e\ns > a > e"))
    assert (found.state, len(found.entered)) == ("completed", 4002)


def test_results_so_far_are_put_in_order_only_for_a_condition_that_names_them():
    lines = "start s\nscript a feel=loopCounter resultVariable=r times=3 results={} result=r"
    for name, until, turns in (("out", "count(out)=2", 2), ("n", "nrOfInstances=9", 3)):
        loop = f'{lines.format(name)} until="{until}"\nend e\ns > a > e'
        assert len(Run(loop).start().data[name]) == turns
        assert (name in names_in(until, ())) is (turns == 2)


def test_instances_inside_instances_are_bounded_together_when_they_begin():
    inner = "sub q times=5000 {\ntask a\n}"
    run = Run(f"start s\nsub p times=9000 {{\n{inner}\n}}\nend e\ns > p > e", saved=False)
    with pytest.raises(StepFailed) as refused:
        run.start()
    assert refused.value.fields["element"] == "q"
    assert "25" in str(refused.value)


def test_as_many_instances_as_are_allowed_fit_into_one_step():
    inner = "task a\ntask b\ntask c\na > b > c"
    lines = f"start s\nsub p times=10000 {{\n{inner}\n}}\nend e\ns > p > e"
    run = Run(lines, saved=False).start()
    assert run.status == "completed"
