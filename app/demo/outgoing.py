"""The demo's outgoing documents: drafted, signed, issued, received, changed and recalled."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import sqlalchemy as sa

from app.demo import agency, paper
from app.demo.past import Past
from app.operations.queries import today
from engine.tables import Case, Task, Wait

KEY = "document-outgoing"
CLERK, DIRECTOR, CHIEF = "quynhmt", "haidq", "giangvth"
_SIGNERS = {
    DIRECTOR: {"capacity": "direct"},
    "ngocltb": {"capacity": "KT."},
    CHIEF: {"capacity": "TL."},
}
Planned = tuple[Any, int, Callable[[], None]]


@dataclass
class Story:
    """One document of the data file. A step that begins another goes on with that one."""

    number: int
    given: dict[str, Any]
    case_id: int = 0


def planned(past: Past, *, first: int) -> Iterator[Planned]:
    """All steps of all documents; `first` is the number that the first bears."""
    shipped = json.loads((agency.DATA / "outgoing.json").read_text(encoding="utf-8"))
    for number, given in enumerate(shipped["documents"], first):
        story = Story(number, given)
        at = past.calendar.working_hours_before(past.now, Decimal(str(given["hours"])))
        yield at, number, partial(_start, past, story)
        for place, step in enumerate(given["steps"]):
            name, *more = step if isinstance(step, list) else [step]
            after = 0.4 + 0.3 * ((number + place) % 4)
            at = past.calendar.add(int(after * 3600), at)
            yield at, number, partial(_STEPS[name], past, story, *more)


def _start(past: Past, story: Story) -> None:
    moved = past.engine.start(KEY, {}, actor=_actor(past, story.given["by"]))
    story.case_id = moved.case_id


def _actor(past: Past, short: str) -> Any:
    return past.actor(f"{short}.{agency.PLACE}")


def _complete(past: Past, story: Story, name: str, by: str, **data: Any) -> None:
    actor = _actor(past, by)
    query = sa.select(Task).where(
        Task.case_id == story.case_id, Task.status == "open", Task.name == name
    )
    with past.engine.reading() as session:
        found = session.scalars(query.order_by(Task.id)).all()
    mine = [task.id for task in found if task.assignee == actor.name]
    past.engine.complete((mine or [task.id for task in found])[0], data, actor=actor)


def _doc(past: Past, story: Story) -> dict[str, Any]:
    given = story.given
    doc = {
        "urgency": "0",
        "circulation": "none",
        "content": "text",
        "signer": f"{given['signer']}.{agency.PLACE}",
        **_SIGNERS[given["signer"]],
        **given["doc"],
    }
    if doc["content"] == "file":
        doc |= {"file": _scan(past, story, given["by"]), "parts": list(_PARTS)}
    return doc


_PARTS = (
    "country", "agency", "symbol", "place", "title", "content", "signature", "seal", "receivers",
)  # fmt: skip


def _scan(past: Past, story: Story, by: str) -> list[int]:
    content = io.BytesIO(paper.scan(f"VB {story.number}"))
    file = past.engine.attach(story.case_id, "du-thao.pdf", content, actor=_actor(past, by))
    return [file.id]


def _submit(past: Past, story: Story, **more: Any) -> None:
    given = {"doc": _doc(past, story) | more, "draft": {"choice": "submit"}}
    _complete(past, story, "Soạn thảo văn bản", story.given["by"], **given)


def _ask(past: Past, story: Story, *bodies: str) -> None:
    due = today(past.at) + timedelta(days=4)
    asked = [{"body": body, "due": due} for body in bodies]
    given = {"doc": _doc(past, story), "draft": {"choice": "comment", "asked": asked}}
    _complete(past, story, "Soạn thảo văn bản", story.given["by"], **given)


def _comment(past: Past, story: Story, by: str, text: str) -> None:
    opinion = {"choice": "change", "text": text}
    _complete(past, story, "Góp ý dự thảo", by, opinion=opinion)


def _answer(past: Past, story: Story, text: str) -> None:
    _submit(past, story, response=text)


def _approve(past: Past, story: Story) -> None:
    _complete(past, story, "Duyệt dự thảo", story.given["head"], head={"choice": "approve"})


def _sign(past: Past, story: Story, mode: str = "electronic") -> None:
    sign = {"choice": "sign", "mode": mode}
    _complete(past, story, "Ký ban hành", story.given["signer"], sign=sign)


def _return(past: Past, story: Story, reason: str) -> None:
    sign = {"choice": "return", "reason": reason}
    _complete(past, story, "Ký ban hành", story.given["signer"], sign=sign)


def _issue(past: Past, story: Story, choice: str = "issue") -> None:
    _complete(past, story, "Kiểm tra, phát hành", CLERK, issue={"choice": choice})


def _upload(past: Past, story: Story) -> None:
    upload = {"files": _scan(past, story, CLERK)}
    _complete(past, story, "Đưa bản quét", CLERK, upload=upload)


def _receive(past: Past, story: Story, by: str, reason: str | None = None) -> None:
    receipt = {"choice": "refuse", "reason": reason} if reason else {"choice": "receive"}
    _complete(past, story, "Tiếp nhận văn bản", by, receipt=receipt)


def _post(past: Past, story: Story) -> None:
    post = {"on": today(past.at), "number": f"BĐ {story.number:03}"}
    _complete(past, story, "Gửi bản giấy", CLERK, post=post)


def _file(past: Past, story: Story, code: str) -> None:
    _complete(past, story, "Lưu văn bản", CLERK, filing={"code": code, "retention": "10"})


def _send(past: Past, story: Story, element: str, by: str, **data: Any) -> None:
    query = sa.select(Wait.token).where(Wait.case_id == story.case_id, Wait.element == element)
    with past.engine.reading() as session:
        token = session.scalars(query).one()
    past.engine.send(story.case_id, token, data, actor=_actor(past, by))


def _withdraw(past: Past, story: Story, reason: str) -> None:
    _send(past, story, "Boundary_Withdraw", story.given["by"], reason=reason)


def _recall(past: Past, story: Story, reason: str) -> None:
    _send(past, story, "Boundary_Recall", CHIEF, reason=reason)


def _amend(past: Past, story: Story, kind: str, reason: str, doc: dict[str, Any]) -> None:
    """Another document is begun that corrects or replaces this one, and goes on in its place."""
    _send(past, story, "Boundary_Amend", story.given["by"], kind=kind, reason=reason)
    past.engine.run_due()
    with past.engine.reading() as session:
        story.case_id = session.scalars(sa.select(sa.func.max(Case.id))).one()
    story.given = story.given | {"doc": story.given["doc"] | doc}


_STEPS: dict[str, Callable[..., None]] = {
    "submit": _submit,
    "ask": _ask,
    "comment": _comment,
    "answer": _answer,
    "approve": _approve,
    "sign": _sign,
    "return": _return,
    "issue": _issue,
    "upload": _upload,
    "receive": _receive,
    "post": _post,
    "file": _file,
    "withdraw": _withdraw,
    "recall": _recall,
    "amend": _amend,
}
