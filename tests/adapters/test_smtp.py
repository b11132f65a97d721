"""Letters through a mail server that accepts, refuses, delays and drops."""

from datetime import UTC, datetime

import pytest

from adapters import smtp
from engine.errors import CallFailed
from engine.ports import Call
from tests.adapters.sink import Sink, client_context, free_port, server_context

NOW = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
SENDER = "Ban Quản lý Khu kinh tế <quytrinh@sonhai.gov.vn>"
LETTER = {
    "to": "annv@sonhai.gov.vn",
    "subject": "Tài khoản của ông Nguyễn Văn Ấn đã được cấp",
    "text": "Kính gửi ông Nguyễn Văn Ấn,\n\nTài khoản đã được cấp.\n",
}


def call(key="job-17"):
    return Call(key, NOW, case_id=1, case_code="TK-2026-0001", actor="system", unit="vp")


def send(port, letter=LETTER, *, key="job-17", timeout=5, **more):
    server = smtp.Server("127.0.0.1", port, timeout_seconds=timeout, **more)
    return smtp.operation(server, SENDER, client_context()).run(call(key), letter)


def failure(behaviour, **more):
    with Sink(behaviour, **more.pop("sink", {})) as sink, pytest.raises(CallFailed) as caught:
        send(sink.port, **more)
    return caught.value


# -- what arrives


def test_a_vietnamese_letter_arrives_as_it_was_written():
    with Sink() as sink:
        send(sink.port)
    (letter,) = sink.letters
    assert letter["Subject"] == LETTER["subject"]
    assert letter.get_content().replace("\r\n", "\n") == LETTER["text"]
    assert letter["From"].addresses[0].display_name == "Ban Quản lý Khu kinh tế"
    assert letter["To"].addresses[0].addr_spec == "annv@sonhai.gov.vn"
    assert letter["Auto-Submitted"] == "auto-generated"


def test_a_letter_goes_out_in_lines_that_every_server_takes():
    with Sink() as sink:
        send(sink.port, {**LETTER, "text": "chữ " * 2000})
    assert max(len(line) for line in sink.envelopes[0].content.split(b"\r\n")) <= 998
    assert sink.envelopes[0].content.isascii()


def test_html_stands_beside_the_plain_text():
    with Sink() as sink:
        send(sink.port, {**LETTER, "html": "<p>Kính gửi ông <b>Ấn</b></p>"})
    (letter,) = sink.letters
    assert letter.get_body(("plain",)).get_content().startswith("Kính gửi")
    assert "<b>Ấn</b>" in letter.get_body(("html",)).get_content()


def test_a_letter_to_several_reaches_each():
    to = ["a@sonhai.gov.vn", "b@sonhai.gov.vn"]
    with Sink() as sink:
        send(sink.port, {**LETTER, "to": to})
    assert sink.envelopes[0].rcpt_tos == to


def test_the_result_names_the_letter_and_when_it_was_accepted():
    with Sink() as sink:
        result = send(sink.port)
    assert result["message_id"] == sink.letters[0]["Message-ID"]
    assert result["accepted_at"] == NOW


def test_the_same_call_made_twice_is_the_same_letter():
    with Sink() as sink:
        first, again = send(sink.port, key="job-17"), send(sink.port, key="job-17")
        other = send(sink.port, key="job-18")
    assert first["message_id"] == again["message_id"] != other["message_id"]


# -- refusals


@pytest.mark.parametrize(
    ("reply", "permanent"),
    [
        ("550 5.1.1 No such user", True),
        ("553 5.1.3 Bad address", True),
        ("450 4.2.1 Mailbox busy", False),
        ("451 4.7.1 Greylisted, try again", False),
        ("452 4.2.2 Mailbox full", False),
        ("552 5.2.2 Mailbox full", False),
        ("550 5.2.2 Over quota", False),
        ("554 5.7.1 Refused by policy", True),
    ],
)
def test_the_servers_reply_decides_whether_to_try_again(reply, permanent):
    refusal = failure(reply)
    assert refusal.permanent is permanent
    assert reply[:3] in str(refusal) and "annv@sonhai.gov.vn" in str(refusal)


