"""Files as a process owner sends them, and what the pages say of them."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from tests.app.stationery import DRAWING, KEY
from tests.pages import Page

SCENARIOS = {
    "The head grants what was asked for": [
        {"start": {}, "as": "an", "open": ["Lập đề nghị"]},
        {"complete": "Lập đề nghị", "as": "an", "data": {"item": "Giấy", "quantity": "2"}},
        {
            "complete": "Duyệt đề nghị",
            "as": "chi",
            "data": {"decision": "grant"},
            "ends": "Đã cấp",
        },
    ]
}
RENAMED = DRAWING.replace('name="Duyệt đề nghị"', 'name="Xét duyệt đề nghị"')
FOR_NOBODY = DRAWING.replace("truong-phong@unit", "truong-phongg@unit")


def scenarios(**steps: Any) -> str:
    """A scenario file."""
    return json.dumps(steps or SCENARIOS, ensure_ascii=False)


def upload(page: Page, url: str, *files: tuple[str, str | bytes]) -> TestResponse:
    """The answer to sending (name, content) files to an address."""
    sent = [
        (io.BytesIO(content.encode() if isinstance(content, str) else content), name)
        for name, content in files
    ]
    return page.post(url, {"files": sent}, content_type="multipart/form-data")


def propose(page: Page, *files: tuple[str, str | bytes], key: str = KEY) -> str:
    """The address of a proposal made of these files."""
    answer = upload(page, f"/processes/{key}/proposals", *files)
    assert answer.status_code == 303, re.findall(r'error-message"[^>]*>(.*?)</p>', answer.text)
    return str(answer.location)


def drawing(content: str, key: str = KEY) -> tuple[str, str]:
    """The drawing of a process under its file's name."""
    return f"{key}.bpmn", content


def marks(text: str) -> dict[str, Any]:
    """What the page tells the drawing to show."""
    found: dict[str, Any] = json.loads(unescape(re.search(r'data-marks="([^"]+)"', text)[1]))
    return found


def said(text: str) -> str:
    """The words of a page, without its marks of HTML."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))
