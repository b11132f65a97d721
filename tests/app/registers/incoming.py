"""A process whose cases are entered in a register and get their number out of a book."""

from __future__ import annotations

import json

from engine import Bundle
from engine.registers import register_path
from tests.engine.drawings import text

KEY = "incoming"
BOOK = "documents-incoming"
REGISTER_KEY = "van-ban-den"
LINES = """start s
service n topic=numbers.next in:book=documents-incoming in:unit=ban out:number==result.number
user a "Handle" candidateGroups=chuyen-vien
end e
s > n > a > e"""
REGISTER = {
    "title": "Sổ đăng ký văn bản đến",
    "title_en": "Register of incoming documents",
    "legal_basis": "Phụ lục IV Nghị định 30/2020/NĐ-CP; QN-9.2",
    "columns": [
        {"name": "number", "label": "Số đến", "label_en": "Arrival number"},
        {"name": "arrived", "label": "Ngày đến", "label_en": "Day of arrival"},
        {"name": "author", "label": "Tác giả", "label_en": "Author", "width": 30},
        {"name": "unit", "label": "Đơn vị", "label_en": "Unit"},
        {"label": "Ký nhận", "label_en": "Signature"},
    ],
    "sort": "-number",
    "given": "number",
    "period": "arrived",
    "filter": ["author"],
}
COLUMNS = "number:number, arrived:date, author:text"


def bundle() -> Bundle:
    """The process with its register "van-ban-den"."""
    drawn = text(LINES, KEY, registers="van-ban-den", columns=COLUMNS)
    files = {
        f"processes/bpmn/{KEY}.bpmn": drawn,
        register_path("van-ban-den"): json.dumps(REGISTER, ensure_ascii=False),
    }
    return Bundle(KEY, files)
