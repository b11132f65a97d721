"""What drawings give to the operations of papers, and what they get back."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from engine import case_files


class RenderSchema(Schema):
    """template: "KEY/NAME", as it lies under forms/. data: what the template reads. name: what the
    file is called. qr: what its QR code says.
    """

    template = fields.String(required=True, validate=validate.Regexp(r"^[\w.-]+/[\w.-]+$"))
    data = fields.Dict(load_default=dict, allow_none=True)
    name = fields.String(required=True, validate=validate.Length(1, 150))
    qr = fields.String(load_default="", allow_none=True, validate=validate.Length(max=800))


class RenderedSchema(Schema):
    """files: the paper, as an upload field holds it. pages: how many it has."""

    files = case_files.made()
    pages = fields.Integer(required=True)
