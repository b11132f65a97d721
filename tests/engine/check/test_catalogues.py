"""Catalogues as content: read, checked with the process that keeps them, part of the bundle."""

from __future__ import annotations

import json

import pytest

from engine import Bundle
from engine.catalogues import CatalogueInvalid, catalogue_path, is_catalogue, parse
from engine.check import Catalogue, check_bundle
from tests.engine.drawings import text

LINES = "start s\nend e\ns > e"
NAMED = {"label": "Mã", "label_en": "Code", "required": True}
DESCRIBED = {
    "title": "Thủ tục",
    "title_en": "Procedures",
    "legal_basis": "KH-12.5",
    "key": "code",
    "label": "name",
    "columns": [{"name": "code", **NAMED, "basic": True}, {"name": "name", **NAMED}],
}


def findings(catalogue):
    files = {"processes/bpmn/p.bpmn": text(LINES, "p", catalogues="thu-tuc")}
    if catalogue is not None:
        files[catalogue_path("thu-tuc")] = json.dumps(catalogue)
    told = check_bundle(Bundle("p", files), Catalogue())
    return [f.rule for f in told if f.severity == "error"]


def test_a_catalogue_is_read_with_its_basic_contents():
    found = parse(json.dumps(DESCRIBED))
    assert [(c.name, c.is_basic) for c in found.columns] == [("code", True), ("name", False)]
    assert found.shown == ("code", "name")
    assert findings(DESCRIBED) == []
    assert is_catalogue(json.dumps(DESCRIBED))


def test_a_catalogue_that_is_not_there_is_told():
    assert findings(None) == ["unknown-catalogue"]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"key": "id"}, "there is no column id"),
        ({"filter": ["unit"]}, "there is no column unit"),
        ({"columns": [*DESCRIBED["columns"], {"name": "state", **NAMED}]}, "state is taken"),
        ({"columns": [{"name": "code", **NAMED, "type": "number"}, DESCRIBED["columns"][1]]},
         "the column code must be a required text"),
        ({"columns": [*DESCRIBED["columns"], {"name": "kind", **NAMED, "type": "choice"}]},
         "choices of the column kind"),
        ({"colums": []}, "look at colums"),
    ],
)  # fmt: skip
def test_a_description_that_cannot_be_used_says_why(changed, problem):
    with pytest.raises(CatalogueInvalid) as refused:
        parse(json.dumps({**DESCRIBED, **changed}))
    assert problem in str(refused.value.problem)
    assert findings({**DESCRIBED, **changed}) == ["catalogue-invalid"]


def test_a_catalogue_goes_with_the_version_of_the_process(tmp_path):
    for path, content in [
        ("processes/bpmn/p.bpmn", text(LINES, "p", catalogues="thu-tuc, gone")),
        (catalogue_path("thu-tuc"), json.dumps(DESCRIBED)),
    ]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    assert catalogue_path("thu-tuc") in Bundle.read(tmp_path, "p").files
