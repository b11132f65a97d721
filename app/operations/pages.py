"""All pages of this area: `blueprint` carries the routes of the modules imported here."""

from __future__ import annotations

from app.operations import calendar_pages, job_pages, setting_pages
from app.operations.blueprint import blueprint

__all__ = ["blueprint", "calendar_pages", "job_pages", "setting_pages"]
