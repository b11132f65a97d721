"""What several areas' page tests work on."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.app.stationery import Requests


@pytest.fixture
def requests(app: Flask, world: None) -> Any:
    """A small procedure in force, and requests to run through it."""
    return Requests(app)
