"""Files that a command line names: whatever they are, nothing waits or reads on without an end."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from app.cli_ask import ask
from app.cli_decide import decide
from app.cli_simulate import run
from app.where import content_of, from_where


def test_what_comes_through_a_pipe_is_read_to_its_end(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(b"x" * 200_000,))
    writer.start()
    assert len(content_of(pipe)) == 200_000
    writer.join()


def test_a_device_without_an_end_is_read_as_far_as_is_asked():
    assert content_of(Path("/dev/zero"), 3_000_000) == bytes(3_000_000)


def test_a_link_is_followed_and_one_that_leads_to_itself_is_left(tmp_path):
    (tmp_path / "to").write_text("x")
    (tmp_path / "link").symlink_to("to")
    (tmp_path / "round").symlink_to("round")
    assert from_where(str(tmp_path / "link")).name == "to"
    assert from_where(str(tmp_path / "round")).name == "round"


@pytest.mark.parametrize("command", [decide, run])
@pytest.mark.parametrize("kind", ["round", "endless", "folder"])
def test_what_is_no_file_is_refused_in_a_sentence(tmp_path, command, kind):
    path = tmp_path / "a.bpmn"
    if kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("a.bpmn" if kind == "round" else "/dev/zero")
    found = CliRunner().invoke(command, [str(path), "--json"])
    assert isinstance(found.exception, SystemExit)
    assert found.exit_code in (1, 2)
    assert found.output.startswith("{")


def test_data_from_what_is_no_file_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "round").symlink_to("round")
    found = CliRunner().invoke(ask, ["1", "--data", f"@{tmp_path / 'round'}"])
    assert found.exit_code == 2
    assert "symbolic links" in found.output
