"""Every shipped process: complete, drawn to be read, in two languages, with its legal basis."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app import config, law
from app.cases.showing import Sheet
from app.people.rights import duties
from engine import bpmn_reader, scenarios
from engine.bundles import Bundle, form_name
from engine.check import check_bundle
from engine.deploying import catalogue
from engine.duties import duties_of, others
from engine.program import Program
from tests.processes.test_walks import Walk

KEYS = Bundle.keys(config.ROOT)
PROCESSES = config.ROOT / "processes"
UTC_DAY = re.compile(r"\bdate\((now\(\)|[\w.]*_at)\)")
FORMS = sorted((config.ROOT / "forms").glob("*/*.form"))
DC = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
DIAGRAM = "{http://www.omg.org/spec/BPMN/20100524/DI}"
WIDEST = 1350
"""Names in a wider drawing are too small to read on a clerk's screen (units of the drawing)."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in units of the drawing."""


def drawing(key: str) -> Any:
    return bpmn_reader.read(Bundle.read(config.ROOT, key).drawing, key)


def flows(key: str) -> set[str]:
    """The flows of a drawing, at whatever depth, save from where only a message begins a case."""
    drawn = drawing(key).processes
    called = {n.id for p in drawn for n in p.nodes() if n.kind == "startEvent" and n.events}
    every = {i: f for p in drawn for s in p.scopes.values() for i, f in s.flows.items()}
    return {i for i, flow in every.items() if flow.source not in called}


@pytest.mark.parametrize("key", KEYS)
def test_a_shipped_process_has_nothing_to_mend(key, engine, world):
    with engine.reading() as session:
        found = check_bundle(
            Bundle.read(config.ROOT, key), catalogue(session, engine.surroundings)
        )
    assert [(f.rule, f.element) for f in found] == []


@pytest.mark.parametrize("key", KEYS)
def test_the_examples_of_a_shipped_process_pass_replay_and_take_every_way(key, engine, world):
    runs: list[Walk] = []

    def begin(program: Program, **around: Any) -> Walk:
        runs.append(Walk(program, **around))
        return runs[-1]

    with engine.reading() as session:
        results = scenarios.run(
            Bundle.read(config.ROOT, key),
            surroundings=engine.surroundings,
            session=session,
            begin=begin,
        )
    assert results
    assert [(r.name, r.step, r.problem) for r in results if not r.passed] == []
    # Together they take every flow, and so reach every end, even of what runs beside the case.
    taken = {way for run in runs for way in run.path}
    assert {flow for flow in flows(key) if f">{flow}" not in taken} == set()
    # Each was saved and read back at every step; run again it ends the same, without a database.
    if engine.bind.dialect.name == "sqlite":
        again = [run.replays() for run in runs]
        assert [r.name for r, same in zip(results, again, strict=True) if not same] == []


@pytest.mark.parametrize("key", KEYS)
def test_who_asks_never_decides_by_the_rules_for_every_drawing(key):
    program = Program(Bundle.read(config.ROOT, key), duties.in_cases())
    decisions = [n for n in program.nodes.values() if (form_name(n) or "").endswith("/decide")]
    asking = {n.id for n in program.nodes.values() if "request" in duties_of(n)}
    assert {"Start_Need", "Task_Draft"} <= asking
    for node in decisions:
        assert asking <= {other.id for other in others(program, node)}, node.id


@pytest.mark.parametrize("key", KEYS)
def test_every_clause_that_a_drawing_names_is_one_we_can_show(key):
    for process in drawing(key).processes:
        for node in (process, *process.nodes()):
            clauses = law.clauses(node.properties["legal_basis"])
            assert clauses, node.id
            assert all(clause.text for clause in clauses), (node.id, clauses)
        gates = {node.id for node in process.nodes() if "ateway" in node.kind}
        flows = [flow for scope in process.scopes.values() for flow in scope.flows.values()]
        # What a condition decides is carried by the gateway in front of it.
        assert {flow.source for flow in flows if flow.condition} <= gates


BESIDE_WORK = {"Timer_Soon", "Timer_Due"}
"""Events that watch over tasks, at which a case never stands alone."""


