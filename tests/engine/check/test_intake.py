"""Whatever a disk may hold: a finding in words, within its time, and never a hang."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.check.bounded import Broken, TooHard, bounded
from engine.check.drawings import MOST_ALIKE, MOST_ATTRIBUTES, MOST_ELEMENTS
from engine.check.finding import Catalogue
from engine.check.places import check_paths
from engine.check.rules import RULES
from engine.check.rules.files import FILES
from tests.engine.check.drawn import END, HEAD, START, TASK, flows, process, whole

ROOT = Path(__file__).parents[3]
LINE = START + TASK + END + flows("s a e")
GOOD = whole(LINE).encode()
IMPORT = '<import importType="http://www.omg.org/spec/BPMN/20100524/MODEL" namespace="n" {0}/>'
TABLE = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" '
    'namespace="x"><decision id="a" name="a"><decisionTable id="t" hitPolicy="{0}">'
    '<input id="i"><inputExpression id="ie" typeRef="number"><text>n</text></inputExpression>'
    '</input><output id="o" name="o"/>{1}</decisionTable></decision></definitions>'
)  # fmt: skip


def row(number: int, test: str) -> str:
    cells = (
        f"<inputEntry><text>{test}</text></inputEntry><outputEntry><text>1</text></outputEntry>"
    )
    return f'<rule id="r{number}">{cells}</rule>'


def rules_of(*paths: Path, for_import: bool = False) -> set[str]:
    named = [(path.name, path) for path in paths]
    return {f.rule for f in check_paths(named, Catalogue, for_import=for_import)}


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.bpmn", b"", "empty-file"),
        ("a.bpmn", b" \n ", "empty-file"),
        ("a.bpmn", b"hello", "unreadable"),
        ("a.bpmn", bytes(range(256)) * 9, "unreadable"),
        ("a.bpmn", GOOD + b"\0", "unreadable"),
        ("a.bpmn", GOOD.replace(b'"a"', b'"\xff\xc3"'), "unreadable"),
        ("a.bpmn", b"<a/>", "unreadable"),
        ("a.bpmn", b'<!DOCTYPE a [<!ENTITY x "y">]>' + GOOD, "unreadable"),
        ("a.bpmn", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
         "unreadable"),
        ("a.bpmn", b"<a>" * 10_000, "unreadable"),
        ("a.bpmn", b"x" * 20_000_001, "too-large"),
        ("a.bpmn", whole("<task/>" * (MOST_ELEMENTS + 1)).encode(), "too-many-elements"),
        ("a.bpmn", whole("<task id='a' " + " ".join(
            f"a{i}='x'" for i in range(MOST_ATTRIBUTES)) + "/>").encode(), "too-many-attributes"),
        ("a.bpmn", whole("".join(
            f"<task id='t{i}'/>" for i in range(MOST_ALIKE + 2))).encode(), "more"),
        ("a.bpmn", whole(IMPORT.format('location="gone.bpmn"') + process(LINE)).encode(),
         "import-missing"),
        ("a.bpmn", whole(IMPORT.format('location="b.bpmn"') + process(LINE)).encode(),
         "import-ids"),
        ("a.bpmn", whole(IMPORT.format('location="c.bpmn"') + process(LINE)).encode(),
         "import-unreadable"),
        ("a.bpmn", whole(IMPORT.format('location="https://x/y"') + process(LINE)).encode(),
         "import-unchecked"),
        ("a.dmn", b"<a/>", "decision-invalid"),
        ("a.dmn", TABLE.format("UNIQUE", row(1, "(")).encode(), "decision-invalid"),
        ("a.dmn", TABLE.format("UNIQUE", row(1, "&gt; 1") + row(2, "&gt; 2")).encode(),
         "decision-overlap"),
        ("a.dmn", TABLE.format("UNIQUE", row(1, "&gt; 1")).encode(), "decision-gap"),
        ("a.dmn", TABLE.format("FIRST", row(1, "-") + row(2, "1")).encode(),
         "decision-unreachable"),
        ("a.form", b'{"components": ' + b"[" * 100_000, "size"),
        ("a.form", b"\xff\xfe{}", "not-text"),
        ("a.txt", b"hello", "unknown-format"),
        ("a.bpmn", b'<?xml version="1.0"?>\n<!-- x --><mxfile host="a"/>', "other-format"),
        ("a.drawio", b"<mxGraphModel/>", "other-format"),
        ("a.bpmn", b"PK\x03\x04and more", "other-format"),
        ("a.bpmn", b"<!DOCTYPE html><html><body/></html>", "other-format"),
        ("a.bpmn", b'<Package xmlns="http://www.wfmc.org/2009/XPDL2.2"/>', "other-format"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_should_be_is_a_finding(tmp_path, name, content, rule):
    (tmp_path / "b.bpmn").write_bytes(GOOD)
    (tmp_path / "c.bpmn").write_bytes(b"no")
    path = tmp_path / name
    path.write_bytes(content)
    assert rule in rules_of(path)


def test_ids_of_an_imported_file_are_its_own_in_another_namespace(tmp_path):
    importing = whole(IMPORT.format('location="b.bpmn"') + process(LINE))
    other = importing.replace('targetNamespace="urn:t"', 'targetNamespace="urn:other"')
    (tmp_path / "a.bpmn").write_text(other)
    (tmp_path / "b.bpmn").write_bytes(GOOD)
    assert "import-ids" not in rules_of(tmp_path / "a.bpmn")


def test_files_of_any_encoding_and_name_are_read(tmp_path):
    for name, content in (
        ("a.xml", GOOD),
        ("b", b"\xef\xbb\xbf" + GOOD),
        ("c.bpmn", ('<?xml version="1.0" encoding="UTF-16"?>' + GOOD.decode()).encode("utf-16")),
        ("d.bpmn", b'<?xml version="1.0" encoding="WINDOWS-1252"?>' + GOOD),
        ("e.xml", TABLE.format("FIRST", row(1, "-")).encode()),
        ("f.json", b'{"type": "default", "id": "f", "components": []}'),
    ):
        (tmp_path / name).write_bytes(content)
        assert not rules_of(tmp_path / name) & {"unreadable", "unknown-format"}, name


def test_scenarios_are_no_form_whatever_their_names_are(tmp_path):
    steps = '{"components": [{"start": {"type": "default"}}]}'
    place = tmp_path / "processes" / "scenarios"
    place.mkdir(parents=True)
    (place / "p.json").write_text(steps)
    assert not rules_of(tmp_path) & {"form-invalid"}
    (tmp_path / "p.json").write_text('{"components": [{"start": {}}]}')
    assert rules_of(tmp_path / "p.json") == {"unknown-format"}


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.bpmn")
    (tmp_path / "loop.bpmn").symlink_to("loop.bpmn")
    (tmp_path / "gone.bpmn").symlink_to("nowhere")
    (tmp_path / "zero.bpmn").symlink_to("/dev/zero")
    assert rules_of(tmp_path / "pipe.bpmn") == {"not-a-file"}
    assert rules_of(tmp_path / "zero.bpmn") == {"not-a-file"}
    assert rules_of(tmp_path / "loop.bpmn") == {"not-opened"}
    assert rules_of(tmp_path / "gone.bpmn") == {"not-opened"}


def test_a_folder_is_all_files_in_it_and_links_are_not_followed(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "up").symlink_to("..")
    assert rules_of(tmp_path) == {"nothing-there"}
    calls = process('<startEvent id="s"/><callActivity id="k" calledElement="q"/>'
                    '<endEvent id="e"/>' + flows("s k e"))  # fmt: skip
    (inner / "p.bpmn").write_text(whole(calls))
    assert "unknown-process" in rules_of(tmp_path)
    (tmp_path / "q.bpmn").write_text(whole(process("<userTask id='z'/>", key="q")))
    assert "unknown-process" not in rules_of(tmp_path)


def test_several_files_and_those_beside_a_lone_one_are_looked_at_together(tmp_path):
    calls = process('<startEvent id="s"/><callActivity id="k" calledElement="q"/>'
                    '<businessRuleTask id="b" camunda:decisionRef="a"/>'
                    '<userTask id="u" camunda:formKey="p/f"/><endEvent id="e"/>'
                    + flows("s k b u e"))  # fmt: skip
    (tmp_path / "p.bpmn").write_text(whole(calls))
    missing = {"unknown-process", "unknown-decision", "unknown-form"}
    assert missing <= rules_of(tmp_path / "p.bpmn")
    (tmp_path / "q.bpmn").write_text(whole(process("<userTask id='z'/>", key="q")))
    (tmp_path / "d.dmn").write_text(TABLE.format("FIRST", row(1, "-")))
    assert missing & rules_of(tmp_path / "p.bpmn") == {"unknown-form"}
    forms = tmp_path / "forms/p"
    forms.mkdir(parents=True)
    (forms / "f.form").write_text('{"type": "default", "id": "f", "components": []}')
    assert not missing & rules_of(tmp_path / "p.bpmn", forms / "f.form")


def test_a_file_is_not_held_up_by_what_lies_beside_it(tmp_path):
    (tmp_path / "p.bpmn").write_text(
        whole(START + '<callActivity id="a" calledElement="q"/>' + END + flows("s a e"))
    )
    (tmp_path / "q.bpmn").write_text(whole(process("<task/>" * 200_000, key="q")))
    (tmp_path / "s.bpmn").write_text(whole("<shoe/>"))
    before = time.process_time()
    assert "unknown-process" in rules_of(tmp_path / "p.bpmn")  # Too large for a neighbour.
    assert time.process_time() - before < 2
    (tmp_path / "q.bpmn").write_text(whole(process(LINE, key="q") + "<shoe/>"))
    found = rules_of(tmp_path / "p.bpmn")
    assert "unknown-process" not in found
    assert "unknown-element" not in found


def test_work_that_takes_too_long_or_too_much_is_ended():
    def sleeps() -> list[dict[str, object]]:
        while True:
            os.getpid()

    def swells() -> list[dict[str, object]]:
        return [{"x": len(bytes(10**10))}]

    def fails() -> list[dict[str, object]]:
        raise AssertionError

    before = time.monotonic()
    with pytest.raises(TooHard):
        bounded(sleeps, seconds=0.2)
    assert time.monotonic() - before < 5
    with pytest.raises(TooHard):
        bounded(swells)
    with pytest.raises(Broken):
        bounded(fails)
    assert bounded(lambda: [{"x": "đ"}]) == [{"x": "đ"}]


def test_every_rule_of_files_is_known_here():
    drawn = {"no-drawing", "process-key", "scenario-fails", "no-process"}  # in test_check
    drawn |= {"too-hard", "no-time-left", "not-examined", "decision-doubtful", "not-run",
              "nothing-there", "not-a-file", "not-opened", "large-drawing"}  # fmt: skip
    own = test_a_file_that_is_not_what_it_should_be_is_a_finding.pytestmark[0].args[1]
    assert set(FILES) <= drawn | {rule for _name, _content, rule in own}
    assert set(FILES) <= set(RULES)


def test_the_command_ends_with_what_it_found(tmp_path):
    good, bad = tmp_path / "good.bpmn", tmp_path / "bad.bpmn"
    good.write_bytes(GOOD)
    bad.write_text(HEAD + process(LINE.replace(END, "")) + "</definitions>")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "app", "check", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert run(str(good)).returncode == 0
    found = run("--json", str(good), str(bad))
    assert found.returncode == 1
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert {line["file"] for line in lines if line["severity"] == "error"} == {str(bad)}
    for arguments in ((str(tmp_path / "none"),), (), ("--wrong",)):
        ended = run(*arguments)
        assert ended.returncode == 2
        assert "Traceback" not in ended.stderr


def test_overlap_gap_and_unreachable_rules_each_have_their_own_remedy(tmp_path):
    tables = [
        ("UNIQUE", row(1, "&gt; 1") + row(2, "&gt; 2"), "decision-overlap", "Part the ranges"),
        ("UNIQUE", row(1, "&gt; 1"), "decision-gap", "Add a rule"),
        ("FIRST", row(1, "-") + row(2, "1"), "decision-unreachable", "Move the rule"),
    ]
    for policy, rows, rule, remedy in tables:
        path = tmp_path / "a.dmn"
        path.write_text(TABLE.format(policy, rows))
        found = [
            f
            for f in check_paths([("a.dmn", path)], Catalogue, for_import=False)
            if f.rule == rule
        ]
        assert found and all(f.remedy.startswith(remedy) for f in found), rule
