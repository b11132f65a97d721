"""A list that is entered as a whole: prepared while nobody waits, then all of it or nothing."""

from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from app.people import accounts, log, queries
from app.people.imports import entering, whole
from app.people.imports.models import RollImportRow
from app.people.log import Origin
from app.people.models import Account, AccountLog, FirstLink, Grant, ReservedName
from tests.app.people import test_imports
from tests.app.people.test_imports import (
    ONE_DATABASE,
    PEOPLE,
    WRONG,
    Killed,
    made,
    statuses,
    text,
)
from tests.worlds import SINCE, admin, clerk

sent = test_imports.sent


def test_all_or_nothing_opens_no_account_when_a_row_is_refused(sent, engine, clock):
    here, path = sent(text(*PEOPLE))
    with engine.writing() as session:
        row = session.scalars(sa.select(RollImportRow).where(RollImportRow.row == 4)).one()
        row.application = row.application | {"wanted": admin.name}
    here.post(f"{path}/enter", {"choice": "all", "links": "yes"})
    engine.run_due()
    assert made(engine) == []
    assert statuses(engine) == [(2, "good"), (3, "good"), (4, "refused")]
    with engine.reading() as session:
        assert session.get(ReservedName, ("internal", "annv.bql")) is None
        assert set(session.scalars(sa.select(RollImportRow.account))) == {None}
        newest = sa.select(AccountLog).order_by(AccountLog.id.desc()).limit(1)
        told = session.scalars(newest).one()
        assert (told.event, told.details["lines"]) == ("list_imported", 0)
    shown = here.get(path).text
    assert "Không nhập dòng nào: có dòng bị từ chối" in shown
    wrong, path = sent(text(*PEOPLE, *WRONG))
    wrong.post(f"{path}/enter", {"choice": "all"})
    engine.run_due()
    assert made(engine) == []


class Meanwhile:
    """The engine of a process in which something happens once a list is prepared, each time.

    At that moment its rows are judged and named and the session that did it is still open.
    """

    def __init__(self, engine, happens):
        self.engine, self.happens, self.prepared = engine, happens, 0

    def __getattr__(self, name):
        return getattr(self.engine, name)

    @contextmanager
    def reading(self):
        with self.engine.reading() as session:
            yield session
            if session.new:
                self.prepared += 1
                self.happens(self.prepared)


@ONE_DATABASE
def test_nobody_waits_while_a_whole_list_is_prepared_and_what_they_do_counts(sent, engine, clock):
    here, path = sent(text(*PEOPLE))
    here.post(f"{path}/enter", {"choice": "all", "links": "yes"})
    said = []

    def other(times):
        said.append(here.get(path).text)
        assert made(engine) == []
        if times == 1:
            named_alike = accounts.Application("Nguyễn Văn Ân", unit="vp")
            with engine.writing() as session:
                accounts.open_account(session, named_alike, origin=Origin("x", clock()))

    working = Meanwhile(engine, other)
    entering.go_on(working, int(path.rpartition("/")[2]), "http://x")
    assert working.prepared == 2
    assert "Đã chuẩn bị 3 trên 3 dòng" in said[0] and "annv.bql" not in said[0]
    assert made(engine) == ["annv1990.bql", "bett.bql", "annv1992.bql"]
    with engine.reading() as session:
        rows = session.execute(sa.select(RollImportRow.account, RollImportRow.sent)).all()
        assert rows == [("annv1990.bql", True), ("bett.bql", False), ("annv1992.bql", True)]
    engine.run_due()
    assert len(made(engine)) == 3


@ONE_DATABASE
def test_a_whole_list_whose_preparing_others_overtake_again_and_again_is_entered(
    sent, engine, clock
):
    here, path = sent(text(*PEOPLE))
    here.post(f"{path}/enter", {"choice": "all"})

    def other(times):
        with engine.writing() as session:
            log.record(session, "account_changed", clerk.name, origin=Origin("x", clock()))

    working = Meanwhile(engine, other)
    entering.go_on(working, int(path.rpartition("/")[2]), "http://x")
    assert working.prepared == whole.TRIES
    assert len(made(engine)) == 3


