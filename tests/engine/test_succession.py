"""When a unit is merged into another, its open cases go on there, and the journal says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine import Bundle
from engine.recounting import BATCH
from engine.succession import Succession, open_work
from engine.tables import Candidate, Case, Draft, Entry, Job, Task, Wait
from tests.engine.conftest import AN, ANYWHERE, CHI, OWNER, STRANGER, person
from tests.engine.drawings import text

# What is offered, what is offered later, and who may send a message, each by the case's unit.
WORK = """start s
    user a "Answer" candidateGroups=chuyen-vien
    user b "Sign" candidateGroups=lanh-dao
    catch r "Withdrawal" message=r sender=chuyen-vien
    and f
    end e
    end w
    s > f
    f > a
    f > r
    a > b > e
    r > w"""
NEW = person("moi", "chuyen-vien@dt", "lanh-dao@dt", tasks_assign=ANYWHERE)


@pytest.fixture
def work(alone):
    alone.deploy(
        Bundle("p", {"processes/bpmn/p.bpmn": text(WORK, "p")}), actor=OWNER, legal_basis="Điều 8"
    )
    return alone


def rows(engine, query) -> list[Any]:
    with engine.reading() as session:
        return list(session.scalars(query))


def merge(engine, before="vp", after: str | None = "dt", *, at=None, **by_process) -> None:
    order = Succession(before, after, by_process, by="chanh", basis="QĐ 7/QĐ-BQL")
    with engine.writing() as session:
        engine.succeed_unit(session, order, due_at=at)
    while engine.run_due():
        pass


def test_the_case_its_task_and_its_message_are_the_new_units_and_the_journal_says_so(work):
    case_id = work.start("p", actor=AN).case_id
    merge(work)
    assert rows(work, sa.select(Case.unit)) == ["dt"]
    assert rows(work, sa.select(Task.unit)) == ["dt"]
    assert rows(work, sa.select(Candidate.who)) == ["chuyen-vien@dt"]
    assert rows(work, sa.select(Wait.senders)) == [["chuyen-vien@dt"]]
    last = rows(work, sa.select(Entry).order_by(Entry.seq))[-1]
    assert (last.kind, last.actor, last.input["ordered_by"]) == (
        "unit_succeeded",
        "system",
        "chanh",
    )
    assert (last.input["before"], last.input["after"]) == ("vp", "dt")
    assert last.input["basis"] == "QĐ 7/QĐ-BQL"
    assert work.verify(case_id).differences == ()


def test_what_comes_later_in_the_case_is_for_the_new_unit_too(work):
    case_id = work.start("p", actor=AN).case_id
    merge(work)
    done = work.complete(rows(work, sa.select(Task.id))[0], {}, actor=NEW)
    assert len(done.tasks) == 1
    assert rows(work, sa.select(Task.unit).where(Task.status == "open")) == ["dt"]
    work.complete(done.tasks[0], {}, actor=NEW)
    assert work.verify(case_id).differences == ()


def test_who_claimed_or_was_assigned_keeps_the_task_and_the_draft(work):
    case_id = work.start("p", actor=AN).case_id
    task = rows(work, sa.select(Task.id))[0]
    work.save_draft(task, {"a": "1"}, actor=AN)
    work.assign(task, "chi", actor=person("t", tasks_assign=ANYWHERE))
    merge(work)
    assert rows(work, sa.select(Task.assignee)) == ["chi"]
    assert sorted(rows(work, sa.select(Candidate.who))) == ["=chi", "chuyen-vien@dt"]
    assert rows(work, sa.select(Draft.account)) == ["an"]
    assert work.verify(case_id).differences == ()
    work.complete(task, {}, actor=CHI)
    assert work.verify(case_id).differences == ()


def test_a_case_of_another_unit_keeps_its_unit_but_its_task_for_the_old_one_moves(alone):
    drawn = 'start s\n user a "Answer" candidateGroups=chuyen-vien@office\n end e\n s > a > e'
    alone.deploy(
        Bundle("p", {"processes/bpmn/p.bpmn": text(drawn, "p")}), actor=OWNER, legal_basis="Điều 8"
    )
    case_id = alone.start("p", {"office": "vp"}, actor=STRANGER).case_id
    merge(alone, after="kt")
    assert rows(alone, sa.select(Case.unit)) == ["dt"]
    assert rows(alone, sa.select(Task.unit)) == ["kt"]
    assert alone.verify(case_id).differences == ()


def test_closed_cases_and_other_units_cases_and_the_journals_of_both_stay(work):
    done = work.start("p", actor=AN)
    work.cancel(done.case_id, "x", actor=person("h", cases_cancel=ANYWHERE))
    other = work.start("p", actor=STRANGER)
    before = len(rows(work, sa.select(Entry)))
    merge(work, after="kt")
    assert len(rows(work, sa.select(Entry))) == before
    assert rows(work, sa.select(Case.unit).order_by(Case.id)) == ["vp", "dt"]
    assert work.verify(other.case_id).holds


def test_each_process_may_go_elsewhere_or_stay(work):
    files = {"processes/bpmn/q.bpmn": text(WORK, "q")}
    work.deploy(Bundle("q", files), actor=OWNER, legal_basis="Điều 8")
    work.start("p", actor=AN)
    work.start("q", actor=AN)
    merge(work, after="dt", q=None)
    assert rows(work, sa.select(Case.unit).order_by(Case.id)) == ["dt", "vp"]
    merge(work, after=None, q="kt")
    assert rows(work, sa.select(Case.unit).order_by(Case.id)) == ["dt", "kt"]


def test_nothing_happens_before_the_day(work, clock):
    work.start("p", actor=AN)
    merge(work, at=clock() + timedelta(days=3))
    assert rows(work, sa.select(Case.unit)) == ["vp"]
    clock.advance(days=3)
    while work.run_due():
        pass
    assert rows(work, sa.select(Case.unit)) == ["dt"]


def test_the_errand_goes_on_after_a_turn_until_every_case_has_moved(work):
    for _ in range(BATCH + 2):
        work.start("p", actor=AN)
    merge(work)
    assert set(rows(work, sa.select(Case.unit))) == {"dt"}


def test_a_case_that_cannot_move_leaves_the_errand_stuck_until_it_is_mended(work):
    broken, other = (work.start("p", actor=AN) for _ in range(2))
    with work.writing() as session:
        state = session.scalar(sa.select(Case.state).where(Case.id == broken.case_id))
        session.execute(sa.update(Case).where(Case.id == broken.case_id).values(state=b"torn"))
    merge(work)
    units = sa.select(Case.unit).order_by(Case.id)
    assert rows(work, units) == ["vp", "dt"]
    stuck = rows(work, sa.select(Job).where(Job.name == "succeed"))[0]
    assert stuck.status == "stuck"
    assert broken.case_code in stuck.error and other.case_code not in stuck.error
    with work.writing() as session:
        session.execute(sa.update(Case).where(Case.id == broken.case_id).values(state=state))
    work.retry(stuck.id, actor=OWNER)
    while work.run_due():
        pass
    assert rows(work, units) == ["dt", "dt"]
    assert rows(work, sa.select(Job.status).where(Job.id == stuck.id)) == ["done"]


def test_before_it_happens_one_may_ask_what_is_open(work):
    work.start("p", actor=AN)
    work.start("p", actor=AN)
    with work.reading() as session:
        found = open_work(session, "vp")
        assert [(row.process_key, row.cases, row.tasks) for row in found] == [("p", 2, 2)]
        assert open_work(session, "dt") == []
