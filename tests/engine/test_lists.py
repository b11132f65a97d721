"""What people see of cases and tasks, and what they add to them."""

from __future__ import annotations

from io import BytesIO

import pytest
import sqlalchemy as sa

from engine import reads, views
from engine.errors import NotFound, NotPermitted, TaskGone, TaskTaken
from engine.files import FileEmpty, FileTypeRefused
from engine.paging import counted
from engine.tables import Entry
from tests.engine.conftest import AN, BINH, CHI, STRANGER

TWO = """start s
    user a "Draft" candidateGroups=chuyen-vien
    user b "Sign" candidateGroups=lanh-dao apart=a
    end e "Signed"
    s > a > b > e"""


def test_remarks_and_files_are_journalled(alone, deploy):
    deploy("p", TWO)
    case_id = alone.start("p", actor=AN).case_id
    alone.comment(case_id, " Please hurry ", actor=AN)
    row = alone.attach(case_id, "../de-nghi.pdf", BytesIO(b"%PDF-1.4\n%%EOF\n"), actor=AN)
    assert (row.name, row.media_type, len(row.sha256)) == ("de-nghi.pdf", "application/pdf", 64)
    assert alone.store.holds(row.sha256)
    with alone.reading() as session:
        kinds = session.scalars(sa.select(Entry.kind).order_by(Entry.seq)).all()
    assert kinds == ["case_started", "comment_added", "file_attached"]
    assert alone.verify(case_id).holds


def test_a_program_in_a_documents_clothes_is_refused(alone, deploy):
    deploy("p", TWO)
    case_id = alone.start("p", actor=AN).case_id
    with pytest.raises(FileTypeRefused, match=r"giay\.pdf"):
        alone.attach(case_id, "giay.pdf", BytesIO(b"MZ\x90\x00" + bytes(200)), actor=AN)
    with pytest.raises(FileEmpty):
        alone.attach(case_id, "giay.pdf", BytesIO(b""), actor=AN)
    with pytest.raises(NotFound):
        alone.attach(case_id, "giay.pdf", BytesIO(b"%PDF-1.4\n"), actor=STRANGER)


def test_a_draft_is_there_again_and_goes_with_the_task(alone, deploy):
    deploy("p", TWO)
    task = alone.start("p", actor=AN).tasks[0]
    alone.save_draft(task, {"x": "half", "rows": ["1"]}, actor=AN)
    alone.save_draft(task, {"x": "whole"}, actor=AN)
    with alone.reading() as session:
        assert views.task(session, alone.mover, task, AN).posted == {"x": "whole"}
        assert views.task(session, alone.mover, task, BINH).posted is None
    alone.complete(task, {}, actor=AN)
    with pytest.raises(TaskTaken):
        alone.save_draft(task, {"x": "late"}, actor=AN)


def test_tasks_of_one_name_say_what_each_is_about(alone, deploy, clock):
    deploy(
        "p",
        """start s
        user a "Review" candidateGroups=chuyen-vien each=names item=one subject="=one.who"
        end e
        s > a > e""",
    )
    names = [{"who": "Đặng An"}, {"who": "Lê Bình " + "x" * 400}, {"who": None}]
    case_id = alone.start("p", {"names": names}, actor=AN).case_id
    with alone.reading() as session:
        rows = reads.inbox(session, AN, list="groups", now=clock()).rows
        found = reads.inbox(session, AN, list="groups", now=clock(), text="le binh review").rows
        assert not found  # Names of tasks are not searched, what they are about is.
        found = reads.inbox(session, AN, list="groups", now=clock(), text="dang p-2026-1").rows
    assert [(row.subject or "–")[:8] for row in rows] == ["Đặng An", "Lê Bình ", "–"]
    assert len(rows[1].subject) == 300
    assert [row.id for row in found] == [rows[0].id]
    assert alone.verify(case_id).holds


