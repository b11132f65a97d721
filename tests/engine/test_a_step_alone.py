"""Drawings that show people their own step of a case and nothing more: the property `sees`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa

from engine import Bundle, glimpses, reads, remarks, views
from engine.cases import may_take_part
from engine.errors import NotFound
from engine.forms import FormErrors
from engine.tables import Case, Task, Wait
from tests.engine.conftest import AN, BINH, CHI, OWNER, STRANGER
from tests.engine.drawings import text

ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PDF = b"%PDF-1.4\n%%EOF\n"
# CHI alone has the task that is no more than a step; AN drafts, with all of the case.
ASKED = """start s
    user a "Draft" candidateGroups=chuyen-vien formKey=p/draft
    user b "Answer" assignee==asked formKey=p/answer sees=task
    user c "Close" candidateGroups=chuyen-vien
    end e "Closed"
    s > a > b > c > e"""
BEGUN = """start s
    and f
    user a "Check" candidateGroups=lanh-dao
    catch r "Withdraw" message=r sender==initiator
    end e
    end w
    s > f
    f > a
    f > r
    a > e
    r > w"""
DRAFT = {"components": [
    {"type": "textfield", "key": "asked", "label": "Asked"},
    {"type": "textfield", "key": "secret", "label": "Secret"},
    {"type": "filepicker", "key": "papers", "label": "Papers", "multiple": True},
    {"type": "filepicker", "key": "notes", "label": "Notes", "multiple": True},
]}  # fmt: skip
ANSWER = {"components": [
    {"type": "filepicker", "key": "papers", "label": "Papers", "multiple": True, "readonly": True},
    {"type": "filepicker", "key": "reply", "label": "Reply", "multiple": True},
]}  # fmt: skip
INSIDE, OUTSIDE = (replace(CHI, candidacies=frozenset(), unit=unit) for unit in ("dt", None))


@pytest.fixture
def asked(alone, request) -> dict[str, Any]:
    """A case that AN drafted with a file for CHI and one that is not; `task` is CHI's, which sees
    what the parameter says, "task" without one.
    """
    drawn = ASKED.replace("sees=task", f"sees={getattr(request, 'param', 'task')}")
    files = {
        "processes/bpmn/p.bpmn": text(drawn, "p", columns="secret:text"),
        "forms/p/draft.form": json.dumps(DRAFT),
        "forms/p/answer.form": json.dumps(ANSWER),
    }
    alone.deploy(Bundle("p", files), actor=OWNER, legal_basis="Điều 8")
    begun = alone.start("p", actor=AN, unit="vp")
    shown, hidden = (
        alone.attach(begun.case_id, name, BytesIO(PDF + name.encode()), actor=AN).id
        for name in ("shown.pdf", "hidden.pdf")
    )
    sent = {"asked": "chi", "secret": "Nghi ngờ", "papers": [shown], "notes": [hidden]}
    alone.complete(begun.tasks[0], sent, actor=AN)
    with alone.reading() as session:
        task = session.scalar(sa.select(Task.id).where(Task.name == "Answer"))
    return {"case": begun.case_id, "task": task, "shown": shown, "hidden": hidden}


@ONE
@pytest.mark.parametrize("actor", [INSIDE, OUTSIDE], ids=["of a unit", "from outside"])
def test_who_has_a_step_alone_sees_it_with_its_files_and_no_case(alone, asked, actor):
    now, mover = alone.clock(), alone.mover
    with alone.reading() as session:
        assert views.task(session, mover, asked["task"], actor).why_not is None
        for door in (
            lambda: views.case(session, mover, asked["case"], actor, now),
            lambda: views.history(session, mover, asked["case"], actor),
            lambda: glimpses.file(session, mover, asked["hidden"], actor, now),
        ):
            with pytest.raises(NotFound):
                door()
        assert glimpses.file(session, mover, asked["shown"], actor, now).name == "shown.pdf"
        part = glimpses.case(session, mover, asked["case"], actor, now)
        assert not part.whole and [file.name for file in part.files] == ["shown.pdf"]
        assert part.comments == [] and [task.name for task in part.tasks] == ["Answer"]
        # Their list of cases says no more of it, and finds it by no word that it does not say.
        for words in ("", part.row.code.lower()):
            (row,) = reads.cases(session, actor, text=words, now=now).rows
            told = (row.code, row.columns, row.started_by, row.due_at, row.open_tasks)
            assert told == (part.row.code, {}, "", None, ())
        for wanted in ({"text": "nghi ngo"}, {"unit": "vp"}, {"late": True}):
            assert reads.cases(session, actor, now=now, **wanted).rows == ()
        assert not may_take_part(session, session.get(Case, asked["case"]), actor)
    if actor.unit is not None:
        with pytest.raises(NotFound):
            alone.comment(asked["case"], "Hm", actor=actor)
    with pytest.raises(NotFound):
        alone.comment(asked["case"], "Hm", actor=STRANGER)


@ONE
def test_somebody_from_outside_reads_what_is_for_them_and_answers_in_the_open(alone, asked):
    now, mover, case = alone.clock(), alone.mover, asked["case"]
    kept = {}
    for audience in ("inner", "outer"):
        alone.comment(case, f"An {audience}", actor=AN, audience=audience)
        content = BytesIO(PDF + audience.encode())
        kept[audience] = alone.attach(case, "a.pdf", content, actor=AN, audience=audience).id
    alone.comment(case, "Their own", actor=OUTSIDE, audience="inner")
    with alone.reading() as session:
        for who, read in ((OUTSIDE, ["Their own", "An outer"]), (INSIDE, [])):
            part = glimpses.case(session, mover, case, who, now)
            assert [one.text for one in part.comments] == read
            assert (kept["outer"] in {one.id for one in part.files}) == bool(read)
        whole = views.case(session, mover, case, AN, now)
        told = [(one.text, one.audience) for one in whole.comments]
        assert told == [("Their own", "outer"), ("An outer", "outer"), ("An inner", "inner")]
        assert glimpses.file(session, mover, kept["outer"], OUTSIDE, now)
        with pytest.raises(NotFound):
            glimpses.file(session, mover, kept["inner"], OUTSIDE, now)
        assert remarks.taking_part(session, case) == {AN.name, INSIDE.name}
    assert alone.verify(case).holds


@ONE
def test_who_began_a_case_from_outside_reads_all_of_it_but_what_is_for_the_house(alone, deploy):
    deploy("q", BEGUN)
    case, outside = alone.start("q", None, actor=AN, unit="vp").case_id, replace(AN, unit=None)
    inner = alone.attach(case, "b.pdf", BytesIO(PDF), actor=CHI, audience="inner").id
    alone.comment(case, "Doubtful", actor=CHI)
    alone.comment(case, "Received", actor=CHI, audience="outer")
    read = ((outside, ["Received"], []), (CHI, ["Received", "Doubtful"], [inner]))
    with alone.reading() as session:
        for who, texts, files in read:
            seen = views.case(session, alone.mover, case, who, alone.clock())
            assert [one.text for one in seen.comments] == texts
            assert [one.id for one in seen.files] == files
            told = views.history(session, alone.mover, case, who)
            assert [e.input["text"] for e in told if e.kind == "comment_added"] == texts[::-1]
            assert len([e for e in told if e.kind == "file_attached"]) == len(files)
        with pytest.raises(NotFound):
            glimpses.file(session, alone.mover, inner, outside, alone.clock())


@ONE
@pytest.mark.parametrize("asked", ["outside"], indirect=True)
def test_a_step_may_open_the_case_to_officials_and_not_to_others(alone, asked):
    with alone.reading() as session:
        for actor, is_open in ((INSIDE, True), (OUTSIDE, False)):
            found = glimpses.case(session, alone.mover, asked["case"], actor, alone.clock())
            assert (found.whole, len(found.files)) == (is_open, 2 if is_open else 1)
            (row,) = reads.cases(session, actor, now=alone.clock()).rows
            assert bool(row.columns) is is_open
    with pytest.raises(FormErrors):
        alone.complete(asked["task"], {"reply": [asked["hidden"]]}, actor=OUTSIDE)
    alone.complete(asked["task"], {"reply": [asked["hidden"]]}, actor=INSIDE)


@ONE
def test_a_step_takes_no_file_of_the_case_that_it_does_not_show(alone, asked):
    with pytest.raises(FormErrors):
        alone.complete(asked["task"], {"reply": [asked["hidden"]]}, actor=INSIDE)
    own = alone.attach(asked["case"], "own.pdf", BytesIO(PDF), actor=INSIDE).id
    alone.complete(asked["task"], {"reply": [own]}, actor=INSIDE)
    later = alone.attach(asked["case"], "later.pdf", BytesIO(PDF + b"2"), actor=AN).id
    with alone.reading() as session:
        now, mover = alone.clock(), alone.mover
        part = glimpses.case(session, mover, asked["case"], INSIDE, now)
        assert {file.name for file in part.files} == {"own.pdf", "shown.pdf"}
        assert views.task(session, mover, asked["task"], INSIDE).row.status == "completed"
        with pytest.raises(NotFound):
            glimpses.file(session, mover, later, INSIDE, now)


@ONE
def test_who_has_the_case_by_another_step_or_by_right_sees_it_as_before(alone, asked):
    led = replace(INSIDE, rights={"cases.view": frozenset({"vp"})})
    also = replace(INSIDE, candidacies=frozenset({"chuyen-vien@vp"}))
    with alone.reading() as session:
        for actor in (AN, BINH, led, also):
            found = glimpses.case(session, alone.mover, asked["case"], actor, alone.clock())
            assert found.whole and len(found.files) == 2
            assert len(reads.cases(session, actor, text="nghi ngo", now=alone.clock()).rows) == 1


@ONE
def test_who_began_a_case_from_outside_follows_it_and_may_withdraw_it(alone, deploy):
    deploy("q", BEGUN, sees="task", columns="mark:text=unit")
    begun = alone.start("q", None, actor=AN, unit="vp")
    inside, outside = (replace(AN, candidacies=frozenset(), unit=unit) for unit in ("vp", None))
    with alone.reading() as session:
        now, mover = alone.clock(), alone.mover
        assert glimpses.case(session, mover, begun.case_id, inside, now).whole
        part = glimpses.case(session, mover, begun.case_id, outside, now)
        assert not part.whole and part.tasks == [] and len(part.waits) == 1
        assert [row.columns for row in reads.cases(session, outside, now=now).rows] == [{}]
        waiting = reads.inbox(session, outside, list="waiting", now=now)
        assert [(row.name, row.is_beside, row.assignee) for row in waiting.rows] == [
            ("Check", True, None)
        ]
        seek = {"list": "waiting", "now": now}
        assert reads.inbox(session, outside, text="vp", **seek).rows == ()
        assert len(reads.inbox(session, outside, text=part.row.code.lower(), **seek).rows) == 1
        token = session.scalar(sa.select(Wait.token).where(Wait.case_id == begun.case_id))
    assert alone.send(begun.case_id, token, {}, actor=outside).case_code == part.row.code


@ONE
def test_a_case_is_looked_over_with_the_right_that_its_drawing_names(alone, deploy, clock):
    """And so are those of its process that were begun before the drawing said so."""
    deploy("q", BEGUN)
    begun = alone.start("q", None, actor=AN, unit="vp")
    files = {"processes/bpmn/q.bpmn": text(BEGUN, "q", seen_with="people.view")}
    said = {"actor": OWNER, "legal_basis": "Điều 8", "active_from": clock() + timedelta(days=9)}
    alone.deploy(Bundle("q", files), **said)
    led = {"cases.view": frozenset({"vp"})}
    over = [
        replace(INSIDE, rights=rights)
        for rights in (led, led | {"cases.view_all": frozenset({"x"})})
    ]
    also = {"people.view": frozenset({"vp"})}
    trusted = [replace(one, rights={**one.rights, **also}) for one in over]
    clock.advance(days=8)
    later = alone.start("q", None, actor=AN, unit="vp")
    with alone.reading() as session:
        alone.run_due()
        assert reads.cases(session, over[0], now=clock()).total == 2
    clock.advance(days=1, minutes=1)
    alone.run_due()
    auditor = replace(INSIDE, rights={"audit.view": frozenset({"vp"})})
    elsewhere = replace(over[0], rights={**led, "people.view": frozenset({"dt"})})
    now, mover = alone.clock(), alone.mover
    with alone.reading() as session:
        for case_id in (begun.case_id, later.case_id):
            row = session.get_one(Case, case_id)
            for actor in (AN, *trusted, auditor):
                assert glimpses.case(session, mover, case_id, actor, now).whole
            for actor in (*over, elsewhere):
                assert not may_take_part(session, row, actor)
                with pytest.raises(NotFound):
                    glimpses.case(session, mover, case_id, actor, now)
        totals = [reads.cases(session, one, now=now).total for one in (AN, *trusted, *over)]
        assert totals == [2, 2, 2, 0, 0]
        for actor, total in ((trusted[0], 2), (over[0], 0), (elsewhere, 0)):
            assert reads.inbox(session, actor, list="unit", now=now).total == total
            assert reads.counts(session, actor, now)["unit"] == total
