"""Data objects and associations (BPMN 2.0 §10.3)."""

from __future__ import annotations

import pytest

from tests.engine.drawings import Run, text

DATA = '<dataObject id="d1" name="order"/>\n<dataObjectReference id="r1" dataObjectRef="d1"/>'
IO = (
    '<ioSpecification><dataInput id="{0}i" name="{1}"/><dataOutput id="{0}o" name="{2}"/>'
    "<inputSet/><outputSet/></ioSpecification>"
    "<dataInputAssociation><sourceRef>r1</sourceRef><targetRef>{0}i</targetRef>"
    "</dataInputAssociation>"
    "<dataOutputAssociation><sourceRef>{0}o</sourceRef><targetRef>r1</targetRef>"
    "</dataOutputAssociation>"
)


@pytest.mark.parametrize(
    "element",
    [
        "receive t message=Q",
        "catch t message=Q",
        "throw t signal=S",
        "send t message=O",
        "end t",
    ],
)
def test_events_and_message_tasks_write_their_outputs(element):
    """Over the data, with what a message has brought."""
    last = "" if element == "end t" else " > k > e"
    lines = f'start s\nuser u\n{element} out:n="=get or else(p, 1)"\nuser k\nend e\n'
    run = Run(f"{lines}s > u > t{last}").start().do("u")
    if run.waiting("message"):
        run.message("t", p=3)
    assert run.case.frame.content["n"] == (3 if "Q" in element else 1)


def test_what_is_associated_goes_in_and_out_and_nothing_else_stays():
    io = IO.format("a", "given", "answer")
    run = Run(f"""start s
        {DATA}
        <userTask id="a" name="a">{io}</userTask>
        user b
        s > a > b""").start(order={"n": 1})
    run.do("a", answer={"n": 2}, other=3)
    assert run.data == {"order": {"n": 2}, "other": 3}


def test_a_script_sees_its_data_input():
    io = IO.format("a", "given", "answer")
    script = f'<scriptTask id="a">{io}<script>{{answer: given.n + 1}}</script></scriptTask>'
    run = Run(f"start s\n{DATA}\n{script}\nend e\ns > a > e").start(order={"n": 1})
    assert run.data == {"order": 2}


def test_transformations_and_assignments_are_feel():
    io = (
        '<ioSpecification><dataInput id="i" name="given"/></ioSpecification>'
        "<dataInputAssociation><sourceRef>r1</sourceRef><targetRef>i</targetRef>"
        "<transformation>order.n * 10</transformation>"
        "<assignment><from>given + 1</from><to>more</to></assignment></dataInputAssociation>"
        "<dataOutputAssociation><targetRef>r1</targetRef>"
        "<transformation>more + given</transformation></dataOutputAssociation>"
    )
    run = Run(f'start s\n{DATA}\n<task id="a">{io}</task>\nend e\ns > a > e').start(order={"n": 2})
    assert run.data == {"order": 41}


def test_a_line_to_a_data_object_that_carries_nothing_is_a_picture():
    """As editors draw it: with a placeholder for the input, and no output named."""
    io = (
        '<property id="p1" name="__targetRef_placeholder"/>'
        "<dataInputAssociation><sourceRef>r1</sourceRef><targetRef>p1</targetRef>"
        "</dataInputAssociation>"
        "<dataOutputAssociation><targetRef>r1</targetRef></dataOutputAssociation>"
    )
    run = Run(f'start s\n{DATA}\n<userTask id="a">{io}</userTask>\nend e\ns > a > e').start(
        order=1
    )
    assert run.do("a", x=2).data == {"order": 1, "x": 2}


def test_a_call_activity_gives_and_takes_by_its_data_inputs_and_outputs():
    io = IO.format("k", "x", "total")
    inner = text('start s\nscript c feel="{total: x + 1, secret: 1}"\nend e\ns > c > e', "q")
    call = f'<callActivity id="k" calledElement="q">{io}</callActivity>'
    run = Run(f"start s\n{DATA}\n{call}\nend e\ns > k > e", inner).start(order=5)
    assert run.data == {"order": 6}


