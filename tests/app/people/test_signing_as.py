"""As what officials may sign papers of a body, by the posts and authorisations of the day."""

from datetime import timedelta

import pytest

from app.people.accounts import procedures
from app.people.acting import delegations
from app.people.acting.delegations import Order
from app.people.acting.signing import signing_as
from app.people.models import Delegation
from app.people.organisation import units
from app.people.queries import find_account
from engine.ports import Call
from tests.worlds import chief, clerk, colleague, director, leader


@pytest.fixture
def post(session, clock, origin):
    """Gives somebody a post from yesterday on: post(director, "ban", "head", "Trưởng ban")."""

    def put(account, unit, kind, title):
        person = find_account(session, account.name).person
        yesterday = clock().date() - timedelta(days=1)
        units.give_post(
            session, person, unit, kind=kind, title=title, valid_from=yesterday, origin=origin
        )
        session.flush()

    return put


@pytest.fixture
def said(session, clock):
    """[(capacity, on whose behalf, own post)] of somebody for papers of the body."""

    def ask(account, unit="ban"):
        found = signing_as(session, clock(), account.name, unit)
        return [(way["capacity"], way["on_behalf"], way["role"]) for way in found]

    return ask


def test_each_signs_under_the_post_they_have(post, said):
    post(director, "ban", "head", "Trưởng ban")
    assert said(director) == [("direct", None, "Trưởng ban")]
    post(chief, "ban", "deputy", "Phó Trưởng ban")
    assert said(chief)[0] == ("KT.", "Trưởng ban", "Phó Trưởng ban")
    post(leader, "p-dautu", "head", "Trưởng phòng")
    assert said(leader) == [("TL.", "Trưởng ban", "Trưởng phòng Quản lý đầu tư")]
    assert said(leader, "p-dautu") == [("direct", None, "Trưởng phòng")]
    # A member has no right to sign, nobody signs for a body beside or below their own.
    assert said(clerk) == [] == said(leader, "vp") == said(director, "p-dautu")


def test_who_is_charged_with_the_heads_post_signs_as_acting(post, said):
    post(director, "ban", "head", "Quyền Trưởng ban")
    assert said(director) == [("Q.", "Trưởng ban", "")]
    post(leader, "p-dautu", "head", "Trưởng phòng")
    post(colleague, "p-dautu", "deputy", "Phó Trưởng phòng")
    chain = "KT. Trưởng phòng Quản lý đầu tư\nPhó Trưởng phòng Quản lý đầu tư"
    assert said(colleague) == [("TL.", "Trưởng ban", chain)]


def test_who_is_authorised_in_writing_signs_so_until_it_ends(session, clock, origin, post, said):
    post(director, "ban", "head", "Trưởng ban")
    today = clock().date()
    order = Order("delegation", director.name, clerk.name, today, today, basis="12/UQ-BQL")
    delegations.permit(session, "UQ-1", order, origin=origin)
    session.flush()
    way = signing_as(session, clock(), clerk.name, "ban")[0]
    assert (way["capacity"], way["on_behalf"], way["authorisation"]) == (
        "TUQ.", "Trưởng ban", "12/UQ-BQL",
    )  # fmt: skip
    clock.advance(days=1)
    assert said(clerk) == []


@pytest.mark.parametrize(
    ("scope", "signs"),
    [
        ({"processes": ("dossier",)}, True),
        ({"processes": ("report-submission",)}, False),
        ({"units": ("ban",)}, True),
        ({"units": ("vp",)}, False),
        ({"groups": ("lanh-dao-ban",)}, True),
        ({"groups": ("chuyen-vien",)}, False),
    ],
)
def test_an_authorisation_is_for_what_it_says_and_passes_to_nobody(
    session, clock, origin, post, scope, signs
):
    post(director, "ban", "head", "Trưởng ban")
    head, given, next_one = (find_account(session, one.name) for one in (director, clerk, chief))
    of = dict.fromkeys(("processes", "groups", "units")) | {k: list(v) for k, v in scope.items()}
    days = {"valid_from": clock().date(), "valid_to": clock().date()}
    session.add(Delegation(
        number="UQ-1", kind="delegation", grantor=head, grantee=given, basis="12/UQ-BQL",
        permitted_at=clock(), permitted_by="x", **days, **of,
    ))  # fmt: skip
    session.flush()

    def ways(account):
        found = signing_as(session, clock(), account.name, "ban", "dossier")
        return [way["capacity"] for way in found]

    assert ways(clerk) == (["TUQ."] if signs else [])
    delegations.hand_over(session, given, next_one, origin=origin)
    session.flush()
    assert ways(clerk) == [] and "TUQ." not in ways(chief)


def test_an_authorisation_ends_with_the_account_that_is_closed(session, clock, origin):
    today = clock().date()
    order = Order("delegation", director.name, clerk.name, today, today, basis="12/UQ-BQL")
    given = delegations.permit(session, "UQ-1", order, origin=origin)
    session.flush()
    call = Call("k", clock(), 0, "DONG-1", "system", "vp", session)
    procedures.close(call, {"account": clerk.name, "reason": "away"})
    assert given.ended_at == clock()
