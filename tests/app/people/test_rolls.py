"""Lists of people in files of all kinds and encodings, and what is found wrong with their rows."""

import io
import json
import unicodedata
import zipfile
from datetime import date

import pytest
import xlsxwriter

from app.operations import schemas
from app.people import accounts, queries, rolls
from app.people.accounts import endings
from app.people.log import Origin
from app.people.rights.groups import DATA
from app.people.rolls import encodings
from engine.files import FileTypeRefused, Store
from tests.app.people import old_books
from tests.worlds import admin, leader

HEADER = ["TT", "Họ và tên", "Đơn vị công tác", "Chức vụ", "Ngày sinh", "Số điện thoại",
          "Thư điện tử", "Nhóm quyền"]  # fmt: skip
AN = ["1", "Nguyễn Thị Ánh Tuyết", "Phòng Quản lý đầu tư", "Chuyên viên", "31/12/1990",
      "0912 345 678", "tuyet@example.gov.vn", "Chuyên viên, nhân viên"]  # fmt: skip
BINH = ["2", "Đặng Hữu Phước", "p-dautu", "Phó trưởng phòng", "01/02/1985", "", "", ""]
TITLE = ["DANH SÁCH ĐỀ NGHỊ CẤP TÀI KHOẢN"]
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def text_of(rows, mark=";"):
    return "\r\n".join(mark.join(row) for row in rows)


def book_of(rows):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    day = book.add_format({"num_format": "dd/mm/yyyy"})
                    sheet.write_datetime(number, place, cell, day)
                else:
                    sheet.write(number, place, cell)
    return out.getvalue()


def codes(encoding):
    raw = json.loads((DATA / "legacy_encodings.json").read_text(encoding="utf-8"))
    return raw[encoding]["codes"]


def legacy(text, encoding):
    """As it is typed in that encoding; TCVN3's fonts have no capitals with tones."""
    typed = {letter: code for code, letter in codes(encoding).items()}
    small = {letter.upper(): code for letter, code in typed.items() if encoding == "tcvn3"}
    return "".join(typed.get(sign, small.get(sign, sign)) for sign in text)


