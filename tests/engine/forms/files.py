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
