"""What an editor wrote beside the procedure itself comes back as it was sent."""

from __future__ import annotations

import json

from tests.app.stationery import DRAFT, KEY
from tests.app.studio.uploads import RENAMED, drawing, propose
from tests.worlds import owner

ADDED = (
    RENAMED.replace(
        'id="Definitions"',
        'xmlns:modeler="http://camunda.org/schema/modeler/1.0"'
        ' xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" exporter="Camunda Modeler"'
        ' exporterVersion="5.40.0" modeler:executionPlatform="Camunda Platform" id="Definitions"',
    )
    .replace('id="s2"', 'id="s2" bioc:stroke="#0d4372" bioc:fill="#bbdefb"')
    .replace('id="Task_Decide"', 'id="Task_Decide" camunda:modelerTemplate="org.example.Ask"')
    .replace("<bpmndi:BPMNDiagram", "<!-- của người vẽ -->\r\n<bpmndi:BPMNDiagram")
)
FORM = json.dumps(
    {
        **json.loads(DRAFT),
        "schemaVersion": 19,
        "exporter": {"name": "Camunda Modeler", "version": "5.40.0"},
        "executionPlatform": "Camunda Platform",
    },
    ensure_ascii=False,
    indent=3,
)


def test_what_camunda_modeler_added_is_kept_to_the_letter(page, requests):
    assert all(words in ADDED for words in ("modeler:exec", "bioc:fill", "modelerTemplate"))
    window = page.as_(owner)
    place = propose(window, drawing(ADDED), ("draft.form", FORM))
    sent = {f"processes/bpmn/{KEY}.bpmn": ADDED, f"forms/{KEY}/draft.form": FORM}
    for path, text in sent.items():
        assert window.get(f"{place}/files/{path}").data.decode() == text
    assert window.post(f"{place}/deploy", {"legal_basis": "QĐ 9"}).status_code == 303
    for path, text in sent.items():
        assert window.get(f"/processes/{KEY}/versions/2/files/{path}").data.decode() == text
