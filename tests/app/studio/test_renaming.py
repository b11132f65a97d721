"""An owner who renames a task in the drawing need not rewrite its scenarios."""

from __future__ import annotations

import json

from app import config
from app.studio import renaming
from engine import Bundle
from engine.bundles import drawing_path, scenarios_path

KEY = "account-grant-internal"
OLD = dict(Bundle.read(config.ROOT, KEY).files)
NEW_NAME = "Thẩm tra đề nghị"


def renamed() -> dict[str, str]:
    drawing = OLD[drawing_path(KEY)].replace('name="Kiểm tra đề nghị"', f'name="{NEW_NAME}"')
    assert drawing != OLD[drawing_path(KEY)]
    return {**OLD, drawing_path(KEY): drawing}


def test_scenarios_follow_a_renamed_task():
    files = renaming.follow(OLD, renamed(), KEY)
    assert NEW_NAME in files[scenarios_path(KEY)]
    assert '"Kiểm tra đề nghị"' not in files[scenarios_path(KEY)]
    assert list(json.loads(files[scenarios_path(KEY)])) == list(
        json.loads(OLD[scenarios_path(KEY)])
    )


def test_scenarios_that_were_changed_too_are_left_alone():
    own = {**renamed(), scenarios_path(KEY): "{}"}
    assert renaming.follow(OLD, own, KEY) == own


def test_a_drawing_that_cannot_be_read_changes_nothing():
    broken = {**OLD, drawing_path(KEY): "<not"}
    assert renaming.follow(OLD, broken, KEY) == broken
