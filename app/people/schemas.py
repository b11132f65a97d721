"""The parameters and results of this area's operations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate


class Day(fields.Field):
    """A date as case data holds it, or as ISO text."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if type(value) is date:
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError("is no date") from None


class Moment(fields.Field):
    """An aware instant as case data holds it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value
        raise ValidationError("is no instant")


class Strict(Schema):
    """A misspelt parameter is an error."""

    class Meta:
        unknown = RAISE


class MembershipSchema(Strict):
    """{"group": "van-thu", "unit": "vp", "below": false, "field": null, "everywhere": false}"""

    group = fields.String(required=True)
    unit = fields.String(required=True)
    below = fields.Boolean(load_default=False, allow_none=True)
    field = fields.String(load_default=None, allow_none=True)
    everywhere = fields.Boolean(load_default=False, allow_none=True)


def _text(**options: Any) -> fields.String:
    return fields.String(load_default="", allow_none=True, **options)


class ApplicationSchema(Strict):
    """Who is to have which account; the fields of requirements 7.1 and 7.2."""

    full_name = fields.String(required=True, validate=validate.Length(2, 200))
    kind = fields.String(
        load_default="internal",
        validate=validate.OneOf(["internal", "administrator", "enterprise"]),
    )
    unit = fields.String(load_default=None, allow_none=True)
    birth_date = Day(load_default=None, allow_none=True)
    sex = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(["male", "female"])
    )
    address = _text(validate=validate.Length(max=500))
    position = _text(validate=validate.Length(max=200))
    phone = _text(validate=validate.Length(max=30))
    email = _text(validate=validate.Length(max=200))
    label = _text(validate=validate.Length(max=200))
    wanted = _text(validate=validate.Length(max=100))
    enterprise_code = _text()
    tax_code = _text()
    organisation = _text()
    groups = fields.List(fields.Nested(MembershipSchema), load_default=list, allow_none=True)
    basis = _text()
    training = _text()
    despite = fields.List(fields.String(), load_default=list, allow_none=True)


class Nothing(Schema):
    """An operation that answers nothing."""


class CheckedSchema(Strict):
    """That nobody holds the account yet. former: the names of the enterprise's earlier accounts,
    which were deleted or closed for a reason in `despite`, the latest first.
    """

    free = fields.Boolean(required=True)
    former = fields.List(fields.String(), load_default=list)


class CreatedSchema(Strict):
    """The name that the account has for ever."""

    user_name = fields.String(required=True)
    account_id = fields.Integer(required=True)


class AccountSchema(Strict):
    """Which account, and on what basis. person: whose it must still be, as `accounts.find` gave
    it; null asks for nobody.
    """

    account = fields.String(required=True)
    basis = _text()
    person = fields.Integer(load_default=None, allow_none=True)


class StandingSchema(AccountSchema):
    """closed: how it was closed when the request was examined, as `accounts.find` gave it; what
    was approved of that closing is not done after another. null asks nothing.
    """

    closed = fields.Dict(load_default=None, allow_none=True)


class CloseSchema(AccountSchema):
    """reason: the drawing's own word for why, which `accounts.find` gives again. successor: the
    account that is to take its work over, if any. within: the unit that asked, whose it must
    still be, or one below it; null asks nothing.
    """

    reason = _text(validate=validate.Length(max=40))
    within = fields.String(load_default=None, allow_none=True)
    successor = _text()


class ClosedSchema(Strict):
    """successor: who still can take the work over; null for nobody."""

    successor = fields.String(load_default=None, allow_none=True)


class NewLinkSchema(AccountSchema):
    """Which account gets a link; disclosed: somebody else may know the password."""

    disclosed = fields.Boolean(load_default=False, allow_none=True)


class SoughtSchema(Strict):
    """Which account; within: the unit whose it must be, or one below it. customers: whether it
    may be one of a customer, who is of no unit.
    """

    account = fields.String(required=True, validate=validate.Length(1, 120))
    within = fields.String(load_default=None, allow_none=True)
    customers = fields.Boolean(load_default=True)


class FoundSchema(Strict):
    """How an account stands. logins: how many stays of it are open. untrained: whether it is in
    a group that administers and nobody has seen proof of its holder's training (KH-11.1b).
    organisation: the enterprise for which it stands. closed: when, by which case and why it was
    closed, as far as that was kept, and `reasons`, all that were decided since it was last open;
    null of one that is not closed. person: the holder's number,
    by which an operation knows whether the account has been handed over since.
    """

    account = fields.String(required=True)
    holder = fields.String(required=True)
    sex = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    status = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    since = Moment(required=True)
    last_login_at = Moment(required=True, allow_none=True)
    logins = fields.Integer(required=True)
    untrained = fields.Boolean(load_default=False)
    organisation = fields.String(load_default=None, allow_none=True)
    closed = fields.Dict(load_default=None, allow_none=True)
    person = fields.Integer(load_default=None, allow_none=True)


class ReopenSchema(StandingSchema):
    """new_name: whether the old name must not be used any more. training: proof of it."""

    new_name = fields.Boolean(required=True)
    training = _text()


class ReopenedSchema(Strict):
    """The name under which the holder logs in from now on."""

    user_name = fields.String(required=True)


class LinkSchema(Strict):
    """link: a path of this site without its address, sealed until a letter leaves. email: of the
    holder as it is now.
    """

    link = fields.String(required=True)
    expires_at = Moment(required=True)
    email = fields.String(required=True, allow_none=True)
