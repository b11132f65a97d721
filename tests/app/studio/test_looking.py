"""Looking at a drawing that was never meant to run: what is missing, element by element."""

from __future__ import annotations

import re
from resource import RUSAGE_CHILDREN, getrusage

import pytest

from tests.app.studio.uploads import marks, said, upload
from tests.worlds import clerk, owner

HERE = "/drawings/look"
SKETCH = """<?xml version="1.0" encoding="ISO-8859-1"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:x">
<process id="any" isExecutable="false"><startEvent id="s"/><userTask id="check" name="Check it"/>
<scriptTask id="sum" name="Sum up" scriptFormat="groovy"><script>x</script></scriptTask>
<endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="check"/>
<sequenceFlow id="f2" sourceRef="check" targetRef="sum"/>
<sequenceFlow id="f3" sourceRef="sum" targetRef="e"/></process></definitions>"""


def test_a_sketch_from_any_editor_is_drawn_with_what_each_element_lacks(page):
    window = page.as_(owner)
    answer = upload(window, HERE, ("Sketch of ours (2).bpmn", SKETCH))
    assert answer.status_code == 200
    told = marks(answer.text)["findings"]
    assert {"check", "sum"} <= set(told)
    assert any(one["severity"] == "error" for one in told["check"])
    assert "BPMNShape" in answer.text
    assert "Check it" in said(answer.text)
    assert "Sketch of ours" not in window.get("/processes").text


@pytest.mark.parametrize(
    ("files", "status", "words"),
    [
        ([], 422, "Chưa chọn tệp nào"),
        ([("a.docx", b"x")], 422, "không phải tệp sơ đồ"),
        ([("a.bpmn", b"not XML")], 200, "chưa hiện được sơ đồ"),
    ],
)
def test_what_cannot_be_looked_at_is_told(page, files, status, words):
    answer = upload(page.as_(owner), HERE, *(files or [("", b"")]))
    assert answer.status_code == status
    assert words in said(answer.text)


def test_files_are_examined_in_a_process_that_may_take_so_much_and_no_more(page):
    before = getrusage(RUSAGE_CHILDREN).ru_minflt
    assert upload(page.as_(owner), HERE, ("a.bpmn", SKETCH)).status_code == 200
    assert getrusage(RUSAGE_CHILDREN).ru_minflt > before


def test_only_who_sees_processes_may_look(page):
    assert page.as_(clerk).get(HERE).status_code == 403
    assert page.as_(owner).get(HERE).status_code == 200


def test_a_form_alone_is_checked_without_missing_a_drawing(page):
    form = '{"type": "default", "id": "f", "components": [{"type": "textfield", "key": "a b"}]}'
    text = said(upload(page.as_(owner), HERE, ("a.form", form)).text)
    assert "Trong các tệp này không có sơ đồ" in text
    assert "còn hỏng" not in text


def test_each_finding_leads_to_the_page_of_its_rule(page):
    window = page.as_(owner)
    for language in ("vi", "en"):
        window.post("/language", {"language": language})
        told = upload(window, HERE, ("a.bpmn", SKETCH), ("a.form", "{}"), ("a.dmn", "<x/>")).text
        links = set(re.findall(r'href="(/manual/rules/[^"#]+)"', told))
        assert len(links) > 4
        assert {window.get(link).status_code for link in links} == {200}