def of_windows(text):
    """As Windows-1258 has it: letters with their shapes, then the tones."""
    out = b""
    for sign in text:
        spread = unicodedata.normalize("NFD", sign)
        tone = "".join(part for part in spread if part in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", "".join(p for p in spread if p not in tone))
        out += base.encode("cp1258") + tone.encode("cp1258")
    return out


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_every_code_of_a_legacy_table_stands_for_another_letter_and_is_read_back(encoding):
    table = codes(encoding)
    assert len(set(table.values())) == len(table)
    for code, letter in table.items():
        assert encodings.letters(f"x{code} x", encoding) == f"x{letter} x"
    small = [letter for letter in table.values() if letter.islower()]
    assert len(small) == 67


LISTS = (".xlsx", ".ods", ".xls", ".csv", ".txt")
TYPED = {
    "unicode": text_of([HEADER, AN, BINH]).encode("utf-8-sig"),
    "tcvn3": legacy(text_of([HEADER, AN, BINH]).replace("Á", "á"), "tcvn3").encode("latin-1"),
    "vni": legacy(text_of([HEADER, AN, BINH]), "vni").encode("latin-1"),
    "windows-1258": of_windows(text_of([HEADER, AN, BINH])),
}


@pytest.mark.parametrize("encoding", TYPED)
def test_the_encoding_of_a_text_is_found_and_its_letters_read(encoding):
    roll = rolls.read(TYPED[encoding], "ds.csv")
    assert roll.encoding == roll.guessed == encoding
    name = str(roll.rows[1][1])
    assert name.casefold() == "Nguyễn Thị Ánh Tuyết".casefold()
    assert str(roll.rows[2][1]) == "Đặng Hữu Phước"
    assert list(roll.layout.fields.values()) == [
        "full_name", "unit", "position", "birth_date", "phone", "email", "groups",
    ]  # fmt: skip


def test_decomposed_unicode_utf_16_and_plain_letters_are_unicode():
    text = text_of([HEADER, AN])
    for data in (unicodedata.normalize("NFD", text).encode(), text.encode("utf-16")):
        roll = rolls.read(data, "ds.csv")
        assert (roll.encoding, roll.rows[1][1]) == ("unicode", "Nguyễn Thị Ánh Tuyết")
    plain = rolls.read(b"Ho va ten,Don vi\nNguyen Van A,p-dautu", "ds.csv")
    assert (plain.encoding, plain.layout.missing()) == ("unicode", [])


def test_signs_in_place_of_marks_are_read_but_never_in_addresses():
    typed = "Ho. va` te^n;DDo+n vi.;Email\nNguye^~n Thi. A'nh Tuye^'t;Va(n pho`ng;a.e@x.vn"
    roll = rolls.read(typed.encode(), "ds.csv")
    assert roll.encoding == "viqr"
    assert roll.rows[1] == ["Nguyễn Thị Ánh Tuyết", "Văn phòng", "a.e@x.vn"]


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_a_spreadsheet_with_legacy_fonts_is_read_as_its_reader_sees_it(encoding):
    rows = [[legacy(cell, encoding) for cell in row] for row in (TITLE, HEADER, BINH)]
    roll = rolls.read(book_of(rows), "ds.xlsx")
    assert (roll.encoding, roll.layout.header) == (encoding, 1)
    assert roll.rows[2][1] == "Đặng Hữu Phước"


def test_whoever_reads_a_list_may_say_its_encoding_and_its_columns():
    data = legacy(text_of([HEADER, BINH]), "vni").encode("latin-1")
    roll = rolls.read(data, "ds.csv", encoding="tcvn3", fields={1: "full_name", 2: "unit"})
    assert (roll.encoding, roll.guessed) == ("tcvn3", "vni")
    assert roll.layout.fields == {1: "full_name", 2: "unit"}


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", rolls.SheetEmpty),
        (b"PK\x03\x04 no archive", rolls.SheetUnreadable),
        (b"%PDF-1.4\0\x01", rolls.SheetUnreadable),
        (b"x" * 10_000_001, rolls.SheetTooLarge),
        (b"a;b\n" * 20_200, rolls.SheetTooLarge),
        (b"Ten;Diem\nA;5", rolls.HeaderMissing),
    ],
)
def test_what_is_no_list_is_refused_in_words(data, refusal):
    with pytest.raises(refusal):
        rolls.read(data, "ds.csv")


def ods(rows):
    """A book of OpenDocument with these rows, and nothing that a reader could do without."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    body = (
        f'<office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="A">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        parts.writestr("mimetype", kind, zipfile.ZIP_STORED)
        parts.writestr("content.xml", body)
        parts.writestr("META-INF/manifest.xml", "<m/>")
    return out.getvalue()


def far_apart():
    """A small spreadsheet of two cells at its opposite ends."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Họ và tên")
        sheet.write(1_048_575, 16_383, "Đơn vị")
    return out.getvalue()


CELL = (
    '<table:table-cell office:value-type="string"{}><text:p>Họ và tên</text:p></table:table-cell>'
)
ROW = "<table:table-row{}>{}</table:table-row>"


@pytest.mark.parametrize(
    "book",
    [
        far_apart,
        lambda: ods(ROW.format(' table:number-rows-repeated="900000000"', CELL.format(""))),
        lambda: ods(
            ROW.format(
                ' table:number-rows-repeated="20000"',
                CELL.format(' table:number-columns-repeated="16000"'),
            )
        ),
    ],
)
def test_a_small_book_that_asks_for_gigabytes_is_refused_and_nothing_else_suffers(book):
    data = book()
    assert len(data) < 20_000
    with pytest.raises((rolls.SheetTooLarge, rolls.SheetUnreadable)):
        rolls.read(data, "ds.xlsx")


