"""What a letter may hold, and the mailbox that keeps letters instead of sending them."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from marshmallow import ValidationError

from adapters import mail, sandbox
from engine.ports import Call

NOW = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
LETTER = {
    "to": "annv@sonhai.gov.vn",
    "subject": "Đặt mật khẩu lần đầu",
    "text": "Mở https://quytrinh.sonhai.gov.vn/first/abc trong 72 giờ.\n",
    "html": "<p>Mở <a href='https://quytrinh.sonhai.gov.vn/first/abc'>liên kết</a></p>",
}


@pytest.fixture
def box(tmp_path):
    return sandbox.Mailbox(tmp_path / "mail")


@pytest.fixture
def send(box):
    operation = sandbox.operation(box.folder, "Ban Quản lý <quytrinh@localhost>")

    def send(key="job-1", at=NOW, **changes):
        call = Call(key, at, case_id=1, case_code="TK-1", actor="system", unit="vp")
        return operation.run(call, {**LETTER, **changes})

    return send


def test_a_letter_of_the_sandbox_can_be_read(box, send):
    result = send()
    (letter,) = box.letters()
    assert letter.subject == LETTER["subject"]
    assert letter.text == LETTER["text"]
    assert letter.html.strip() == LETTER["html"]
    assert letter.to == "annv@sonhai.gov.vn"
    assert letter.sender == "Ban Quản lý <quytrinh@localhost>"
    assert letter.at == NOW
    assert letter.message_id == result["message_id"]
    assert box.letter(letter.name) == letter


def test_the_latest_letter_comes_first(box, send):
    for n in range(3):
        send(key=f"job-{n}", at=NOW + timedelta(minutes=n), subject=f"Thư {n}")
    assert [letter.subject for letter in box.letters()] == ["Thư 2", "Thư 1", "Thư 0"]


def test_the_same_call_made_twice_leaves_one_letter(box, send):
    send(key="job-1")
    send(key="job-1", at=NOW + timedelta(minutes=5))
    assert len(list(box.letters())) == 1


def test_letters_are_for_their_owner_alone(box, send):
    send()
    assert box.folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in box.folder.iterdir())


def test_any_mail_program_opens_a_letter_of_the_sandbox(box, send):
    send()
    (path,) = box.folder.glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert message.is_multipart() and message["Subject"] == LETTER["subject"]


def test_an_empty_sandbox_has_no_letters(box):
    assert list(box.letters()) == []


def test_a_name_with_a_path_in_it_is_no_letter(box, send):
    send()
    assert box.letter("../mail/x") is None
    assert box.letter("nothing") is None


def test_the_result_passes_its_schema(send):
    assert mail.Sent().validate(send()) == {}


def test_a_letter_to_nobody_is_done_and_says_so(send, box):
    assert send(to=[]) == {"message_id": None, "accepted_at": None, "recipients": 0}
    assert list(box.letters()) == []
    assert mail.Sent().validate(send(to=[])) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "annv"},
        {"to": "An Nguyễn <annv@sonhai.gov.vn>"},
        {"to": "annv@sonhai.gov.vn\r\nBcc: x@y.vn"},
        {"to": "a@b.vn, c@d.vn"},
        {"to": None},
        {"to": [1]},
        {"to": ["a@b.vn"] * 51},
        {"subject": "Hai\r\ndòng: x"},
        {"subject": ""},
        {"text": ""},
        {"tex": "misspelt"},
    ],
)
def test_what_no_letter_may_hold_is_refused(changes):
    assert mail.Letter().validate({**LETTER, **changes})
    with pytest.raises(ValidationError):
        mail.Letter().load({**LETTER, **changes})


@pytest.mark.parametrize("to", ["a.b-c+d@mail.sonhai.gov.vn", ["a@b.vn", "c@d.com"]])
def test_addresses_of_agencies_are_taken(to):
    assert mail.Letter().validate({**LETTER, "to": to}) == {}


@pytest.mark.parametrize("sender", ["", "quytrinh", "x@y\r\nBcc: z@w.vn"])
def test_a_sender_that_is_no_address_is_refused_at_once(tmp_path, sender):
    with pytest.raises(ValueError, match="no mail address"):
        sandbox.operation(tmp_path, sender)
