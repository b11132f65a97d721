"""What check says of files that cannot be examined as they are: each brought about for real."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import Bundle
from engine.bpmn import MAX_BYTES
from engine.check import Catalogue, check_bundle
from engine.check.bounded import Broken, TooHard, bounded
from engine.check.drawings import MOST_ALIKE, MOST_ATTRIBUTES, MOST_ELEMENTS, MOST_WHOLE
from engine.check.places import check_paths
from engine.decisions.imports import read
from tests.engine.check.drawn import END, START, flows, whole

LINE = START + END + flows("s e")


def link_to_nothing(folder: Path) -> Path:
    (folder / "a.bpmn").symlink_to(folder / "gone.bpmn")
    return folder / "a.bpmn"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "a.bpmn")
    return folder / "a.bpmn"


def too_large(folder: Path) -> Path:
    path = folder / "a.bpmn"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    return path


def drawing(content: str) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        (folder / "a.bpmn").write_text(content)
        return folder / "a.bpmn"

    return made


def other_letters(folder: Path) -> Path:
    form = '{"type": "default", "components": [{"type": "text", "text": "Đơn"}]}'
    (folder / "a.form").write_bytes(form.encode("cp1258"))
    return folder / "a.form"


def no_drawings(folder: Path) -> Path:
    (folder / "quy-trinh.docx").write_text("x")
    return folder


MANY = '<task id="a{}"/>'
ATTRIBUTES = " ".join(f'a{n}="1"' for n in range(MOST_ATTRIBUTES + 1))
MADE: dict[str, Callable[[Path], Path]] = {
    "not-opened": link_to_nothing,
    "not-a-file": pipe,
    "empty-file": drawing(""),
    "too-large": too_large,
    "too-many-elements": drawing(whole("".join(map(MANY.format, range(MOST_ELEMENTS))))),
    "large-drawing": drawing(whole("".join(map(MANY.format, range(MOST_WHOLE))))),
    "too-many-attributes": drawing(whole(LINE.replace('id="e"', f'id="e" {ATTRIBUTES}'))),
    "more": drawing(whole(LINE + "".join(map(MANY.format, range(MOST_ALIKE + 50))))),
    "nothing-there": no_drawings,
    "not-text": other_letters,
}


@pytest.mark.parametrize("rule", MADE)
def test_what_cannot_be_examined_is_a_finding(tmp_path, rule):
    path = MADE[rule](tmp_path)
    found = list(check_paths([("a", path)], Catalogue, for_import=False))
    (finding,) = [f for f in found if f.rule == rule][:1]
    assert finding.file == "a"
    assert finding.record()["message"]
    assert finding.record()["remedy"]


def test_a_bundle_says_which_drawing_it_lacks_or_holds_instead():
    path = "processes/bpmn/q.bpmn"
    lacking = {f.rule for f in check_bundle(Bundle("q", {}), Catalogue())}
    other = check_bundle(Bundle("q", {path: whole(LINE)}), Catalogue())
    assert "no-drawing" in lacking
    assert [f.record()["file"] for f in other if f.rule == "process-key"] == [path]


def endless() -> Iterator[dict[str, object]]:
    while True:
        pass
    yield {}


def faulty() -> list[dict[str, object]]:
    raise AssertionError("a fault of the software")


def test_what_takes_too_long_is_given_up_and_a_fault_is_told_from_it():
    with pytest.raises(TooHard):
        bounded(endless, seconds=0.2)
    with pytest.raises(Broken):
        bounded(faulty)


def test_a_pipe_among_the_tables_of_a_bundle_or_beside_one_is_passed_over(tmp_path):
    for folder in ("processes/bpmn", "processes/dmn"):
        (tmp_path / folder).mkdir(parents=True)
    pipe_of_tables = tmp_path / "processes/dmn/a.dmn"
    os.mkfifo(pipe_of_tables)
    asked = '<businessRuleTask id="a" camunda:decisionRef="d"/>'
    drawn = START + asked + END + flows("s a e")
    (tmp_path / "processes/bpmn/p.bpmn").write_text(whole(drawn))
    assert list(Bundle.read(tmp_path, "p").files) == ["processes/bpmn/p.bpmn"]
    assert read(pipe_of_tables) is None


@pytest.mark.parametrize("typed", ["{0}/processes/bpmn/p.bpmn", "p.bpmn", "./p.bpmn"])
def test_a_shipped_drawing_is_named_as_it_was_typed(tmp_path, typed):
    place = tmp_path / "processes/bpmn/p.bpmn"
    place.parent.mkdir(parents=True)
    asked = '<userTask id="a" camunda:formKey="p/none" camunda:assignee="an"/>'
    place.write_text(whole(START + asked + END + flows("s a e")))
    name = typed.format(tmp_path.name)
    told = list(check_paths([(name, place)], Catalogue, for_import=False))
    assert {finding.file for finding in told} == {name}
