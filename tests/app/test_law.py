"""Provisions as drawings name them, and as people cite them."""

from __future__ import annotations

import pytest

from app.law import clauses, spelled


@pytest.mark.parametrize(
    "mark, citation",
    [
        ("HP-8.4a", "Khoản 4 Điều 8, Quy chế e-HEZA (Quyết định 3174/QĐ-BQL)"),
        ("HP-8.0a", "Điều 8, Quy chế e-HEZA (Quyết định 3174/QĐ-BQL)"),
        ("NĐ 118/2025", "NĐ 118/2025"),
        ("XX-1.2", "XX-1.2"),
    ],
)
def test_a_mark_is_cited_as_on_paper(mark, citation):
    assert [found.citation for found in clauses(mark)] == [citation]


def test_marks_within_a_text_are_cited_and_nothing_else_of_it_changes():
    told = spelled("XTK-2026-0003, KH-12.4a7; HP-2026-0001")
    assert told.startswith("XTK-2026-0003, điểm a khoản 4 Điều 12, Quy chế ")
    assert told.endswith("); HP-2026-0001")
    assert spelled(None) == "" and spelled("HP-8.4").startswith("Khoản 4")


def test_a_lettered_point_is_named():
    assert clauses("KH-12.4a3")[0].citation.startswith("Điểm a khoản 4 Điều 12, ")


def test_the_text_is_that_of_the_provision_or_of_the_nearest_around_it():
    exact, around = clauses("QN-6.5; HP-8.4a")
    assert "không quá 01 (một) ngày làm việc" in exact.text[0]
    assert "có xác nhận của trưởng phòng" in around.text[0]


def test_provisions_keep_their_order_and_none_comes_twice():
    marks = [found.mark for found in clauses("QN-6.5; HP-8.4a;QN-6.5; ")]
    assert marks == ["QN-6.5", "HP-8.4a"]


def test_parts_that_the_document_does_not_number_apart_are_one_provision():
    (found,) = clauses("KH-12.4a1; KH-12.4a2")
    assert found.text[0].startswith("Tạo người dùng")
    assert found.text[1].startswith("Cấp tài khoản cho người dùng")
    assert len(clauses("HP-8.4a; HP-8.4b")) == 1


def test_no_basis_is_no_provision():
    assert clauses(None) == []
    assert clauses("") == []
