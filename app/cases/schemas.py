"""What the addresses of the list of cases may say."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

STATUSES = ("open", "completed", "cancelled")
TABS = ("history", "data", "files", "comments", "journal")


class CasesQuery(Schema):
    """The conditions of the list: /cases?q=TK-2026&process=KEY&status=open&late=1&unit=vp."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(validate=validate.Length(max=200))
    process = fields.String(validate=validate.Length(min=1, max=80))
    status = fields.String(validate=validate.OneOf(STATUSES))
    late = fields.String(validate=validate.Equal("1"))
    unit = fields.String(validate=validate.Length(min=1, max=80))
    after = fields.String(validate=validate.Length(min=1, max=500))


def conditions(arguments: MultiDict[str, str]) -> dict[str, str]:
    """The conditions in an address, without those that are empty or that nobody offers."""
    given = {name: values[-1].strip() for name, values in arguments.lists() if values[-1].strip()}
    try:
        return CasesQuery().load(given)
    except ValidationError as refused:
        return refused.valid_data
