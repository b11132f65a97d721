"""The language of the command line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app import config, terminal
from engine.forms import FormErrors
from tests.app import stationery


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "vi_VN"}, "vi"),
        ({"LANG": "en_US.UTF-8", "QUYTRINH_LANGUAGE": "vi"}, "vi"),
        ({"LANG": "vi_VN.UTF-8", "QUYTRINH_LANGUAGE": "en"}, "en"),
        ({"LANG": "vi_VN.UTF-8", "QUYTRINH_LANGUAGE": "fr"}, "vi"),
    ],
)
def test_the_environment_says_which_language_the_terminal_speaks(environment, language):
    assert terminal.language(environment) == language


def quytrinh(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=config.ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_who_has_a_vietnamese_terminal_reads_vietnamese(tmp_path):
    home = {"QUYTRINH_HOME": str(tmp_path), "LANG": "vi_VN.UTF-8"}
    asked = quytrinh("verify", "--help", **home)
    assert "Cách dùng: quytrinh verify" in asked.stdout
    assert "Chứng minh từ nhật ký" in asked.stdout and "Tùy chọn:" in asked.stdout
    refused = quytrinh("verify", **home)
    assert refused.returncode == 2
    assert "Lỗi: Hãy ghi một vụ việc, hoặc dùng --all." in refused.stderr


def test_a_variable_that_cannot_be_understood_is_named_with_what_it_must_be(tmp_path):
    told = quytrinh("tick", QUYTRINH_HOME=str(tmp_path), PORT="x", QUYTRINH_LANGUAGE="vi")
    assert told.returncode == 2
    assert told.stderr == (
        "Biến môi trường PORT phải là số nguyên từ 1 đến 65535. Hãy sửa rồi khởi động lại.\n"
    )


@pytest.mark.parametrize("rule", sorted(set(config.RULES.values())))
def test_what_variables_must_be_is_said_in_vietnamese(rule, monkeypatch):
    monkeypatch.setenv("QUYTRINH_LANGUAGE", "vi")
    assert terminal.gettext(rule) != rule


def test_findings_are_told_in_the_language_of_the_terminal(app, world, tmp_path):
    path = tmp_path / "processes/bpmn/leave.bpmn"
    path.parent.mkdir(parents=True)
    path.write_text(stationery.DRAWING.replace("legal_basis", "basis"), encoding="utf-8")
    runner = app.test_cli_runner()
    told = runner.invoke(args=["check", str(path)], env={"QUYTRINH_LANGUAGE": "vi"})
    assert told.exit_code == 1
    assert ": lỗi: " in told.output and "căn cứ pháp lý" in told.output


def test_what_is_wrong_with_each_field_of_a_form_is_told():
    wrong = FormErrors(
        {"document.dated": [("Enter {last} or an earlier day.", {"last": "26/05"})]}
    )
    said = "Places in the form that need a correction: 1. document.dated: Enter 26/05 or"
    assert terminal.words(wrong).startswith(said)


def test_names_of_the_owners_own_files_are_not_translated(monkeypatch):
    monkeypatch.setenv("QUYTRINH_LANGUAGE", "vi")
    template = 'Nothing throws the link "{link}" that "{name}" catches.'
    told = terminal.sentence(template, {"link": "number", "name": "form"})
    assert "“number”" in told
    assert "“form”" in told
    assert "Không" in told