@ONE_DATABASE
def test_names_that_others_take_till_the_last_try_stand_at_no_row_and_get_no_link(
    sent, engine, clock
):
    here, path = sent(text(*PEOPLE))
    here.post(f"{path}/enter", {"choice": "all", "links": "yes"})
    taken = []

    def other(times):
        with engine.writing() as session:
            told = session.scalar(sa.select(RollImportRow.account).order_by(RollImportRow.row))
            quicker = accounts.Application(
                f"Lê Thị Khác {'abc'[times - 1]}",
                unit="vp",
                wanted=told,
                email=f"khac{times}@x.vn",
            )
            origin = Origin("x", clock())
            taken.append(accounts.open_account(session, quicker, origin=origin).name)

    entering.go_on(Meanwhile(engine, other), int(path.rpartition("/")[2]), "http://x")
    assert len(taken) == whole.TRIES
    with engine.reading() as session:
        rows = session.scalars(sa.select(RollImportRow).order_by(RollImportRow.row)).all()
        holders = [queries.find_account(session, row.account).person for row in rows]
        assert [one.full_name for one in holders] == [row.full_name for row in rows]
        assert [row.status for row in rows] == ["entered"] * 3
        assert [row.account for row in rows] == made(engine)
        linked = sa.select(Account.user_name).join(FirstLink, FirstLink.account_id == Account.id)
        assert sorted(session.scalars(linked)) == sorted([rows[0].account, rows[2].account])


@ONE_DATABASE
def test_who_may_not_import_any_more_has_nothing_entered_and_no_name_told(sent, engine):
    here, path = sent(text(*PEOPLE))
    here.post(f"{path}/enter", {"choice": "all"})

    def other(times):
        with engine.writing() as session:
            assert session.scalar(sa.select(RollImportRow.account).limit(1)) == "annv.bql"
            session.execute(sa.update(Grant).values(valid_to=SINCE))

    entering.go_on(Meanwhile(engine, other), int(path.rpartition("/")[2]), "http://x")
    assert statuses(engine)[0] == (2, "refused") and made(engine) == []
    with engine.reading() as session:
        assert set(session.scalars(sa.select(RollImportRow.account))) == {None}


@ONE_DATABASE
def test_a_setting_that_changes_while_a_list_is_prepared_names_all_accounts(
    sent, engine, change_setting
):
    here, path = sent(text(*PEOPLE))
    here.post(f"{path}/enter", {"choice": "all"})

    def other(times):
        if times == 1:
            change_setting("account.username_place", "sonhai")

    working = Meanwhile(engine, other)
    entering.go_on(working, int(path.rpartition("/")[2]), "http://x")
    assert working.prepared == 2
    assert made(engine) == ["annv.sonhai", "bett.sonhai", "annv1992.sonhai"]


@ONE_DATABASE
def test_a_process_that_dies_before_a_whole_list_is_written_leaves_nothing(sent, engine):
    here, path = sent(text(*PEOPLE))
    here.post(f"{path}/enter", {"choice": "all", "links": "yes"})

    def die(times):
        raise Killed

    number = int(path.rpartition("/")[2])
    with pytest.raises(Killed):
        entering.go_on(Meanwhile(engine, die), number, "http://x")
    with engine.reading() as session:
        assert session.scalars(sa.select(FirstLink.id)).all() == []
        assert session.get(ReservedName, ("internal", "annv.bql")) is None
    assert made(engine) == []
    entering.go_on(engine, number, "http://x")
    entering.go_on(engine, number, "http://x")
    assert made(engine) == ["annv.bql", "bett.bql", "annv1992.bql"]


@ONE_DATABASE
def test_a_row_of_a_whole_list_costs_as_much_however_long_the_list_is(sent, engine, bind):
    """Rows are read, judged and written together; one by one only the names are taken."""
    counts, ran = [], []
    sa.event.listen(bind, "before_cursor_execute", lambda *call: ran.append(call[2]))
    for family, first, rows in (("Nguyễn", 1960, 2), ("Lê", 1965, 14), ("Trần", 1979, 26)):
        people = [
            f"{n};{family} Văn {chr(65 + n)};vp;01/02/{first + n};m{first + n}@x.vn;Văn thư"
            for n in range(rows)
        ]
        here, path = sent(text(*people))
        ran.clear()
        here.post(f"{path}/enter", {"choice": "all"})
        engine.run_due()
        counts.append(len(ran))
    assert len(made(engine)) == 42
    first, second = counts[1] - counts[0], counts[2] - counts[1]
    assert second <= first + 2 and second <= 12 * 4, counts
