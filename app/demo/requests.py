"""The demo's requests for accounts: planned over the past weeks, then played step by step."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from app import config
from app.demo import agency, outgoing, paper, reviews, stories
from app.demo.past import Past
from app.operations.queries import today
from engine import Actor, Bundle
from engine.tables import Task, Wait
from engine.values import Record

KEY = "account-grant-internal"
DECIDE = ("Lãnh đạo quyết định", "Quyết định theo ủy quyền")
OFFICERS = ("dungld", "tamptt", "bachhx")
LEADERS = ("haidq", "ngocltb", "dinhtc")
CHIEF = "giangvth"
HEADS = {
    "vp": CHIEF,
    "p-dautu": "chauntm",
    "p-quyhoach": "lamhs",
    "p-moitruong": "thuydtl",
    "p-laodong": "nhanvt",
    "p-xuctien": "vinhpt",
}


@dataclass
class Request:
    """One request of the data file, and the case that it has become."""

    number: int
    given: dict[str, Any]
    case_id: int = 0
    code: str = ""
    data: Record = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"nguoimoi{self.number:02}@{agency.PLACE}.example"

    @property
    def officer(self) -> str:
        return OFFICERS[self.number % len(OFFICERS)]


@dataclass(frozen=True)
class Event:
    """Something that somebody does for a request at an instant."""

    at: datetime
    request: Request
    do: str
    given: dict[str, Any]


def play(past: Past) -> None:
    """The requests and the other stories stand as the data files tell."""
    shipped = json.loads((agency.DATA / "requests.json").read_text(encoding="utf-8"))
    requests = [Request(number, given) for number, given in enumerate(shipped["requests"])]
    _deploy(past)
    _delegate(past, shipped["delegation"])
    events = [e for r in requests for e in _planned(past, r, shipped["hours"])]
    planned: list[stories.Planned] = [
        (e.at, e.request.number, partial(_DO[e.do], past, e.request, e.given)) for e in events
    ]
    planned += reviews.planned(past, first=len(requests))
    planned += stories.planned(past, first=len(requests) + len(reviews.REVIEWS))
    planned += outgoing.planned(past, first=900)
    for at, _number, do in sorted(planned, key=itemgetter(0, 1)):
        past.go_to(at)
        do()
    past.go_to(past.now)


_PROCEDURES = "Quyết định số 47/QĐ-BQL phê duyệt quy trình nội bộ giải quyết thủ tục hành chính"
_DECISIONS = {
    "document": "Quyết định số 46/QĐ-BQL phê duyệt quy trình nội bộ về văn bản đến, văn bản đi",
    "dossier": _PROCEDURES,
    "procedure": _PROCEDURES,
    "report": "Quyết định số 48/QĐ-BQL phê duyệt quy trình nội bộ về chế độ báo cáo",
}
_ACCOUNTS = "Quyết định số 45/QĐ-BQL phê duyệt quy trình nội bộ về tài khoản"
"""What approves the processes whose keys begin so; and what approves all others."""


def _deploy(past: Past) -> None:
    """The shipped processes are in force since the agency began, by the hand of their owner."""
    for key in Bundle.keys(config.ROOT):
        past.engine.deploy(
            Bundle.read(config.ROOT, key),
            actor=past.actor(f"khanhbm.{agency.PLACE}"),
            legal_basis=_DECISIONS.get(key.split("-")[0], _ACCOUNTS),
            note="Ban hành lần đầu.",
        )


def _delegate(past: Past, given: dict[str, Any]) -> None:
    """For some days of the past the Chief of Office decided for the leadership."""
    first, last = (
        today(past.calendar.working_hours_before(past.now, given[name]))
        for name in ("from_hours", "to_hours")
    )
    value = {"in_force": True, "document": given["document"]}
    with past.engine.writing() as session:
        agency.keep_setting(
            session, past, "delegation.account_internal", value, days=(first, last)
        )


def _planned(past: Past, request: Request, hours: dict[str, float]) -> Iterator[Event]:
    """When each step of a request is done: working hours after the one before, a little uneven."""
    at = past.calendar.working_hours_before(past.now, Decimal(str(request.given["hours"])))
    yield Event(at, request, "start", {})
    for place, step in enumerate(request.given["steps"]):
        given = step if isinstance(step, dict) else {"do": step}
        uneven = 0.75 + 0.1 * ((request.number * 7 + place * 3) % 6)
        later = given.get("after", hours[given["do"]] * uneven)
        at = past.after(at, later, is_login=given["do"] == "login")
        if at > past.now:
            raise ValueError(f"step {given['do']} of request {request.number} lies in the future")
        yield Event(at, request, given["do"], given)


def _name(short: str) -> str:
    return f"{short}.{agency.PLACE}"


def _drafter(past: Past, request: Request) -> Actor:
    return past.actor(_name(request.given["by"]))


def _head(past: Past, request: Request) -> Actor:
    return past.actor(_name(HEADS[str(_drafter(past, request).unit)]))


def _decider(past: Past, task: str, request: Request) -> Actor:
    leader = LEADERS[request.number % len(LEADERS)]
    return past.actor(_name(CHIEF if task == DECIDE[1] else leader))


def _open_task(past: Past, request: Request, *names: str) -> tuple[int, str]:
    """(id, name) of the case's open task of one of these names."""
    query = sa.select(Task.id, Task.name).where(
        Task.case_id == request.case_id, Task.status == "open", Task.name.in_(names)
    )
    with past.engine.reading() as session:
        task_id, name = session.execute(query).one()
        return task_id, name


