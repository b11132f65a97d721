"""`check` on the command line: what lies together, how it ends, what it costs to begin."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import cli_check, config, offered
from engine.check.bounded import Shares, bounded
from engine.check.places import check_paths
from tests.engine.check.drawn import END, START, TASK, flows, whole

PROCESSES, FORMS = str(config.ROOT / "processes"), str(config.ROOT / "forms")
MANUAL = whole(START + TASK.replace("<task", "<userTask").replace("</task", "</userTask") + END
               + flows("s a e"))  # fmt: skip


def check(*words: str, language: str = "en") -> Result:
    return CliRunner().invoke(cli_check.check, words, env={"QUYTRINH_LANGUAGE": language})


@pytest.mark.parametrize("places", [[PROCESSES], [PROCESSES, FORMS]], ids=["alone", "with-forms"])
def test_the_folder_of_shipped_drawings_finds_its_forms_beside_it(places):
    told = check(*places)
    assert (told.exit_code, told.output) == (0, "".join(f"{p}: nothing to mend\n" for p in places))


def test_what_drawings_may_name_is_what_the_application_offers():
    assert offered.FILE.read_text(encoding="utf-8") == offered.text()


def test_a_drawing_that_names_a_group_is_checked_without_the_application(tmp_path):
    path = tmp_path / "a.bpmn"
    path.write_text(MANUAL.replace("<userTask", '<userTask camunda:candidateGroups="nobody"'))
    code = (
        "import sys; from pathlib import Path; from app import cli_check, offered\n"
        "from engine.check.places import check_paths\n"
        "given = [('a', Path(sys.argv[1]))]\n"
        "found = list(check_paths(given, offered.catalogue, for_import=False))\n"
        "print('unknown-group' in {f.rule for f in found})\n"
        "print({'flask', 'sqlalchemy', 'SpiffWorkflow'} & sys.modules.keys())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=config.ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout == "True\nset()\n"


def test_thirty_drawings_are_looked_at_together_and_counted(tmp_path):
    for number in range(30):
        (tmp_path / f"{number}.bpmn").write_text(MANUAL)
    told = check(str(tmp_path))
    last = told.output.splitlines()[-3:]
    assert told.exit_code == 0
    assert last[0].endswith(" warnings")
    assert last[1].startswith("Fit to be shown; what is missing before it can run here ")
    assert last[1].endswith(f"./quytrinh check --import {tmp_path}")
    assert "http://localhost:8000/manual/rules/" in last[2]
    assert check(str(tmp_path), language="vi").output.splitlines()[-3].endswith(" cảnh báo")


def test_findings_in_json_are_in_the_language_of_the_terminal(tmp_path):
    (tmp_path / "a.bpmn").write_text(" ")
    for language, words in (("en", "The file is empty."), ("vi", "Tệp rỗng")):
        told = check(str(tmp_path / "a.bpmn"), "--json", language=language)
        assert words in json.loads(told.output)["message"]


def spend(path: str, shares: Shares) -> list[str]:
    def endless() -> list[object]:
        while True:
            pass

    return [finding.rule for finding in shares(path, endless)]


def test_a_file_that_takes_too_long_leaves_time_for_the_others():
    def work() -> list[dict[str, object]]:
        shares = Shares(0.8)
        quick = shares("b", list)
        return [{"rules": [*spend("a", shares), quick, *spend("c", shares), *spend("d", shares)]}]

    ((first, second, *_rest, last),) = [record["rules"] for record in bounded(work)]
    assert (first, second, last) == ("too-hard", [], "no-time-left")


def test_files_that_no_time_is_left_for_are_named(tmp_path: Path):
    (tmp_path / "a.bpmn").write_text(MANUAL)
    given = [("a", tmp_path / "a.bpmn")]
    found = list(check_paths(given, offered.catalogue, for_import=False, guard=Shares(0)))
    assert [(f.file, f.rule, f.severity) for f in found] == [("a", "no-time-left", "error")]


def test_a_language_that_is_not_spoken_is_refused_in_a_sentence():
    run = subprocess.run(
        [sys.executable, "-m", "app", "feel", "1"],
        cwd=config.ROOT, env={"QUYTRINH_LANGUAGE": "fr"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert run.returncode == 2
    assert run.stderr == "QUYTRINH_LANGUAGE is “fr”; it must be vi or en.\n"