def test_one_recipient_that_is_full_for_now_is_tried_again():
    refusal = failure(
        "accept",
        sink={"refused": {"b@sonhai.gov.vn": "452 4.2.2 Full"}},
        letter={**LETTER, "to": ["a@sonhai.gov.vn", "b@sonhai.gov.vn"]},
    )
    assert not refusal.permanent
    assert "b@sonhai.gov.vn" in str(refusal) and "a@sonhai" not in str(refusal)


def test_a_server_that_delays_is_tried_again():
    refusal = failure("delay", timeout=0.2)
    assert not refusal.permanent and "did not answer" in str(refusal)


def test_a_connection_that_drops_is_tried_again():
    assert not failure("drop").permanent


def test_a_server_that_is_down_is_tried_again():
    with pytest.raises(CallFailed, match="did not answer") as caught:
        send(free_port())
    assert not caught.value.permanent


def test_a_letter_larger_than_the_server_takes_is_given_up():
    refusal = failure(
        "accept", sink={"data_size_limit": 1000}, letter={**LETTER, "text": "a" * 5000}
    )
    assert "552" in str(refusal) or "size" in str(refusal)


# -- encryption and passwords


def test_a_letter_is_encrypted_when_the_server_offers_it():
    with Sink(tls_context=server_context(), require_starttls=True) as sink:
        send(sink.port)
    assert len(sink.letters) == 1


def test_smtps_is_encrypted_from_the_first_byte():
    with Sink(ssl_context=server_context()) as sink:
        server = smtp.Server("127.0.0.1", sink.port, security="tls", timeout_seconds=5)
        smtp.operation(server, SENDER, client_context()).run(call(), LETTER)
    assert len(sink.letters) == 1


def test_a_certificate_that_is_not_trusted_is_named_and_tried_again():
    with Sink(tls_context=server_context()) as sink, pytest.raises(CallFailed) as caught:
        server = smtp.Server("127.0.0.1", sink.port, timeout_seconds=5)
        smtp.operation(server, SENDER).run(call(), LETTER)
    assert "not trusted" in str(caught.value) and not caught.value.permanent
    assert sink.letters == []


def test_the_user_logs_in_over_the_encrypted_connection():
    with Sink(tls_context=server_context(), auth_required=True) as sink:
        send(sink.port, user="quytrinh", password="mat-khau")
    assert sink.logins == [("quytrinh", "mat-khau")]


def test_a_wrong_password_is_given_up_and_not_shown():
    with (
        Sink(tls_context=server_context(), auth_required=True) as sink,
        pytest.raises(CallFailed, match="535") as caught,
    ):
        send(sink.port, user="quytrinh", password="sai-mat-khau")
    assert caught.value.permanent
    assert "sai-mat-khau" not in str(caught.value)


def test_a_password_is_never_sent_in_the_clear_to_another_machine():
    with Sink() as sink, pytest.raises(CallFailed, match="no encryption") as caught:
        server = smtp.Server("127.1", sink.port, user="quytrinh", password="mat-khau")
        smtp.operation(server, SENDER, client_context()).run(call(), LETTER)
    assert caught.value.permanent
    assert sink.logins == []


def test_a_server_does_not_show_its_password():
    assert "mat-khau" not in repr(smtp.read_url("smtp://quytrinh:mat-khau@mail.sonhai.gov.vn"))


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.sonhai.gov.vn", ("mail.sonhai.gov.vn", 25, "starttls", "", "")),
        ("smtp://u%40x:p%3Aw@mail.vn:587", ("mail.vn", 587, "starttls", "u@x", "p:w")),
        ("smtps://mail.vn", ("mail.vn", 465, "tls", "", "")),
    ],
)
def test_an_address_names_the_server(url, server):
    read = smtp.read_url(url)
    assert (read.host, read.port, read.security, read.user, read.password) == server


@pytest.mark.parametrize("url", ["mail.vn:25", "http://mail.vn", "smtp://"])
def test_an_address_that_names_no_server_is_refused(url):
    with pytest.raises(ValueError, match="smtp://host"):
        smtp.read_url(url)