def test_lists_show_each_task_to_those_who_may_do_it(alone, deploy, clock):
    deploy("p", TWO, title='="Nguyễn Văn Đặng"', columns="who:text=initiator")
    tasks = [alone.start("p", actor=AN).tasks[0] for _ in range(3)]
    alone.claim(tasks[0], actor=AN)
    with alone.reading() as session:
        now = clock()
        assert reads.counts(session, AN, now)["mine"] == 1
        assert reads.counts(session, BINH, now)["groups"] == 2
        assert reads.counts(session, STRANGER, now) == dict.fromkeys(reads.LISTS, 0)
        for text in ("nguyen dang", "NGUYỄN VĂN", "đặng", "p-2026-0002 dang"):
            assert reads.inbox(session, BINH, list="groups", now=now, text=text).rows, text
        assert reads.inbox(session, BINH, list="groups", now=now, text="100%").total == 0
        first = reads.inbox(session, BINH, list="groups", now=now, limit=1)
        second = reads.inbox(session, BINH, list="groups", now=now, limit=1, after=first.more)
        assert (first.total, second.more) == (2, None)
        assert {first.rows[0].id, second.rows[0].id} == set(tasks[1:])


def test_nobody_counts_a_list_to_its_end(alone, deploy, clock):
    """A million rows take seconds to count, and no reader does anything with so large a number."""
    numbers = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < 1_200))
    ran = []
    sa.event.listen(alone.bind, "before_cursor_execute", lambda *call: ran.append(call[2]))
    with alone.reading() as session:
        assert session.scalar(counted(sa.select(numbers.c.n))) == reads.MOST_COUNTED == 1_000
        reads.counts(session, BINH, clock())
        reads.inbox(session, BINH, list="groups", now=clock())
        reads.cases(session, BINH, now=clock())
    counting = [text for text in ran if "count(*)" in text]
    assert [text.count("count(*)") - text.count("LIMIT") for text in counting] == [0] * 4


def test_a_case_is_hidden_from_those_who_have_no_part_in_it(alone, deploy):
    deploy("p", TWO)
    case_id = alone.start("p", actor=AN).case_id
    with alone.reading() as session:
        assert views.case(session, alone.mover, case_id, AN, alone.clock()).row.id == case_id
        with pytest.raises(NotFound):
            views.case(session, alone.mover, case_id, STRANGER, alone.clock())
        assert reads.cases(session, STRANGER, now=alone.clock()).total == 0


def test_cancelling_needs_the_right_and_closes_everything(alone, deploy):
    deploy("p", TWO)
    started = alone.start("p", actor=AN)
    with pytest.raises(NotPermitted):
        alone.cancel(started.case_id, "wrong", actor=AN)
    boss = type(AN)(**{**vars(CHI), "rights": {"cases.cancel": frozenset({"vp"})}})
    assert alone.cancel(started.case_id, "wrong", actor=boss).status == "cancelled"
    with pytest.raises(TaskGone):
        alone.complete(started.tasks[0], {}, actor=AN)
    assert alone.verify(started.case_id).holds


def test_a_new_version_resets_no_claim_draft_or_deadline(alone, deploy):
    """The library's own migration resets every open branch; open cases stay on their version."""
    deploy("p", TWO, due='=now() + duration("P1D")')
    task = alone.start("p", actor=AN).tasks[0]
    alone.claim(task, actor=AN)
    alone.save_draft(task, {"x": "half"}, actor=AN)
    with alone.reading() as session:
        before = views.task(session, alone.mover, task, AN)
    deploy("p", TWO.replace("Signed", "Approved"))
    with alone.reading() as session:
        after = views.task(session, alone.mover, task, AN)
    assert before.row.due_at is not None
    assert (after.row, after.posted) == (before.row, before.posted)
    assert not alone.complete(task, {}, actor=AN).closed


def test_what_cases_wait_for_beside_people_is_listed_by_element(alone, deploy):
    lines = TWO.replace(
        "    end e",
        """    boundary t on=a timer=P10D
    boundary m on=a message=note non sender="=initiator"
    end f
    end h
    end e""",
    )
    deploy("p", f"{lines}\n    t > f\n    m > h")
    one, two = (alone.start("p", actor=AN) for _ in range(2))
    with alone.reading() as session:
        found = reads.waiting_elements(session, [one.case_id])
        assert sorted(found) == [(one.case_id, "m"), (one.case_id, "t")]
        assert reads.waiting_elements(session, []) == []
    alone.complete(two.tasks[0], {}, actor=AN)
    with alone.reading() as session:
        assert reads.waiting_elements(session, [two.case_id]) == []
