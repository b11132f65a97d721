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


def test_behavior_one_throws_its_event_for_the_first_instance():
    run = Run(BEHAVIOR.format(how="behavior=One throws=sd")).start()
    assert run.do("a").at() == ["a", "a", "note"]
    assert run.do("a").at() == ["a", "note"]


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
