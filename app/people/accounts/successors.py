"""Who takes over what an account holds, when it goes."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.people.models import Account
from app.people.queries import find_account
from engine.errors import Rejected


def still(session: Session, account: Account, name: str | None) -> str | None:
    """The account that was to take over what this one holds, where it still can; else None."""
    return name if name and not any(wrong(session, account, name)) else None


def wrong(session: Session, account: Account, name: str) -> Iterator[Rejected]:
    """Why that account cannot take over what this one holds."""
    found = find_account(session, name.strip().lower())
    if found is None or found.kind != "internal" or found.status != "active":
        sentence = f"Người tiếp nhận “{name}” không có tài khoản nội bộ đang sử dụng."
        yield Rejected("SUCCESSOR_UNKNOWN", sentence)
    elif found.person_id == account.person_id:
        sentence = f"Người tiếp nhận “{name}” là chính người giữ tài khoản; chọn người khác."
        yield Rejected("SUCCESSOR_UNKNOWN", sentence)