@pytest.mark.parametrize("key", KEYS)
def test_where_a_case_waits_for_no_person_it_says_so_in_words_of_waiting(key):
    for node in (node for process in drawing(key).processes for node in process.nodes()):
        if node.kind == "intermediateCatchEvent" and {e.kind for e in node.events} != {"link"}:
            own = node.properties
            said = bool(own.get("state") and own.get("state_en")) or node.name.startswith("Chờ ")
            assert said or node.id in BESIDE_WORK, node.id


@pytest.mark.parametrize("key", KEYS)
def test_every_name_in_a_drawing_has_an_english_twin(key):
    for process in drawing(key).processes:
        for node in process.nodes():
            assert bool(node.name) == bool(node.properties.get("name_en")), node.id


@pytest.mark.parametrize("key", KEYS)
def test_what_a_drawing_writes_is_called_by_words_in_both_languages(key):
    program = Program(Bundle.read(config.ROOT, key), duties.in_cases())
    now = datetime(2026, 11, 23, tzinfo=UTC)
    for language in ("vi", "en"):
        sheet = Sheet(program, {}, now, language)
        called = {path.partition(".")[0] for path in (*sheet.fields, *sheet.names)}
        for node in program.nodes.values():
            written = [name for name, _source in node.outputs]
            written += filter(None, [node.camunda.get("resultVariable")])
            assert set(written) <= called, (language, node.id)


@pytest.mark.parametrize("key", KEYS)
def test_everything_in_a_drawing_has_a_place_and_fits_the_screen(key):
    text = Bundle.read(config.ROOT, key).drawing
    read = bpmn_reader.read(text, key)
    shown = {n.id for p in read.processes for n in p.nodes()}
    shown |= {f for p in read.processes for s in p.scopes.values() for f in s.flows}
    assert shown <= read.shapes
    bounds = [b.attrib for b in etree.fromstring(text.encode()).iter(DC)]
    right = max(float(b["x"]) + float(b["width"]) for b in bounds)
    assert right - min(float(b["x"]) for b in bounds) <= WIDEST


LETTERS = {"iIjl,.!": 3.2, "frt": 4.8, "abcdegopq?": 7.6, "mwMW": 10.6, "ACDGHNOQUVX": 8.9}
"""How wide the letters of our pages are at 12 px, marks aside; the others are about 7 wide."""


def _width(word: str) -> float:
    plain = unicodedata.normalize("NFD", word.replace("\u0111", "d").replace("\u0110", "D"))
    letters = [letter for letter in plain if not unicodedata.combining(letter)]
    return sum(
        next((width for some, width in LETTERS.items() if one in some), 7.0) for one in letters
    )


def _places(key: str) -> tuple[dict[str, Box], dict[str, Box]]:
    """Where the small shapes of a drawing and the labels beside shapes and flows stand."""
    shapes: dict[str, Box] = {}
    labels: dict[str, Box] = {}
    for drawn in etree.fromstring(Bundle.read(config.ROOT, key).drawing.encode()).iter(
        f"{DIAGRAM}BPMNShape", f"{DIAGRAM}BPMNEdge"
    ):
        for bounds in drawn.iter(DC):
            x, y, width, height = (float(bounds.get(n)) for n in ("x", "y", "width", "height"))
            where = shapes if bounds.getparent() is drawn else labels
            where[drawn.get("bpmnElement")] = (x, y, x + width, y + height)
    return {i: box for i, box in shapes.items() if box[2] - box[0] <= 200}, labels


