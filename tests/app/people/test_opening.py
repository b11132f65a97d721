"""Accounts opened together: the same as one after another, by few statements."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from app.people import accounts
from app.people.log import Origin
from app.people.models import Account, AccountLog, Grant, Person, Post, ReservedName
from app.people.rights.grants import Membership
from engine.errors import Refusal

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DAY = date(1990, 2, 1)


def asked(name, born=DAY, groups=("chuyen-vien",), unit="p-dautu", **more):
    memberships = tuple(Membership(key, unit) for key in groups)
    return accounts.Application(
        name, unit=unit, birth_date=born, groups=memberships, basis="QĐ 1", **more
    )


LIST = [
    asked("Nguyễn Văn An", email="an@x.vn"),
    asked("Nguyễn Văn An", date(1991, 1, 1), phone="0912345678"),
    asked("NGUYỄN VĂN AN", email="khac@x.vn"),
    asked("Lê Bé", None, email="an@x.vn"),
    asked("Lê Bé", None),
    asked("Lê Bé", None),
    asked("Trần Có", unit="khong-co"),
    asked("Trần Có", groups=("chuyen-vien", "quan-ly-chuyen-mon")),
    asked("Trần Có", groups=("khong-co",)),
    asked("Trần Có"),
    asked("Trần Có", kind="administrator", groups=("quan-tri-c1",), training="CN 1"),
    asked("Võ Muốn", wanted="trcobql"),
    asked("Đỗ Muốn", wanted="trcobql"),
    asked("李明"),
    asked("Bùi Cuối", phone="0912 345 678"),
    asked("Nguyễn Văn An", date(1991, 2, 2), groups=("van-thu", "chuyen-vien")),
    asked("", None),
]


def kept(session):
    """What the tables hold, without the numbers that the database gives."""
    session.flush()
    found = []
    names = dict(session.execute(sa.select(Account.id, Account.user_name)).all())
    people = dict(session.execute(sa.select(Person.id, Person.full_name)).all())
    for table in (Person, Account, Post, Grant, ReservedName, AccountLog):
        columns = [column for column in table.__table__.columns if column.name != "id"]
        for row in session.execute(sa.select(*columns).order_by(*table.__table__.primary_key)):
            row = dict(row._mapping)
            row["account_id"] = names.get(row.pop("account_id", None))
            row["person_id"] = people.get(row.pop("person_id", None))
            found.append((table.__name__, row))
    return found


def told(outcomes):
    return [
        (one.template, one.fields) if isinstance(one, Refusal) else one.name for one in outcomes
    ]


def one_by_one(session, applications, origin):
    for one in applications:
        yield from accounts.open_accounts(session, [one], origin=origin)


def test_a_list_leaves_behind_what_its_rows_would_one_after_another(session, clock):
    origin, found = Origin("quantri", clock()), []
    for way in (accounts.open_accounts, one_by_one):
        savepoint = session.begin_nested()
        found.append((told(way(session, LIST, origin=origin)), kept(session)))
        savepoint.rollback()
    together, alone = found
    assert together[0] == alone[0]
    assert together[1] == alone[1]
    names = [one if isinstance(one, str) else None for one in together[0]]
    assert names == [
        "annv.bql", "annv1991.bql", None, None, "bel.bql", "bel01.bql", None, None, None,
        "cot.bql", "cot1990.bql", "trcobql", None, None, None, "annv199101.bql", None,
    ]  # fmt: skip


@ONE_DATABASE
def test_a_row_more_costs_a_statement_for_its_name_its_person_and_its_account(
    session, bind, clock
):
    origin, ran = Origin("quantri", clock()), []
    sa.event.listen(bind, "before_cursor_execute", lambda *call: ran.append(call[2]))

    def statements(family, count):
        people = [
            asked(f"{family} Số {chr(97 + n // 26)}{chr(97 + n % 26)}") for n in range(count)
        ]
        people = [replace(one, email=f"{family}{n}@x.vn") for n, one in enumerate(people)]
        ran.clear()
        made = accounts.open_accounts(session, people, origin=origin)
        assert not any(isinstance(one, Refusal) for one in made)
        return len(ran)

    few, many = statements("Phan", 10), statements("Huỳnh", 60)
    assert many - few <= 3 * 50
    assert few <= 3 * 10 + 15
