"""Fields with thousands of choices: found on the server, refused there, kept on an error."""

from __future__ import annotations

import json
import re

import pytest

from app import picking
from app.picking import Choice
from engine import Bundle
from tests import crowds, worlds
from tests.app.stationery import DRAFT, KEY, bundle
from tests.pages import actor_of
from tests.worlds import admin, applicant, clerk, leader, stranger

MANY = 3_000
TO = {
    "type": "select", "id": "to", "key": "to", "label": "Người nhận",
    "valuesExpression": "=people_now(unit)[value != initiator]", "validate": {"required": True},
}  # fmt: skip
INFORMED = {
    "type": "checklist", "id": "informed", "key": "informed", "label": "Báo cho",
    "valuesExpression": "=people_now(unit)",
}  # fmt: skip
GOOD = {"item": "Giấy", "quantity": "5", "to": "canbo7", "informed": ["", "canbo1", "canbo3"]}


@pytest.fixture
def task(app, world):
    """The id of the clerk's task: whose unit has thousands of people, some of whom it asks for."""
    engine = app.extensions["engine"]
    with engine.writing() as session:
        crowds.enter(session, clerk.unit, MANY)
    files = dict(bundle().files)
    form = json.loads(DRAFT)
    form["components"] += [TO, INFORMED]
    files[f"forms/{KEY}/draft.form"] = json.dumps(form, ensure_ascii=False)
    engine.deploy(Bundle(KEY, files), actor=actor_of(app, worlds.owner), legal_basis=worlds.BASIS)
    return engine.start(KEY, None, actor=actor_of(app, clerk)).tasks[0]


def found(page, task, words, who=clerk, field="to", **more):
    return page.as_(who).post(
        f"/tasks/{task}/choices", {"_find": field, f"_sought:{field}": words, **more}
    )


def test_somebody_is_found_among_thousands_with_marks_and_without(page, task):
    assert len(page.as_(clerk).get(f"/tasks/{task}").text) < 60_000
    told = found(page, task, "dang quoc ut").json
    assert told["choices"] and {one["label"][:12] for one in told["choices"]} == {"Đặng Quốc Út"}
    assert found(page, task, "Đặng QUỐC út").json == told
    assert len(told["choices"]) <= picking.SHOWN
    assert found(page, task, "canbo77").json["choices"][0]["value"] == "canbo77"
    told = found(page, task, "").json
    assert len(told["choices"]) == picking.SHOWN and f"{MANY + 2}" in told["told"]
    assert "Không tìm thấy" in found(page, task, "không ai cả").json["told"]


def test_nobody_is_found_nor_taken_whom_the_form_does_not_offer(page, task):
    for words in (stranger.name, admin.name, admin.label, clerk.name):
        assert found(page, task, words).json["choices"] == []
    assert found(page, task, leader.name).json["choices"]
    assert found(page, task, "canbo", field="nothing").json["choices"] == []
    assert found(page, task, "canbo", who=stranger).status_code == 404
    for crafted in (stranger.name, clerk.name, "nobody", "canbo1'--"):
        answer = page.as_(clerk).post(f"/tasks/{task}/complete", GOOD | {"to": crafted})
        assert answer.status_code == 422 and "không có trong các lựa chọn" in answer.text


def chosen(text, field="to"):
    return re.findall(rf'name="{field}" value="(\w+)" checked', text)


def test_without_scripts_the_page_comes_back_with_who_was_found_and_all_that_was_typed(page, task):
    here = page.as_(clerk)
    sent = {**GOOD, "to": "", "_find": "to", "_sought:to": "Lê Thị Hải"}
    text = here.post(f"/tasks/{task}/complete", sent).text
    assert 'value="Giấy"' in text and chosen(text, "informed") == ["canbo1", "canbo3"]
    offered = re.findall(r'name="to" value="(\w+)">', text)
    assert 0 < len(offered) <= picking.SHOWN and "Lê Thị Hải" in text
    # Words of which nothing came keep the form back: who typed them meant somebody.
    text = here.post(f"/tasks/{task}/complete", {**GOOD, "_sought:to": "Lê Thị"}).text
    assert "chưa chọn mục nào" in text and chosen(text) == ["canbo7"]
    assert here.post(f"/tasks/{task}/complete", {**GOOD, "_sought:to": " "}).status_code == 303


def test_who_was_chosen_stays_when_something_else_is_wrong(page, task):
    answer = page.as_(clerk).post(f"/tasks/{task}/complete", GOOD | {"quantity": "không"})
    assert answer.status_code == 422
    assert chosen(answer.text) == ["canbo7"]
    assert chosen(answer.text, "informed") == ["canbo1", "canbo3"]
    assert chosen(page.as_(clerk).get(f"/tasks/{task}").text) == ["canbo7"]  # and in the draft


def test_what_is_written_as_it_was_typed_comes_first():
    rows = [Choice("1", "Văn thư Hạ"), Choice("2", "Ban"), Choice("3", "Hà An"), Choice("4", "An")]
    assert [one.key for one in picking.search(rows, "an").rows] == ["3", "4", "2", "1"]
    assert [one.key for one in picking.search(rows, "hà").rows] == ["3", "1"]


def test_the_holder_of_a_post_is_found_among_those_whom_the_administrator_sees(page, engine):
    with engine.writing() as session:
        crowds.enter(session, clerk.unit, 60)
    here, url = page.as_(admin), f"/units/{clerk.unit}/posts"
    assert here.get(f"/units/{clerk.unit}").text.count("canbo") == 0

    def of(words, **more):
        return here.post(f"{url}/people", {"_find": "account", "_sought:account": words, **more})

    assert of("pham thi anh").json["choices"][0]["value"] == clerk.name
    assert of(applicant.label).json["choices"] == [] and of(admin.label).json["choices"] == []
    assert page.as_(leader).post(f"{url}/people", {"_find": "account"}).status_code == 403
    here = page.as_(admin)
    typed = {"basis": "QĐ 7/QĐ-BQL", "title": "Tổ trưởng", "kind": "member"}
    text = here.post(url, {**typed, "_find": "account", "_sought:account": "Phạm Thị Anh"}).text
    assert f'name="account" value="{clerk.name}">' in text and 'value="Tổ trưởng"' in text
    assert "Chưa chọn người giữ chức vụ" in here.post(url, typed).text
    text = here.post(url, {**typed, "account": clerk.name, "_sought:account": "x"}).text
    assert "chưa chọn mục nào" in text and chosen(text, "account") == [clerk.name]
    assert here.post(url, typed | {"account": clerk.name}).status_code == 303


def test_who_takes_a_task_over_is_found_where_they_are_many(page, engine, requests):
    task_id = requests.send()
    requests.claim(task_id, leader)
    with engine.writing() as session:
        crowds.enter(session, leader.unit, 60, group="truong-phong")
    here, url = page.as_(leader), f"/tasks/{task_id}/assign"
    assert here.get(url).text.count("canbo") == 0
    found = here.post(f"{url}/choices", {"_find": "to", "_sought:to": "canbo7"}).json
    assert found["choices"][0]["value"] == "canbo7"
    found = here.post(f"{url}/choices", {"_find": "to", "_sought:to": clerk.name}).json
    assert found["choices"] == []
    assert 'name="to" value="canbo7">' in here.post(url, {"_sought:to": "canbo7"}).text
    assert here.post(url, {"to": "canbo7"}).status_code == 303