def _overlap(one: Box, other: Box) -> bool:
    """True if they share more than a brim of 4 units, which labels keep free around letters."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 4 and down > 4


@pytest.mark.parametrize("key", KEYS)
def test_no_word_of_a_drawing_is_broken_or_stands_on_another(key):
    shapes, labels = _places(key)
    read = bpmn_reader.read(Bundle.read(config.ROOT, key).drawing, key)
    flows = [f for p in read.processes for s in p.scopes.values() for f in s.flows.values()]
    names = {n.id: n.name for p in read.processes for n in p.nodes()}
    names |= {flow.id: flow.name for flow in flows}
    narrow = {
        i: word
        for i, box in labels.items()
        for word in (names.get(i) or "").split()
        if box[2] - box[0] < _width(word)
    }
    assert narrow == {}
    gates = {n.id for p in read.processes for n in p.nodes() if "ateway" in n.kind}
    over = [(i, j) for i in labels for j in shapes if j not in gates | {i}]
    assert [(i, j) for i, j in over if _overlap(labels[i], shapes[j])] == []
    assert [two for two in combinations(labels, 2) if _overlap(*map(labels.get, two))] == []


CROSSINGS = {"account-change": 2, "dossier": 1}
"""How often lines of a drawing cross where no way round is clearer; none in the others."""


def _crossings(key: str) -> int:
    """How many pairs of a vertical and a horizontal stretch of two flows cross."""
    upright: list[tuple[int, float, float, float]] = []
    level: list[tuple[int, float, float, float]] = []
    text = Bundle.read(config.ROOT, key).drawing
    for number, edge in enumerate(etree.fromstring(text.encode()).iter(f"{DIAGRAM}BPMNEdge")):
        points = [(float(p.get("x")), float(p.get("y"))) for p in edge.iter(WAYPOINT)]
        for (x, y), (to_x, to_y) in pairwise(points):
            if x == to_x:
                upright.append((number, x, min(y, to_y), max(y, to_y)))
            elif y == to_y:
                level.append((number, y, min(x, to_x), max(x, to_x)))
    return sum(
        one != other and left < x < right and top < y < bottom
        for one, x, top, bottom in upright
        for other, y, left, right in level
    )


@pytest.mark.parametrize("key", KEYS)
def test_no_line_of_a_drawing_crosses_another_needlessly(key):
    assert _crossings(key) == CROSSINGS.get(key, 0)


def test_the_usual_rules_for_drawings_find_nothing(capsys, tmp_path):
    from bpmn_io.cli import main

    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"extends": "bpmnlint:recommended"}))
    files = [str(config.ROOT / f"processes/bpmn/{key}.bpmn") for key in KEYS]
    assert main(["lint", "--config", str(rules), *files]) == 0, capsys.readouterr().out


COLUMNS = {
    "documents-incoming": """Ngày đến | Số đến | Tác giả | Số, ký hiệu | Ngày tháng |
        Tên loại và trích yếu nội dung | Đơn vị hoặc người nhận | Ngày chuyển | Ký nhận |
        Ghi chú""",
    "documents-outgoing": """Số, ký hiệu văn bản | Ngày, tháng, năm văn bản |
        Tên loại và trích yếu nội dung văn bản | Người ký | Nơi nhận văn bản |
        Đơn vị, người nhận bản lưu | Số lượng bản | Ngày chuyển | Ký nhận | Ghi chú""",
    "documents-incoming-follow-up": """Số đến | Tên loại, số, ký hiệu, ngày và cơ quan ban hành |
        Đơn vị hoặc người nhận | Thời hạn giải quyết | Tiến độ giải quyết |
        Số, ký hiệu văn bản trả lời | Ghi chú""",
    "dossiers": """Mã hồ sơ | Tên thủ tục hành chính | Số lượng hồ sơ (bộ) | Tên cá nhân, tổ chức |
        Địa chỉ, số điện thoại | Cơ quan chủ trì giải quyết | Nhận hồ sơ | Hẹn trả kết quả |
        Trả kết quả | Phương thức nhận kết quả | Ký nhận | Ghi chú""",
}
"""Of Phụ lục IV Nghị định 30/2020/NĐ-CP and form 06 of Thông tư 01/2018/TT-VPCP, left to right."""


@pytest.mark.parametrize("name", COLUMNS)
def test_a_register_has_the_columns_of_the_law_in_its_order(name):
    raw = json.loads((config.ROOT / f"processes/registers/{name}.json").read_text("utf-8"))
    wanted = [" ".join(label.split()) for label in COLUMNS[name].split("|")]
    assert [column["label"] for column in raw["columns"]] == wanted
    # What is left to be written by hand is the signature alone.
    assert {c["label"] for c in raw["columns"] if "name" not in c} <= {"Ký nhận"}


def _components(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for component in raw.get("components", []):
        yield component
        yield from _components(component)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_text_of_a_form_has_an_english_twin(path: Path):
    missing = []
    for component in _components(json.loads(path.read_text(encoding="utf-8"))):
        own = component.get("properties", {})
        names = {"label": "label", "description": "description", "text": "text"}
        names["dateLabel"] = "date_label"
        missing += [
            (component["id"], ours)
            for theirs, ours in names.items()
            if component.get(theirs) and not own.get(f"{ours}_en")
        ]
        missing += [
            (component["id"], option["value"])
            for option in component.get("values", [])
            if not own.get(f"value_en.{option['value']}")
        ]
        missing += [
            (component["id"], name)
            for name in own
            if name.startswith("choice_note.")
            and not own.get(name.replace("choice_note.", "choice_note_en."))
        ]
    assert missing == []


@pytest.mark.parametrize("key", KEYS)
def test_what_a_form_asks_only_sometimes_no_later_form_shows_otherwise(key):
    asked: dict[str, set[str | None]] = {}
    shown: list[tuple[str, str, str, str]] = []
    for name, form in Program(Bundle.read(config.ROOT, key)).forms.items():
        for field in form.walk():
            hide = field.hide.text if field.hide else None
            if field.holds_value and field.readonly is False:
                asked.setdefault(field.name, set()).add(hide)
            elif field.holds_value and hide != f"{field.name} = null":
                shown.append((name, field.name, field.type, hide or ""))
            elif field.holds_value and field.type == "filepicker":
                # What was asked and left empty is an empty list of files.
                shown.append((name, field.name, field.type, "-"))
    wrong = [
        (name, path)
        for name, path, _kind, hide in shown
        if None not in asked.get(path, {None}) and not any(h in hide for h in asked[path] if h)
    ]
    assert wrong == []


def test_who_was_chosen_is_told_by_name_and_not_by_account():
    program = Program(Bundle.read(config.ROOT, "dossier"))
    known = {"people_now": lambda _unit: [{"label": "Phạm Thị Anh (anpt)", "value": "anpt"}]}
    now = datetime(2026, 11, 23, 1, tzinfo=UTC)
    sheet = Sheet(program, {"procedure": {"unit": "p-dautu"}}, now, "vi", known)
    assert sheet.said("officer", "anpt") == "Phạm Thị Anh (anpt)"


def test_no_day_is_read_off_an_instant_which_is_told_in_utc():
    content = [path for kind in ("bpmn", "dmn") for path in (PROCESSES / kind).iterdir()]
    wrong = [p.name for p in [*content, *FORMS] if UTC_DAY.search(p.read_text("utf-8"))]
    assert wrong == []


def test_what_another_answer_has_made_void_is_no_data_of_the_case():
    program = Program(Bundle.read(config.ROOT, "account-change"))
    request = {"kind": "new_holder", "full_name": "Trần Thị Mới", "training_no": "12/CN"}
    now = datetime(2026, 11, 23, 1, tzinfo=UTC)
    said = [
        dict(Sheet(program, {"request": {**request, "kind": kind}}, now, "vi").all())
        for kind in ("new_holder", "retirement")
    ]
    assert [("12/CN" in one.values(), "Trần Thị Mới" in one.values()) for one in said] == [
        (True, True),
        (False, False),
    ]


@pytest.mark.parametrize(
    "key", ["account-close", "account-reopen", "account-grant-internal", "account-grant-list"]
)
def test_whoever_heads_the_office_confirms_what_it_asks(key):
    (task,) = (
        node
        for node in etree.parse(config.ROOT / f"processes/bpmn/{key}.bpmn").iter("{*}userTask")
        if node.get("id") == "Task_Confirm"
    )
    groups = task.get("{http://camunda.org/schema/1.0/bpmn}candidateGroups").split(", ")
    assert groups == ["truong-phong@unit", "chanh-van-phong@unit"]
