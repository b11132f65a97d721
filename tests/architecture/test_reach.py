"""Nobody reaches beyond their units by any route, list, search or crafted id.

A foreign unit holds things whose words appear nowhere else. Every route is called by every role
that has no right there, with the ids of those things and with searches for them: no answer shows
a word of theirs, and nothing of theirs is changed.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from app.people import accounts, queries
from app.people.log import Origin
from app.people.login import links
from app.people.models import (
    Account,
    Delegation,
    Grant,
    GroupChange,
    Login,
    Person,
    Post,
    UnitChange,
    UnitField,
    UnitSpan,
)
from app.people.organisation import fields, placing, units
from app.people.organisation.pages import KINDS
from app.people.rights import grants
from app.people.rights.grants import Membership
from engine import Bundle
from engine.tables import Case, Comment, Draft, Entry, File, Job, Task
from tests import worlds
from tests.architecture.test_routes import needed, rules
from tests.engine.drawings import text
from tests.pages import Page

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
UNIT, KEY, MARK = "p-kin", "p-quy-trinh-kin", "Khuất Kín Đáo"
WORK = """start s
    user a "Việc" candidateGroups=chuyen-vien
    catch r "Rút" message=r sender==initiator
    and f
    end e
    end w
    s > f
    f > a
    f > r
    a > e
    r > w"""
# Who has no right beyond their own unit. The administrator of the investment division is made of
# its head (HP-8.3b).
INSIDERS = (worlds.clerk, worlds.leader, worlds.stranger, worlds.applicant)
LOOKERS = (worlds.office, worlds.auditor)
"""Who sees all cases (HP-10.2, HP-5.3), and still changes none of another unit."""
ROWS = (
    Account, Grant, Person, Post, Case, Task, Draft, Comment, File, Job, Entry,
    UnitSpan, UnitField, UnitChange, GroupChange, Delegation,
)  # fmt: skip
"""Tables whose foreign rows must stay as they are; groups are nobody's here to change."""


@pytest.fixture
def foreign(engine, world, clock) -> dict[str, Any]:
    """A unit with an official, a stay, a case with task, file and remark; ids by parameter."""
    origin = Origin("quantri", clock())
    with engine.writing() as session:
        units.set_unit(
            session, UNIT, name="Phòng khác", kind="division", parent="ban",
            valid_from=worlds.SINCE, origin=origin,
        )  # fmt: skip
        person = accounts.Application(
            full_name=MARK, unit=UNIT, email="kin@khuat.example", wanted="khuatkin",
            groups=(Membership("chuyen-vien", UNIT), Membership("truong-phong", UNIT)),
        )  # fmt: skip
        account = accounts.open_account(session, person, origin=origin)
        links.issue(session, account, origin=origin)
        login = Login(
            token_hash="0" * 64, account_id=account.id, began_at=clock(), seen_at=clock(),
            idle_minutes=15, ends_at=clock().replace(year=2027), agent=MARK,
        )  # fmt: skip
        session.add(login)
        session.flush()
        _unit_admin(session, clock)
        number, delegation = _decided(session, account, origin)
        grant = session.scalar(sa.select(Grant.id).where(Grant.account_id == account.id).limit(1))
        post = session.scalar(sa.select(Post.id).where(Post.unit_code == UNIT).limit(1))
        login_id = login.id
    files = {f"processes/bpmn/{KEY}.bpmn": text(WORK, KEY, title=f'"{MARK}"')}
    from app import cli_content

    engine.deploy(Bundle(KEY, files), actor=cli_content.RELEASE, legal_basis="QĐ")
    return _case(engine, clock) | {
        "name": "khuatkin", "login_id": login_id, "grant_id": grant, "post_id": post,
        "code": UNIT, "unit": UNIT, "key": KEY, "number": number, "delegation_id": delegation,
    }  # fmt: skip


