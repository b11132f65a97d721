"""Papers: what a template may do, what it may not, and that every layout can be set."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from pypdf import PdfReader

from adapters.typesetting import PaperTooHard, TemplateFails, TypefacesMissing, Typesetter
from app.typefaces import FONTS
from engine.check.bounded import bounded
from tests import papers

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
SETTER = Typesetter(FONTS)
PATH = "forms/p/paper.typ"
DESK = (
    'desk: (agency: "Ban Quản lý", phone: "0250"), number: 7, place: "Sơn Hải", date: "2026-02-05"'
)


def paper(body: str, data: Any = None, **more: Any) -> Any:
    files = {PATH: body, **papers.LAYOUTS}
    return SETTER.set(files, PATH, data, at=AT, **more)


def test_without_its_typefaces_no_paper_is_set_in_another_face(tmp_path):
    with pytest.raises(TypefacesMissing, match="Build the front end"):
        Typesetter(tmp_path).set({PATH: "Nơi nhận:"}, PATH, {}, at=AT)


def test_a_letter_has_the_parts_that_the_law_names_in_right_vietnamese(tmp_path):
    address = "https://quytrinh.example/cases/VBDI-2026-0001"
    made = paper(papers.LETTER, qr=address)
    text = papers.read(made.content)
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN",
        "Số: 07/BQL-VP",
        "Sơn Hải, ngày 05 tháng 02 năm 2026",
        "V/v họp giao ban",
        "Kính gửi: Văn phòng",
        "số tiền 1.250.000 đồng",
        "Nơi nhận:",
        "- Lưu: VT.",
        "TRƯỞNG BAN",
        "Đỗ Quang Hải",
    ):
        assert part in text
    assert [place.kind for place in made.places] == ["person", "organisation"]
    assert papers.faults(made.content) == []
    if papers.poppler():
        assert papers.codes(made.content, tmp_path) == [address]
    sheet = papers.pages(made.content)[0]
    assert [round(float(side)) for side in sheet.mediabox[2:]] == [595, 842]
    fonts = sheet["/Resources"]["/Font"].values()
    assert all("FontFile" in str(_descriptor(font)) for font in fonts)


def _descriptor(font: Any) -> Any:
    return font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()


def test_pages_are_numbered_from_the_second_on():
    body = "\n\n".join(["Nội dung."] * 90)
    made = paper(
        f'#import "/forms/_layout/nd30.typ": *\n#paper(kind: "Báo cáo", about: "A")[{body}]'
    )
    first, second, *_ = PdfReader(io.BytesIO(made.content)).pages
    assert not first.extract_text().startswith("1")
    assert second.extract_text().startswith("2")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            'receipt({desk}, code: "H1", due: "2026-03-02T16:05:00")',
            "16 giờ 05 phút, ngày 02 tháng 3",
        ),
        ('supplement({desk}, missing: ("Bản vẽ",))', "1. Bản vẽ"),
        ('refusal({desk}, reason: "Không thuộc thẩm quyền")', "Không thuộc thẩm quyền"),
        (
            'apology({desk}, applicant: "Lưu Bảo An", new-due: "2026-03-02")',
            "Kính gửi: Lưu Bảo An",
        ),
        (
            'control({desk}, steps: ((from: "Một cửa", to: "Phòng", result: "Đúng hạn"),))',
            "Đúng hạn",
        ),
    ],
)
def test_each_slip_of_the_desk_can_be_set_on_a5(call, said):
    made = paper(f'#import "/forms/_layout/onestop.typ": *\n#{call.format(desk=DESK)}')
    assert said in papers.read(made.content)
    box = papers.pages(made.content)[0].mediabox
    assert sorted(round(float(side)) for side in box[2:]) == [420, 595]
    assert made.pages == 1
    assert papers.faults(made.content) == []


def test_the_slip_of_an_incoming_document_shows_who_said_what():
    call = 'handling-slip(agency: "Ban", arrival: 5, leader: (text: "Giao Văn phòng", by: "Hải"))'
    text = papers.read(paper(f'#import "/forms/_layout/nd30.typ": *\n#{call}').content)
    assert "PHIẾU GIẢI QUYẾT VĂN BẢN ĐẾN" in text
    assert "Giao Văn phòng" in text


def test_a_sign_that_no_typeface_has_is_a_box_and_the_paper_tells_which():
    body = '#import "/forms/_layout/words.typ": *\n#set text(font: serif)\n'
    name = 'Công ty 三星 "ổn" \u2116 50\u33a1 \u2192 \U0001f469\u200d\U0001f467 \u0007hết □'
    made = paper(body + "#given((:)).rows.at(0).name", {"rows": [{"name": name}]})
    shown = 'Công ty □□ "ổn" \u2116 50□ \u2192 □□ hết □'
    assert papers.read(made.content) == shown
    missing = ["三", "星", "\u33a1", "\U0001f469", "\u200d", "\U0001f467", "\u0007"]
    assert list(made.missing) == missing
    assert papers.faults(made.content) == []
    with pytest.raises(TemplateFails, match="三"):
        paper(body + "三 #given((:)).name", {"name": "Công ty"})


def test_data_are_shown_and_never_read_as_markup():
    body = '#import "/forms/_layout/words.typ": *\n#given((:)).name'
    text = papers.read(paper(body, {"name": '#read("/etc/passwd") *A* "quoted" \\'}).content)
    assert text == '#read("/etc/passwd") *A* "quoted" \\'


@pytest.mark.parametrize(
    ("body", "problem", "line"),
    [
        ("Một\n#data.name", "unknown variable", 2),
        ('#read("/etc/passwd")', "not found", 1),
        ('#read("../../../../etc/passwd")', "outside", 1),
        ('#import "@preview/tablex:0.0.8": *', "package", 1),
        ("#let f(x) = f(x)\n#f(1)", "depth", 1),
        ("#while true {}", "always true", 1),
    ],
)
def test_a_template_that_cannot_be_set_is_refused_with_its_line(body, problem, line):
    with pytest.raises(TemplateFails) as refused:
        paper(body, {})
    assert problem in str(refused.value.fields["problem"])
    assert (refused.value.fields["path"], refused.value.fields["line"]) == (PATH, line)


def test_a_mistake_in_what_a_template_imports_is_found_where_it_is():
    files = {PATH: '#import "part.typ": *', "forms/p/part.typ": "#let a = 1\n#let b = a.c"}
    examined = SETTER.examine(files, PATH)
    assert (examined.path, examined.line) == ("forms/p/part.typ", 2)


def test_a_paper_that_is_too_long_or_takes_too_much_is_refused():
    for body in ("#for _ in range(5) [a #pagebreak()]", "#range(3000000).len()"):
        with pytest.raises(PaperTooHard):
            Typesetter(FONTS, pages=4, megabytes=64).set({PATH: body}, PATH, {}, at=AT)


def test_an_example_says_what_a_template_reads():
    files = {PATH: papers.LETTER, **papers.LAYOUTS}
    assert SETTER.examine(files, PATH).keys == {"about", "number", "day", "name"}
    assert SETTER.examine({PATH: "Không có dữ liệu."}, PATH).keys is None


def test_who_is_bounded_already_has_a_paper_set_within_that():
    def examined() -> list[dict[str, str]]:
        found = Typesetter(FONTS).examine({PATH: "Không có dữ liệu."}, PATH)
        return [{"problem": str(found.problem)}]

    assert bounded(examined) == [{"problem": "None"}]
