"""What codes of the registers are called, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext

STATES = {
    "active": lazy_gettext("In use"),
    "suspended": lazy_gettext("Suspended"),
    "closed": lazy_gettext("Closed"),
    "deleted": lazy_gettext("Deleted"),
}
KINDS = {
    "internal": lazy_gettext("Internal account"),
    "administrator": lazy_gettext("Administration account"),
    "enterprise": lazy_gettext("Enterprise account"),
}
SEXES = {"male": lazy_gettext("male"), "female": lazy_gettext("female")}
SHIPPED = {
    "in_use": lazy_gettext("Accounts in use"),
    "suspended": lazy_gettext("Suspended accounts"),
    "closed_this_year": lazy_gettext("Closed this year"),
    "new_this_month": lazy_gettext("New this month"),
    "never": lazy_gettext("In use, never logged in"),
    "idle": lazy_gettext("In use, no login for 30 days"),
    "no_factor": lazy_gettext("In use, without second factor"),
}
TABLES = {
    "unit": lazy_gettext("By unit"),
    "state": lazy_gettext("By state"),
    "kind": lazy_gettext("By kind of account"),
    "group": lazy_gettext("By group"),
    "month": lazy_gettext("By month of creation"),
    "label": lazy_gettext("By label"),
}
LOGINS = {
    "never": lazy_gettext("Never logged in"),
    "30": lazy_gettext("No login for 30 days"),
    "45": lazy_gettext("No login for 45 days"),
    "90": lazy_gettext("No login for 90 days"),
    "365": lazy_gettext("No login for a year"),
}
FIELDS = {
    "enterprise_code": lazy_gettext("Enterprise code"),
    "tax_code": lazy_gettext("Tax code"),
    "phone": lazy_gettext("Phone"),
    "address": lazy_gettext("Address"),
    "email": lazy_gettext("E-mail"),
}
FINDINGS = {
    "missing": lazy_gettext("missing"),
    "wrong": lazy_gettext("wrong"),
    "duplicate": lazy_gettext("registered by another too"),
}


def yes(value: bool) -> str:
    return gettext("yes") if value else gettext("no")
