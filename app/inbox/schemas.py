"""What the addresses of the inbox may say, and the one JSON answer it gives."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

LISTS = ("mine", "groups", "unit", "overdue", "waiting", "done")
DUES = ("today", "week", "late")
SORTS = ("due", "age", "priority")


class InboxQuery(Schema):
    """The conditions of a list: /inbox?list=groups&q=cap+tai&process=KEY&due=week&sort=age."""

    class Meta:
        unknown = EXCLUDE

    list = fields.String(validate=validate.OneOf(LISTS))
    q = fields.String(validate=validate.Length(max=200))
    process = fields.String(validate=validate.Length(min=1, max=80))
    due = fields.String(validate=validate.OneOf(DUES))
    sort = fields.String(validate=validate.OneOf(SORTS))
    after = fields.String(validate=validate.Length(min=1, max=500))


class DraftSaved(Schema):
    """The answer to a saved draft: {"saved_at": "2026-11-23T02:08:00+00:00"}."""

    saved_at = fields.AwareDateTime(required=True)


class FileKept(Schema):
    """The answer to an uploaded file: {"id": 7, "name": "don.pdf", "size": 217088} in bytes."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)


def conditions(arguments: MultiDict[str, str]) -> dict[str, str]:
    """The conditions in an address, without those that are empty or that nobody offers.

    The last of equal names counts, because the button of a sorted column comes after the form's
    own field. A stale bookmark shows the list without what no longer exists, rather than an error.
    """
    given = {name: values[-1].strip() for name, values in arguments.lists() if values[-1].strip()}
    try:
        return InboxQuery().load(given)
    except ValidationError as refused:
        return refused.valid_data