def test_a_sub_process_has_the_data_that_it_declares_for_itself():
    run = Run("""start s
        sub p {
            <dataObject id="d9" name="own"/>
            start is
            script a feel="{own: 1, shared: 2}"
            user look
            is > a > look
        }
        user after
        s > p > after""").start(own="outer")
    assert run.data == {"own": "outer", "shared": 2}
    assert run.do("look", own=5).data == {"own": "outer", "shared": 2}


@pytest.mark.parametrize("drawn", [
    '<dataObject id="d9"/><dataObjectReference id="r9" dataObjectRef="d9" name="own"/>',
    '<dataObject id="d9"/><dataObjectReference id="r9" dataObjectRef="d9"/>'
    '<dataObjectReference id="r8" dataObjectRef="d9" name="own"/>',
    '<dataObject id="d9" name="own"/><dataObjectReference dataObjectRef="d9" name="Own [late]"/>',
])  # fmt: skip
def test_a_data_object_may_be_named_at_its_references(drawn):
    """Modelers write the name there, and none at the object itself."""
    io = (
        '<ioSpecification><dataOutput id="o" name="val"/></ioSpecification>'
        "<dataOutputAssociation><sourceRef>o</sourceRef><targetRef>d9</targetRef>"
        "</dataOutputAssociation>"
    )
    run = Run(
        f"""start s
        sub p {{
            {drawn}
            start is
            <userTask id="a">{io}</userTask>
            script b feel="{{{{seen: own}}}}"
            is > a > b
        }}
        end e
        s > p > e""".replace("{{", "{").replace("}}", "}")
    )
    assert run.start(own="outer").do("a", val=5).data == {"own": "outer", "seen": 5}


def test_an_events_data_goes_where_it_is_associated():
    io = (
        '<dataOutput id="o" name="what"/>'
        "<dataOutputAssociation><sourceRef>o</sourceRef><targetRef>r1</targetRef>"
        '</dataOutputAssociation><outputSet/><messageEventDefinition messageRef="m1"/>'
    )
    catch = f'<intermediateCatchEvent id="c">{io}</intermediateCatchEvent>'
    lines = f'!<message id="m1" name="m"/>\nstart s\n{DATA}\n{catch}\nend e\ns > c > e'
    assert Run(lines).start().message("c", n=1).data == {"order": {"n": 1}}
    assert Run(lines).start().message("c", what=7).data == {"order": 7}


def test_input_parameters_of_any_activity_are_variables_of_its_own():
    run = Run('start s\nscript a feel="{y: x + 1}" in:x="=n * 2"\nend e\ns > a > e').start(n=4)
    assert run.data == {"n": 4, "y": 9}
    people = Run("start s\nuser a in:x=secret\nend e\ns > a > e").start()
    assert people.do("a", x="changed", y=1).data == {"y": 1}


def test_each_instance_reads_its_item_through_an_association():
    io = (
        '<ioSpecification><dataInput id="i" name="unit"/><inputSet/><outputSet/></ioSpecification>'
        "<dataInputAssociation><sourceRef>it</sourceRef><targetRef>i</targetRef>"
        "</dataInputAssociation>"
        "<multiInstanceLoopCharacteristics><loopDataInputRef>r2</loopDataInputRef>"
        '<inputDataItem id="it" name="one"/></multiInstanceLoopCharacteristics>'
    )
    script = f'<scriptTask id="a">{io}<script>{{last: unit}}</script></scriptTask>'
    lines = f'start s\n<dataObject id="r2" name="units"/>\n{script}\nend e\ns > a > e'
    assert Run(lines).start(units=["x", "y"]).data == {"units": ["x", "y"], "last": "y"}
