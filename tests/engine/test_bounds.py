"""What the doors refuse to somebody who asks for more than is theirs."""

from __future__ import annotations

import sqlalchemy as sa

from engine import views
from engine.tables import Wait
from tests.engine.conftest import AN

NOTE = """start s
    user a candidateGroups=chuyen-vien
    boundary b on=a message=note non sender="chuyen-vien@unit"
    end e2
    end e
    s > a > e
    b > e2"""


def data_of(engine, case_id):
    with engine.reading() as session:
        return views.case(session, engine.mover, case_id, AN, engine.clock()).data


def test_a_message_without_a_form_brings_no_data(alone, deploy):
    deploy("p", NOTE)
    case_id = alone.start("p", {"amount": 5}, actor=AN).case_id
    with alone.reading() as session:
        token = session.scalars(sa.select(Wait.token)).one()
    alone.send(case_id, token, {"amount": 999}, actor=AN)
    assert data_of(alone, case_id)["amount"] == 5


def test_what_a_case_knows_of_itself_cannot_be_sent_to_it(alone, deploy):
    deploy("p", "start s\ncatch c message=paid\nuser a candidateGroups=chuyen-vien\ns > c > a")
    forged = {"initiator": "evil", "unit": "dt", "case": {"code": "X"}}
    moved = alone.start("p", {**forged, "amount": 5}, actor=AN)
    alone.deliver("paid", {**forged, "paid": True})
    data = data_of(alone, moved.case_id)
    assert (data["initiator"], data["unit"], data["case"]["code"]) == ("an", "vp", moved.case_code)
    assert (data["amount"], data["paid"]) == (5, True)
