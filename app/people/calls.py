"""What this area's operations share: the case's transaction, whose hand it is, the account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy.orm import Session

from app.people import accounts, schemas
from app.people.accounts import holding, usernames
from app.people.log import Origin
from app.people.models import Account
from app.people.organisation import units
from app.people.queries import find_account
from app.people.rights import duties, grants, training
from engine.errors import Refusal, Rejected
from engine.ports import Call
from engine.values import Record

# Each refusal that a drawing may catch: the BPMN error by which it knows it, and the sentence that
# stays in the case, in the language of its drawing.
ERRORS: dict[type[Refusal], tuple[str, str]] = {
    accounts.AccountExists: ("ACCOUNT_EXISTS", "{holder} đã có tài khoản “{account}”."),
    accounts.ContactKnown: (
        "ACCOUNT_EXISTS",
        "{holder} đã có trong hệ thống với thông tin liên hệ khác.",
    ),
    usernames.NameTaken: ("NAME_TAKEN", "Tên đăng nhập “{name}” đã được cấp trước đây."),
    usernames.PlaceMissing: ("NAME_IMPOSSIBLE", "Chưa đặt phần tên sau dấu chấm trong thiết lập."),
    usernames.EnterpriseCodeWrong: (
        "NAME_IMPOSSIBLE",
        "Mã số doanh nghiệp “{given}” không có 10 hoặc 13 chữ số.",
    ),
    usernames.WantedNameOdd: (
        "NAME_IMPOSSIBLE",
        "Tên đăng nhập “{given}” có ký tự khác chữ thường không dấu, chữ số và dấu chấm.",
    ),
    usernames.NameImpossible: (
        "NAME_IMPOSSIBLE",
        "Không tạo được tên đăng nhập từ “{given}” vì không có chữ cái La-tinh.",
    ),
    grants.GroupUnknown: ("GROUP_UNKNOWN", "Không có nhóm “{group}”."),
    grants.GroupNotForKind: (
        "GROUP_NOT_FOR_KIND",
        "Nhóm “{group}” không dành cho loại tài khoản này.",
    ),
    grants.FieldUnknown: ("GROUP_UNKNOWN", "Không có lĩnh vực “{field}”."),
    duties.DutiesClash: (
        "GROUP_NOT_FOR_KIND",
        "Nhóm “{group}” không được giao cho {holder}: {rule} ({source}).",
    ),
    training.TrainingMissing: (
        "TRAINING_MISSING",
        "Nhóm “{group}” làm nghiệp vụ quản trị nhưng {holder} chưa có minh chứng đào tạo: ghi số "
        "chứng chỉ hoặc đính kèm bản quét.",
    ),
    units.UnitUnknown: ("UNIT_UNKNOWN", "Ngày {day} không có đơn vị “{unit}”."),
}
"""By refusal: the error's code, and its sentence in the language of the drawings."""


def session_of(call: Call) -> Session:
    """The case's transaction."""
    if call.session is None:
        raise TypeError("operations on accounts run inside the case's transaction")
    return call.session


def origin_of(call: Call) -> Origin:
    """Who made the case go on, for whom if for another, and when."""
    return Origin(call.actor, call.now, behalf_of=call.behalf_of, mandate=call.mandate)


def loaded(schema: type[schemas.Strict], parameters: Record) -> dict[str, Any]:
    """The parameters as the schema reads them."""
    return cast("dict[str, Any]", schema().load(parameters))


def account_of(session: Session, name: str) -> Account:
    """The account of that name. Raises Rejected("ACCOUNT_UNKNOWN")."""
    account = find_account(session, name)
    if account is None:
        raise unknown(name)
    return account


def held(session: Session, asked: dict[str, Any]) -> Account:
    """The account that an operation is to change, which nobody else changes meanwhile.

    Raises Rejected("ACCOUNT_UNKNOWN"), and Rejected("HOLDER_CHANGED") where it is not the account
    of the person any more for whom the change was asked and approved.
    """
    account = account_of(session, asked["account"])
    holding.hold(session, account)
    if asked["person"] not in (None, account.person_id):
        sentence = (
            f"Tài khoản “{account.name}” đã được giao cho người khác giữ sau khi lập đề nghị. "
            "Hãy lập đề nghị mới nếu vẫn cần."
        )
        raise Rejected("HOLDER_CHANGED", sentence)
    return account


def unknown(name: str) -> Rejected:
    """That there is no such account, or none that the case may know of: the words are one."""
    return Rejected("ACCOUNT_UNKNOWN", f"Không có tài khoản “{name}” thuộc phạm vi của đơn vị.")


def rejected(refusal: Refusal) -> Rejected:
    """The refusal as a drawing catches it."""
    code, sentence = ERRORS[type(refusal)]
    return Rejected(code, sentence.format_map(refusal.fields))


def all_of(refusals: Sequence[Rejected]) -> Rejected:
    """One BPMN error, the first one's, that says all: nobody mends one to read the next."""
    return Rejected(refusals[0].code, " ".join(dict.fromkeys(map(str, refusals))))
