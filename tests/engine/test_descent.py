"""Cases that begin cases, hand parts down to any depth, and speak to each other."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import sqlalchemy as sa

from engine import MESSAGE, Bundle, Call, descent
from engine.errors import CallFailed, Rejected
from engine.tables import Case, Entry, File, Job, Origin, Task
from tests.engine.conftest import AN, CHI, OWNER, STRANGER
from tests.engine.drawings import text

PEOPLE = {who.name: who for who in (AN, CHI, STRANGER)}
HAND_DOWN = """
    start s
    sub parts each==below item=place results=got result==sent.turn {
        <bpmn:dataObject id="D_child" name="child"/>
        <bpmn:dataObject id="D_sent" name="sent"/>
        start ps
        service b topic=cases.start in:process=part in:unit="=place.unit"
            in:data="={below: place.below}" out:child="=result.case"
        catch r message=part.sent correlation="=child"
        xor good
        service back topic=cases.message in:name=part.returned in:key="=child"
        service ok topic=cases.message in:name=part.accepted in:key="=child"
        end pe
        ps > b > r > good
        good > back : sent.turn = 1
        good > ok : default
        back > r
        ok > pe
    }
    user write candidateGroups=chuyen-vien
    xor top
    script next resultVariable=turn feel="if turn = null then 1 else turn + 1"
    service up topic=cases.message in:name=part.sent in:key="=case.code"
        in:data="={sent: {turn: turn}}"
    events answer
    catch no message=part.returned correlation="=case.code"
    catch yes message=part.accepted correlation="=case.code"
    end e
    s > parts > write > top
    top > e : case.parent = null
    top > next : default
    next > up > answer > no > write
    answer > yes > e
    sub gone byevent {
        start gs message=case.cancelled correlation="=case.parent"
        service pass topic=cases.message in:name=case.cancelled in:key="=case.code"
            in:keep==false
        end ge terminate
        gs > pass > ge
    }
