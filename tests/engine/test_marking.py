"""Files of a case bear a word, and stay what they are."""

from __future__ import annotations

import io

import sqlalchemy as sa

from engine import MARK, glimpses
from engine.tables import File
from tests.engine.conftest import AN

DRAWN = """start s
    catch a message=paper correlation="=case.code"
    service x topic=files.mark in:files==paper in:mark="Đã thu hồi" in:reason==why
    user b candidateGroups=chuyen-vien
    end e
    s > a > x > b > e"""


def test_only_the_named_file_bears_the_word_and_its_content_is_what_it_was(alone, deploy):
    alone.surroundings.operations["files.mark"] = MARK
    deploy("marked", DRAWN)
    case = alone.start("marked", actor=AN)
    first, second = (
        alone.attach(case.case_id, "qd.txt", io.BytesIO(content), actor=AN)
        for content in (b"the first text", b"the second text")
    )
    names = ("name", "size", "sha256", "media_type")
    paper = {"file": first.id} | {name: getattr(first, name) for name in names}
    said = {"paper": paper, "why": "Ban hành sai thẩm quyền."}
    alone.deliver("paper", said, correlation=case.case_code)
    with alone.reading() as session:
        marked, other = (session.get_one(File, file.id) for file in (first, second))
        assert (marked.mark, marked.marked_why) == ("Đã thu hồi", "Ban hành sai thẩm quyền.")
        assert marked.marked_at is not None and other.mark is None
        assert glimpses.file(session, alone.mover, first.id, AN, alone.clock()) is marked
        assert alone.store.get(marked.sha256) == b"the first text"
    assert alone.verify(case.case_id).holds
    # A word that no step has given is found, and so is one that was taken away.
    with alone.writing() as session:
        session.execute(sa.update(File).where(File.id == first.id).values(mark=None))
    assert [each.kind for each in alone.verify(case.case_id).differences] == ["file"]
