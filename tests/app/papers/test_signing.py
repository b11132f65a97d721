"""Papers of cases are signed: by who completed the step of signing, then by the clerk's hand."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.signing import reading
from adapters.signing.sandbox import Authority
from app.demo import paper
from app.papers.desk import folder
from engine import views
from tests import papers
from tests.clocks import MONDAY
from tests.papers import KEY, letters, made_clerk, service
from tests.worlds import clerk, director, office, stranger

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BY_PERSON = {"files": "=paper", "task": "Ký"}
PERSON = "person:" + service("person", "sign.person", BY_PERSON, out="paper=result.files")
SEALED = {"files": "=paper", "unit": "=unit"}
SEAL = "seal:" + service("seal", "sign.organisation", SEALED, out="paper=result.files")
LOOK = "look:" + service("look", "sign.check", {"files": "=paper"}, out="found=result")
SIGN = 'sign:user sign "Ký" candidateGroups="lanh-dao-ban@parent(unit)"'
ISSUE = 'issue:user issue "Phát hành" assignee=dungld'


@pytest.fixture
def authority(settings: Any) -> Authority:
    """Keys of the director and of the authority of the zone."""
    made = Authority(folder(settings), MONDAY - timedelta(days=400))
    made.person("haidq", "Đỗ Quang Hải", unit="Ban Quản lý Khu kinh tế Sơn Hải")
    made.organisation("ban", "Ban Quản lý Khu kinh tế Sơn Hải")
    return made


def begun(case: Any, *steps: str) -> Any:
    """A case whose letter lies before the director."""
    case.deploy(KEY, letters(*steps))
    case.start(KEY)
    case.complete("Soạn", as_=clerk, about="họp")
    return case


def data(case: Any) -> Any:
    with case.engine.reading() as session:
        actor, now = case.actor(director), case.engine.clock()
        return views.case(session, case.engine.mover, case.id, actor, now).data


def rejection(case: Any) -> tuple[str, str]:
    """The error that the drawing caught, and what it says."""
    assert case.waits_at("Xem")
    entry = next(e for e in reversed(case.entries()) if e.kind == "call_rejected")
    return entry.input["code"], entry.input["message"]


def test_a_letter_is_signed_by_its_leader_and_then_by_the_clerk_for_the_organisation(
    case, authority, page
):
    made_clerk(case)
    begun(case, SIGN, PERSON, ISSUE, SEAL, LOOK)
    case.complete("Ký", as_=director)
    case.complete("Phát hành", as_=office)
    assert case.waits_at("Xem")
    found = data(case)["found"]
    assert (found["valid"], found["people"], found["organisations"]) == (True, 1, 1)
    first = found["signatures"][0]
    assert (first["name"], first["intact"], first["stamped"]) == ("Đỗ Quang Hải", True, True)
    assert case.verify().holds
    number = data(case)["paper"][0]["file"]
    text = page.as_(director).get(f"/files/{number}/signatures").text
    assert "Cả 2 chữ ký số đều hợp lệ" in text
    assert "Ban Quản lý Khu kinh tế Sơn Hải" in text
    assert page.as_(stranger).get(f"/files/{number}/signatures").status_code == 404
    unsigned = page.as_(director).get(f"/files/{number - 2}/signatures").text
    assert "Tệp không có chữ ký số" in unsigned


@SQLITE
def test_the_organisation_signs_only_after_a_person(case, authority):
    made_clerk(case)
    begun(case, ISSUE, SEAL)
    case.complete("Phát hành", as_=office)
    code, said = rejection(case)
    assert code == "sign.person_missing"
    assert "Công văn.pdf" in said


@SQLITE
def test_only_a_clerk_of_the_organisation_operates_its_key(case, authority):
    begun(case, SIGN, PERSON, ISSUE, SEAL)
    case.complete("Ký", as_=director)
    case.complete("Phát hành", as_=office)
    assert rejection(case) == (
        "sign.not_clerk",
        "Lê Đình Dũng không phải văn thư được giao quản lý khóa của Ban Quản lý Khu kinh tế "
        "Sơn Hải.",
    )


@SQLITE
@pytest.mark.parametrize(
    ("until", "words"),
    [(MONDAY - timedelta(days=1), "đã hết hiệu lực (đến ngày 22/11/2026)"), (None, "bị thu hồi")],
)
def test_a_certificate_that_does_not_hold_signs_nothing(case, authority, until, words):
    authority.person("haidq", "Đỗ Quang Hải", unit="Ban", until=until)
    if until is None:
        authority.revoke("people", "haidq", MONDAY - timedelta(days=2))
    begun(case, SIGN, PERSON)
    case.complete("Ký", as_=director)
    code, said = rejection(case)
    assert code == "sign.certificate_invalid"
    assert words in said


@SQLITE
def test_nobody_signs_without_a_key_or_with_anothers(case, authority):
    other = service("person", "sign.person", {"files": "=paper", "signer": "haidq"})
    begun(case, f"person:{other}")
    code, said = rejection(case)
    assert code == "sign.wrong_hand"
    assert said.startswith("Đỗ Quang Hải không phải người đã hoàn thành bước ký")
    begun(case, "person:" + service("person", "sign.person", {"files": "=paper"}))
    assert rejection(case) == ("sign.no_certificate", "Chưa có chứng thư số của Phạm Thị Anh.")


@SQLITE
def test_what_comes_into_the_case_after_the_step_of_signing_is_not_signed(case, authority):
    swap = "person:" + service("person", "sign.person", {"files": "=other", "task": "Ký"})
    put = f'put:user put "Đưa tệp" assignee="=initiator" formKey={KEY}/put'
    field = '{"type": "filepicker", "key": "other", "label": "Tệp", "multiple": true}'
    form = f'{{"type": "default", "components": [{field}]}}'
    case.deploy(KEY, letters(SIGN, put, swap) | {f"forms/{KEY}/put.form": form})
    case.start(KEY)
    case.complete("Soạn", as_=clerk, about="họp")
    case.complete("Ký", as_=director)
    late = io.BytesIO(paper.scan("khac"))
    file = case.engine.attach(case.id, "khac.pdf", late, actor=case.actor(clerk))
    case.complete("Đưa tệp", as_=clerk, other=[file.id])
    code, said = rejection(case)
    assert code == "sign.wrong_hand"
    assert said == ("“khac.pdf” được đưa vào vụ việc sau khi Đỗ Quang Hải ký, nên chưa được ký.")


@SQLITE
def test_who_acts_for_the_leader_signs_as_themselves_and_says_for_whom(case, authority, world):
    """The right is the leader's; the key is of whose hand it was."""
    authority.person("dungld", "Lê Đình Dũng", unit="Văn phòng")
    shown = {**BY_PERSON, "reason": "Ký số văn bản"}
    signed = service("person", "sign.person", shown, out="signed=result")
    begun(case, SIGN, f"person:{signed}")
    acting = replace(case.actor(director), name="dungld", label="Lê Đình Dũng")
    task = case.task("Ký")
    case.engine.complete(task.id, {}, actor=replace(acting, behalf_of="haidq"))
    case.tick()
    found = data(case)["signed"]
    assert (found["signer"], found["principal"]) == ("dungld", "haidq")
    content = case.engine.store.get(found["files"][0]["sha256"])
    (signature,) = reading.signatures(content, authority.keys.trusted(), now=MONDAY)
    assert (signature.name, signature.holds) == ("Lê Đình Dũng", True)


@SQLITE
def test_a_paper_is_signed_as_it_is_set_or_says_why_not(case, authority, page):
    given = {"template": f"{KEY}/letter", "name": "Phiếu", "data": papers.DATA, "signed_by": "Ký"}
    slip = "slip:" + service("slip", "pdf.render", given, out="slip=result")
    begun(case, SIGN, slip)
    case.complete("Ký", as_=director)
    assert case.waits_at("Xem")
    made = data(case)["slip"]
    assert (made["signer_name"], made["unsigned"]) == (director.label, None)
    number = made["files"][0]["file"]
    text = page.as_(director).get(f"/files/{number}/signatures").text
    assert director.label in text and "hợp lệ" in text
    begun(case, 'sign:user sign "Ký" assignee="=initiator"', slip)
    case.complete("Ký", as_=clerk)
    assert case.waits_at("Xem")
    made = data(case)["slip"]
    assert (made["signer_name"], made["pages"]) == (None, 1)
    assert made["unsigned"] == "Chưa có chứng thư số của Phạm Thị Anh."
