"""Papers of cases: made by a service task, kept with the case, shown, sent, and proven."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa

from app.operations import incidents
from engine import Bundle, views
from engine.check import check_bundle
from engine.deploying import catalogue
from engine.errors import BundleRefused
from engine.tables import File, Job
from tests import papers
from tests.papers import KEY, letters, service
from tests.worlds import admin, clerk, office

ABOUT = "họp giao ban tháng 11"


def written(case, **more):
    """A case whose letter is made."""
    case.deploy(KEY, letters(**more))
    case.start(KEY)
    case.complete("Soạn", as_=clerk, about=ABOUT)
    return case


def test_a_paper_belongs_to_the_case_as_an_uploaded_file_does(case):
    written(case)
    assert case.waits_at("Xem")
    with case.engine.reading() as session:
        row = session.scalars(sa.select(File)).one()
        actor, now = case.actor(office), case.engine.clock()
        data = views.case(session, case.engine.mover, case.id, actor, now).data
    assert (row.case_id, row.name, row.media_type) == (case.id, "Công văn.pdf", "application/pdf")
    assert data["paper"] == [
        {"file": row.id, "name": row.name, "size": row.size, "sha256": row.sha256,
         "media_type": row.media_type}
    ]  # fmt: skip
    assert [entry.kind for entry in case.entries()][-2:] == ["file_attached", "call_returned"]
    text = papers.read(case.engine.store.get(row.sha256))
    assert f"V/v {ABOUT}" in text
    assert case.verify().holds


def test_a_template_whose_data_lack_something_makes_the_job_stuck_with_its_line(case, page):
    data = '=if about = "x" then {about: "1"} else {about: "2"}'
    written(case, data=data)
    (job,) = case.jobs("stuck")
    assert f"forms/{KEY}/letter.typ" in job.error
    assert "(line 6)" in job.error
    # Who waits for the case reads what holds it up and who looks after that.
    said = "Phần mềm chưa thực hiện được “write”. Quản trị phần mềm đã được báo và đang xử lý"
    for who, place in ((office, f"/cases/{case.id}"), (admin, "/operations")):
        assert (said in page.as_(who).get(place).text) is (who is office)
    # And so does who may mend it: once a day, whatever the number of cases.
    with case.app.app_context():
        assert (incidents.look_after(case.engine), incidents.look_after(case.engine)) == (1, 0)
    with case.engine.reading() as session:
        query = sa.select(Job.payload).where(Job.name == "mail.send")
        (letter,) = session.scalars(query)
    assert letter["to"] == "quantri@sonhai.example"
    assert case.row.code in letter["text"] and "Tạo văn bản PDF" in letter["text"]


def test_a_paper_is_on_the_cases_page(page, case):
    written(case)
    shown = page.as_(office).get(f"/cases/{case.id}?tab=files")
    assert "Công văn.pdf" in shown.text
    assert "□" not in shown.text


def test_characters_that_a_paper_cannot_show_are_told_in_the_history(page, case):
    case.deploy(KEY, letters())
    case.start(KEY)
    case.complete("Soạn", as_=clerk, about="làm việc với Công ty 三星")
    shown = page.as_(office).get(f"/cases/{case.id}").text
    assert "Văn bản ghi “□” thay cho ký tự không có phông chữ: 三 星" in shown


def test_a_letter_carries_files_of_its_own_case_and_no_others(case, settings):
    """Its sandbox is a folder of what any mail program opens."""
    given = {"to": "a@sonhai.example", "subject": "Công văn", "text": "Gửi.", "files": "=paper"}
    case.deploy(KEY, letters(f"mail:{service('mail', 'mail.send', given)}"))
    case.start(KEY)
    case.complete("Soạn", as_=clerk, about=ABOUT)
    (path,) = (settings.home / "mail").glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "Công văn.pdf"
    assert message.get_body().get_content().strip() == "Gửi."
    assert ABOUT in papers.read(attached.get_content())
    invented = {**given, "files": '={file: 1, name: "a", size: 1, sha256: "0", media_type: "a/b"}'}
    case.deploy(KEY, letters(f"mail:{service('mail', 'mail.send', invented)}"))
    case.start(KEY)
    case.complete("Soạn", as_=clerk, about=ABOUT)
    assert 'has no file "a"' in case.jobs("stuck")[0].error


def found(case, files):
    with case.engine.reading() as session:
        known = catalogue(session, case.engine.surroundings)
    return [f for f in check_bundle(Bundle(KEY, files), known) if f.severity == "error"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_check_says_what_is_wrong_with_a_template_and_with_its_data(case):
    files = letters()
    assert found(case, files) == []
    gone = {path: text for path, text in files.items() if path != f"forms/{KEY}/letter.typ"}
    assert [f.rule for f in found(case, gone)] == ["unknown-template"]
    broken = letters(template=papers.LETTER.replace("data.about", "data.abut"))
    (finding,) = found(case, broken)
    assert (finding.rule, finding.file, finding.line) == (
        "template-fails",
        f"forms/{KEY}/letter.typ",
        6,
    )
    (finding,) = found(case, letters(data='={about: about, name: "Hải", day: today()}'))
    assert (finding.rule, finding.fields["missing"]) == ("template-data", "number")
    with pytest.raises(BundleRefused):
        case.deploy(KEY, broken)


def test_a_bundle_holds_the_templates_that_a_drawing_names_and_what_they_import(tmp_path):
    chosen = '=if about = "x" then "letters/letter" else "letters/other"'
    files = letters()
    files[f"processes/bpmn/{KEY}.bpmn"] = files[f"processes/bpmn/{KEY}.bpmn"].replace(
        ">letters/letter<", f">{chosen.replace('&', '&amp;')}<"
    )
    files["forms/letters/other.typ"] = '#import "../_layout/words.typ": *'
    for path, text in (files | {"forms/letters/unused.typ": "x"}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    read = Bundle.read(tmp_path, KEY)
    assert set(read.files) == set(files) - {
        "forms/_layout/onestop.typ",
        "forms/_layout/register.typ",
    }
    changed = {**read.files, "forms/_layout/words.typ": "other"}
    assert Bundle(KEY, changed).sha256 != read.sha256
