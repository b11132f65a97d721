"""A check's time grows with the file: what once cost the square of it is drawn large here."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.check.alike import Alike
from engine.check.finding import Catalogue
from engine.check.places import check_paths
from tests.engine.check.drawn import END, START, TASK, findings, flows, process, whole

LINE = START + TASK + END + flows("s a e")


def named_amiss() -> str:
    return START + END + "".join(
        f'<task id="task{n}"/><sequenceFlow id="f{n}" sourceRef="task{n}x" targetRef="task{n}y"/>'
        for n in range(2000)
    )  # fmt: skip


def calls_in_a_row() -> str:
    return "".join(
        process(f'<startEvent id="s{n}"/><callActivity id="c{n}" calledElement="P{n + 1}"/>'
                f'<endEvent id="x{n}"><errorEventDefinition/></endEvent>'
                + flows(f"s{n} c{n} x{n}"), key=f"P{n}")
        for n in range(600)
    )  # fmt: skip


def all_flows_at_one() -> str:
    tasks = "".join(
        f'<task id="t{n}"><incoming>g-t{n}</incoming><outgoing>t{n}-g</outgoing></task>'
        for n in range(2000)
    )
    listed = "".join(f"<incoming>t{n}-g</incoming>" for n in range(2000))
    listed += "".join(f"<outgoing>g-t{n}</outgoing>" for n in range(2000))
    chains = flows(*[f"g t{n} g" for n in range(2000)])
    return f'<exclusiveGateway id="g">{listed}</exclusiveGateway>{tasks}{chains}'


def many_groups() -> str:
    groups = ",".join(f"group-{n}" for n in range(20_000))
    task = f'<userTask id="a" camunda:candidateGroups="{groups}"/>'
    return START + task + END + flows("s a e")


def seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


@pytest.mark.parametrize("drawn", [named_amiss, calls_in_a_row, all_flows_at_one, many_groups])
def test_a_large_drawing_full_of_mistakes_is_examined_in_seconds(drawn):
    text = drawn()
    assert seconds(lambda: findings(text)) < 4


def test_a_long_name_and_many_names_are_not_compared_for_ever():
    known = [f"name-{n}" for n in range(5000)]
    alike = Alike()
    assert alike.of("name-7x", known, most=1) == ["name-7"]
    assert seconds(lambda: [alike.of(f"nome-{n}", known) for n in range(2000)]) < 3
    assert not alike.of("name-7x", known)
    assert not Alike().of("x" * 1_000_000, known)


def test_a_folder_of_files_does_not_slow_down_one_of_them(tmp_path: Path):
    for number in range(300):
        (tmp_path / f"other{number}.bpmn").write_text(whole(process(LINE, key=f"o{number}")))
    one = tmp_path / "one.bpmn"
    one.write_text(whole(LINE.replace("<task ", f'<task name="{"x" * 4_000_000}" ')))

    def check() -> list[str]:
        return [f.rule for f in check_paths([("one", one)], Catalogue, for_import=False)]

    assert seconds(check) < 2


def test_the_installation_is_asked_only_when_a_drawing_names_something_of_it(tmp_path: Path):
    def never() -> Catalogue:
        raise AssertionError

    one = tmp_path / "one.bpmn"
    one.write_text(whole(LINE))
    assert list(check_paths([("one", one)], never, for_import=False))
