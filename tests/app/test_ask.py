"""`feel`: an expression asked from the command line, without an application or a database."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from app import cli_ask, config


def ask(*words: str) -> tuple[int, str, str]:
    """(status, output, what went to the error stream) of `quytrinh feel WORDS`."""
    result = CliRunner().invoke(cli_ask.ask, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def answer(expression: str, **data: object) -> dict[str, object]:
    status, out, _ = ask(expression, "--json", "--data", json.dumps(data))
    assert status == 0
    return json.loads(out)


VALUES = [
    ("1 + 1", 2, "number"),
    ("1.50", 1.5, "number"),
    ("0.1 + 0.2", 0.3, "number"),
    ("1 / 3", "0.3333333333333333333333333333333333", "number"),
    ("2 ** 53", 9007199254740992, "number"),
    ("2 ** 100", 2**100, "number"),
    ("2 ** 53 + 1", "9007199254740993", "number"),
    ("10 ** 400", "1" + "0" * 400, "number"),
    ("-5", -5, "number"),
    ('"Đề nghị"', "Đề nghị", "string"),
    ("true", True, "boolean"),
    ("null", None, "null"),
    ("[1, [2.5]]", [1, [2.5]], "list"),
    ('{a: 1, "b c": {d: null}}', {"a": 1, "b c": {"d": None}}, "context"),
    ('date("2026-11-22")', "2026-11-22", "date"),
    ('time("08:30:00.5")', "08:30:00.5", "time"),
    ('@"2026-11-22T08:30:00"', "2026-11-22T08:30:00", "date and time"),
    ('@"2026-11-22T08:30:00@Asia/Ho_Chi_Minh"', "2026-11-22T08:30:00+07:00", "date and time"),
    ('@"P1DT2H"', "P1DT2H", "days and time duration"),
    ('@"P14M"', "P1Y2M", "years and months duration"),
    ("[1..5)", "[1..5)", "range"),
    ("function(a) a", "function(a)", "function"),
]


@pytest.mark.parametrize(("expression", "value", "kind"), VALUES, ids=[line[0] for line in VALUES])
def test_an_answer_in_json_is_the_value_and_its_type(expression, value, kind):
    assert answer(expression) == {"value": value, "type": kind}


def test_the_data_are_the_names_in_reach_and_their_numbers_are_exact():
    found = answer("số tiền * 3 + a-b", **{"số tiền": 0.1, "a-b": 1})
    assert found == {"value": 1.3, "type": "number"}


def test_unary_tests_ask_about_the_value_called_question_mark():
    status, out, _ = ask("> 5, limit", "--unary", "--json", "--data", '{"?": 4, "limit": 4}')
    assert (status, json.loads(out)) == (0, {"value": True, "type": "boolean"})


def test_a_null_says_where_it_comes_from_and_which_name_was_meant():
    found = answer("1 + amont", amount=5)
    assert found["value"] is None
    assert found["warnings"] == [
        {"position": 4, "message": "There is no “amont” here; did you mean “amount”?"},
        {"position": 2, "message": "“+” has no result for number and null."},
    ]


def test_a_function_of_the_installation_is_said_to_work_only_in_a_case():
    (warning,) = answer("working_days(2)")["warnings"]
    assert warning["message"].startswith("“working_days” works only in a case")


def test_a_mistake_in_the_text_is_an_error_with_its_place_and_status_1():
    status, out, _ = ask("if a then b", "--json")
    assert status == 1
    assert json.loads(out) == {
        "error": {
            "position": 11,
            "message": "The expression ends too early; “else” is missing.",
        }
    }


def test_what_takes_too_long_is_an_error_where_it_takes_so_long():
    status, out, _ = ask("for i in 1..1000000000 return i", "--json")
    assert status == 1
    assert json.loads(out)["error"]["position"] == 0


def test_people_read_the_value_as_feel_writes_it_and_warnings_beside_it():
    assert ask('{a: [1, "b"]}') == (0, '{a: [1, "b"]}\n', "")
    assert ask("lenght") == (0, "null\n", "1: There is no “lenght” here.\n")
    assert ask("1 +")[1:] == ("", "4: The expression ends too early.\n")


@pytest.mark.parametrize("data", ["[1]", "{", "NaN", '{"a": Infinity}', "[" * 100_000, "5"])
def test_data_that_are_no_json_object_are_wrong_arguments(data):
    status, out, told = ask("1", "--data", data)
    assert (status, out) == (2, "")
    assert "--data" in told


def test_half_of_a_letter_is_printed_as_json_can_write_it():
    status, out, _ = ask(r'"\uD83D"', "--json")
    assert (status, json.loads(out)["value"]) == (0, "\ud83d")


def test_the_command_starts_neither_pages_nor_database():
    seen = "import sys; sys.argv = ['', 'feel', '1']\n"
    seen += "try:\n    import app.__main__\nexcept SystemExit:\n    pass\n"
    seen += "print({'flask', 'sqlalchemy', 'lxml', 'SpiffWorkflow'} & sys.modules.keys())"
    run = subprocess.run(
        [sys.executable, "-c", seen], cwd=config.ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == "1\nset()\n"


def test_an_unknown_function_is_null_with_a_warning_in_the_readers_language(monkeypatch):
    status, out, english = ask("khong co ham(1)")
    assert (status, out) == (0, "null\n")
    monkeypatch.setenv("QUYTRINH_LANGUAGE", "vi")
    _, _, vietnamese = ask("khong co ham(1)")
    assert english and vietnamese and english != vietnamese


def test_the_data_may_stand_in_a_file(tmp_path):
    (tmp_path / "data.json").write_text('{"a": 4}')
    status, out, _ = ask("a + 1", "--json", "--data", f"@{tmp_path}/data.json")
    assert (status, json.loads(out)["value"]) == (0, 5)
    assert ask("a + 1", "--json", "--data", f"{tmp_path}/data.json")[:2] == (status, out)
    status, _, told = ask("a", "--data", "@nowhere.json")
    assert status == 2
    assert "nowhere.json" in told
