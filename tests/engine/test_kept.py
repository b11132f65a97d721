"""What the database keeps, refuses and gives back, whatever is sent."""

from __future__ import annotations

import base64
import io
import threading
from datetime import datetime

import pytest
import sqlalchemy as sa

from engine import Bundle, expressions, reads
from engine.errors import StepFailed, ValueRefused
from engine.tables import Activation, Entry, Version
from tests.engine.conftest import AN, OWNER
from tests.engine.drawings import text

ONE = "start s\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e"


def test_of_deployments_at_once_each_gets_its_own_number(alone):
    problems, barrier = [], threading.Barrier(4)

    def deploy(number):
        files = {"processes/bpmn/p.bpmn": text(ONE, "p", code_prefix=f"T{number}")}
        barrier.wait()
        try:
            alone.deploy(Bundle("p", files), actor=OWNER, legal_basis="Điều 8")
        except Exception as problem:  # noqa: BLE001  # whatever it is, the test must show it
            problems.append(problem)

    threads = [threading.Thread(target=deploy, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with alone.reading() as session:
        assert sorted(session.scalars(sa.select(Version.number))) == [1, 2, 3, 4]


def test_a_line_of_the_journal_cannot_be_replaced(alone, deploy, bind):
    deploy("p", ONE)
    alone.start("p", actor=AN)
    names = [c.name for c in Entry.__table__.columns]
    forged = ", ".join("'forged'" if n == "actor" else f'"{n}"' for n in names)
    verb = "INSERT OR REPLACE INTO" if bind.dialect.name == "sqlite" else "INSERT INTO"
    with pytest.raises(sa.exc.IntegrityError), bind.begin() as connection:
        connection.exec_driver_sql(f"{verb} entry SELECT {forged} FROM entry")
    with alone.reading() as session:
        assert session.scalars(sa.select(Entry.actor)).one() == "an"


@pytest.mark.parametrize(
    "forged", ["[1]", "1e400", "Infinity", "-5", "null", "9" * 30, "[" * 9999]
)
def test_a_forged_cursor_is_the_first_page(alone, deploy, forged):
    deploy("p", ONE)
    alone.start("p", actor=AN)
    cursor = base64.urlsafe_b64encode(forged.encode()).decode()
    with alone.reading() as session:
        for after in (cursor, forged, "é", "\0"):
            page = reads.cases(session, AN, now=alone.clock(), text="\0", after=after)
            assert len(page.rows) == 1


@pytest.mark.parametrize("bad", ["a\0b", "a\ud800b"])
def test_text_that_no_database_keeps_is_refused_in_words(alone, deploy, bad):
    deploy("p", ONE)
    moved = alone.start("p", actor=AN)
    files = {"processes/bpmn/p.bpmn": text(ONE, "p", code_prefix="X")}
    doors = [
        lambda: alone.start("p", {"x": bad}, actor=AN),
        lambda: alone.comment(moved.case_id, bad, actor=AN),
        lambda: alone.attach(moved.case_id, bad, io.BytesIO(b"x"), actor=AN),
        lambda: alone.save_draft(moved.tasks[0], {"x": bad}, actor=AN),
        lambda: alone.deliver("paid", {bad: 1}),
        lambda: alone.deploy(Bundle("p", files), actor=OWNER, legal_basis=bad),
    ]
    for door in doors:
        with pytest.raises(ValueRefused, match="a character that cannot be kept"):
            door()


def test_of_activations_at_once_one_is_written(alone, deploy):
    deploy("p", ONE)
    deploy("p", ONE, code_prefix="TWO")
    with alone.reading() as session:
        first = session.scalars(sa.select(Version.id).where(Version.number == 1)).one()
    problems, barrier = [], threading.Barrier(5)

    def activate():
        barrier.wait()
        try:
            alone.activate(first, actor=OWNER, legal_basis="Điều 8")
        except Exception as problem:  # noqa: BLE001  # whatever it is, the test must show it
            problems.append(problem)

    threads = [threading.Thread(target=activate) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with alone.reading() as session:
        asked = sa.select(Activation.version_id).order_by(Activation.id)
        assert session.scalars(asked).all()[2:] == [first]


@pytest.mark.parametrize("year", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:00:00-07:00"])
def test_an_instant_that_has_no_place_in_utc_is_refused_in_words(alone, deploy, year):
    deploy("p", ONE)
    beyond = datetime.fromisoformat(year)
    with pytest.raises(ValueRefused, match=r"data\.x"):
        alone.start("p", {"x": beyond}, actor=AN)
    with pytest.raises(StepFailed, match="no instant"):
        expressions.instant(beyond, alone.clock(), "due")
    assert expressions.instant("2026-11-22", alone.clock(), "due") is not None
