"""What drawings give to the operations of papers, and what they get back."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from engine import case_files


class RenderSchema(Schema):
    """template: "KEY/NAME", as it lies under forms/. data: what the template reads. name: what the
    file is called. qr: what its QR code says. signed_by: the step, by its id or name, whose hand
    signs the paper as soon as it is set; a paper that waits for no key is given out all the same.
    """

    template = fields.String(required=True, validate=validate.Regexp(r"^[\w.-]+/[\w.-]+$"))
    data = fields.Dict(load_default=dict, allow_none=True)
    name = fields.String(required=True, validate=validate.Length(1, 150))
    qr = fields.String(load_default="", allow_none=True, validate=validate.Length(max=800))
    signed_by = fields.String(load_default=None, allow_none=True)


class RenderedSchema(Schema):
    """files: the paper, as an upload field holds it. pages: how many it has. missing: characters
    of the data that no typeface has and that read "□" in it. signer_name: who has signed it;
    unsigned: why nobody has, where `signed_by` was said.
    """

    files = case_files.made()
    pages = fields.Integer(required=True)
    missing = fields.List(fields.String())
    signer_name = fields.String(allow_none=True)
    unsigned = fields.String(allow_none=True)


class PersonSchema(Schema):
    """files: what is signed. task: the step of signing, by its id or name; the last one that
    somebody completed when it is left out. signer: the account that must have done it. authority:
    what stands above the signature, "KT. TRƯỞNG BAN".
    """

    files = case_files.Files(required=True)
    task = fields.String(load_default=None, allow_none=True)
    signer = fields.String(load_default=None, allow_none=True)
    authority = fields.String(load_default="", allow_none=True, validate=validate.Length(max=120))
    reason = fields.String(load_default="", allow_none=True, validate=validate.Length(max=200))


class OrganisationSchema(Schema):
    """files: what is signed. unit: whose key, or whose superior's; the case's when left out.
    task: the step in which the clerk issued it, as for a person. marks: lines that the signature
    shows, such as number and date, which a file bears from its issue alone (NĐ 30/2020 Đ18).
    """

    files = case_files.Files(required=True)
    unit = fields.String(load_default=None, allow_none=True)
    task = fields.String(load_default=None, allow_none=True)
    reason = fields.String(load_default="", allow_none=True, validate=validate.Length(max=200))
    marks = fields.List(
        fields.String(validate=validate.Length(1, 120)),
        load_default=list,
        allow_none=True,
        validate=validate.Length(max=3),
    )


class SignedSchema(Schema):
    """files: the signed ones, in order. signer: the account whose hand it was; principal: for whom
    they acted, if for somebody.
    """

    files = case_files.made()
    signer = fields.String(required=True)
    signer_name = fields.String(required=True)
    principal = fields.String(required=True, allow_none=True)
    signed_at = fields.AwareDateTime(required=True)


class CheckSchema(Schema):
    """files: PDF files of the case."""

    files = case_files.Files(required=True)


class FoundSchema(Schema):
    """A signature. kind: "person" or "organisation". stamped: whether an authority vouches for the
    moment; intact: unchanged; trusted: its certificate held then; whole: it covers the file.
    """

    file = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    organisation = fields.String(required=True)
    at = fields.AwareDateTime(required=True, allow_none=True)
    stamped = fields.Boolean(required=True)
    intact = fields.Boolean(required=True)
    trusted = fields.Boolean(required=True)
    whole = fields.Boolean(required=True)


class CheckedSchema(Schema):
    """signatures: all that were found. valid: whether each file has one, and all hold. people,
    organisations: how many are whose.
    """

    signatures = fields.List(fields.Nested(FoundSchema), required=True)
    valid = fields.Boolean(required=True)
    people = fields.Integer(required=True)
    organisations = fields.Integer(required=True)
