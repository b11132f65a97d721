"""Files of XML are read in the encoding that they declare, wherever one names another."""

from __future__ import annotations

import json

import pytest

from engine import Bundle
from engine.bundles import FileUnreadable
from engine.check import Catalogue
from engine.check.drawings import format_of
from engine.check.places import check_paths
from engine.decisions import beside, read_decisions
from engine.simulation import DrawingUnreadable, simulate
from engine.wellformed import as_text
from tests.engine.dmn_files import decision, file, imports, literal

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'
LINE = """<process id="{id}" isExecutable="true"><startEvent id="s"/>
<sequenceFlow id="f" sourceRef="s" targetRef="m"/>{middle}
<sequenceFlow id="g" sourceRef="m" targetRef="e"/><endEvent id="e"/></process></definitions>"""
CALLING = HEAD + LINE.format(id="main", middle='<callActivity id="m" calledElement="inner"/>')
CALLED = HEAD + LINE.format(id="inner", middle='<task id="m" name="Đăng ký"/>')
FORMS = {
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-8-sig": "utf-8",
    "cp1258": "windows-1258",
    "utf-8": "UTF-8",
}


def written(text, encoding):
    return f'<?xml version="1.0" encoding="{FORMS[encoding]}"?>\n{text}'.encode(encoding, "ignore")


@pytest.mark.parametrize("encoding", FORMS)
def test_a_called_process_is_found_in_whatever_encoding_it_is_saved(tmp_path, encoding):
    (tmp_path / "a.bpmn").write_bytes(written(CALLED, encoding))
    found = simulate(written(CALLING, encoding), path="main.bpmn", beside=tmp_path)
    assert (found.state, found.error) == ("completed", None)
    assert found.entered.count("m") == 2


@pytest.mark.parametrize("encoding", FORMS)
def test_what_a_drawing_names_beside_it_is_known_to_check(tmp_path, encoding):
    (tmp_path / "inner.bpmn").write_bytes(written(CALLED, encoding))
    main = tmp_path / "main.bpmn"
    main.write_bytes(written(CALLING, encoding))
    rules = {f.rule for f in check_paths([("main", main)], Catalogue, for_import=False)}
    assert "unknown-process" not in rules


@pytest.mark.parametrize("encoding", FORMS)
def test_an_imported_file_of_decisions_is_found(tmp_path, encoding):
    other = file(decision("d", literal("7")), own="urn:o").decode()
    (tmp_path / "other.dmn").write_bytes(written(other, encoding))
    own = file(imports("chung", "urn:o"), decision("a", literal("1")))
    path = tmp_path / "own.dmn"
    assert read_decisions(own, path=str(path), load=beside(path)).problems == ()
    assert format_of("other", written(other, encoding)) == "dmn"


@pytest.mark.parametrize("encoding", FORMS)
def test_a_bundle_is_kept_as_text_that_can_be_read_again(tmp_path, encoding):
    place = tmp_path / "processes/bpmn"
    place.mkdir(parents=True)
    (place / "main.bpmn").write_bytes(written(CALLING, encoding))
    (place / "inner.bpmn").write_bytes(written(CALLED, encoding))
    bundle = Bundle.read(tmp_path, "main")
    assert sorted(bundle.files) == ["processes/bpmn/inner.bpmn", "processes/bpmn/main.bpmn"]


def test_a_declaration_of_utf_8_stays_and_any_other_goes():
    assert as_text(written("<a/>", "utf-8")).startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert as_text(written("<a/>", "utf-16")) == '<?xml version="1.0"?>\n<a/>'
    assert json.loads(as_text('{"a": "ă"}'.encode("utf-8-sig"))) == {"a": "ă"}


@pytest.mark.parametrize(
    "name", ["no-such", "undefined", "utf-8\0", "punycode", "idna", "base64", "unicode_escape"]
)
def test_an_encoding_that_no_editor_writes_is_no_text(name, tmp_path):
    content = f'<?xml version="1.0" encoding="{name}"?><a>Đă-</a>'.encode()
    with pytest.raises(ValueError, match="no encoding"):
        as_text(content)
    assert as_text(content, "replace").endswith("<a>Đă-</a>")
    (drawing := tmp_path / "a.bpmn").write_bytes(content)
    found = check_paths([("a.bpmn", drawing)], Catalogue, for_import=False)
    assert [f.rule for f in found] == ["unreadable"]
    with pytest.raises(DrawingUnreadable):
        simulate(content, path="a.bpmn")


def test_a_bundle_of_a_file_in_another_encoding_than_it_names_is_refused(tmp_path):
    place = tmp_path / "processes/bpmn"
    place.mkdir(parents=True)
    (place / "main.bpmn").write_bytes(CALLING.encode() + b"\xff")
    with pytest.raises(FileUnreadable, match=r"main\.bpmn"):
        Bundle.read(tmp_path, "main")
