"""Files of a case are destroyed, and it stays known that they were."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from engine import ERASE, glimpses, views
from engine.erasing import FileErased
from engine.errors import NotFound
from engine.tables import File
from tests.engine.conftest import AN, STRANGER

DRAWN = """start s
    user a candidateGroups=chuyen-vien
    service x topic=files.erase in:reason="Văn bản mật." {}
    user b candidateGroups=chuyen-vien
    end e
    s > a > x > b > e"""
SENT = 'catch a message=paper correlation="=case.code"'
FIRST, SECOND = b"the first text", b"the second text"


@pytest.fixture
def keeping(alone, deploy):
    """An engine whose cases destroy all their files, one of them or its content alone."""
    alone.surroundings.operations["files.erase"] = ERASE
    deploy("all", DRAWN.format(""))
    named = DRAWN.format("in:files==paper in:keep_names==true")
    deploy("one", named.replace("user a candidateGroups=chuyen-vien", SENT))
    return alone


def attached(engine, case_id, content, name="mat.txt"):
    return engine.attach(case_id, name, io.BytesIO(content), actor=AN)


def past_erasing(engine, case_id):
    with engine.reading() as session:
        shown = views.case(session, engine.mover, case_id, AN, engine.clock())
    engine.complete(shown.tasks[0].id, {}, actor=AN)


def files(engine, case_id):
    with engine.reading() as session:
        return {file.id: file for file in views.files(session, case_id)}


def test_nobody_gets_a_destroyed_file_even_before_its_bytes_are_gone(keeping):
    case_id = keeping.start("all", actor=AN).case_id
    file = attached(keeping, case_id, FIRST)
    past_erasing(keeping, case_id)
    assert keeping.store.has(file.sha256)
    with keeping.reading() as session, pytest.raises(FileErased, match="Văn bản mật"):
        glimpses.file(session, keeping.mover, file.id, AN, keeping.clock())
    assert keeping.verify(case_id).holds
    keeping.run_due()
    assert not keeping.store.has(file.sha256)
    assert files(keeping, case_id)[file.id].name == ""
    assert keeping.verify(case_id).holds


def test_what_another_case_holds_stays_there_for_that_case(keeping):
    gone, kept = (keeping.start("all", actor=AN).case_id for _ in range(2))
    file, other = (attached(keeping, case_id, FIRST) for case_id in (gone, kept))
    past_erasing(keeping, gone)
    keeping.run_due()
    assert keeping.store.get(other.sha256) == FIRST
    assert keeping.verify(kept).holds
    past_erasing(keeping, kept)
    keeping.run_due()
    assert not keeping.store.has(file.sha256)


def test_only_the_named_file_is_destroyed_and_may_keep_its_name(keeping):
    case = keeping.start("one", actor=AN)
    case_id = case.case_id
    first, second = (attached(keeping, case_id, content) for content in (FIRST, SECOND))
    paper = {
        "file": first.id,
        "name": first.name,
        "size": first.size,
        "sha256": first.sha256,
        "media_type": first.media_type,
    }
    keeping.deliver("paper", {"paper": paper}, correlation=case.case_code)
    keeping.run_due()
    assert (keeping.store.has(first.sha256), keeping.store.has(second.sha256)) == (False, True)
    assert files(keeping, case_id)[first.id].name == "mat.txt"
    assert keeping.verify(case_id).holds


def test_a_destroyed_file_may_be_attached_again(keeping):
    case_id = keeping.start("all", actor=AN).case_id
    first = attached(keeping, case_id, FIRST)
    past_erasing(keeping, case_id)
    again = attached(keeping, case_id, FIRST)
    keeping.run_due()
    assert again.id != first.id
    assert keeping.store.get(again.sha256) == FIRST
    assert keeping.verify(case_id).holds


def test_a_mark_of_destruction_that_no_step_made_is_found(keeping):
    case_id = keeping.start("all", actor=AN).case_id
    attached(keeping, case_id, FIRST)
    with keeping.writing() as session:
        session.execute(sa.update(File).values(erased_at=keeping.clock(), erased_why="So."))
    assert [each.kind for each in keeping.verify(case_id).differences] == ["file"]


def test_a_file_that_no_case_takes_does_not_stay_in_the_store(keeping):
    case_id = keeping.start("all", actor=AN).case_id
    with pytest.raises(NotFound):
        keeping.attach(case_id, "mat.txt", io.BytesIO(FIRST), actor=STRANGER)
    sha256 = attached(keeping, case_id, SECOND).sha256
    assert [p.name for p in keeping.store._folder.rglob("*") if p.is_file()] == [sha256]


def test_content_that_is_taken_in_while_it_is_set_aside_is_put_back(keeping):
    sha256 = attached(keeping, keeping.start("all", actor=AN).case_id, FIRST).sha256
    answers = iter((False, True))
    keeping.store.drop(sha256, lambda: next(answers))
    assert keeping.store.get(sha256) == FIRST
