"""Elements in words: those without a name, and those that share one."""

from __future__ import annotations

import pytest
from flask import Flask, session
from flask_babel import Babel, force_locale

from app import i18n
from app.studio import describing
from engine import bpmn_reader

DRAWING = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  targetNamespace="x"><process id="p" isExecutable="true">
  <laneSet id="L"><lane id="L1" name="Văn phòng"><flowNodeRef>letter_1</flowNodeRef></lane>
  <lane id="L2" name="Kế toán"><flowNodeRef>letter_2</flowNodeRef></lane></laneSet>
  <startEvent id="start"/><task id="check" name="Kiểm tra"/><parallelGateway id="split"/>
  <task id="letter_1" name="Gửi thư"/><task id="letter_2" name="Gửi thư"/>
  <parallelGateway id="join"/><task id="call_1" name="Gọi"/><task id="call_2" name="Gọi"/>
  <boundaryEvent id="late" attachedToRef="call_2"><timerEventDefinition/></boundaryEvent>
  <endEvent id="end_1"/><endEvent id="end_2"/>
  <sequenceFlow id="f1" sourceRef="start" targetRef="check"/>
  <sequenceFlow id="f2" sourceRef="check" targetRef="split"/>
  <sequenceFlow id="f3" sourceRef="split" targetRef="letter_1"/>
  <sequenceFlow id="f4" sourceRef="split" targetRef="letter_2"/>
  <sequenceFlow id="f5" sourceRef="letter_1" targetRef="join"/>
  <sequenceFlow id="f6" sourceRef="letter_2" targetRef="join"/>
  <sequenceFlow id="f7" sourceRef="join" targetRef="call_1"/>
  <sequenceFlow id="f8" sourceRef="call_1" targetRef="call_2"/>
  <sequenceFlow id="f9" sourceRef="call_2" targetRef="end_1"/>
  <sequenceFlow id="f0" sourceRef="late" targetRef="end_2"/></process></definitions>"""


@pytest.fixture(scope="module")
def called():
    i18n.compile_catalogues()
    app = Flask("words")
    app.secret_key = "x"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(map(str, i18n.folders()))
    Babel(app, default_locale="vi")
    found = describing.elements(bpmn_reader.read(DRAWING, "p.bpmn").processes)

    def called(element, language="vi"):
        with app.test_request_context(), force_locale(language):
            session["language"] = language
            return describing.name(found[element], found)

    return called


@pytest.mark.parametrize(
    ("element", "words"),
    [
        ("check", "Kiểm tra"),
        ("start", "Bắt đầu trước “Kiểm tra”"),
        ("split", "Cổng song song sau “Kiểm tra”"),
        ("join", "Nhập nhánh trước “Gọi”"),
        ("letter_1", "Gửi thư (Văn phòng)"),
        ("letter_2", "Gửi thư (Kế toán)"),
        ("call_1", "Gọi (1)"),
        ("call_2", "Gọi (2)"),
        ("late", "Sự kiện gắn biên: hẹn giờ tại “Gọi”"),
        ("end_1", "Kết thúc sau “Gọi” (1)"),
        ("end_2", "Kết thúc sau “Gọi” (2)"),
        ("f3", "Luồng từ “Cổng song song sau “Kiểm tra”” đến “Gửi thư (Văn phòng)”"),
    ],
)
def test_no_element_is_told_by_its_id(called, element, words):
    assert called(element) == words


def test_english_readers_read_where_it_stands_in_english(called):
    assert called("join", "en") == "Joining of ways before “Gọi”"
