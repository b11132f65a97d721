"""Stuck jobs and their retry, letters, and the demonstration's mailbox."""

import re
from datetime import timedelta

import pytest

from app.operations import jobs as reads
from engine import Bundle
from engine.database import sessions
from engine.errands import OWN
from engine.ports import Call
from engine.tables import Job
from tests.app import stationery
from tests.worlds import admin, clerk, owner

LETTER = {"to": "annv@sonhai.example", "subject": "Tài khoản đã được cấp", "text": "Mở liên kết."}


@pytest.fixture
def jobs(bind, now):
    """Two stuck letters, one that was sent and a timer that waits."""

    def job(key, status, **more):
        return Job(
            key=key,
            kind=more.pop("kind", "call"),
            name=more.pop("name", "mail.send"),
            payload=more.pop("payload", LETTER),
            status=status,
            due_at=now + timedelta(hours=1),
            created_at=now,
            **more,
        )

    with sessions(bind).begin() as session:
        rows = [
            job("a", "stuck", attempts=8, error="mail.example: 550 No such user"),
            job("b", "stuck", attempts=8, error="mail.example did not answer"),
            job("c", "done", done_at=now),
            job("d", "waiting", kind="timer", name="Nhắc việc", payload={}),
        ]
        session.add_all(rows)
    return [row.id for row in rows]


def statuses(bind):
    with sessions(bind)() as session:
        return [row.status for row in session.query(Job).order_by(Job.key)]


def test_without_stuck_jobs_the_page_says_that_all_is_well(page):
    assert "Không có tác vụ nào bị kẹt" in page.as_(admin).get("/operations").text


def test_stuck_jobs_stand_with_their_reasons(page, jobs):
    shown = page.as_(admin).get("/operations").text
    assert "2 tác vụ bị kẹt: Gửi thư" in shown and ">mail.send<" not in shown
    assert "550 No such user" in shown and "did not answer" in shown


def test_what_waits_is_counted_by_kind(page, jobs):
    shown = page.as_(admin).get("/operations").text
    assert "Nhắc việc" in shown and "Hẹn giờ" in shown


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_errand_of_the_engine_and_every_outside_call_has_words(page, app):
    remote = [name for name, one in app.extensions["engine"].surroundings.operations.items()
              if one.remote]  # fmt: skip
    errands = app.extensions["engine"].surroundings.errands
    assert {*OWN, *remote, *errands} <= set(reads.NAMES)


def test_one_job_is_tried_again(page, jobs, bind):
    assert page.as_(admin).post(f"/operations/jobs/{jobs[0]}/retry").status_code == 303
    assert statuses(bind) == ["waiting", "stuck", "done", "waiting"]


def test_all_of_a_kind_are_tried_again(page, jobs, bind):
    someone = page.as_(admin)
    someone.post("/operations/jobs/retry", {"name": "mail.send"})
    assert statuses(bind) == ["waiting", "waiting", "done", "waiting"]
    assert "2 tác vụ" in someone.get("/operations").text


def test_a_job_that_is_not_stuck_is_not_tried_again(page, jobs):
    assert page.as_(admin).post(f"/operations/jobs/{jobs[2]}/retry").status_code == 404
    assert page.as_(admin).post("/operations/jobs/99/retry").status_code == 404


def test_letters_stand_with_their_fate_but_not_their_text(page, jobs):
    shown = page.as_(admin).get("/operations/notices").text
    assert "annv@sonhai.example" in shown and "Tài khoản đã được cấp" in shown
    assert "Đã gửi" in shown and "Bị kẹt" in shown
    assert "Mở liên kết." not in shown


def test_letters_are_narrowed_by_their_state(page, jobs):
    shown = page.as_(admin).get("/operations/notices?status=done").text
    assert shown.count("annv@sonhai.example") == 1


def test_letters_of_the_demonstration_can_be_read(page, app, now):
    send = app.extensions["engine"].surroundings.operations["mail.send"]
    link = "https://quytrinh.sonhai.example/first/abc"
    call = Call("k", now, case_id=1, case_code="TK-1", actor="system", unit="vp")
    send.run(call, {**LETTER, "text": f"Mở {link} <script>"})
    someone = page.as_(admin)
    listed = someone.get("/operations/outbox").text
    assert "Tài khoản đã được cấp" in listed
    (path,) = [part for part in listed.split('"') if part.startswith("/operations/outbox/")]
    shown = someone.get(path).text
    assert f'href="{link}"' in shown
    assert "&lt;script&gt;" in shown
    assert someone.get("/operations/outbox/none").status_code == 404


@pytest.mark.parametrize(
    "path", ["/operations", "/operations/notices", "/operations/outbox", "/operations/outbox/x"]
)
def test_others_see_nothing_of_it(page, path):
    assert page.as_(clerk).get(path).status_code == 403


def test_others_retry_nothing(page, jobs, bind):
    assert page.as_(clerk).post(f"/operations/jobs/{jobs[0]}/retry").status_code == 403
    assert page.as_(clerk).post("/operations/jobs/retry", {"name": "mail.send"}).status_code == 403
    assert statuses(bind) == ["stuck", "stuck", "done", "waiting"]


class TestWithAMailServer:
    @pytest.fixture
    def settings(self, settings):
        from dataclasses import replace

        return replace(settings, mail_url="smtp://127.0.0.1:2525")

    def test_there_is_no_mailbox_to_read(self, page):
        assert page.as_(admin).get("/operations/outbox").status_code == 404
        assert "/operations/outbox" not in page.as_(admin).get("/operations").text


def test_a_timer_is_called_as_in_its_drawing(page, requests):
    timed = stationery.DRAWING.replace(
        'name="Rút đề nghị" attachedToRef', 'name="Quá hạn duyệt" attachedToRef'
    ).replace(
        '<bpmn:messageEventDefinition id="M1" messageRef="Message_Withdraw" />',
        "<bpmn:timerEventDefinition><bpmn:timeDuration>P2D</bpmn:timeDuration>"
        "</bpmn:timerEventDefinition>",
    )
    for name in ("sender", "label", "label_en", "form"):
        timed = re.sub(rf'<camunda:property name="{name}"[^>]*>', "", timed)
    files = {k: v for k, v in stationery.bundle(timed).files.items() if "withdraw" not in k}
    files["processes/scenarios/stationery-request.json"] = "{}"
    new = Bundle(stationery.KEY, files)
    requests.engine.deploy(new, actor=page.actor(owner), legal_basis="QĐ 2/QĐ-BQL")
    requests.send()
    shown = page.as_(admin).get("/operations").text
    assert "Quá hạn duyệt" in shown and "Đề nghị văn phòng phẩm" in shown
    assert "Event_Withdraw" not in shown
