"""Numbers in settings of a drawing are the digits 0 to 9, as whoever reads them counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine import Bundle, bpmn_reader, expressions
from engine.errors import StepFailed
from engine.program import Program
from engine.spelling import is_number
from engine.world import World
from tests.engine.dmn_files import decision, file, literal
from tests.engine.drawings import NOW, Run, text

TASK = "start s\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e"


@pytest.mark.parametrize("written", ["²", "", "٣", "1.5", "-1", "9" * 5000])
def test_what_is_no_short_row_of_digits_is_no_number(written):
    assert not is_number(written)


@pytest.mark.parametrize("maximum", ["²", "٣", "9" * 5000, "3"])
def test_a_loop_has_a_most_only_when_it_is_a_number(maximum):
    loop = f'<bpmn:standardLoopCharacteristics loopMaximum="{maximum}"/></bpmn:userTask>'
    source = text(TASK, "p").replace("</bpmn:userTask>", loop)
    node = bpmn_reader.read(source).processes[0].node("a")
    assert node.loop.maximum == (3 if maximum == "3" else None)


def test_a_comment_between_words_is_no_part_of_them_and_ends_nothing():
    output = '<camunda:outputParameter name="ok">=true<!-- and more --> and false<'
    given = f"<camunda:inputOutput>{output}/camunda:outputParameter></camunda:inputOutput>"
    extended = f"<bpmn:extensionElements>{given}</bpmn:extensionElements></bpmn:userTask>"
    source = text(TASK, "p").replace("</bpmn:userTask>", extended)
    node = bpmn_reader.read(source).processes[0].node("a")
    assert node.outputs == (("ok", "=true and false"),)


def test_a_cycle_with_a_raised_digit_is_said_to_be_no_expression():
    with pytest.raises(StepFailed):
        Run("start s\ncatch c cycle=R²/PT1H\nend e\ns > c > e").start()
    assert expressions._cycle("R²/PT1H", NOW, "c")["left"] == -1


def test_a_priority_with_a_raised_digit_is_the_usual_one():
    source = text(TASK, "p").replace("<bpmn:userTask", '<bpmn:userTask camunda:priority="²"')
    (task,) = Run(source).start().waiting()
    assert task.marks["priority"] == 50


FINE = '@"2026-11-22T08:00:00.1234567Z" + @"PT0.0000001S"'


def test_an_instant_finer_than_a_microsecond_is_kept_to_the_microsecond():
    moment = datetime(2026, 11, 22, 8, 0, 0, 123456, UTC)
    world = World(NOW, {})
    assert expressions.value(f"[{FINE}]", {}, world, "a") == [moment]
    assert expressions.timer("date", FINE, {}, world, "a") == {"due": moment}


def test_a_mistake_in_an_expression_is_a_sentence_that_can_be_translated():
    with pytest.raises(StepFailed) as caught:
        expressions.evaluate("1 +", {}, World(NOW, {}), "a")
    reason = caught.value.fields["reason"]
    assert str(reason) == '"1 +": The expression ends too early.'
    assert reason.fields["problem"].template == "The expression ends too early."


def test_the_expressions_of_one_step_take_a_bounded_time_together():
    world = World(NOW, {})
    once = "for n in 1..1000 return n"
    expressions.evaluate(once, {}, world, "a")
    assert 1000 <= world.work <= 100_000
    world.work = expressions.MOST_WORK - 1
    with pytest.raises(StepFailed, match="too much work together"):
        expressions.evaluate(once, {}, world, "a")


def test_a_text_counts_as_often_as_a_step_keeps_it():
    world = World(NOW, {})
    seen = {"big": "0123456789" * 1000}
    for times in range(1, 4):
        expressions.value("[big, {a: big}]", seen, world, "m")
        assert world.letters == times * 20_000
    world.letters = expressions.MOST_LETTERS
    with pytest.raises(StepFailed, match=r'"m" could not .* too many letters'):
        expressions.value("big", seen, world, "m")


def test_decisions_count_among_the_expressions_of_their_step():
    counting = file(decision("d", literal("count(for n in 1..1000 return n)"))).decode()
    drawn = text("start s\nrule r decisionRef=d resultVariable=x\nend e\ns > r > e", "p")
    program = Program(Bundle("p", {"processes/bpmn/p.bpmn": drawn, "processes/d.dmn": counting}))
    world = World(NOW, {})
    assert program.decide("d", {}, world, "r") == (1000, [])
    assert 1000 <= world.work <= 100_000
    world.work = expressions.MOST_WORK - 1
    with pytest.raises(StepFailed, match="too much work together"):
        program.decide("d", {}, world, "r")


def test_what_is_written_into_a_record_changes_no_other_variable_that_holds_it():
    """A script gives the record itself on, and the results of instances are written into it."""
    run = Run("""start s
        script b feel=a resultVariable=b
        sub p each=rows item=row sequential=1 {
            start ps
            script w feel="{x: row}" resultVariable=a
            end pe
            ps > w > pe
        }
        user c
        s > b > p > c""")
    run.start(a={"x": 0, "y": {"z": 1}}, rows=[1, 2])
    assert (run.data["a"], run.data["b"]) == ({"x": 2, "y": {"z": 1}}, {"x": 0, "y": {"z": 1}})
