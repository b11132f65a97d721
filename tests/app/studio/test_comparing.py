"""What differs between two bundles, told so that a process owner understands it."""

from __future__ import annotations

import json

import pytest

from app.studio.comparing import MOST_LETTERS, Change, compare
from tests.app.stationery import DRAWING, bundle

PATH = "processes/bpmn/stationery-request.bpmn"
SCENARIOS = "processes/scenarios/stationery-request.json"
OLD = {**bundle().files}


@pytest.fixture(autouse=True)
def vietnamese(app):
    """The words of a Vietnamese page."""
    with app.test_request_context():
        yield


def changes(*replaced: tuple[str, str], **files: str) -> list[tuple[str, ...]]:
    """The differences after texts of the drawing were replaced."""
    text = DRAWING
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    found = compare(OLD, {**OLD, PATH: text, **files}, PATH)
    return [(c.kind, c.what, c.part, c.before, c.after) for c in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("working_days(2)", "working_days(3)",
         ("Duyệt đề nghị", "Thời hạn", "working_days(2)", "working_days(3)")),
        ("truong-phong@unit", "lanh-dao-ban@ban",
         ("Duyệt đề nghị", "Nhóm thực hiện", "truong-phong@unit", "lanh-dao-ban@ban")),
        ('=decision = "grant"', '=decision = "yes"',
         ("Luồng từ “Đồng ý?” đến “Đã cấp”", "Điều kiện",
          '=decision = "grant"', '=decision = "yes"')),
        ('attachedToRef="Task_Decide"', 'attachedToRef="Task_Draft"',
         ("Rút đề nghị", "Gắn vào", "Duyệt đề nghị", "Lập đề nghị")),
        ('attachedToRef="Task_Decide"', 'attachedToRef="Task_Decide" cancelActivity="false"',
         ("Rút đề nghị", "Ngắt việc đang làm", "", "Không")),
        ('name="withdraw"', 'name="take-back"',
         ("Rút đề nghị", "Sự kiện", "thông điệp withdraw", "thông điệp take-back")),
        ('value="VPP"', 'value="VP"', ("Đề nghị văn phòng phẩm", "code_prefix", "VPP", "VP")),
        ('default="F4"', 'default="F5"', ("Đồng ý?", "Luồng mặc định", "F4", "F5")),
    ],
)  # fmt: skip
def test_each_setting_is_named_as_owners_know_it(old, new, expected):
    assert changes((old, new)) == [("changed", *expected)]


def test_a_renamed_step_is_one_change_although_flows_lead_to_it():
    assert changes(('name="Duyệt đề nghị"', 'name="Xét"')) == [
        ("changed", "Xét", "Tên", "Duyệt đề nghị", "Xét")
    ]


def test_another_kind_of_element_is_said_in_words():
    text = ("bpmn:userTask", "bpmn:manualTask")
    assert ("changed", "Duyệt đề nghị", "Loại", "Việc của người", "Việc làm tay") in changes(text)


def test_a_new_element_says_what_it_is():
    new = '<bpmn:task id="Task_New" name="Đóng dấu" />\n  <bpmn:endEvent id="Granted"'
    assert changes(('<bpmn:endEvent id="Granted"', new)) == [("added", "Đóng dấu", "", "", "Bước")]


def test_a_longer_text_shows_the_stretch_that_differs():
    long = "if x then y else " * 20
    change = Change("changed", "Bước", "Kết quả", f"{long}one {long}", f"{long}two {long}")
    before, after = change.excerpts
    assert "one" in before
    assert "two" in after
    assert before.startswith("…")
    assert before.endswith("…")
    assert max(len(before), len(after)) <= MOST_LETTERS


