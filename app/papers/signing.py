"""Signing papers and looking at signatures, as service tasks ask for it."""

from __future__ import annotations

from typing import Any

from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from adapters.signing import pades, reading
from adapters.signing.appearance import Shown
from adapters.signing.keys import PEOPLE, UNITS, Identity
from adapters.signing.stamps import stamper
from app.papers.desk import Desk
from app.papers.hands import Hand, hand, may_seal, organisation_of, require_seen
from app.papers.schemas import CheckSchema, OrganisationSchema, PersonSchema
from app.people.queries import unit_name
from engine.calendar import ZONE
from engine.case_files import contents
from engine.errors import CallFailed, Rejected
from engine.ports import Call
from engine.tables import File
from engine.values import Record

_WHY = {
    "early": "chứng thư số của {name} chưa có hiệu lực (từ ngày {begins})",
    "expired": "chứng thư số của {name} đã hết hiệu lực (đến ngày {ends})",
    "revoked": "chứng thư số của {name} đã bị thu hồi",
    "untrusted": "chứng thư số của {name} không do cơ quan chứng thực được tin cậy cấp",
}


def person(desk: Desk, call: Call, parameters: Record) -> Record:
    """Each file is signed by who completed the step of signing, with their own key, and none that
    somebody put into the case after it. Who acted for somebody signs as themselves, and the
    signature says for whom.
    """
    given: dict[str, Any] = PersonSchema().load(dict(parameters))
    assert call.engine is not None
    with call.engine.reading() as session:
        who = hand(session, call, given["task"], given["signer"])
        files = contents(call, given["files"])
        require_seen(session, call, who, [file for file, _content in files])
    identity = _identity(desk, call, PEOPLE, who.account, who.name)
    shown = _shown(who, identity, call, given["authority"])
    order = pades.Order("person", identity, shown, reason=given["reason"] or "")
    return _result(who, call, [_signed(desk, call, one, order) for one in files])


def at_once(desk: Desk, call: Call, content: bytes, *, step: str) -> tuple[bytes, Record]:
    """A paper that has just been set, signed by who completed the step; as it is, with the reason,
    where they have no key that holds: a slip of the desk must reach the applicant on its day.
    """
    assert call.engine is not None
    with call.engine.reading() as session:
        who = hand(session, call, step, None)
    try:
        identity = _identity(desk, call, PEOPLE, who.account, who.name)
    except Rejected as refused:
        return content, {"signer_name": None, "unsigned": str(refused)}
    order = pades.Order("person", identity, _shown(who, identity, call, ""))
    signed = _put(desk, call, content, order, name=step)
    return signed, {"signer_name": who.name, "unsigned": None}


def organisation(desk: Desk, call: Call, parameters: Record) -> Record:
    """Each file is signed with the organisation's key, by a clerk, after a person has signed it
    (NĐ 30/2020 Đ32).
    """
    given: dict[str, Any] = OrganisationSchema().load(dict(parameters))
    assert call.engine is not None
    keys = set(desk.keys.names(UNITS))
    with call.engine.reading() as session:
        who = hand(session, call, given["task"], None)
        unit = organisation_of(session, call, given["unit"] or call.unit, keys)
        if unit is None:
            raise Rejected("sign.no_certificate", "Chưa có chứng thư số của cơ quan.")
        name = str(unit_name(session, call.now, unit) or unit)
        if not may_seal(session, call, who, unit, keys):
            said = f"{who.name} không phải văn thư được giao quản lý khóa của {name}."
            raise Rejected("sign.not_clerk", said)
    identity = _identity(desk, call, UNITS, unit, name)
    files = contents(call, given["files"])
    for file, content in files:
        _need_person(desk, call, file, content)
    marks = tuple(given["marks"] or ())
    shown = Shown(name, "", call.now, is_seal=True, picture=identity.picture, marks=marks)
    order = pades.Order("organisation", identity, shown, reason=given["reason"] or "")
    return _result(who, call, [_signed(desk, call, one, order) for one in files])


