"""The one blueprint of this area; its pages stand in several modules."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("people", __name__, template_folder="templates")
