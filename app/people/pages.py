"""All pages of this area: `blueprint` carries the routes of the modules imported here."""

from __future__ import annotations

from app.people import access_pages, directory_pages, log_pages
from app.people.accounts import pages as account_pages
from app.people.acting import pages as acting_pages
from app.people.blueprint import blueprint
from app.people.factors import pages as factor_pages
from app.people.factors import passkey_pages
from app.people.imports import pages as import_pages
from app.people.login import pages as login_pages
from app.people.login import password_pages, stay_pages, terms_pages
from app.people.organisation import calling_off_pages, change_pages
from app.people.organisation import pages as unit_pages
from app.people.outside import pages as outside_pages
from app.people.registers import file_pages as register_file_pages
from app.people.registers import pages as register_pages
from app.people.registers import rights_file
from app.people.rights import group_pages
from app.people.rights import pages as rights_pages

__all__ = [
    "access_pages",
    "account_pages",
    "acting_pages",
    "blueprint",
    "calling_off_pages",
    "change_pages",
    "directory_pages",
    "factor_pages",
    "group_pages",
    "import_pages",
    "log_pages",
    "login_pages",
    "outside_pages",
    "passkey_pages",
    "password_pages",
    "register_file_pages",
    "register_pages",
    "rights_file",
    "rights_pages",
    "stay_pages",
    "terms_pages",
    "unit_pages",
]
