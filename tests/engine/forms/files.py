"""Form files for the tests, as the form editor writes them."""

import json
from datetime import UTC, datetime

import pytest

from engine.forms import Form, FormErrors, FormInvalid

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, 08:00 in Vietnam
SCAN = {
    "file": 7,
    "name": "de-nghi.pdf",
    "size": 1024,
    "sha256": "0" * 64,
    "media_type": "application/pdf",
}


def text_of(*components, **frame):
    named = [{"id": f"Field_{n}", **component} for n, component in enumerate(components)]
    form = {"type": "default", "schemaVersion": 18, "components": named, **frame}
    return json.dumps(form, ensure_ascii=False, indent=1)


def form_of(*components, **frame):
    return Form.parse(text_of(*components, **frame), path="forms/test/test.form")


def load(form, posted, *, context=None, functions=None, files=None):
    return form.load(
        posted, context=context or {}, functions=functions or {}, now=NOW, files=files
    )


def refused(form, posted, **world):
    """The English sentences by field."""
    with pytest.raises(FormErrors) as caught:
        load(form, posted, **world)
    return {
        name: " ".join(template.format(**fields) for template, fields in messages)
        for name, messages in caught.value.errors.items()
    }


def findings(*components, **frame):
    """(rule, element, severity) of all that is wrong with a file."""
    try:
        found = form_of(*components, **frame).warnings
    except FormInvalid as refusal:
        found = refusal.findings
    return [(each.rule, each.element, each.severity) for each in found]


def field(kind, key="x", **more):
    return {"type": kind, "key": key, "label": key.upper(), **more}


def choices(*values):
    return [{"value": value, "label": str(value).title()} for value in values]


FRAME = {
    "type": "default",
    "id": "F",
    "schemaVersion": 19,
    "executionPlatform": "Camunda Cloud",
    "executionPlatformVersion": "8.8.0",
    "versionTag": "1",
    "exporter": {"name": "Camunda Modeler", "version": "5.40.0"},
}
"""What Camunda Modeler writes around the components."""

EDITED = [
    field(
        "textfield",
        "a",
        appearance={"prefixAdorner": "a", "suffixAdorner": "=b"},
        validate={"validationType": "custom", "pattern": "a", "patternErrorMessage": "A!"},
        layout={"row": "R", "columns": None},
        properties={"anything": "x"},
    ),
    field("textarea", "b", validate={"required": True, "minLength": "=c", "maxLength": ""}),
    field("number", "c", decimalDigits=2, increment="0.5", serializeToString=True, readonly="=a"),
    {
        "type": "datetime",
        "key": "d",
        "subtype": "datetime",
        "dateLabel": "D",
        "timeLabel": "T",
        "use24h": True,
        "timeInterval": 15,
        "timeSerializingFormat": "utc_offset",
        "disallowPassedDates": True,
    },
    field("checkbox", "e", description="{{a}}", defaultValue=True),
    field("select", "f", searchable=True, valuesKey="list"),
    field("taglist", "g", valuesExpression="=list"),
    field("filepicker", "h", multiple="=e", accept=".pdf, image/*"),
    {"type": "expression", "key": "i", "expression": "=c * 2", "computeOn": "presubmit"},
    {
        "type": "dynamiclist",
        "id": "list_1",
        "path": "list_1",
        "label": "L",
        "isRepeating": True,
        "allowAddRemove": True,
        "defaultRepetitions": 2,
        "disableCollapse": False,
        "nonCollapsedItems": 5,
        "showOutline": True,
        "verticalAlignment": "end",
        "components": [field("textfield", "z", id="z")],
    },
    {
        "type": "iframe",
        "label": "I",
        "url": "=u",
        "height": 60,
        "security": {"allowScripts": True},
    },
    {
        "type": "table",
        "label": "T",
        "dataSource": "=list",
        "rowCount": 10,
        "columnsExpression": "=columns",
    },
    {
        "type": "documentPreview",
        "title": "P",
        "label": "P",
        "dataSource": "=docs",
        "endpointKey": "k",
        "maxHeight": 100,
    },
    {"type": "html", "content": "<p>{{a}}</p>"},
    {"type": "image", "source": "=pic", "alt": "{{a}}"},
    {"type": "spacer", "height": 60},
    {"type": "separator"},
    {"type": "button", "label": "B", "action": "reset"},
    {
        "type": "group",
        "label": "G",
        "path": "",
        "components": [{"type": "text", "id": "inner", "text": "x"}],
    },
]
"""One component of each type, with all that the form editor can say of it."""