def _decided(session, account, origin) -> tuple[int, int]:
    """The unit works in a field, is to be called otherwise, and its official is stood in for; the
    ids of the planned change and of the delegation.
    """
    fields.load_shipped(session)
    session.flush()
    given = {"origin": origin, "basis": "QĐ"}
    fields.set_fields(session, UNIT, {"dau-tu"}, worlds.SINCE, **given)
    day = origin.now.date().replace(month=12, day=20)
    place = placing.Place("rename", UNIT, day, "QĐ", "Phòng Kín mới", None, "division", "ban")
    change = placing.decide(session, place, origin=origin)
    row = Delegation(
        number="UQ-1", kind="delegation", grantor_id=account.id, valid_from=worlds.SINCE,
        grantee_id=queries.find_account(session, worlds.owner.name).id, units=[UNIT],
        valid_to=day, permitted_at=origin.now, permitted_by="quantri",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return change.id, row.id


def _unit_admin(session, clock) -> None:
    leader = queries.find_account(session, worlds.leader.name)
    session.add(
        Grant(
            account_id=leader.id, group_key="quan-tri-don-vi", unit_code="p-dautu",
            valid_from=clock().date(), granted_at=clock(), granted_by="x",
        )
    )  # fmt: skip


def _case(engine, clock) -> dict[str, Any]:
    with engine.reading() as session:
        actor = queries.actor_of(session, "khuatkin", clock())
    case_id = engine.start(KEY, actor=actor).case_id
    file = engine.attach(case_id, f"{MARK}.pdf", io.BytesIO(b"%PDF-1.4\n"), actor=actor)
    engine.comment(case_id, MARK, actor=actor)
    with engine.reading() as session:
        task = session.scalars(sa.select(Task.id).where(Task.case_id == case_id)).one()
        waits = sa.text("SELECT token FROM wait WHERE case_id = :case")
        token = session.execute(waits, {"case": case_id}).scalar_one()
    return {"case_id": case_id, "task_id": task, "file_id": file.id, "token": token}


def kept(engine) -> dict[str, list[str]]:
    """What every table holds of the foreign unit's things, as text."""
    found: dict[str, list[str]] = {}
    with engine.reading() as session:
        for model in ROWS:
            table = model.__table__
            rows = session.execute(sa.select(table).order_by(*table.primary_key)).all()
            found[table.name] = [str(row) for row in rows if _is_foreign(model, row)]
    return found


def _is_foreign(model: Any, row: Any) -> bool:
    fields = row._mapping
    if model is GroupChange:
        return True
    if model in (Task, Comment, File, Job, Entry):
        return bool(fields["case_id"] == 1)
    return UNIT in str(row) or MARK in str(row) or "khuatkin" in str(row)


def calls(app: Flask, rule: Rule, ids: dict[str, Any]) -> list[tuple[str, str]]:
    """Each way to call a route with foreign ids, and to search with foreign words."""
    values = {
        name: ids.get(name, 987654 if isinstance(converter, IntegerConverter) else "nothing")
        for name, converter in rule._converters.items()
    }
    if "kind" in values:  # Each kind of change of a unit is posted.
        return [one for kind in KINDS for one in _built(app, rule, values | {"kind": kind})]
    return _built(app, rule, values)


def _built(app: Flask, rule: Rule, values: dict[str, Any]) -> list[tuple[str, str]]:
    with app.test_request_context():
        url = app.url_map.bind("localhost").build(rule.endpoint, values)
    search = f"q=kh&text={MARK[:5]}&unit={UNIT}&account=khuatkin&right=cases.view&list=unit"
    found = [("GET", url), ("GET", f"{url}?{search}")] if "GET" in rule.methods else []
    return found + ([("POST", url)] if "POST" in rule.methods else [])


POSTED = {
    "to": worlds.clerk.name, "text": "x", "reason": "x", "basis": "x", "name": "Chiếm",
    "group": "chuyen-vien", "unit": UNIT, "account": "khuatkin", "day": "2026-12-01",
    "code": UNIT, "kind": "member", "into": "p-dautu", "scope": "province", "task": "1",
    "parent": "p-dautu", "code_1": "p-chiem", "name_1": "Chiếm", "field": "lao-dong",
}  # fmt: skip


@ONE_DATABASE
@pytest.mark.parametrize("character", INSIDERS + LOOKERS, ids=lambda character: character.name)
def test_no_route_shows_or_changes_what_is_another_units(app, engine, page, foreign, character):
    before, here = kept(engine), page.as_(character)
    actor = page.actor(character)
    assert character in LOOKERS or not any(UNIT in held for held in actor.rights.values())
    assert len(before["account"]) == len(before["person"]) == 1 and before["file"]
    named = (UnitSpan, UnitField, UnitChange, Delegation, Post, Grant)
    assert all(before[model.__tablename__] for model in named)
    shown = []
    for rule in rules(app):
        if rule.endpoint == "static" or needed(app, rule) is None:
            continue
        for method, url in calls(app, rule, foreign):
            reply = _call(here, method, url)
            if reply.status_code == 401 or reply.headers.get("Location", "").startswith("/login"):
                here = page.as_(character)  # The route before has ended the stay.
                reply = _call(here, method, url)
            words = said(reply.get_data())
            assert reply.status_code < 500, (method, url, reply.status_code)
            if MARK in words or "kin@khuat.example" in words:
                shown.append((method, url))
    assert kept(engine) == before
    assert shown == [] or character in LOOKERS


ASKED = f"""start s
    user a "Soạn" candidateGroups=chuyen-vien out:secret="{MARK}"
    user b "Xác nhận" assignee={worlds.applicant.name} sees=outside
    user c "Việc" candidateGroups=chuyen-vien
    and f
    end e
    end w
    s > a > f
    f > b
    f > c
    b > e
    c > w"""


@ONE_DATABASE
def test_who_has_one_task_from_outside_reads_nothing_else_of_its_case(app, engine, page, foreign):
    """The enterprise has a task in a case of the foreign unit, whose ids it tries at each door."""
    from app import cli_content

    key = "p-hoi-ngoai"
    files = {f"processes/bpmn/{key}.bpmn": text(ASKED, key, columns="secret:text")}
    engine.deploy(Bundle(key, files), actor=cli_content.RELEASE, legal_basis="QĐ")
    with engine.reading() as session:
        official = queries.actor_of(session, "khuatkin", engine.clock())
    begun = engine.start(key, actor=official)
    engine.complete(begun.tasks[0], {}, actor=official)
    file = engine.attach(begun.case_id, "x.pdf", io.BytesIO(b"%PDF-1.4\n%x"), actor=official)
    engine.comment(begun.case_id, MARK, actor=official)
    with engine.reading() as session:
        tasks = dict(
            session.execute(
                sa.select(Task.name, Task.id).where(Task.case_id == begun.case_id)
            ).all()
        )
    ids = foreign | {"case_id": begun.case_id, "file_id": file.id, "key": key}
    here = page.as_(worlds.applicant)
    opened, shown = walked(app, here, ids, [tasks["Xác nhận"], tasks["Việc"]])
    assert shown == []
    assert {"cases.case", "inbox.task"} <= set(opened)
    assert "cases.file" not in opened and "cases.diagram" not in opened
    there = f"/cases/{begun.case_id}/cancel"
    assert here.post(there, dict(POSTED)).status_code in (403, 404, 405)


def walked(app, here, ids, tasks) -> tuple[list[str], list[Any]]:
    """What opens of the pages of cases, lists and registers, and what of it shows a foreign word;
    tasks: ids that are tried one after the other.
    """
    opened, shown = [], []
    for rule in rules(app):
        inner = rule.arguments & {"case_id", "task_id", "file_id", "token"}
        listed = rule.endpoint.startswith(("inbox.", "cases.", "registers."))
        if "GET" not in rule.methods or not (inner or listed):
            continue
        for task in tasks if "task_id" in rule.arguments else tasks[-1:]:
            for _method, url in calls(app, rule, ids | {"task_id": task}):
                reply = here.get(url)
                words = said(reply.get_data())
                assert reply.status_code < 500, rule
                shown += [url] if MARK in words or "kin@khuat.example" in words else []
                opened += [rule.endpoint] if reply.status_code == 200 else []
    return opened, shown


@ONE_DATABASE
@pytest.mark.parametrize(
    ("group", "scope", "is_seen"),
    [
        ("van-thu", UNIT, False),
        ("tham-dinh-an-toan", "ban", False),
        ("pho-truong-phong", UNIT, True),
    ],
)
def test_colleagues_look_over_no_case_that_its_drawing_keeps_from_them(
    app, engine, page, foreign, group, scope, is_seen
):
    """Law 91/2025: a request about somebody's account is read by who must, not who is near."""
    from app import cli_content

    drawn = text(WORK, KEY, title=f'"{MARK}"', seen_with="people.view")
    files = {f"processes/bpmn/{KEY}.bpmn": drawn}
    engine.deploy(Bundle(KEY, files), actor=cli_content.RELEASE, legal_basis="QĐ")
    with engine.writing() as session:
        near = queries.find_account(session, worlds.stranger.name)
        origin = Origin("quantri", engine.clock())
        right = Membership(group, scope, below=True)
        grants.grant(session, near, right, origin=origin, basis="QĐ")
    here = page.as_(worlds.stranger)
    opened, shown = walked(app, here, foreign, [foreign["task_id"]])
    assert {"cases.listed", "inbox.home"} <= set(opened)
    assert bool(shown) == is_seen and ("cases.case" in opened) == is_seen


def said(data: bytes) -> str:
    """The words of an answer, those of a spreadsheet too, which is a packed archive."""
    if data.startswith(b"{"):
        return json.dumps(json.loads(data), ensure_ascii=False)
    if not data.startswith(b"PK"):
        return data.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


def _call(here: Page, method: str, url: str) -> Any:
    """The answer; what a form is refused with says the same in JSON, without a page around it."""
    if method == "GET":
        return here.get(url)
    return here.post(url, dict(POSTED), headers={"Accept": "application/json, text/html;q=0.5"})
