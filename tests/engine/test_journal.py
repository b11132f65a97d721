"""The journal: nobody can change it unseen, and it proves where the case stands."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from engine import Engine, Surroundings, journal
from engine.tables import Case, Entry
from tests.engine.conftest import AN, ANYWHERE, BINH, CHI, person

TWO = """start s
    user a "Draft" candidateGroups=chuyen-vien
    user b "Sign" candidateGroups=lanh-dao
    service n topic=near.number in:book=x out:number="=result.number"
    end e
    s > a > b > n > e"""


@pytest.fixture
def case_id(alone, deploy, clock) -> int:
    deploy("p", TWO)
    started = alone.start("p", {"n": 1}, actor=AN)
    alone.claim(started.tasks[0], actor=AN)
    clock.advance(hours=1)
    alone.complete(started.tasks[0], {}, actor=AN)
    return started.case_id


@pytest.mark.parametrize(
    "statement", ["UPDATE entry SET actor = 'x'", "DELETE FROM entry", "DELETE FROM version"]
)
def test_the_database_refuses_to_change_a_line(alone, case_id, statement):
    with pytest.raises(DBAPIError, match="never changed or removed"), alone.writing() as session:
        session.execute(sa.text(statement))
    assert alone.verify(case_id).holds


def _without_triggers(session) -> None:
    """As somebody who owns the database could."""
    if session.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            session.execute(sa.text(f"DROP TRIGGER entry_no_{verb}"))
    else:
        session.execute(sa.text("ALTER TABLE entry DISABLE TRIGGER ALL"))


@pytest.mark.parametrize(
    ("statement", "seq", "kind"),
    [
        ("UPDATE entry SET actor = 'x' WHERE seq = 2", 2, "hash"),
        ("""UPDATE entry SET input = '{"data":{},"token":9}' WHERE seq = 3""", 3, "hash"),
        ("UPDATE entry SET at = '2026-11-23 00:00:00' WHERE seq = 1", 1, "hash"),
        ("UPDATE entry SET input = 'nothing' WHERE seq = 2", 2, "hash"),
        ("DELETE FROM entry WHERE seq = 2", 3, "order"),
        ("DELETE FROM entry WHERE seq = 3", 2, "head"),
    ],
)
def test_a_changed_line_is_found_and_named(alone, case_id, statement, seq, kind):
    with alone.writing() as session:
        _without_triggers(session)
        session.connection().exec_driver_sql(statement)
    verdict = alone.verify(case_id)
    assert [(d.seq, d.kind) for d in verdict.differences] == [(seq, kind)]


def test_a_forged_chain_is_found_by_running_it_again(alone, case_id):
    """Whoever rewrites all hashes still cannot make the drawing come to rest elsewhere."""
    with alone.writing() as session:
        _without_triggers(session)
        rows = list(journal.entries(session, case_id))
        rows[2].rest = {**rows[2].rest, "marking": [["e", "READY"]]}
        previous = ""
        for row in rows:
            values = {n: getattr(row, n) for n in journal.HASHED}
            previous = journal.entry_hash(values, previous)
            session.execute(
                sa.update(Entry)
                .where(Entry.case_id == case_id, Entry.seq == row.seq)
                .values(rest=values["rest"], hash=previous)
            )
        session.execute(sa.update(Case).where(Case.id == case_id).values(head_hash=previous))
    verdict = alone.verify(case_id)
    assert [(d.seq, d.kind) for d in verdict.differences] == [(3, "rest")]


def test_a_forged_input_that_cannot_be_run_is_a_difference_too(alone, case_id):
    with alone.writing() as session:
        _without_triggers(session)
        before, row = [e for e in journal.entries(session, case_id) if e.seq in (2, 3)]
        row.input = {"data": 5}
        forged = journal.entry_hash({n: getattr(row, n) for n in journal.HASHED}, before.hash)
        session.execute(
            sa.update(Entry)
            .where(Entry.case_id == case_id, Entry.seq == 3)
            .values(input=row.input, hash=forged)
        )
    assert [(d.seq, d.kind) for d in alone.verify(case_id).differences] == [(3, "step")]


def test_a_changed_state_is_found(alone, case_id):
    with alone.writing() as session:
        case = session.get(Case, case_id)
        case.state = case.state.replace(b'"n":1', b'"n":2')
    assert [d.kind for d in alone.verify(case_id).differences] == ["state"]


def test_other_settings_do_not_change_what_was(alone, case_id, clock):
    with alone.reading() as session:
        task = session.scalars(sa.text("SELECT id FROM task WHERE status = 'open'")).one()
    alone.complete(task, {}, actor=CHI)
    clock.advance(days=3650)
    elsewhere = Engine(alone.bind, Surroundings(clock=clock), alone.store)
    assert elsewhere.verify(case_id).holds


def test_every_case_is_verified_one_after_the_other(alone, case_id):
    alone.start("p", actor=AN)
    assert [v.holds for v in alone.verify_all()] == [True, True]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("status", "completed"),
        ("outcome", "Granted"),
        ("started_by", "binh"),
        ("unit", "dt"),
        ("title", "Something else"),
    ],
)
def test_what_people_see_of_a_case_is_held_against_its_journal(alone, case_id, column, value):
    with alone.writing() as session:
        session.execute(sa.update(Case).where(Case.id == case_id).values({column: value}))
    found = alone.verify(case_id).differences
    assert [(d.kind, d.fields["column"]) for d in found] == [("row", column)]


def test_a_pause_that_nobody_journalled_is_found(alone, case_id, clock):
    with alone.writing() as session:
        session.execute(sa.update(Case).values(paused_at=clock()))
    found = alone.verify(case_id).differences
    assert [(d.kind, d.fields["column"]) for d in found] == [("row", "paused_at")]


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ("UPDATE task SET element = 'a' WHERE status = 'open'", "element"),
        ("UPDATE task SET assignee = 'chi' WHERE status = 'open'", "assignee"),
        ("UPDATE task SET unit = 'dt' WHERE status = 'open'", "unit"),
        ("UPDATE task SET priority = 90 WHERE status = 'open'", "priority"),
        ("UPDATE candidate SET who = '=la' WHERE who = 'lanh-dao@vp'", "candidates"),
        ("DELETE FROM candidate", "candidates"),
        ("UPDATE task SET status = 'cancelled' WHERE status = 'open'", "status"),
        ("UPDATE task SET status = 'open', token = 99 WHERE status = 'completed'", None),
        ("UPDATE task SET token = 99 WHERE status = 'open'", None),
    ],
)
def test_what_the_inbox_shows_is_held_against_the_journal(alone, case_id, statement, column):
    with alone.writing() as session:
        session.connection().exec_driver_sql(statement)
    found = alone.verify(case_id).differences
    assert [(d.kind, d.fields.get("column")) for d in found] == [("task", column)]


LEADER = person("dung", "lanh-dao@vp", tasks_assign=ANYWHERE)


def test_claims_assignments_and_releases_verify(alone, deploy, clock):
    deploy("p", TWO)
    started = alone.start("p", {"n": 1}, actor=AN)
    (task,) = started.tasks
    for move in (
        lambda: alone.claim(task, actor=AN),
        lambda: alone.assign(task, "binh", actor=LEADER),
        lambda: alone.assign(task, "la", actor=LEADER),
        lambda: alone.release(task, actor=LEADER),
        lambda: alone.claim(task, actor=BINH),
    ):
        clock.advance(minutes=5)
        move()
        assert alone.verify(started.case_id).differences == ()


def test_exchanged_lines_are_found(alone, case_id):
    with alone.writing() as session:
        _without_triggers(session)
        for old, new in ((2, 90), (3, 2), (90, 3)):
            session.connection().exec_driver_sql(f"UPDATE entry SET seq = {new} WHERE seq = {old}")
    assert [(d.seq, d.kind) for d in alone.verify(case_id).differences] == [(2, "hash")]


def test_a_line_put_in_between_is_found(alone, case_id):
    with alone.writing() as session:
        _without_triggers(session)
        session.connection().exec_driver_sql("UPDATE entry SET seq = 4 WHERE seq = 3")
        columns = "at, kind, actor, actor_label, input, facts, rest, path, state, hash"
        session.connection().exec_driver_sql(
            f"INSERT INTO entry (case_id, seq, {columns}) SELECT case_id, 3, {columns} FROM entry"
            " WHERE seq = 2"
        )
    assert [(d.seq, d.kind) for d in alone.verify(case_id).differences] == [(3, "hash")]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("DELETE FROM job", "job"),
        ("UPDATE job SET status = 'done'", "job"),
        ("UPDATE job SET due_at = '2099-01-01 00:00:00'", "job"),
        ("UPDATE task SET closed_by = 'la' WHERE status = 'completed'", "task"),
        ("UPDATE task SET status = 'cancelled' WHERE status = 'completed'", "task"),
        ("UPDATE task SET created_at = '2001-01-01 00:00:00' WHERE status = 'open'", "task"),
        ("UPDATE task SET follow_up_at = '2001-01-01 00:00:00' WHERE status = 'open'", "task"),
        ("UPDATE task SET legal_basis = 'x' WHERE status = 'open'", "task"),
        ("UPDATE task SET name_en = 'x' WHERE status = 'open'", "task"),
        ("UPDATE comment SET text = 'forged'", "comment"),
        ("UPDATE comment SET audience = 'outer'", "comment"),
        ("UPDATE \"case\" SET process_key = 'x'", "row"),
    ],
)
def test_jobs_closed_tasks_and_comments_are_held_against_the_journal(
    alone, deploy, statement, kind
):
    timed = TWO.replace("    end e\n", "    end e\n    boundary bt on=b timer=P10D\n    end f\n")
    deploy("t", f"{timed}\n    bt > f")
    started = alone.start("t", {"n": 1}, actor=AN)
    alone.comment(started.case_id, "Looks complete", actor=AN)
    alone.complete(started.tasks[0], {}, actor=AN)
    assert alone.verify(started.case_id).differences == ()
    with alone.writing() as session:
        session.connection().exec_driver_sql(statement)
    assert [d.kind for d in alone.verify(started.case_id).differences] == [kind]
