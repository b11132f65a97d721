"""A barred account has one way in, its link; who was about to come in otherwise stays out."""

from __future__ import annotations

import threading

import pytest

from adapters.oidc import Identity
from app.people.accounts import endings, holding
from app.people.log import Origin
from app.people.login import choosing, links, logins, passwords
from app.people.outside import doors
from app.people.outside.providers import Provider
from app.people.queries import find_account
from tests.app.people.conftest import wait_for_lock
from tests.worlds import PASSWORD, admin, clerk

PROVIDER = Provider(
    "province", "a", "a", "x", "x", "", "preferred_username", "groups",
    frozenset(), frozenset({"internal"}), frozenset(),
)  # fmt: skip
NEW = "Mat-khau-moi-rieng-26!"


def void(session, account, origin):
    links.void_password(session, account, origin=origin, basis="KP-1")


def close(session, account, origin):
    endings.close(session, account, origin=origin, basis="QĐ 1")


def by_provider(engine):
    told = {"preferred_username": clerk.name, "sub": "1"}
    return doors.log_in(engine, PROVIDER, Identity(told, "x"), logins.Where())


def test_a_provider_opens_nothing_that_is_barred_until_its_link_is_used(engine, clock, world):
    assert by_provider(engine)
    origin = Origin("x", clock())
    with engine.writing() as session:
        held = find_account(session, clerk.name)
        void(session, held, origin)
        path, _until = links.issue(session, held, origin=origin)
    assert by_provider(engine) is None
    with engine.writing() as session:
        held = find_account(session, clerk.name)
        link = links.find(session, path.rpartition("/")[2], clock())
        links.use(session, link, origin=origin)
        choosing.choose_password(engine, session, held, NEW, origin=origin)
    assert by_provider(engine)


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize("change", [void, close])
def test_who_logs_in_beside_a_barring_stays_out(engine, clock, world, monkeypatch, change):
    hashing, locked, real, found = threading.Event(), threading.Event(), passwords.matches, []

    def slow(*given):
        is_right = real(*given)
        hashing.set()
        locked.wait(10)
        return is_right

    monkeypatch.setattr(passwords, "matches", slow)
    where = logins.Where()
    thread = threading.Thread(
        target=lambda: found.append(logins.log_in(engine, clerk.name, PASSWORD, where))
    )
    thread.start()
    assert hashing.wait(10)
    with engine.writing() as session:
        held = find_account(session, clerk.name)
        holding.hold(session, held)
        change(session, held, Origin("x", clock()))
        session.flush()
        locked.set()
        wait_for_lock(engine, thread)
    thread.join(20)
    assert found == [None]


@pytest.mark.parametrize("door", ["link", "suspend", "resume", "grants"])
def test_a_page_that_was_open_before_does_nothing_to_a_closed_account(
    engine, clock, world, page, door
):
    with engine.writing() as session:
        close(session, find_account(session, clerk.name), Origin("x", clock()))
    given = {"basis": "QĐ 9", "group": "van-thu", "unit": "p-dautu", "scope": "unit"}
    answer = page.as_(admin).post(f"/people/{clerk.name}/{door}", data=given)
    assert answer.status_code == 409
    assert "không còn ở trạng thái như trang này đã hiện" in answer.text