NAMED = ["Họ và tên", "Đơn vị"]


def test_a_book_of_excel_97_is_read():
    cells = [(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 3)]
    book = old_books.book([*NAMED, "Lê Văn Một", "vp"], cells, said=(2, 2))
    assert rolls.read(book, "ds.xls").rows == [NAMED, ["Lê Văn Một", "vp"]]


@pytest.mark.parametrize(
    "book",
    [
        lambda: old_books.book(NAMED, [(0, 0, 0), (0, 1, 1)], said=(0xFFFFFFFF, 0xFFFF)),
        lambda: old_books.book(NAMED, [(0, 0, 0), (0xFFFF, 20, 1)], sheets=2000),
        lambda: old_books.book(["ế" * 32_000], [(n // 60, n % 60, 0) for n in range(10_000)]),
    ],
    ids=["huge dimensions", "many sheets", "one long text in many cells"],
)
def test_an_old_book_that_asks_for_gigabytes_is_refused_in_a_sentence(book):
    data = book()
    assert len(data) < 2_000_000
    with pytest.raises(rolls.SheetTooLarge, match="holds more than can be read at once"):
        rolls.read(data, "ds.xls")


def test_days_and_times_of_a_book_come_back_as_what_they_are():
    row = ["1", "An", date(1990, 12, 31), 7.5, True]
    assert rolls.read(book_of([HEADER, row]), "a").rows[1][:5] == row


@pytest.fixture
def judged(engine, world, clock):
    def judge(rows, who=admin, **options):
        with engine.reading() as session:
            actor = queries.actor_of(session, who.name, clock())
            desk = rolls.Desk.of(session, actor, clock(), **options)
            return list(rolls.read(book_of(rows), "ds.xlsx").judge(session, desk, clock()))

    return judge


@ONE_DATABASE
def test_good_rows_are_applications_whatever_kinds_of_cells_they_have(judged):
    typed = ["3", "TRẦN VĂN ĐỨC", "PHÒNG QUẢN LÝ ĐẦU TƯ", "", date(1980, 5, 4), 987654321, "", ""]
    an, binh, duc = judged([TITLE, HEADER, AN, BINH, typed, []], default=["van-thu"])
    assert [one.status for one in (an, binh, duc)] == ["good"] * 3
    assert an.application.groups[0].group == "chuyen-vien"
    assert (binh.row, binh.application.unit) == (4, "p-dautu")
    assert binh.application.groups[0].group == "van-thu"
    assert duc.application.full_name == "Trần Văn Đức"
    assert (duc.application.birth_date, duc.application.phone) == (date(1980, 5, 4), "0987654321")
    assert rolls.as_rows([an])[0]["groups"] == [{"group": "chuyen-vien", "unit": "p-dautu"}]


@ONE_DATABASE
def test_a_row_of_one_cell_is_told_as_passed_over_unless_it_is_a_name(judged):
    signed = ["", "", "", "Người lập biểu", "", "", "", ""]
    an, note, name = judged([HEADER, AN, signed, ["", "Lê Văn Một"]])
    assert [one.status for one in (an, note, name)] == ["good", "skipped", "wrong"]
    assert [(fault.code, fault.value) for fault in note.faults] == [("one_cell", signed[3])]


@ONE_DATABASE
def test_each_fault_names_its_column_and_has_words_that_say_what_to_do(judged):
    rows = [HEADER,
        ["", "An", "Phòng lạ", "x" * 201, "31/02/1990", "12", "an@", "Nhóm lạ; Quản trị cấp 1"],
        ["", "", "", "", "01/01/2020", "", "", "Chuyên viên, nhân viên"],
        ["", "Lê Văn Một", "p-dautu", "", "", "", "", ""],
        AN, AN,
    ]  # fmt: skip
    odd, empty, untold, _, again = judged(rows)
    assert {(fault.code, fault.column) for fault in odd.faults} == {
        ("name_odd", "full_name"), ("unit_unknown", "unit"), ("date_odd", "birth_date"),
        ("phone_odd", "phone"), ("email_odd", "email"), ("group_unknown", "groups"),
        ("group_other_kind", "groups"), ("too_long", "position"),
    }  # fmt: skip
    assert [fault.code for fault in empty.faults] == ["unit_missing", "name_missing", "date_range"]
    assert [fault.code for fault in untold.faults] == ["namesakes"]
    assert (again.status, again.twin) == ("twice", 5)
    for one in (odd, empty, untold, again):
        assert all(fault.code in rolls.FAULTS for fault in one.faults)


@ONE_DATABASE
def test_who_has_an_account_is_told_and_a_unit_out_of_reach_is_unknown(judged, engine, clock):
    with engine.writing() as session:
        held = accounts.Application("Nguyễn Thị Ánh Tuyết", unit="p-dautu", email=AN[6])
        accounts.open_account(session, held, origin=Origin("quantri", clock()))
    (there,) = judged([HEADER, AN])
    assert (there.status, there.account) == ("there", "tuyetnta.bql")
    with engine.writing() as session:
        account = queries.find_account(session, "tuyetnta.bql")
        endings.close(session, account, origin=Origin("quantri", clock()), basis="QĐ 9")
    (closed,) = judged([HEADER, AN])
    assert closed.status == "wrong" and "tuyetnta.bql" in closed.faults[0].says()
    (foreign,) = judged([HEADER, AN], who=leader)
    assert [fault.code for fault in foreign.faults] == ["unit_unknown"]


@pytest.mark.parametrize("encoding", sorted(TYPED))
def test_a_list_in_any_encoding_is_taken_where_a_list_is_asked_for(tmp_path, encoding):
    store, data = Store(tmp_path), TYPED[encoding]
    kept = store.put("ds.csv", io.BytesIO(data), limit_mb=1, kinds=LISTS)
    assert kept.media_type == "text/plain"
    assert rolls.read(store.get(kept.sha256), kept.name).rows


@pytest.mark.parametrize("kind", ["tcvn3.csv", "vni.xlsx"])
def test_five_thousand_people_are_one_list(kind):
    encoding, _, form = kind.partition(".")
    head, an, binh = ([legacy(cell, encoding) for cell in row] for row in (HEADER, AN, BINH))
    table = [head, *[an, binh] * 2_500]
    typed = book_of(table) if form == "xlsx" else text_of(table).encode("latin-1", "replace")
    rows = rolls.read(typed, f"ds.{form}").rows
    assert (len(rows), rows[0], rows[-1][1]) == (5_001, HEADER, BINH[1])


def test_a_list_of_opendocument_is_kept_as_what_it_is_and_read(tmp_path):
    store = Store(tmp_path)
    types = schemas.definitions()["upload.types"].default
    row = "".join(CELL.format("").replace("Họ và tên", word) for word in HEADER)
    for kinds in (LISTS, ()):
        sent = io.BytesIO(ods(ROW.format("", row)))
        kept = store.put("ds.ods", sent, limit_mb=1, kinds=kinds, allowed=tuple(types))
        assert kept.media_type == "application/vnd.oasis.opendocument.spreadsheet"
    assert rolls.read(store.get(kept.sha256), kept.name).rows == [HEADER]


def test_what_is_no_text_is_no_list_and_elsewhere_text_must_be_unicode(tmp_path):
    store, old = Store(tmp_path), TYPED["tcvn3"]
    refused = [(old, "ds.csv", ()),
               (old + b"\0", "ds.csv", LISTS), (b"\x7fELF\1", "ds.csv", LISTS)]  # fmt: skip
    for data, name, kinds in refused:
        with pytest.raises(FileTypeRefused):
            store.put(name, io.BytesIO(data), limit_mb=1, kinds=kinds)
