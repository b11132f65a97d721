"""`quytrinh simulate`: its options, what it prints and the status it ends with."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from app import cli_simulate, config
from app.cli_simulate import run
from tests.engine.drawings import text

DRAWN = text("""
    start s
    user a "Check"
    boundary b on=a message=Stop non
    catch t timer=PT1H
    catch m message=Answer
    end e
    s > a > t > m > e
    b > e
""")


@pytest.fixture
def simulate(tmp_path):
    """Runs the command on a drawing in a folder of its own."""
    path = tmp_path / "any name.bpmn"
    path.write_text(DRAWN, encoding="utf-8")
    return lambda *words: CliRunner().invoke(run, [str(path), *words])


def test_it_ends_with_nothing_wherever_it_waits_or_is_completed(simulate):
    found = simulate("--json")
    assert found.exit_code == 0
    told = json.loads(found.stdout)
    assert told["waiting"] == [
        {"element": "t", "kind": "timer", "until": "2026-03-02T09:00:00+07:00"}
    ]


def test_options_are_carried_out_in_the_order_typed(simulate):
    words = ["--send", 'Stop={"why": 1}', "--advance", "PT1H", "--send", "Answer"]
    done = json.loads(simulate(*words, "--json").stdout)
    assert (done["state"], done["data"]) == ("completed", {"why": 1})
    assert done["entered"] == ["s", "a", "b", "e", "t", "m", "e"]
    # Stop comes when the task is over: it is kept for ever, and nothing waits for it.
    late = simulate(*words[2:], *words[:2])
    assert "Nothing waited for “Stop”." in late.stderr


def test_it_says_in_words_what_it_says_in_json(simulate):
    lines = simulate("--data", '{"n": 1}').stdout.splitlines()
    assert lines == [
        "waiting",
        "entered: s, a, t",
        "completed: s, a",
        "waits at t (timer) 2026-03-02T09:00:00+07:00",
        'data: {"n": 1}',
    ]


def test_it_ends_with_one_when_the_run_failed(simulate):
    found = simulate("--answers", '{"a": {"error": "BAD"}}', "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["error"]["element"] == "a"


@pytest.mark.parametrize(
    "words",
    [
        ["--advance", "an hour"],
        ["--advance", "P"],
        ["--data", "[]"],
        ["--data", "{"],
        ["--data", '{"n": NaN}'],
        ["--answers", "5"],
        ["--send", "Stop=1"],
        ["--send", "Stop={"],
        ["--process", "other"],
        ["--answers", '{"a": {"data": [{"x": "\\u0000"}]}}'],
    ],
)
def test_it_ends_with_two_when_an_option_cannot_be_understood(simulate, words):
    found = simulate(*words)
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.strip().endswith((".", "?"))
    as_json = simulate(*words, "--json")
    told = json.loads(as_json.stdout)
    assert (as_json.exit_code, told["state"], told["entered"]) == (2, "failed", [])
    assert told["error"]["message"]


def test_data_and_answers_may_stand_in_files(simulate, tmp_path):
    for name, content in (("data", '{"n": 1}'), ("answers", '{"a": {"error": "BAD"}}')):
        (tmp_path / f"{name}.json").write_text(content)
    plain = simulate("--data", '{"n": 1}', "--json").stdout
    assert simulate("--data", f"@{tmp_path}/data.json", "--json").stdout == plain
    assert simulate("--data", f"{tmp_path}/data.json", "--json").stdout == plain
    failed = json.loads(simulate("--answers", f"@{tmp_path}/answers.json", "--json").stdout)
    assert failed["state"] == "failed"
    lost = simulate("--data", "@nowhere.json")
    assert (lost.exit_code, "nowhere.json" in lost.stderr) == (2, True)


@pytest.mark.parametrize("content", ["", "<", "{}", "<definitions/>", "<!DOCTYPE x><x/>"])
def test_it_ends_with_two_when_the_file_is_no_drawing(tmp_path, content):
    path = tmp_path / "x.bpmn"
    path.write_text(content)
    found = CliRunner().invoke(run, [str(path)])
    assert (found.exit_code, found.stdout) == (2, "")
    assert "Traceback" not in found.stderr
    told = json.loads(CliRunner().invoke(run, [str(path), "--json"]).stdout)
    assert (told["state"], told["error"]["element"]) == ("failed", None)


def test_it_ends_with_two_for_a_folder_or_nothing(tmp_path):
    assert CliRunner().invoke(run, [str(tmp_path)]).exit_code == 2
    assert CliRunner().invoke(run, [str(tmp_path / "no.bpmn")]).exit_code == 2
    assert CliRunner().invoke(run, []).exit_code == 2


def test_forms_beside_the_file_give_their_defaults(tmp_path):
    fields = [
        {"type": "textfield", "id": "f1", "key": "name", "defaultValue": "An"},
        {"type": "number", "id": "f2", "key": "age", "validate": {"required": True, "min": 18}},
    ]
    form = {"type": "default", "id": "Form_1", "components": fields}
    (tmp_path / "anything.form").write_text(json.dumps(form))
    (tmp_path / "p.bpmn").write_text(text("start s\nuser a formKey=Form_1\nend e\ns > a > e"))
    words = [str(tmp_path / "p.bpmn"), "--json"]
    told = json.loads(CliRunner().invoke(run, words).stdout)
    assert told["data"] == {"name": "An", "age": 18}
    answered = CliRunner().invoke(run, [*words, "--answers", '{"a": {"age": 5}}'])
    assert (answered.exit_code, json.loads(answered.stdout)["error"]["element"]) == (1, "a")
    (tmp_path / "p.bpmn").write_text(text("start s formKey=Form_1\nend e\ns > e"))
    answered = CliRunner().invoke(run, [*words, "--answers", '{"s": {"age": 20}}'])
    assert json.loads(answered.stdout)["data"] == {"name": "An", "age": 20}


def test_called_processes_are_found_beside_the_file_and_in_it(tmp_path):
    (tmp_path / "other.bpmn").write_text(text("start os\nend oe\nos > oe", key="other"))
    (tmp_path / "p.bpmn").write_text(text("start s\ncall c of=other\nend e\ns > c > e"))
    told = json.loads(CliRunner().invoke(run, [str(tmp_path / "p.bpmn"), "--json"]).stdout)
    assert told["entered"] == ["s", "c", "os", "oe", "e"]


def test_a_shipped_process_runs_with_its_forms_operations_and_calendar():
    path = config.ROOT / "processes/bpmn/account-grant-internal.bpmn"
    found = CliRunner().invoke(run, [str(path), "--json"])
    assert found.exit_code == 0
    told = json.loads(found.stdout)
    assert (told["state"], told["error"]) == ("waiting", None)
    assert "Task_Create" in told["completed"]


def test_it_starts_without_the_application_and_knows_where_its_caller_stands(tmp_path):
    (tmp_path / "p.bpmn").write_text(DRAWN)
    done = subprocess.run(
        [sys.executable, "-m", "app", "simulate", "p.bpmn", "--json"],
        cwd=config.ROOT,
        env={**os.environ, "QUYTRINH_FROM": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["state"] == "waiting"


def test_it_speaks_vietnamese_to_whoever_does(simulate, monkeypatch):
    monkeypatch.setenv("QUYTRINH_LANGUAGE", "vi")
    assert simulate().stdout.startswith("đang chờ\nđã vào: s, a, t\n")
    assert "đang chờ ở t (" in simulate().stdout and "hẹn giờ)" in simulate().stdout
    failed = json.loads(simulate("--answers", '{"a": {"error": "E"}}', "--json").stdout)
    assert 'lỗi "E" không được sự kiện biên nào đón bắt.' in failed["error"]["message"]
    assert failed["state"] == "failed"
    assert "không phải khoảng thời gian" in simulate("--advance", "an hour").stderr


def test_a_list_that_nobody_would_read_is_told_by_its_two_ends():
    told = cli_simulate._listed([str(number) for number in range(1000)])
    assert told.startswith("0, 1, 2,")
    assert "800" in told
    assert told.endswith("998, 999")
    assert cli_simulate._listed(["a", "b"]) == "a, b"
    assert cli_simulate._listed([]) == "–"
