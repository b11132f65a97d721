"""Proof: whoever changes a row beside the journal is found, and whoever works as usual is not."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine import jobs
from engine.apply import apply
from engine.errors import CallFailed, EndlessStep, StepFailed
from engine.moves import Mover
from engine.tables import Case, Entry, File, Job, Task, Version
from engine.world import RecordedWorld, World
from tests.engine.conftest import AN, ANYWHERE, CHI, OWNER, person
from tests.engine.drawings import NOW, Run

BEGUN = {"kind": "case_started", "base": {"initiator": "an", "unit": "vp"}, "data": {}}

LEADER = person("dung", "lanh-dao@vp", tasks_assign=ANYWHERE)
RICH = """start s
    user a "Draft" candidateGroups=chuyen-vien
    throw t signal=go
    and g
    user b "Sign" candidateGroups=lanh-dao
    boundary bt on=b "Too late" timer=P10D
    boundary bm on=b "Withdrawn" message=withdraw sender="=initiator" correlation="=case.code"
    service m "Mail" topic=far.mail in:to=x@y.vn
    and j
    end e
    end f
    end h
    s > a > t > g > b > j > e
    g > m > j
    bt > f
    bm > h"""


@pytest.fixture
def case_id(alone, deploy, clock, post) -> int:
    """A case that waits for people, a message, a timer and a call that has failed once."""
    deploy("p", RICH, columns="n:number, who:text")
    started = alone.start("p", {"n": 5, "who": "Đặng Ả"}, actor=AN)
    case_id = started.case_id
    alone.attach(case_id, "don.pdf", BytesIO(b"%PDF-1.4\n%%EOF\n"), actor=AN)
    alone.comment(case_id, "Looks complete", actor=AN)
    clock.advance(hours=1)
    alone.complete(started.tasks[0], {}, actor=AN)
    post.answers = [CallFailed("busy")]
    alone.run_due()
    assert alone.verify(case_id).differences == ()
    return case_id


def found(engine, case_id) -> list[tuple[str, object]]:
    return [(d.kind, d.fields.get("column")) for d in engine.verify(case_id).differences]


def change(engine, statement: str) -> None:
    with engine.writing() as session:
        session.connection().exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("statement", "kind", "column"),
    [
        ("UPDATE \"case\" SET search = 'another'", "row", "search"),
        ("UPDATE \"case\" SET code = 'P-2026-0099'", "row", "code"),
        ("UPDATE case_column SET number = 6 WHERE name = 'n'", "column", "columns"),
        ("UPDATE case_column SET folded = 'x' WHERE name = 'who'", "column", "columns"),
        ("DELETE FROM case_column WHERE name = 'who'", "column", "columns"),
        ("UPDATE wait SET correlation = 'x'", "wait", "correlation"),
        ("UPDATE wait SET senders = '[\"=la\"]'", "wait", "senders"),
        ("UPDATE wait SET name = 'x'", "wait", "name"),
        ("UPDATE wait SET label = 'x'", "wait", "label"),
        ("UPDATE wait SET form = 'x'", "wait", "form"),
        ("UPDATE wait SET token = 99", "wait", None),
        ("DELETE FROM wait", "wait", None),
        ("UPDATE file SET sha256 = 'x'", "file", "sha256"),
        ("UPDATE file SET name = 'x.pdf'", "file", "name"),
        ('UPDATE file SET "by" = \'la\'', "file", "by"),
        ("DELETE FROM file", "file", None),
        ("DELETE FROM comment", "comment", None),
        ("UPDATE comment SET by_label = 'La'", "comment", "by_label"),
        ("UPDATE job SET payload = '{\"to\":\"la\"}' WHERE kind = 'call'", "job", "payload"),
        ("UPDATE job SET name = 'x' WHERE kind = 'call'", "job", "name"),
        ("UPDATE job SET status = 'stuck' WHERE kind = 'call'", "job", "status"),
        ("UPDATE job SET created_at = '2001-01-01 00:00:00' WHERE kind = 'timer'",
         "job", "created_at"),
        ("UPDATE job SET payload = '{}' WHERE name = 'signal'", "job", "payload"),
        ("DELETE FROM job WHERE name = 'signal'", "job", None),
        ("UPDATE job SET case_id = NULL WHERE kind = 'timer'", "job", None),
        ("UPDATE task SET paused = 'true' WHERE status = 'completed'", "task", "paused"),
        ("UPDATE candidate SET who = '=la' WHERE who = 'chuyen-vien@vp'", "task", "candidates"),
        ("UPDATE candidate SET by_hand = 'true' WHERE who = 'lanh-dao@vp'", "task", "by_hand"),
    ],
)  # fmt: skip
def test_every_row_beside_the_journal_is_held_against_it(alone, case_id, statement, kind, column):
    if alone.bind.dialect.name == "sqlite":
        statement = statement.replace("'true'", "1")
    change(alone, statement)
    assert found(alone, case_id) == [(kind, column)]


def test_all_kinds_of_rows_are_named_at_once(alone, case_id):
    change(alone, "DELETE FROM wait")
    change(alone, "DELETE FROM comment")
    change(alone, "UPDATE task SET priority = 99")
    differences = alone.verify(case_id).differences
    assert [d.kind for d in differences] == ["task", "wait", "comment"]
    assert not any(d.in_journal for d in differences)


@pytest.mark.parametrize(
    ("values", "column"),
    [
        # As if the timer had been tried once, and was now put off.
        ({"attempts": 1, "due_at": timedelta(days=30)}, "due_at"),
        ({"attempts": 1, "due_at": timedelta(minutes=5)}, "due_at"),
        ({"attempts": 1, "due_at": timedelta(days=11), "leased_until": timedelta(days=10)},
         "due_at"),
        # As if a worker held it, and for longer than any does.
        ({"status": "running", "leased_until": timedelta(days=30)}, "leased_until"),
        ({"status": "running"}, "leased_until"),
    ],
)  # fmt: skip
def test_a_timer_that_was_moved_is_not_taken_for_one_that_is_tried_again(
    alone, case_id, clock, values, column
):
    given = {k: clock() + v if isinstance(v, timedelta) else v for k, v in values.items()}
    with alone.writing() as session:
        session.execute(sa.update(Job).where(Job.kind == "timer").values(given))
    assert found(alone, case_id) == [("job", column)]


@pytest.mark.parametrize("is_own", [True, False], ids=["its own job", "a second job"])
def test_a_timer_that_somebody_made_fire_early_is_found(alone, deploy, clock, is_own):
    deploy("p", "start s\ncatch t timer=P30D\nend e\ns > t > e")
    case_id = alone.start("p", actor=AN).case_id
    with alone.writing() as session:
        if is_own:
            session.execute(sa.update(Job).values(due_at=clock()))
        else:
            row = dict(session.execute(sa.select(Job.__table__)).mappings().one())
            row |= {"id": 999, "key": "evil", "due_at": clock()}
            session.execute(sa.insert(Job), [row])
    assert found(alone, case_id) == [("job", "due_at" if is_own else None)]
    assert alone.run_due() == 1
    with alone.writing() as session:
        session.execute(sa.delete(Job).where(Job.key == "evil"))
    assert found(alone, case_id) == [("step", None)]


def test_only_what_another_case_really_sent_moves_a_case_by_an_errand(alone, deploy, clock):
    waits = (
        "start s\ncatch c message=gone\nuser u candidateGroups=chuyen-vien\ncatch d message=gone"
    )
    deploy("p", f"{waits}\nend e\ns > c > u > d > e")
    deploy("q", "start s\nthrow t message=gone\nend e\ns > t > e")
    case_id = alone.start("p", actor=AN).case_id
    sender = alone.start("q", actor=AN)
    alone.run_due()
    assert found(alone, case_id) == found(alone, sender.case_id) == []
    with alone.reading() as session:
        alone_task = session.scalars(sa.select(Task.id)).one()
        brought = session.scalars(sa.select(Job).where(Job.name == "deliver")).one()
        payload = brought.payload
    alone.complete(alone_task, {}, actor=AN)
    forged = {
        "kind": "errand",
        "name": "deliver",
        "payload": payload,
        "status": "waiting",
        "due_at": clock(),
        "created_at": clock(),
        "key": f"message:{sender.case_code}:1:7",
    }
    with alone.writing() as session:
        session.add(Job(**forged))
    assert alone.run_due() == 1
    assert found(alone, case_id) == [("step", None)]


def test_what_cases_begin_and_move_in_other_cases_verifies(alone, deploy):
    deploy("m", "start s message=come\nend e\ns > e")
    deploy("g", "start s signal=go\nend e\ns > e")
    deploy("w", "start s\ncatch c signal=go\nend e\ns > c > e")
    deploy("q", "start s\nthrow t signal=go\nthrow u message=come\nend e\ns > t > u > e")
    waiting = alone.start("w", actor=AN)
    alone.start("q", actor=AN)
    while alone.run_due():
        pass
    verdicts = list(alone.verify_all())
    assert [v.differences for v in verdicts] == [()] * 4
    with alone.reading() as session:
        inputs = list(session.scalars(sa.select(Entry.input).order_by(Entry.case_id, Entry.seq)))
        assert session.get_one(Case, waiting.case_id).status == "completed"
    assert len([given for given in inputs if "errand" in given]) == 3


def test_a_call_is_put_off_for_no_longer_than_the_settings_allow(alone, case_id, clock):
    for hours, differs in ((1, False), (2, True)):
        with alone.writing() as session:
            later = clock() + timedelta(hours=hours)
            session.execute(sa.update(Job).where(Job.kind == "call").values(due_at=later))
        assert bool(found(alone, case_id)) is differs


def test_a_file_whose_bytes_were_changed_or_removed_is_named(alone, case_id, tmp_path):
    with alone.reading() as session:
        sha256 = session.scalars(sa.select(File.sha256)).one()
    (place,) = (path for path in Path(tmp_path).rglob(sha256))
    place.write_bytes(b"%PDF-1.4\nforged\n%%EOF\n")
    (difference,) = alone.verify(case_id).differences
    assert (difference.kind, difference.fields["of"]) == ("file", "don.pdf")
    place.unlink()
    assert found(alone, case_id) == [("file", None)]


def test_another_version_or_other_files_of_it_are_found(alone, deploy, case_id):
    deploy("p", RICH.replace('"Sign"', '"Sign here"'), columns="n:number, who:text")
    change(alone, 'UPDATE "case" SET version_id = 2')
    assert found(alone, case_id) == [("version", None)]
    change(alone, 'UPDATE "case" SET version_id = 1')
    assert found(alone, case_id) == []
    with alone.writing() as session:
        if alone.bind.dialect.name == "sqlite":
            session.execute(sa.text("DROP TRIGGER version_no_update"))
        else:
            session.execute(sa.text("ALTER TABLE version DISABLE TRIGGER ALL"))
        files = session.get_one(Version, 1).files
        forged = {path: text.replace('"Sign"', '"Agree"') for path, text in files.items()}
        session.execute(sa.update(Version).where(Version.id == 1).values(files=forged))
    (difference,) = alone.verify(case_id).differences
    assert (difference.kind, difference.in_journal) == ("version", True)


def test_a_call_verifies_while_it_fails_is_stuck_and_is_retried(alone, case_id, clock, post):
    for answer in ("busy", "busier", "no such box", "busy again"):
        post.answers = [CallFailed(answer, permanent=answer == "no such box")]
        clock.advance(hours=1)
        alone.run_due()
        assert alone.verify(case_id).differences == ()
        with alone.reading() as session:
            stuck = session.scalars(sa.select(Job.id).where(Job.status == "stuck")).all()
        for job_id in stuck:
            change(alone, "UPDATE job SET error = 'nothing of note' WHERE status = 'stuck'")
            assert found(alone, case_id) == [("job", "error")]
            change(alone, "UPDATE job SET error = 'no such box' WHERE status = 'stuck'")
            alone.retry(job_id, actor=OWNER)
            assert alone.verify(case_id).differences == ()
    with alone.writing() as session:
        clock.advance(hours=1)
        assert jobs.take(session, clock(), 1)
    assert alone.verify(case_id).differences == ()


def test_a_task_given_to_somebody_by_the_drawing_verifies_from_hand_to_hand(alone, deploy):
    deploy("p", "start s\nuser a assignee==initiator candidateGroups=chuyen-vien\nend e\n"
                "s > a > e")  # fmt: skip
    started = alone.start("p", actor=AN)
    (task,) = started.tasks
    for move in (
        lambda: alone.save_draft(task, {"x": "half"}, actor=AN),
        lambda: alone.assign(task, "binh", actor=AN),
        lambda: alone.assign(task, "an", actor=LEADER),
        lambda: alone.release(task, actor=AN),
        lambda: alone.claim(task, actor=AN),
        lambda: alone.complete(task, {}, actor=AN),
    ):
        move()
        assert alone.verify(started.case_id).differences == ()


def test_a_case_that_ends_verifies_with_all_that_it_has_left(alone, case_id, clock):
    with alone.reading() as session:
        sign = session.scalars(sa.select(Task.id).where(Task.status == "open")).one()
    alone.complete(sign, {}, actor=CHI)
    clock.advance(hours=2)
    while alone.run_due():
        pass
    verdict = alone.verify(case_id)
    assert verdict.differences == ()
    change(alone, "UPDATE job SET done_at = '2001-01-01 00:00:00' WHERE kind = 'call'")
    assert found(alone, case_id) == [("job", "done_at")]


class Wider(Mover):
    """Moves cases as a release would that allowed a step twice as much."""

    def world(self, session, case, step):
        world = super().world(session, case, step)
        world.leeway = 2
        return world


def test_a_step_that_was_allowed_once_is_no_fault_under_narrower_bounds(alone, deploy):
    many = "count(for i in 1..18000 return i)"
    deploy("p", f'start s\nscript a feel="{many}" resultVariable=n\nend e\ns > a > e')
    with pytest.raises(StepFailed):
        alone.start("p", actor=AN)
    alone.mover = Wider(alone.surroundings)
    case_id = alone.start("p", actor=AN).case_id
    alone.mover = Mover(alone.surroundings)
    assert alone.verify(case_id).holds


def test_a_step_is_run_again_through_more_elements_than_a_new_one_may_pass_but_not_for_ever():
    line = "start s\n" + "".join(f"task a{n}\n" for n in range(8)) + "end e\n"
    drawn = {"short": f"{line}s > {' > '.join(f'a{n}' for n in range(8))} > e",
             "endless": f"{line}s > a0 > a1 > a0"}  # fmt: skip
    ended = {}
    for name, lines in drawn.items():
        for world in (World(NOW, {}), RecordedWorld(NOW, {}, [])):
            run = Run(lines)
            run.case.most = 5
            try:
                ended[name, type(world)] = apply(run.case, BEGUN, world).status
            except EndlessStep:
                ended[name, type(world)] = "too long"
    assert ended == {
        ("short", World): "too long",
        ("short", RecordedWorld): "completed",
        ("endless", World): "too long",
        ("endless", RecordedWorld): "too long",
    }
