"""The clock of a dossier: what comes late counts for the next day, a supplement stops the time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tests.clocks import VIETNAM
from tests.engine.drawings import text
from tests.worlds import clerk

DRAWN = """start s
script receive feel="{received: received_on(), deadline: working_days(3, received_on())}"
sub work {
start ws
user check "Check" candidateGroups=chuyen-vien
end we
ws > check > we
}
boundary late on=work date==deadline non
user sorry "Apologise" candidateGroups=chuyen-vien
end told
late > sorry > told
xor more
script ask feel="{asked: now()}"
catch supplied message=supplied correlation==case.code paused=1
script resume feel="{deadline: due_after_pause(deadline, asked)}"
end e
s > receive > work > more
more > ask : asked = null
more > e : default
ask > supplied > resume > work"""
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def local(month: int, day: int, hour: int = 17) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=VIETNAM)


@pytest.fixture
def dossier(case: Any, clock: Any) -> Any:
    """A dossier that came in on Monday 23 November; the 24th is a holiday."""
    lines = text(DRAWN, "dossier", due="=deadline")
    case.deploy("dossier", {"processes/bpmn/dossier.bpmn": lines})

    def received(at: str) -> Any:
        clock.at(at)
        case.start("dossier", clerk, asked=None)
        return case

    return received


@ONE_DATABASE
def test_the_hour_of_receipt_decides_from_which_day_the_time_counts(dossier):
    assert dossier("2026-11-23 15:00").row.due_at == local(11, 27)
    assert dossier("2026-11-23 15:01").row.due_at == local(11, 30)
    assert dossier("2026-11-29 09:00").row.due_at == local(12, 3)  # A Sunday.


@ONE_DATABASE
def test_no_time_runs_while_the_applicant_supplies_what_is_missing(dossier, clock):
    case = dossier("2026-11-23 09:00")
    clock.at("2026-11-25 10:00")
    case.complete("Check", clerk)
    assert case.row.paused_at == local(11, 25, 10)
    clock.at("2026-12-14 10:00")  # Long after the time limit that stood first.
    case.tick()
    assert case.tasks() == []
    case.engine.deliver("supplied", {}, correlation=case.code)
    # Two of three days were left after the day of the pause.
    assert (case.row.paused_at, case.row.due_at) == (None, local(12, 16))
    clock.at("2026-12-16 17:01")
    assert case.waits_at("Check", "Apologise")
    assert case.verify().holds


@ONE_DATABASE
def test_the_calendar_counts_from_a_day_as_from_any_hour_of_it(engine, world):
    with engine.reading() as session:
        ask = engine.surroundings.facts["working_days"]
        assert ask(session, engine.clock(), 1, date(2026, 11, 20)) == local(11, 23)
        assert ask(session, engine.clock(), 1, local(11, 20, 16)) == local(11, 23)
