"""The command line: what it prints and the status it ends with, never a traceback."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app import cli_content, cli_serve, config, migrations
from engine import Bundle

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
KEY = "account-grant-internal"
DRAWING = config.ROOT / f"processes/bpmn/{KEY}.bpmn"


@pytest.fixture
def command(app, tmp_path):
    """Runs a command of the application as `./quytrinh` would."""
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=list(words), env={"QUYTRINH_LANGUAGE": "en"})


def quytrinh(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a process of its own, on an installation in `home`."""
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=config.ROOT,
        env={
            "QUYTRINH_HOME": str(home),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_shipped_process_is_deployed_once(command, world):
    first, second = command("deploy", KEY), command("deploy", KEY)
    assert (first.exit_code, first.output) == (0, f"{KEY}: version 1 deployed, in force\n")
    assert second.output == f"{KEY}: version 1 is deployed already\n"


def test_a_version_that_an_owner_put_in_force_stays_in_force(app, command, world, page):
    from tests.worlds import owner

    drawn = DRAWING.read_text(encoding="utf-8")
    shipped = Bundle.read(config.ROOT, KEY)
    changed = Bundle(KEY, {**shipped.files, f"processes/bpmn/{KEY}.bpmn": drawn + "<!-- own -->"})
    engine = app.extensions["engine"]
    engine.deploy(changed, actor=page.actor(owner), legal_basis="QĐ 02/QĐ-BQL")
    assert "waits, because an owner's version is in force" in command("deploy", KEY).output


def test_check_finds_nothing_in_a_shipped_drawing(command, world):
    found = command("check", str(DRAWING))
    assert (found.exit_code, found.output.strip()) == (0, f"{DRAWING}: nothing to mend")


def test_check_says_file_line_and_remedy(command, world, tmp_path):
    path = tmp_path / f"processes/bpmn/{KEY}.bpmn"
    path.parent.mkdir(parents=True)
    path.write_text(DRAWING.read_text(encoding="utf-8").replace("legal_basis", "basis"))
    found = command("check", str(path), "--json")
    assert found.exit_code == 1  # Its forms are not beside it.
    lines = [json.loads(line) for line in found.output.splitlines()]
    missing = [line for line in lines if line["rule"] == "no-legal-basis"]
    assert missing and all(line["line"] and line["remedy"] for line in missing)
    keys = {"file", "line", "element", "rule", "severity", "message", "remedy", "page"}
    assert all(line["page"] == f"/manual/rules/{line['rule']}" for line in lines)
    weights = [line["severity"] for line in lines]
    assert weights == sorted(weights)
    assert all(set(line) == keys for line in lines)


def test_check_of_a_file_that_is_not_there_could_not_run(command, world):
    assert command("check", "nowhere.bpmn").exit_code == 2


def test_verify_proves_each_case_and_counts_them(app, command, case):
    case.start(KEY)
    told = command("verify", "--all")
    assert told.exit_code == 0, told.output
    assert told.output.splitlines()[-1] == "1 verified, 0 with differences"
    for name in (case.code, str(case.id)):
        line = command("verify", name).output.splitlines()[0]
        assert line.startswith(f"{case.code}: holds, ")
        count, noun = line.split()[-2:]
        assert noun == ("entry" if count == "1" else "entries")


def test_verify_says_when_there_is_no_such_case(command, world):
    for name in ("987654321", "12345678901234567890", "no-such"):
        told = command("verify", name)
        assert told.exit_code == 2
        assert f"There is no case {name}. Give a case's code or its number." in told.output


def test_verify_ends_with_one_when_somebody_has_changed_the_state_of_a_case(app, command, case):
    from engine.tables import Case

    case.start(KEY)
    with case.engine.writing() as session:
        session.get_one(Case, case.id).state += b" "
    told = command("verify", case.code)
    assert told.exit_code == 1
    assert "DIFFERS" in told.output


def test_tick_says_how_much_was_due(command, world):
    told = command("tick")
    assert (told.exit_code, told.output) == (0, "0 jobs done\n")


@ONE_DATABASE
def test_a_port_that_is_taken_is_named_with_the_way_out(app):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(cli_serve.PortTaken) as refused:
            cli_serve.require_port("127.0.0.1", port)
    assert refused.value.message.startswith(f"Port {port} of 127.0.0.1 is taken")


@ONE_DATABASE
def test_what_an_owner_deployed_is_not_the_release(app):
    assert cli_content.RELEASE.name == "system"
    assert cli_content.RELEASE.rights.keys() == {"studio.deploy"}


def test_help_lists_the_commands_of_the_product_alone(tmp_path):
    told = quytrinh(tmp_path, "--help").stdout.partition("Commands:\n")[2]
    names = [line.split()[0] for line in told.splitlines() if line[2:3].strip()]
    own = ["bench", "check", "coverage", "db", "demo", "deploy", "log", "serve", "tick", "verify"]
    assert names == sorted([*own, "decide", "feel", "simulate"])


def test_a_database_that_was_never_upgraded_is_one_sentence(tmp_path):
    ended = quytrinh(tmp_path, "tick")
    assert ended.returncode == 2
    assert ended.stderr.endswith("Run ./quytrinh db upgrade.\n")
    assert "Traceback" not in ended.stderr


def test_a_variable_that_makes_no_sense_is_one_sentence(tmp_path):
    ended = quytrinh(tmp_path, "tick", PORT="eighty")
    assert ended.returncode == 2
    assert "PORT" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("url", ["foo", "mysql://a/b", "postgresql://u:secret@h:port/d"])
def test_an_address_of_no_database_that_can_be_used_is_one_sentence(tmp_path, url):
    ended = quytrinh(tmp_path, "tick", QUYTRINH_DATABASE_URL=url)
    assert ended.returncode == 2
    assert ended.stderr.startswith("QUYTRINH_DATABASE_URL is no address")
    assert "Traceback" not in ended.stderr
    assert "secret" not in ended.stderr


def test_a_number_out_of_range_is_one_sentence_without_brackets(tmp_path):
    ended = quytrinh(tmp_path, "tick", PORT="80000")
    assert ended.returncode == 2
    assert "a whole number from 1 to 65535. Correct it" in ended.stderr
    assert "[" not in ended.stderr


def test_a_database_file_below_a_file_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    url = f"sqlite:///{tmp_path}/file/new.db"
    ended = quytrinh(tmp_path, "tick", QUYTRINH_DATABASE_URL=url)
    assert ended.returncode == 2
    assert ended.stderr == f"{tmp_path}/file cannot be used: File exists.\n"


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path):
    url = "postgresql://nobody:secret@127.0.0.1:1/nothing"
    ended = quytrinh(tmp_path, "tick", QUYTRINH_DATABASE_URL=url)
    assert ended.returncode == 2
    assert "secret" not in ended.stderr
    assert ended.stderr.endswith("Start it or correct QUYTRINH_DATABASE_URL.\n")
    assert "psycopg.OperationalError" not in ended.stderr


def test_an_upgrade_makes_the_database_and_says_where_it_stands(tmp_path):
    ended = quytrinh(tmp_path, "db", "upgrade")
    assert (ended.returncode, ended.stdout) == (0, f"The database is at {migrations.head()}.\n")
    assert quytrinh(tmp_path, "db", "current").returncode == 0


def test_a_server_that_is_told_to_stop_says_so_and_ends_well(tmp_path):
    assert quytrinh(tmp_path, "db", "upgrade").returncode == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"QUYTRINH_HOME": str(tmp_path), "PORT": str(port), "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "app", "serve"]
    with subprocess.Popen(
        command, cwd=config.ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as server:  # fmt: skip
        assert "Quytrinh listens at" in server.stdout.readline()
        server.send_signal(signal.SIGTERM)
        _told, logged = server.communicate(timeout=60)
    assert server.returncode == 0
    assert logged.splitlines()[-1].endswith("stopped [quytrinh] reason=signal")
    assert "Traceback" not in logged


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    for home in (blocked, blocked / "home"):
        ended = quytrinh(home, "tick")
        assert ended.returncode == 2
        assert "name another folder in QUYTRINH_HOME" in ended.stderr
        assert "Traceback" not in ended.stderr
