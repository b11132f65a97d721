"""The demo agency: loaded once, in every state, and provable like any other case."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from app import cli_content, cli_serve, create_app, demo
from app.config import Config
from app.demo.agency import DATA
from app.demo.past import Past
from app.people import queries
from app.people.login import logins
from app.people.models import Account, AccountLog
from engine.database import connect
from engine.tables import Candidate, Case, File, Job, Task, Version, Wait
from tests.clocks import MONDAY, Clock
from tests.conftest import fill_empty


@pytest.fixture(scope="module")
def agency(makers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The demo in a database of its own; loading it takes seconds, so that all tests read one."""
    maker = makers("sqlite")
    url = maker.fresh("empty", fill_empty)
    bind = connect(url)
    home = tmp_path_factory.mktemp("demo")
    settings = Config(home=home, database_url=url, tick_seconds=0, rate_limits=False, testing=True)
    # Early on a Sunday: no working hour is near, and the day of UTC is still Saturday.
    clock = Clock(MONDAY.replace(day=22, hour=0, minute=10))
    app = create_app(settings, clock=clock, bind=bind)
    engine = app.extensions["engine"]
    yield SimpleNamespace(app=app, engine=engine, summary=demo.load(engine, app))
    bind.dispose()
    maker.drop(url)


def rows(agency: Any, query: Any) -> list[Any]:
    with agency.engine.reading() as session:
        return list(session.execute(query))


def test_every_case_of_the_demo_verifies(agency):
    verdicts = list(agency.engine.verify_all())
    assert len(verdicts) == agency.summary.cases >= 40
    assert [v.case_code for v in verdicts if not v.holds] == []


def test_the_demo_has_cases_at_every_step_and_with_every_end(agency):
    ends = Counter(row.outcome for row in rows(agency, sa.select(Case.outcome)))
    assert ends["Đã bàn giao tài khoản"] >= 10
    assert {"Không cấp tài khoản", "Đã rút đề nghị"} <= set(ends)
    names = Counter(
        row.name for row in rows(agency, sa.select(Task.name).where(Task.status == "open"))
    )
    steps = ("Lập đề nghị", "Xác nhận đề nghị", "Kiểm tra đề nghị", "Lãnh đạo quyết định")
    assert all(names[step] >= 2 for step in (*steps, "Đôn đốc giải quyết"))
    waiting = rows(agency, sa.select(Wait.element).where(Wait.name == "account.first_login"))
    assert len(waiting) >= 2


def test_each_process_is_in_force_by_a_decision_on_what_it_is_about(agency):
    basis = dict(rows(agency, sa.select(Version.process_key, Version.legal_basis)))
    assert {key for key, text in basis.items() if "tài khoản" not in text} == {
        "document-incoming", "document-outgoing", "dossier", "dossier-consult", "procedure-life",
        "report-submission",
    }  # fmt: skip
    assert "văn bản" in basis["document-incoming"] and "báo cáo" in basis["report-submission"]


def test_a_few_cases_are_overdue_and_one_letter_did_not_leave(agency):
    now = agency.engine.clock()
    late = sa.select(Case.code).where(
        Case.status == "open", Case.due_at < now, Case.paused_at.is_(None)
    )
    assert 2 <= len(rows(agency, late)) <= 12
    stuck = rows(agency, sa.select(Job.name, Job.error).where(Job.status == "stuck"))
    assert [job.name for job in stuck] == ["mail.send"]


def test_the_work_of_the_demo_lies_over_a_year_and_there_is_more_of_late(agency):
    now = agency.engine.clock()
    own = ("dossier", "document-incoming", "document-outgoing", "procedure-life", "report")
    ages = [
        now - row.started_at
        for row in rows(agency, sa.select(Case.started_at, Case.process_key))
        if row.process_key.startswith(own)
    ]
    assert len(ages) >= 60
    assert max(ages) > timedelta(days=350)
    for month in range(12):
        late, early = timedelta(days=31 * month), timedelta(days=31 * (month + 1))
        assert [age for age in ages if late <= age < early], f"month {month}"
    assert sum(age < timedelta(days=31) for age in ages) >= 20


