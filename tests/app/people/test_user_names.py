"""The four policies of user names, and names that are never given twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa

from app.people.accounts import usernames
from app.people.accounts.usernames import NameImpossible, NameTaken, Subject, policies
from app.people.models import ReservedName

AN = Subject("Nguyễn Văn An", date(1985, 3, 2), place="Yên Châu")


def names(session, clock, key, subject, count=1):
    return [usernames.allocate(session, policies()[key], subject, clock()) for _ in range(count)]


def test_an_enterprise_is_named_by_its_code(session, clock):
    assert names(session, clock, "hp-enterprise", Subject("x", enterprise_code="0200123456")) == [
        "0200123456"
    ]
    branch = Subject("x", enterprise_code="0200123456-001")
    assert names(session, clock, "hp-enterprise", branch) == ["0200123456001"]


def test_a_second_account_of_one_enterprise_code_is_refused(session, clock):
    subject = Subject("x", enterprise_code="0200123456")
    names(session, clock, "hp-enterprise", subject)
    with pytest.raises(NameTaken):
        names(session, clock, "hp-enterprise", subject)


def test_an_enterprise_code_of_nine_digits_is_refused(session, clock):
    with pytest.raises(NameImpossible):
        names(session, clock, "hp-enterprise", Subject("x", enterprise_code="020012345"))


def test_users_of_one_name_are_numbered_with_two_digits_after_the_first(session, clock):
    given = ["nguyenvanan", "nguyenvanan01", "nguyenvanan02"]
    assert names(session, clock, "kh-user", AN, 3) == given


def test_customers_are_numbered_with_three_digits_in_their_own_name_space(session, clock):
    names(session, clock, "kh-user", AN)
    assert names(session, clock, "kh-customer-person", AN, 2) == ["nguyenvanan", "nguyenvanan001"]


@pytest.mark.parametrize(
    "organisation",
    ["Công ty TNHH ABC", "Công ty TNHH MTV ABC", "CÔNG TY CỔ PHẦN ABC", "DNTN ABC", "HTX ABC",
     "Chi nhánh Công ty Cổ phần ABC"],
)  # fmt: skip
def test_an_organisation_is_named_without_its_legal_form(session, clock, organisation):
    subject = Subject("x", organisation=organisation)
    assert names(session, clock, "kh-customer-organisation", subject, 2) == ["abc", "abc001"]


def test_an_organisation_that_is_nothing_but_a_legal_form_keeps_it():
    assert usernames.without_legal_form("Hợp tác xã") == "Hợp tác xã"


def test_given_name_and_initials_come_before_the_place(session, clock):
    assert names(session, clock, "yc", AN) == ["annv.yenchau"]


def test_a_namesake_gets_the_birth_year_and_then_a_number(session, clock):
    assert names(session, clock, "yc", AN, 4)[1:] == [
        "annv1985.yenchau", "annv198501.yenchau", "annv198502.yenchau",
    ]  # fmt: skip


def test_a_name_without_latin_letters_makes_no_user_name(session, clock):
    with pytest.raises(NameImpossible):
        names(session, clock, "kh-user", Subject("李明"))


def test_a_wanted_name_may_be_taken_once(session, clock):
    assert usernames.take_wanted(session, "internal", "Văn.Thư", clock()) == "van.thu"
    with pytest.raises(NameTaken):
        usernames.take_wanted(session, "internal", "van.thu", clock())


@pytest.mark.parametrize("name", ["system", "Root", "log"])
def test_nobody_is_called_like_the_system(session, clock, name):
    with pytest.raises(NameTaken):
        usernames.take_wanted(session, "internal", name, clock())


@pytest.mark.parametrize("name", ["an@b", "an b", ".an", "1an", "an..b", "=an", ""])
def test_a_wanted_name_with_other_signs_is_refused(session, clock, name):
    with pytest.raises(NameImpossible):
        usernames.take_wanted(session, "internal", name, clock())


def test_the_database_lets_no_given_name_go(session, clock):
    names(session, clock, "kh-user", AN)
    session.flush()
    with pytest.raises(sa.exc.DBAPIError), session.begin_nested():
        session.execute(sa.delete(ReservedName))


def test_fifty_at_once_for_one_name_get_fifty_names_in_sequence(engine, world, clock):
    def take(_):
        with engine.writing() as session:
            return usernames.allocate(session, policies()["kh-user"], AN, clock())

    with ThreadPoolExecutor(12) as pool:
        taken = list(pool.map(take, range(50)))
    assert sorted(taken) == ["nguyenvanan", *(f"nguyenvanan{n:02}" for n in range(1, 50))]


def test_a_name_that_was_not_committed_is_free_again(engine, world, clock):
    with pytest.raises(ZeroDivisionError), engine.writing() as session:
        names(session, clock, "kh-user", AN)
        raise ZeroDivisionError
    with engine.writing() as session:
        assert names(session, clock, "kh-user", AN) == ["nguyenvanan"]


def test_no_account_is_named_as_a_page_beside_those_of_accounts(app):
    paths = [rule.rule.split("/") for rule in app.url_map.iter_rules()]
    beside = {path[2] for path in paths if path[1] == "people" and len(path) > 2}
    assert {name for name in beside if name and "<" not in name} <= usernames.NEVER