"""
HAND_DOWN = HAND_DOWN.replace("\n            in:", " in:").replace("\n        in:", " in:")
TREE = [{"unit": "vp", "below": [{"unit": "dt", "below": []}, {"unit": "vp", "below": []}]}]
WORK = "start s\nuser a candidateGroups=chuyen-vien\nend e\ns > a > e"
BEGIN = 'start s\nservice b topic=cases.start in:process=w out:child="=result.case"\nend e\n'
BEGIN += 'boundary x on=b error=START_REFUSED\nend no "No"\ns > b > e\nx > no'


@pytest.fixture
def many(alone):
    """The engine of this test, whose cases may begin others and tell them something."""
    start = descent.operation(
        lambda _session, name, _now: PEOPLE.get(name),
        lambda _session, code, _now: code in ("vp", "dt"),
    )
    alone.surroundings.operations.update({o.name: o for o in (start, MESSAGE)})
    return alone


def go(engine):
    while engine.run_due():
        pass


def family(engine):
    """(code of the case, of its parent, unit, initiator, status), oldest first."""
    parent = sa.orm.aliased(Case)
    query = (
        sa.select(Case.code, parent.code, Case.unit, Case.started_by, Case.status)
        .outerjoin(Origin, Origin.case_id == Case.id)
        .outerjoin(parent, parent.id == Origin.parent_id)
        .order_by(Case.id)
    )
    with engine.reading() as session:
        return [tuple(row) for row in session.execute(query)]


def to_write(engine):
    query = sa.select(Case.code, Task.id).join(Case).where(Task.status == "open")
    with engine.reading() as session:
        return dict(session.execute(query.order_by(Task.id)).all())


def all_hold(engine):
    assert [v.differences for v in engine.verify_all() if not v.holds] == []


def test_parts_go_down_three_levels_come_back_and_are_returned_once(many, deploy):
    deploy("part", HAND_DOWN)
    top = many.start("part", {"below": TREE}, actor=AN)
    go(many)
    codes = [f"PART-2026-000{n}" for n in (1, 2, 3, 4)]
    assert [row[:3] for row in family(many)] == [
        (codes[0], None, "vp"), (codes[1], codes[0], "vp"), (codes[2], codes[1], "dt"),
        (codes[3], codes[1], "vp"),
    ]  # fmt: skip
    assert set(to_write(many)) == {codes[2], codes[3]}
    for _turn in (1, 2):  # The first sending of each part is returned.
        for code, who in ((codes[2], STRANGER), (codes[3], AN)):
            many.complete(to_write(many)[code], {}, actor=who)
        go(many)
    assert set(to_write(many)) == {codes[1]}
    for _turn in (1, 2):
        many.complete(to_write(many)[codes[1]], {}, actor=AN)
        go(many)
    many.complete(to_write(many)[codes[0]], {}, actor=AN)
    assert {row[4] for row in family(many)} == {"completed"}
    with many.reading() as session:
        assert b'"got"' in session.get_one(Case, top.case_id).state
    all_hold(many)


def test_who_cancels_a_case_reaches_the_cases_below_it(many, deploy):
    deploy("part", HAND_DOWN)
    top = many.start("part", {"below": TREE}, actor=AN)
    go(many)
    boss = replace(AN, rights={**AN.rights, "cases.cancel": frozenset({"vp"})})
    many.cancel(top.case_id, "Không cần nữa", actor=boss)
    go(many)
    assert [row[4] for row in family(many)] == ["cancelled", *["completed"] * 3]
    assert to_write(many) == {}
    all_hold(many)


def called(engine, moved):
    """`cases.start` as the job of the case calls it, while the job runs."""
    with engine.writing() as session:
        job = session.scalars(sa.select(Job).where(Job.case_id == moved.case_id)).one()
        job.status, key = "running", job.key
    call = Call(key, engine.clock(), moved.case_id, moved.case_code, "system", "vp", engine=engine)
    return lambda **order: engine.surroundings.operations["cases.start"].run(call, order)


def test_a_case_begun_twice_by_one_job_is_begun_once(many, deploy):
    deploy("w", WORK)
    deploy("p", BEGIN)
    moved = many.start("p", actor=AN)
    run = called(many, moved)
    assert run(process="w") == run(process="w") == {"case": "W-2026-0001"}
    with many.writing() as session:
        session.execute(sa.update(Job).values(status="cancelled"))
        session.execute(sa.delete(Origin))
    with pytest.raises(CallFailed):
        run(process="w")


def test_a_start_that_cannot_be_is_refused_by_its_code(many, deploy):
    own = 'id="w" camunda:candidateStarterGroups="lanh-dao"'
    files = {"processes/bpmn/w.bpmn": text(WORK, "w").replace('id="w"', own)}
    many.deploy(Bundle("w", files), actor=OWNER, legal_basis="Điều 8")
    deploy("byevent", "start s message=m\nend e\ns > e")
    deploy("p", BEGIN)
    run = called(many, many.start("p", actor=AN))
    for order, code in (
        ({"process": "none"}, "PROCESS_UNKNOWN"),
        ({"process": "w", "unit": "gone"}, "UNIT_UNKNOWN"),
        ({"process": "w", "as": "nobody"}, "ACCOUNT_UNKNOWN"),
        ({"process": "w"}, "START_REFUSED"),
        ({"process": "byevent"}, "START_REFUSED"),
    ):
        with pytest.raises(Rejected) as told:
            run(**order)
        assert told.value.code == code
    assert run(process="w", **{"as": "chi"}) == {"case": "W-2026-0001"}
    assert family(many)[-1] == ("W-2026-0001", "P-2026-0001", "vp", "chi", "open")


def test_a_process_may_be_begun_by_those_that_it_names(many, deploy):
    own = 'id="w" camunda:candidateStarterGroups="lanh-dao"'
    drawn = text(WORK, "w", started_from="q, p").replace('id="w"', own)
    many.deploy(Bundle("w", {"processes/bpmn/w.bpmn": drawn}), actor=OWNER, legal_basis="Điều 8")
    deploy("p", BEGIN)
    many.start("p", actor=AN)
    go(many)
    assert family(many)[-1] == ("W-2026-0001", "P-2026-0001", "vp", "an", "open")
    all_hold(many)


def test_a_case_that_begins_itself_comes_to_an_end(many, deploy):
    deploy("p", BEGIN.replace("process=w", "process=p").replace("START_REFUSED", "TOO_DEEP"))
    many.start("p", actor=AN)
    many.run_due(1)
    with many.writing() as session:
        session.execute(sa.update(Origin).values(depth=descent.DEEPEST - 1))
    go(many)
    with many.reading() as session:
        assert session.scalars(sa.select(Case.outcome).order_by(Case.id)).all() == ["e", "e", "No"]
    all_hold(many)


def test_files_go_along_with_what_is_handed_on(many, deploy):
    deploy("w", WORK)
    handing = BEGIN.replace("> b", "> c > b", 1).replace(
        "in:process", 'in:data="={x: x}" in:process'
    )
    deploy("p", f'{handing}\ncatch c message=paper correlation="=case.code"')
    moved = many.start("p", actor=AN)
    kept = many.attach(moved.case_id, "a.txt", io.BytesIO("Văn bản".encode()), actor=AN)
    paper = {"file": kept.id, "name": kept.name, "sha256": kept.sha256}
    foreign = {**paper, "sha256": "0" * 64}
    many.deliver("paper", {"x": [paper, foreign]}, correlation=moved.case_code)
    go(many)
    with many.reading() as session:
        child = session.scalars(sa.select(Case).where(Case.process_key == "w")).one()
        row = session.scalars(sa.select(File).where(File.case_id == child.id)).one()
        first = session.scalars(sa.select(Entry).where(Entry.case_id == child.id)).first()
    assert row.id != kept.id
    assert first.input["data"] == {"x": [{**paper, "file": row.id}, foreign]}
    all_hold(many)


def test_a_forged_beginning_is_found(many, deploy):
    deploy("w", WORK)
    deploy("p", BEGIN)
    many.start("p", actor=AN)
    go(many)
    with many.writing() as session:
        child = session.scalars(sa.select(Origin.case_id)).one()
        session.execute(sa.delete(Origin))
    assert [d.fields["column"] for d in many.verify(child).differences] == ["parent"]


def test_what_nobody_waits_for_is_kept_only_when_it_is_asked_for(many, deploy):
    tell = "start s\nservice t topic=cases.message in:name=m in:key=k in:keep={}\nend e\ns > t > e"
    deploy("kept", tell.format("=true"))
    deploy("gone", tell.format("=false"))
    for key in ("kept", "gone"):
        many.start(key, actor=AN)
    with many.reading() as session:
        assert session.scalars(sa.select(Job.key)).all() == ["told:KEPT-2026-0001:3"]
    all_hold(many)