def _complete(past: Past, request: Request, name: str, *, data: Record, actor: Actor) -> None:
    task_id, _name = _open_task(past, request, name)
    past.engine.complete(task_id, data, actor=actor)


def _form(request: Request) -> Record:
    """What the drafter fills in, without the scan."""
    given, number = request.given, 500 + request.number
    return {
        "account_name": given["name"],
        "full_name": given["name"],
        "birth_date": date.fromisoformat(given["born"]),
        "sex": given["sex"],
        "address": agency.address(request.number),
        "position": given["position"],
        "phone": agency.phone(number),
        "email": request.email,
        "groups": list(given["groups"]),
        "training_no": "27/CC-STTTT" if "quan-tri-don-vi" in given["groups"] else None,
        "document_no": f"{10 + request.number}/ĐN-ĐV",
    }


def _start(past: Past, request: Request, _given: Any) -> None:
    moved = past.engine.start(KEY, {}, actor=_drafter(past, request))
    request.case_id, request.code = moved.case_id, moved.case_code
    if request.given.get("mail") == "refused":
        past.unreachable.add(request.email)


def _save(past: Past, request: Request, _given: Any) -> None:
    """The drafter has typed half of it and gone to lunch."""
    task_id, _name = _open_task(past, request, "Lập đề nghị")
    typed = {name: value for name, value in _form(request).items() if name != "groups"}
    posted = {f"request.{name}": _typed(value) for name, value in list(typed.items())[:5]}
    past.engine.save_draft(task_id, posted, actor=_drafter(past, request))


def _typed(value: Any) -> str:
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)


def _draft(past: Past, request: Request, _given: Any) -> None:
    drafter = _drafter(past, request)
    scan = io.BytesIO(paper.scan(request.code))
    file = past.engine.attach(
        request.case_id, f"de-nghi-{request.code.lower()}.pdf", scan, actor=drafter
    )
    request.data = _form(request) | {"scan": [file.id]}
    data: Record = {"request": request.data}
    _complete(past, request, "Lập đề nghị", data=data, actor=drafter)


def _redraft(past: Past, request: Request, given: dict[str, Any]) -> None:
    request.data |= given.get("change", {})
    data: Record = {"request": request.data}
    _complete(past, request, "Lập đề nghị", data=data, actor=_drafter(past, request))


def _confirm(past: Past, request: Request, given: dict[str, Any]) -> None:
    data: Record = {"confirm": _opinion(given)}
    _complete(past, request, "Xác nhận đề nghị", data=data, actor=_head(past, request))


def _claim(past: Past, request: Request, _given: Any) -> None:
    task_id, _task = _open_task(past, request, "Kiểm tra đề nghị")
    past.engine.claim(task_id, actor=past.actor(_name(request.officer)))


def _check(past: Past, request: Request, given: dict[str, Any]) -> None:
    officer = past.actor(_name(request.officer))
    data: Record = {"check": _opinion(given)}
    _complete(past, request, "Kiểm tra đề nghị", data=data, actor=officer)


def _decide(past: Past, request: Request, given: dict[str, Any]) -> None:
    _task_id, task = _open_task(past, request, *DECIDE)
    data: Record = {"decision": _opinion(given)}
    _complete(past, request, task, data=data, actor=_decider(past, task, request))


_CHOICES = {"confirm": "confirm", "check": "forward", "approve": "approve"}


def _opinion(given: dict[str, Any]) -> Record:
    """One of the three opinions: onward, back, or no, with what was written beside it."""
    chosen = _CHOICES.get(given["do"], given["do"].rpartition("_")[2])
    return {"choice": chosen} | {name: given[name] for name in ("reason", "note") if name in given}


def _urge(past: Past, request: Request, given: dict[str, Any]) -> None:
    data: Record = {"follow_up": {"action": given["action"], "note": given["note"]}}
    _complete(past, request, "Đôn đốc giải quyết", data=data, actor=past.actor(_name(CHIEF)))


def _withdraw(past: Past, request: Request, given: dict[str, Any]) -> None:
    query = sa.select(Wait.token).where(
        Wait.case_id == request.case_id, Wait.element == "Boundary_Withdraw"
    )
    with past.engine.reading() as session:
        token = session.scalars(query).one()
    past.engine.send(
        request.case_id, token, {"reason": given["reason"]}, actor=_drafter(past, request)
    )


def _comment(past: Past, request: Request, given: dict[str, Any]) -> None:
    past.engine.comment(request.case_id, given["text"], actor=past.actor(_name(given["by"])))


def _log_in(past: Past, request: Request, _given: Any) -> None:
    past.log_in(request.email)


_DO: dict[str, Callable[[Past, Request, dict[str, Any]], None]] = {
    "start": _start,
    "save": _save,
    "draft": _draft,
    "redraft": _redraft,
    "confirm": _confirm,
    "confirm_return": _confirm,
    "claim": _claim,
    "check": _check,
    "check_return": _check,
    "check_refuse": _check,
    "approve": _decide,
    "decide_return": _decide,
    "decide_refuse": _decide,
    "urge": _urge,
    "withdraw": _withdraw,
    "comment": _comment,
    "login": _log_in,
}