def check(desk: Desk, call: Call, parameters: Record) -> Record:
    """What the signatures of the files say; `valid` when there is one in each and all hold."""
    given: dict[str, Any] = CheckSchema().load(dict(parameters))
    found = [(file, _read(desk, call, file, content)) for file, content in
             contents(call, given["files"])]  # fmt: skip
    rows: list[Any] = [
        {
            "file": file.name,
            "kind": one.kind,
            "name": one.name,
            "organisation": one.organisation,
            "at": one.at,
            "stamped": one.is_stamped,
            "intact": one.is_intact,
            "trusted": one.is_trusted,
            "whole": one.is_whole,
        }
        for file, signatures in found
        for one in signatures
    ]
    valid = bool(found) and all(s and all(one.holds for one in s) for _file, s in found)
    kinds = [row["kind"] for row in rows]
    return {
        "signatures": rows,
        "valid": valid,
        "people": kinds.count("person"),
        "organisations": kinds.count("organisation"),
    }


def _identity(desk: Desk, call: Call, kind: str, key: str, name: str) -> Identity:
    """The key, with a certificate that holds at this moment (YC-7.2b). Raises Rejected."""
    try:
        found = desk.keys.identity(kind, key)
    except ValueError as problem:
        raise CallFailed(f"The key of {key} cannot be opened: {problem}", permanent=True) from None
    if found is None:
        raise Rejected("sign.no_certificate", f"Chưa có chứng thư số của {name}.")
    why = reading.why_not(found.certificate, desk.keys.trusted(), call.now)
    if why is not None:
        begins, ends = (
            f"{moment.astimezone(ZONE):%d/%m/%Y}"
            for moment in (found.certificate.not_valid_before, found.certificate.not_valid_after)
        )
        said = _WHY[why].format(name=name, begins=begins, ends=ends)
        raise Rejected("sign.certificate_invalid", f"Không ký được: {said}.")
    return found


def _read(desk: Desk, call: Call, file: File, content: bytes) -> list[reading.Signature]:
    try:
        return reading.signatures(content, desk.keys.trusted(), now=call.now, name=file.name)
    except reading.NoPdf:
        said = f"“{file.name}” không phải tệp PDF đọc được."
        raise Rejected("sign.no_pdf", said) from None


def _need_person(desk: Desk, call: Call, file: File, content: bytes) -> None:
    found = _read(desk, call, file, content)
    if not any(one.kind == "person" and one.holds for one in found):
        said = f"“{file.name}” chưa có chữ ký số hợp lệ của người có thẩm quyền."
        raise Rejected("sign.person_missing", said)


def _signed(desk: Desk, call: Call, one: tuple[File, bytes], order: pades.Order) -> Record:
    """The signed file, kept under the name of the one that it was."""
    file, content = one
    _read(desk, call, file, content)
    assert call.keep is not None
    return call.keep(file.name, _put(desk, call, content, order, name=file.name))


def _shown(who: Hand, identity: Identity, call: Call, authority: str | None) -> Shown:
    """What stands where a person signs; who acts for somebody signs as themselves for them."""
    above = authority or (f"TUQ. {who.principal_name}" if who.principal else "")
    return Shown(who.name, who.unit, call.now, above=above, picture=identity.picture)


def _put(desk: Desk, call: Call, content: bytes, order: pades.Order, *, name: str) -> bytes:
    """The content with the signature in it; name: what is told where that fails."""
    try:
        stamps = stamper(desk.stamps, desk.keys, call.now)
        return pades.sign(content, order, desk.setter, stamper=stamps)
    except TimestampRequestError as problem:
        raise CallFailed(f"The time stamp authority gave no stamp: {problem}") from problem
    except SigningError as problem:
        raise CallFailed(f'"{name}" cannot be signed: {problem}', permanent=True) from problem


def _result(who: Hand, call: Call, files: list[Any]) -> Record:
    return {
        "files": files,
        "signer": who.account,
        "signer_name": who.name,
        "principal": who.principal,
        "signed_at": call.now,
    }