def test_dossiers_and_documents_of_the_demo_have_come_to_every_end(agency):
    found = sa.select(Case.process_key, Case.outcome)
    ends = {(row.process_key, row.outcome) for row in rows(agency, found)}
    dossier = ("Đã trả tại quầy", "Đã rút hồ sơ", "Đã dừng giải quyết", "Thôi giải quyết")
    own = ("Đã đánh giá", "Đã trả kết quả", "Đã xóa hồ sơ", "Từ chối tiếp nhận")  # by accounts
    assert {("dossier", end) for end in (*dossier, *own)} <= ends
    assert {("dossier-consult", None), ("dossier-consult", "Đã lấy ý kiến")} <= ends
    answered = sa.select(Case.columns).where(
        Case.process_key == "document-incoming", Case.outcome == "Đã lập hồ sơ"
    )
    by = {row.columns["answered_by"] for row in rows(agency, answered)} - {None}
    issued = sa.select(Case.columns).where(Case.process_key == "document-outgoing")
    assert by and by <= {row.columns["symbol"] for row in rows(agency, issued)}


def test_an_enterprise_of_the_demo_has_dossiers_in_every_state(agency):
    theirs = sa.select(Case.columns).where(
        Case.process_key == "dossier", Case.started_by.in_(["0202345670", "0201234505"])
    )
    states = {row.columns["state"] for row in rows(agency, theirs)}
    assert len(states) >= 9
    assert {"Đang lập hồ sơ", "Chờ tiếp nhận", "Chờ người nộp bổ sung", "Đã trả"} <= states
    waiting = {row.name for row in rows(agency, sa.select(Task.name).where(Task.status == "open"))}
    assert {"Bổ sung hồ sơ", "Xác nhận nộp phí"} <= waiting


def test_no_report_of_the_demo_was_sent_before_its_figures_were_there(agency):
    query = sa.select(Case.columns).where(Case.process_key == "report-submission")
    sent = [row.columns for row in rows(agency, query) if row.columns["sent_on"]]
    assert len([one for one in sent if one["period_label"]]) >= 5
    assert {one["timely"] for one in sent} <= {"Đúng hạn", "Trễ hạn"}


def test_somebody_can_do_every_open_task_of_the_demo(agency):
    now = agency.engine.clock()
    with agency.engine.reading() as session:
        names = session.scalars(sa.select(Account.user_name)).all()
        held = [queries.actor_of(session, name, now).candidacies for name in names if name]
    offered = (
        sa.select(Candidate.task_id, Candidate.who)
        .join(Task, Task.id == Candidate.task_id)
        .where(Task.status == "open", Task.assignee.is_(None))
    )
    waiting: dict[int, set[str]] = {}
    for row in rows(agency, offered):
        waiting.setdefault(row.task_id, set()).add(row.who)
    able = frozenset().union(*held)
    assert waiting
    assert [among for among in waiting.values() if not among & able] == []


def test_one_review_was_urged_and_another_suspended_what_nobody_answered(agency):
    reviews = sa.select(Case.unit, Case.outcome, Case.columns, Task.name).outerjoin(
        Task, sa.and_(Task.case_id == Case.id, Task.status == "open")
    )
    found = rows(agency, reviews.where(Case.process_key == "account-review"))
    waiting = {row.name for row in found if row.unit == "xa-tankhe"}
    assert waiting == {"Rà soát danh sách", "Cấp trên rà soát", "Đôn đốc rà soát"}
    closed = [row for row in found if row.unit == "ph-haidong"]
    assert [(row.outcome, row.columns["unanswered"]) for row in closed] == [("Đã rà soát", 1)]
    changed = sa.select(Case.outcome).where(Case.process_key == "data-change")
    assert "Đã điều chỉnh" in {row.outcome for row in rows(agency, changed)}


def test_nobody_logged_in_after_their_account_had_ended(agency):
    ended = sa.select(AccountLog.at, Account.last_login_at).join(
        Account, Account.user_name == AccountLog.account
    )
    found = rows(agency, ended.where(AccountLog.event == "account_closed"))
    assert found
    assert [row for row in found if row.last_login_at > row.at] == []


def test_some_were_decided_by_the_chief_of_office_under_a_delegation(agency):
    query = sa.select(Task.closed_by).where(Task.name == "Quyết định theo ủy quyền")
    assert {row.closed_by for row in rows(agency, query)} == {"giangvth.sonhai"}


def test_every_login_that_is_printed_works(agency):
    for name, password, _description in demo.logins():
        assert logins.log_in(agency.engine, name, password, logins.Where()), name
    asked = sa.select(Account.user_name).where(Account.must_change)
    printed = {name for name, _password, _description in demo.logins()}
    assert printed.isdisjoint(row.user_name for row in rows(agency, asked))


def test_the_process_was_in_force_before_its_first_case(agency):
    first = sa.select(sa.func.min(Case.started_at).label("at"), Case.process_key)
    for case in rows(agency, first.group_by(Case.process_key)):
        deployed = sa.select(Version.deployed_at).where(
            Version.process_key == case.process_key, Version.number == 1
        )
        (version,) = rows(agency, deployed)
        assert version.deployed_at <= case.at