def test_scenarios_that_change_alike_are_one_row():
    steps = [{"start": {}, "open": ["Lập"]}, {"complete": "Lập", "ends": "Hết"}]
    before = {"a": steps, "b": steps[:1], "c": steps, "gone": steps}
    after = json.loads(json.dumps(before).replace(json.dumps("Lập"), json.dumps("Soạn")))
    after.pop("gone")
    after["new"] = steps
    after["c"].append({"wait": "2 days"})
    found = compare(
        {**OLD, SCENARIOS: json.dumps(before)}, {**OLD, SCENARIOS: json.dumps(after)}, PATH
    )
    assert [(c.kind, c.part, c.before, c.after) for c in found] == [
        ("removed", "Tình huống “gone”", "2 bước", ""),
        ("added", "Tình huống “new”", "", "2 bước"),
        ("changed", "2 tình huống", "Lập", "Soạn"),
        ("changed", "Tình huống “c”", "2 bước", "3 bước"),
    ]


def test_files_that_come_and_go_are_named():
    new = {k: v for k, v in OLD.items() if not k.endswith("withdraw.form")}
    new["processes/dmn/choice.dmn"] = "<a/>"
    assert [(c.kind, c.what) for c in compare(OLD, new, PATH)] == [
        ("removed", "withdraw.form"),
        ("added", "choice.dmn"),
    ]


def test_a_file_that_cannot_be_compared_inside_counts_its_lines():
    old, new = ({**OLD, "processes/dmn/a.dmn": text} for text in ("a\nb\nc", "a\nx\nc"))
    (change,) = compare(old, new, PATH)
    assert (change.part, change.after) == ("Nội dung", "khác 1 dòng")


def decisions(*rules: str, policy: str = "UNIQUE", at: int = 10) -> str:
    """A table of one input and one output; rules as "id cell result"."""
    rows = "".join(
        f'<rule id="{key}"><inputEntry><text>{cell}</text></inputEntry>'
        f"<outputEntry><text>{result}</text></outputEntry></rule>"
        for key, cell, result in (rule.split() for rule in rules)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x"'
        ' namespace="x"><decision id="d" name="Lệ phí"><decisionTable id="t"'
        f' hitPolicy="{policy}"><input id="i" label="Số tờ"><inputExpression><text>n</text>'
        '</inputExpression></input><output id="o" name="fee" typeRef="number"/>'
        f'{rows}</decisionTable></decision><DMNDI xmlns="di"><at x="{at}"/></DMNDI></definitions>'
    )


def test_a_decision_table_is_told_rule_by_rule():
    place = "processes/dmn/fee.dmn"
    old = decisions("a &lt;5 10", "b >=5 20", "c 0 0")
    new = decisions("b >=5 25", "a &lt;5 10", "e 99 0", policy="FIRST")
    found = compare({**OLD, place: old}, {**OLD, place: new}, PATH)
    assert [(c.kind, c.part, c.before, c.after) for c in found] == [
        ("changed", "Quyết định “Lệ phí”, cách chọn quy tắc", "UNIQUE", "FIRST"),
        ("changed", "Quyết định “Lệ phí”, quy tắc 1", ">=5 → 20", ">=5 → 25"),
        ("added", "Quyết định “Lệ phí”, quy tắc 3", "", "99 → 0"),
        ("removed", "Quyết định “Lệ phí”, quy tắc 3", "0 → 0", ""),
        ("changed", "Quyết định “Lệ phí”, thứ tự các quy tắc", "1, 2", "2, 1"),
    ]


def test_a_table_that_was_only_moved_is_said_to_be_so():
    place = "processes/dmn/fee.dmn"
    old, new = ({place: decisions("a &lt;5 10", at=at)} for at in (10, 90))
    (change,) = compare({**OLD, **old}, {**OLD, **new}, PATH)
    assert change.part == "Bố cục, thứ tự hoặc ghi chú"
    other = {place: new[place].replace('typeRef="number"', 'typeRef="string"')}
    (change,) = compare({**OLD, **old}, {**OLD, **other}, PATH)
    assert change.after == "Số tờ (n) → fee: string"
