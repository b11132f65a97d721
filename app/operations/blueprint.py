"""The blueprint to which the modules of this area add their routes."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("operations", __name__, template_folder="templates")
