"""`decide`: any decision of any DMN file, answered from the command line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from app import config
from app.cli_decide import decide
from tests.engine.dmn_files import (
    decision,
    file,
    imports,
    input_data,
    knowledge,
    literal,
    of_type,
    service,
    table,
    typed,
)


@pytest.fixture
def ask(tmp_path):
    """Asks a file of these parts; returns the exit status and what was printed as JSON."""

    def run(parts, *words, name="d.dmn"):
        (tmp_path / name).write_bytes(parts if isinstance(parts, bytes) else file(*parts))
        found = CliRunner().invoke(decide, [str(tmp_path / "d.dmn"), *words, "--json"])
        assert found.exception is None or isinstance(found.exception, SystemExit)
        return found.exit_code, json.loads(found.output)

    return run


BANDS = table(["số tiền"], ["x"], ("< 10", '"ít"'), (">= 10", '"nhiều"'))


def test_the_answer_holds_value_type_and_the_rules_that_gave_it(ask):
    noted = BANDS.replace('<rule id="r2">', '<rule id="r2"><description>Điều 5</description>')
    assert ask([decision("d", noted)], "--data", '{"số tiền": 10}') == (
        0,
        {
            "value": "nhiều",
            "type": "string",
            "rules": [{"decision": "d", "rule": "r2", "number": 2, "notes": ["Điều 5"]}],
        },
    )


VALUES = [
    ("1 + 1", 2, "number"),
    ("0.1 + 0.2", 0.3, "number"),
    ("1 / 3", "0.3333333333333333333333333333333333", "number"),
    ('date("2026-11-22")', "2026-11-22", "date"),
    ('duration("P1DT2H")', "P1DT2H", "days and time duration"),
    ("null", None, "null"),
    ("[1, {a: true}]", [1, {"a": True}], "list"),
    ("{a b: 1}", {"a b": 1}, "context"),
]


@pytest.mark.parametrize(("source", "value", "kind"), VALUES, ids=[case[0] for case in VALUES])
def test_values_are_json_without_loss(ask, source, value, kind):
    status, answer = ask([decision("d", literal(source))])
    assert (status, answer) == (0, {"value": value, "type": kind, "rules": []})


def test_texts_become_what_the_inputs_type_says_and_others_by_their_form(ask):
    parts = [
        typed("tPaper", '<itemComponent name="at"><typeRef>date</typeRef></itemComponent>'),
        typed("tPapers", of_type("tPaper"), isCollection="true"),
        input_data("p", "tPapers", "giấy tờ"),
        decision(
            "d", literal('giấy tờ[1].at + @"P1D" = free and text = "2026-11-22"'), inputs=["p"]
        ),
    ]
    data = {
        "giấy tờ": [{"at": "2026-11-22"}],
        "free": '@"2026-11-23"',
        "text": "2026-11-22",
    }
    status, answer = ask(parts, "--data", json.dumps(data))
    assert (status, answer["value"]) == (0, True)


CHOICE = [
    input_data("x", "number"),
    knowledge("lệ phí", ["n"], literal("n * 2")),
    decision("low", literal("x + 1"), name="Mức thấp", inputs=["x"]),
    decision("top", literal("Mức thấp * 10"), name="Mức cao", requires=["low"]),
    service("dịch vụ", ["top"], inputs=["x"]),
]


@pytest.mark.parametrize(
    ("name", "data", "value"),
    [
        (None, {"x": 1}, 20),
        ("low", {"x": 1}, 2),
        ("Mức thấp", {"x": 1}, 2),
        ("dịch vụ", {"x": 2}, 30),
        ("lệ phí", {"n": 4}, 8),
    ],
)
def test_a_decision_service_or_function_is_chosen_by_id_or_name(ask, name, data, value):
    chosen = ["--decision", name] if name else []
    status, answer = ask(CHOICE, *chosen, "--data", json.dumps(data))
    assert (status, answer["value"]) == (0, value)


def test_several_decisions_that_no_other_requires_are_answered_by_name(ask):
    parts = [decision("a", literal("1"), name="Một"), decision("b", literal("2"), name="Hai")]
    status, answer = ask(parts)
    assert (status, answer["value"], answer["type"]) == (0, {"Một": 1, "Hai": 2}, "context")


def test_a_decision_that_is_not_there_is_answered_with_those_that_are(ask):
    status, answer = ask(CHOICE, "--decision", "x")
    assert status == 2
    assert answer["error"]["message"].endswith("it holds Mức thấp, Mức cao, lệ phí, dịch vụ.")


def test_one_name_for_two_is_asked_back(ask):
    parts = [decision("a", literal("1"), name="x"), decision("b", literal("2"), name="x")]
    status, answer = ask(parts, "--decision", "x")
    assert (status, "any of a, b" in answer["error"]["message"]) == (2, True)


def test_rules_that_contradict_each_other_are_an_error(ask):
    status, answer = ask([decision("d", table(["n"], ["x"], ("-", "1"), ("-", "2")))])
    assert status == 1
    assert answer["error"]["message"].startswith("Rules 1, 2 of “d” apply at once")
    assert answer["error"]["element"] == "r2"


def test_an_error_of_an_expression_says_where(ask):
    status, answer = ask([decision("d", table(["n"], ["x"], ("1 1", "1")))])
    assert status == 1
    assert (answer["error"]["element"], answer["error"]["position"]) == ("r1", 2)


def test_it_is_said_that_no_rule_applied(tmp_path):
    path = tmp_path / "d.dmn"
    path.write_bytes(file(decision("d", table(["n"], ["x"], ("1", "1")))))
    runner, data = CliRunner(), ["--data", '{"n": 2}']
    asked = runner.invoke(decide, [str(path), *data])
    assert (asked.stdout, "No rule" in asked.stderr) == ("null\n", True)
    assert "No rule" not in runner.invoke(decide, [str(path), *data, "--json"]).output
    assert "No rule" not in runner.invoke(decide, [str(path), "--data", '{"n": 1}']).output


HOSTILE = [
    (b"", 2, "not well-formed"),
    (b"<a/>", 2, "holds no DMN definitions"),
    (b'<!DOCTYPE a [<!ENTITY a "a">]><a>&a;</a>', 2, "document type"),
    (b"<definitions" + b" " * 21 * 1024 * 1024 + b"/>", 2, "larger than 20 MB"),
    (file(), 2, "holds no decision"),
    (b"\xff\xfe\x00", 2, "not well-formed"),
]


@pytest.mark.parametrize(("xml", "status", "words"), HOSTILE, ids=[case[2] for case in HOSTILE])
def test_a_file_that_holds_no_decisions_is_refused_in_words(ask, xml, status, words):
    found, answer = ask(xml)
    assert (found, words in answer["error"]["message"]) == (status, True)


@pytest.mark.parametrize(
    ("data", "words"),
    [("{", "not JSON"), ("[1]", "must be a JSON object"), ('{"a": NaN}', "no number")],
)
def test_data_that_is_no_object_is_refused(ask, data, words):
    status, answer = ask([decision("d", literal("1"))], "--data", data)
    assert (status, words in answer["error"]["message"]) == (2, True)


def test_imports_are_found_beside_the_file_and_nowhere_else(ask, tmp_path):
    inner = tmp_path / "chung"
    inner.mkdir()
    (inner / "b.dmn").write_bytes(file(decision("b", literal("5")), own="urn:b"))
    parts = [imports("b", "urn:b"), decision("d", literal("b.b"), requires=["urn:b#b"])]
    status, answer = ask(parts)
    assert (status, answer["value"]) == (0, 5)
    outside = tmp_path.parent / "outside.dmn"
    outside.write_bytes(file(decision("o", literal("6")), own="urn:o"))
    away = imports("o", "urn:o").replace("o.dmn", "../outside.dmn")
    status, answer = ask([away, decision("d", literal("o.o"), requires=["urn:o#o"])])
    assert (status, "not in this file" in answer["error"]["message"]) == (1, True)


def test_a_reader_gets_the_value_and_a_line_for_each_rule(tmp_path):
    path = tmp_path / "d.dmn"
    path.write_bytes(file(decision("d", BANDS)))
    found = CliRunner().invoke(decide, [str(path), "--data", '{"số tiền": 1}'])
    assert (found.exit_code, found.output) == (0, '"ít"\n  d 1 (r1)\n')
    wrong = CliRunner().invoke(decide, [str(path), "--decision", "x"])
    assert (wrong.exit_code, "no decision “x”" in wrong.output) == (2, True)


def test_the_command_needs_no_installation(tmp_path):
    (tmp_path / "d.dmn").write_bytes(file(decision("d", literal("1"))))
    found = subprocess.run(
        [sys.executable, "-m", "app", "decide", "d.dmn", "--json"],
        cwd=config.ROOT,
        env={"QUYTRINH_FROM": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout) == {"value": 1, "type": "number", "rules": []}


DAYS = table(["days"], ["x"], ("< 5", '"short"'), ("[5..8]", '"long"')).replace(
    "<inputExpression", '<inputExpression typeRef="number"'
)


def test_a_typed_text_becomes_what_the_column_of_that_name_takes(ask):
    assert "typeRef" in DAYS
    status, answer = ask([decision("d", DAYS)], "--data", '{"days": "2"}')
    assert (status, answer["value"]) == (0, "short")


def test_inputs_that_nobody_gave_are_named_in_json_and_beside_the_value(ask, tmp_path):
    parts = [input_data("rank"), decision("d", DAYS, inputs=["rank"])]
    status, answer = ask(parts, "--data", '{"rank": 1}')
    assert (status, answer["value"]) == (0, None)
    assert answer["warnings"] == [{"input": "days", "message": "No value was given for “days”."}]
    said = CliRunner().invoke(decide, [str(tmp_path / "d.dmn")])
    assert said.exit_code == 0
    assert said.stderr == "No value was given for “rank”.\nNo value was given for “days”.\n"


def test_who_reads_vietnamese_is_told_in_vietnamese(ask, monkeypatch):
    monkeypatch.setenv("QUYTRINH_LANGUAGE", "vi")
    _, answer = ask([decision("d", DAYS)])
    assert answer["warnings"][0]["message"] == "Chưa có giá trị cho “days”."


def test_data_may_stand_in_a_file_and_one_that_cannot_be_read_is_named(ask, tmp_path):
    parts = [input_data("x", "number"), decision("d", literal("x + 1"), inputs=["x"])]
    (tmp_path / "data.json").write_text('{"x": 4}')
    assert ask(parts, "--data", f"@{tmp_path}/data.json")[1]["value"] == 5
    assert ask(parts, "--data", f"{tmp_path}/data.json")[1]["value"] == 5
    status, answer = ask(parts, "--data", "@nowhere.json")
    assert (status, list(answer)) == (2, ["error"])
    assert "nowhere.json" in answer["error"]["message"]


@pytest.mark.parametrize(
    ("given", "value", "told"), [('"seven"', None, True), ("7", 7, False), ("null", None, False)]
)
def test_an_input_that_is_not_of_its_declared_type_is_null_and_told(ask, given, value, told):
    """DMN 1.5, 10.3.2.9.4: what does not conform to its type is null."""
    parts = [input_data("x", "number"), decision("d", literal("x"), inputs=["x"])]
    status, answer = ask(parts, "--data", f'{{"x": {given}}}')
    assert (status, answer["value"]) == (0, value)
    words = "The value given for “x” is not of its declared type; null is taken."
    assert answer.get("warnings", []) == [{"decision": "d", "message": words}] * told


def test_what_makes_a_value_null_is_told_with_the_decision_that_it_stands_in(ask):
    parts = [
        input_data("x", "number"),
        decision("low", literal('x + "a"'), inputs=["x"]),
        decision("top", literal("low"), requires=["low"]),
    ]
    status, answer = ask(parts, "--data", '{"x": 1}')
    assert (status, answer["value"], answer["type"], answer["rules"]) == (0, None, "null", [])
    assert answer["warnings"] == [
        {"decision": "low", "message": "“+” has no result for number and string."}
    ]


def test_a_word_without_quotes_is_no_input_that_was_not_given(ask):
    status, answer = ask(
        [decision("d", table(["x"], ["y"], ("-", "Salad")))], "--data", '{"x": 1}'
    )
    [warning] = answer["warnings"]
    assert status == 0 and (warning["decision"], warning["element"]) == ("d", "r1")
    assert "“Salad” is neither a value nor a name" in warning["message"]


def test_a_sum_that_cannot_be_made_says_so(ask):
    summed = table(["x"], ["y"], ("-", '"1"'), policy="COLLECT", aggregation="SUM")
    _, answer = ask([decision("d", summed)], "--data", '{"x": 1}')
    assert answer["value"] is None
    assert answer["warnings"][0]["message"].startswith("SUM makes no value of results")
