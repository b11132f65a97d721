"""A letter as a job: sent after the commit, tried again while the server says later."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.ports import Actor
from engine.tables import Job
from tests.adapters.sink import Sink

LETTER = {"to": "annv@sonhai.example", "subject": "Tài khoản đã được cấp", "text": "Kính gửi."}
OPERATOR = Actor("quantri", "Ngô Quốc Trị", rights={"operations.manage": frozenset({"vp"})})


@pytest.fixture
def sink():
    with Sink() as sink:
        yield sink


@pytest.fixture
def settings(settings, sink):
    url = f"smtp://127.0.0.1:{sink.port}"
    return replace(settings, mail_url=url, mail_from="quytrinh@sonhai.example")


@pytest.fixture
def enqueue(engine, world):
    def enqueue(key="letter-1"):
        with engine.writing() as session:
            engine.enqueue(session, "mail.send", LETTER, key=key)

    return enqueue


def job(engine):
    with engine.reading() as session:
        return session.scalars(sa.select(Job)).one()


def test_a_letter_is_sent_once_after_the_commit(engine, enqueue, sink):
    enqueue()
    enqueue()
    assert sink.letters == []
    engine.run_due()
    engine.run_due()
    assert [letter["Subject"] for letter in sink.letters] == [LETTER["subject"]]
    assert job(engine).status == "done"


def test_a_letter_that_was_rolled_back_is_never_sent(engine, world, sink):
    with pytest.raises(RuntimeError), engine.writing() as session:
        engine.enqueue(session, "mail.send", LETTER, key="letter-1")
        raise RuntimeError("the case could not move")
    engine.run_due()
    assert sink.letters == []


def test_a_server_that_says_later_gets_the_letter_later(engine, enqueue, sink, clock):
    enqueue()
    sink.behaviour = "450 4.2.1 Mailbox busy"
    engine.run_due()
    waiting = job(engine)
    assert waiting.status == "waiting" and waiting.due_at > clock()
    assert "450" in waiting.error
    sink.behaviour = "accept"
    engine.run_due()
    assert sink.letters == []
    clock.at(waiting.due_at + timedelta(seconds=1))
    engine.run_due()
    assert len(sink.letters) == 1
    assert job(engine).status == "done"


def test_a_server_that_drops_the_line_gets_the_letter_later(engine, enqueue, sink):
    enqueue()
    sink.behaviour = "drop"
    engine.run_due()
    assert job(engine).status == "waiting"


def test_a_refused_letter_is_stuck_until_somebody_tries_it_again(engine, enqueue, sink):
    enqueue()
    sink.behaviour = "550 5.1.1 No such user"
    engine.run_due()
    stuck = job(engine)
    assert stuck.status == "stuck" and "No such user" in stuck.error
    sink.behaviour = "accept"
    engine.run_due()
    assert sink.letters == []
    engine.retry(stuck.id, actor=OPERATOR)
    engine.run_due()
    assert len(sink.letters) == 1
    assert job(engine).status == "done"


def test_after_the_last_attempt_a_letter_is_stuck(engine, enqueue, sink, clock):
    enqueue()
    sink.behaviour = "450 4.2.1 Mailbox busy"
    for _attempt in range(8):
        engine.run_due()
        clock.advance(hours=2)
    assert job(engine).status == "stuck"
    assert job(engine).attempts == 8