def test_nobody_of_the_demo_shares_a_mailbox_or_a_telephone(agency):
    from app.people.models import Account, Person

    # Of whoever is gone altogether nothing is kept by which to reach them.
    kept = sa.select(Account.person_id).where(Account.deleted_at.is_(None))
    people = rows(agency, sa.select(Person.email, Person.phone).where(Person.id.in_(kept)))
    for column in ("email", "phone"):
        values = [getattr(person, column) for person in people]
        assert None not in values
        assert len(set(values)) == len(values)


def test_the_attached_scans_are_pdf_files_that_keep_their_hash(agency):
    files = rows(agency, sa.select(File.media_type, File.sha256))
    assert {file.media_type for file in files} == {"application/pdf"}
    assert all(agency.engine.store.holds(file.sha256) for file in files)


def test_heads_and_roles_of_the_demo_may_do_their_work(agency):
    now = agency.engine.clock()
    with agency.engine.reading() as session:
        assert queries.head_of(session, now, "vp") == "giangvth.sonhai"
        owner = queries.actor_of(session, "khanhbm.sonhai", now)
        auditor = queries.actor_of(session, "huongntl.sonhai", now)
        administrator = queries.actor_of(session, "quantri.sonhai", now)
    assert owner.may("studio.deploy")
    assert auditor.may("audit.view", "p-dautu")
    assert administrator.may("people.manage", "p-dautu")
    assert not administrator.may("inbox.work")


def test_a_new_holder_finds_a_link_in_the_letter_that_works(agency):
    letters = Mailbox(agency.app.extensions["settings"].home / "mail").letters()
    latest = next(letter for letter in letters if "/first-password/" in letter.text)
    path = f"/first-password/{latest.text.partition('/first-password/')[2].split()[0]}"
    assert agency.app.test_client().get(path).status_code == 200
    assert agency.app.test_client().get(path.partition(".")[0]).status_code == 404


def test_loading_again_changes_nothing(agency):
    before = rows(agency, sa.select(sa.func.count(Case.id)))
    summary = demo.load(agency.engine, agency.app)
    assert (summary.units, summary.cases) == (0, 0)
    assert rows(agency, sa.select(sa.func.count(Case.id))) == before


def test_no_day_of_a_story_lies_in_the_future_of_the_story_whenever_the_demo_is_loaded():
    """The days between two steps are as many as the calendar has it on the day of loading."""
    for path in sorted(DATA.glob("stories*.json")):
        for story in json.loads(path.read_text(encoding="utf-8")):
            before = re.findall(r'"@(\d+)h-\d+"', json.dumps(story))
            assert all(int(hours) >= story["hours"] for hours in before), path.name
            assert "@@" not in json.dumps(story), path.name


def test_a_first_login_comes_before_its_link_ends_though_all_rest_for_the_holidays(agency):
    past = Past(agency.engine, agency.engine.clock(), settings=None)
    eve = datetime(2026, 4, 29, 9, 45, tzinfo=UTC)  # 16:45 before five days of rest
    assert past.after(eve, 4.2) - eve > timedelta(days=2)
    assert past.after(eve, 4.2, is_login=True) - eve < timedelta(days=1)


def test_a_demo_that_was_interrupted_begins_anew(makers, tmp_path, monkeypatch):
    maker = makers("sqlite")
    url = maker.fresh("torn", fill_empty)
    settings = Config(home=tmp_path, database_url=url, tick_seconds=0, testing=True)
    app = create_app(settings, clock=Clock(MONDAY))
    monkeypatch.setattr(cli_content, "deploy_one", lambda engine, key: None)
    monkeypatch.setattr(demo.requests, "play", lambda past: 1 / 0)
    with app.app_context(), pytest.raises(ZeroDivisionError):
        cli_serve.get_ready()
    assert torn(app)
    monkeypatch.setattr(demo.requests, "play", lambda past: None)
    with app.app_context():
        cli_serve.get_ready()
        assert not torn(app) and cli_serve.is_demo()
        begun = app.extensions["engine"].reading
        with begun() as session:
            before = session.scalars(sa.select(Account.created_at)).all()
        cli_serve.get_ready()
        with begun() as session:
            assert session.scalars(sa.select(Account.created_at)).all() == before
    app.extensions["bind"].dispose()
    maker.drop(url)


def torn(app: Any) -> bool:
    with app.extensions["engine"].reading() as session:
        return bool(demo.is_torn(session))
