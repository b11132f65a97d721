"""Signatures in PDF files: made, read, and found out when something was changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.signing import overlay, pades, reading
from adapters.signing.appearance import Shown
from adapters.signing.fields import empty_fields, with_fields
from adapters.signing.keys import KeyFolder
from adapters.signing.sandbox import Authority
from adapters.signing.stamps import stamper
from tests import papers
from tests.adapters.test_typesetting import PATH, SETTER
from tests.clocks import MONDAY

LATER = MONDAY + timedelta(hours=2)


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> KeyFolder:
    made = KeyFolder(tmp_path_factory.mktemp("keys"), b"secret")
    authority = Authority(made, MONDAY - timedelta(days=400))
    authority.person("haidq", "Đỗ Quang Hải", unit="Ban Quản lý")
    authority.person("cuong", "Trần Cường", unit="Ban Quản lý", until=MONDAY - timedelta(days=1))
    authority.organisation("ban", "Ban Quản lý Khu kinh tế Sơn Hải")
    return made


def signed(
    keys: KeyFolder, content: bytes, kind: str, name: str, *, stamped: bool = True
) -> bytes:
    identity = keys.identity({"person": "people", "organisation": "units"}[kind], name)
    label = "Đỗ Quang Hải" if kind == "person" else "Ban Quản lý Khu kinh tế Sơn Hải"
    shown = Shown(label, "Ban Quản lý", LATER, is_seal=kind == "organisation")
    stamps = stamper("", keys, LATER) if stamped else None
    return pades.sign(content, pades.Order(kind, identity, shown), SETTER, stamper=stamps)


@pytest.fixture(scope="module")
def paper() -> bytes:
    made = SETTER.set({PATH: papers.LETTER, **papers.LAYOUTS}, PATH, None, at=MONDAY)
    return with_fields(made.content, made.places)


@pytest.fixture(scope="module")
def both(keys, paper) -> bytes:
    """A letter signed by a person and then by the organisation."""
    return signed(keys, signed(keys, paper, "person", "haidq"), "organisation", "ban")


def read(keys: KeyFolder, content: bytes) -> list[reading.Signature]:
    return reading.signatures(content, keys.trusted(), now=LATER)


def test_a_person_and_then_the_organisation_sign_where_the_paper_has_room(keys, paper, both):
    assert empty_fields(paper, "person") == ["person"]
    assert empty_fields(both, "person") == empty_fields(both, "organisation") == []
    first, second = read(keys, both)
    assert (first.kind, first.name, first.organisation) == (
        "person",
        "Đỗ Quang Hải",
        "Ban Quản lý",
    )
    assert (second.kind, second.name) == ("organisation", "Ban Quản lý Khu kinh tế Sơn Hải")
    assert all(one.holds and one.is_stamped and one.at == LATER for one in (first, second))
    assert both.startswith(paper)


@pytest.mark.parametrize("place", [2000, 30_000, -300])
def test_one_changed_byte_is_found(keys, both, place):
    changed = bytearray(both)
    changed[place] ^= 1
    try:
        found = read(keys, bytes(changed))
    except reading.NoPdf:
        return
    assert not all(one.holds for one in found)


def test_pages_put_behind_a_signature_are_found(keys, paper):
    import io

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    content = signed(keys, paper, "person", "haidq", stamped=False)
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Rotate"] = writer.root["/Pages"]["/Count"]
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    (found,) = read(keys, out.getvalue())
    assert (found.is_intact, found.is_stamped, found.is_whole) == (True, False, False)


def test_a_file_without_room_is_signed_on_its_last_page(keys):
    plain = SETTER.set({PATH: "Bản quét #pagebreak() Trang hai"}, PATH, {}, at=MONDAY).content
    content = signed(keys, plain, "person", "haidq")
    assert [one.holds for one in read(keys, content)] == [True]
    assert ["/Annots" in page for page in papers.pages(content)] == [False, True]


def test_who_is_not_trusted_here_is_said_not_to_be(keys, both, tmp_path):
    stranger = KeyFolder(tmp_path, b"other")
    Authority(stranger, MONDAY - timedelta(days=1))
    assert [(one.is_intact, one.is_trusted) for one in read(stranger, both)] == [(True, False)] * 2


def test_a_certificate_serves_while_it_holds(keys):
    trust = keys.trusted()
    certificate = keys.identity("people", "haidq").certificate
    assert reading.why_not(certificate, trust, LATER) is None
    assert reading.why_not(certificate, trust, LATER + timedelta(days=3000)) == "expired"
    assert reading.why_not(certificate, trust, LATER - timedelta(days=900)) == "early"
    assert reading.why_not(certificate, replace(trust, roots=()), LATER) == "untrusted"
    gone = keys.identity("people", "cuong").certificate
    assert reading.why_not(gone, trust, LATER) == "expired"


def test_what_was_signed_before_a_revocation_holds_and_nothing_after_it(keys, both):
    authority = Authority(keys, MONDAY)
    authority.person("binh", "Trần Văn Bình", unit="Ban Quản lý")
    authority.revoke("people", "binh", LATER + timedelta(hours=1))
    certificate = keys.identity("people", "binh").certificate
    assert reading.why_not(certificate, keys.trusted(), LATER) is None
    later = LATER + timedelta(hours=2)
    assert reading.why_not(certificate, keys.trusted(), later) == "revoked"
    assert all(one.holds for one in read(keys, both))


def test_a_key_is_of_no_use_without_its_password(keys):
    assert (keys.folder / "people" / "haidq.p12").stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match="password"):
        KeyFolder(keys.folder, b"wrong").identity("people", "haidq")
    assert keys.identity("people", "../units/ban") is None


def test_other_readers_find_the_same(keys, both, tmp_path):
    """Poppler's pdfsig: another library, with other eyes."""
    if papers.poppler() is None:
        pytest.skip("pdfsig is not there: ./test unpacks it, or apt-get install poppler-utils")

    def run(name: str, content: bytes) -> str:
        return papers.through(name, content, tmp_path).decode()

    said = run("pdfsig", both)
    assert said.count("Signature is Valid.") == 2
    assert "Signer Certificate Common Name: Đỗ Quang Hải" in said
    assert said.count("Total document signed") == 1
    changed = bytearray(both)
    changed[30_000] ^= 1
    assert "Signature is Valid." not in run("pdfsig", bytes(changed))
    shown = run("pdftotext", both)
    for words in ("Ký bởi: Đỗ Quang Hải", "2026-11-23T10:00:00+07:00", "TỈNH SƠN HẢI"):
        assert words in shown


def test_a_paper_for_keeping_stays_one_when_it_is_signed(keys, paper, both):
    first = signed(keys, paper, "person", "haidq")
    assert [papers.faults(one) for one in (paper, first, both)] == [[], [], []]


def test_a_word_stands_on_every_page_and_the_signed_file_is_in_the_copy_as_it_was(keys, both):
    said = {"mark": "Đã thu hồi", "reason": "Ban hành sai thẩm quyền.", "at": LATER}
    copy = overlay.marked(both, SETTER, **said)
    assert copy.startswith(both)
    for page in papers.pages(copy):
        text = " ".join(page.extract_text().split())
        assert "ĐÃ THU HỒI" in text and "Ban hành sai thẩm quyền." in text
    with pytest.raises(overlay.CannotBeMarked):
        overlay.marked(b"%PDF-1.7 broken", SETTER, **said)
