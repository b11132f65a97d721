"""What a case has put in force is taken back by its drawing, not by cancelling the case."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.bpmn_reader import read
from engine.errors import OwnMatter
from tests.processes import test_account_standing as standing
from tests.processes.test_account_closing import CLOSE, closed, draft
from tests.processes.test_account_closing import desk as archivist
from tests.worlds import chief, director

DRAWINGS = sorted(Path("processes/bpmn").glob("*.bpmn"))
PUTS_IN_FORCE = {
    "accounts.create", "accounts.create_list", "accounts.change", "accounts.close",
    "accounts.reopen", "accounts.delete", "accounts.void_password", "data.apply",
    "delegations.permit", "rights.change", "catalogues.change", "numbers.next",
}  # fmt: skip
TO_THE_END = {
    "account-review": "each account is decided on by itself, and the rest of the review goes on",
    "document-incoming": "an arrival number says that a paper came, whatever becomes of it",
    "report-submission": "who asked for a report may stop asking; its number says what was sent",
    "dossier": "a dossier has no effect before its result; its number says that it was received",
}
"""Drawings whose cases may be cancelled although they have done something, and why."""

database_url = standing.database_url


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_that_puts_something_in_force_says_until_when_it_is_cancelled(path):
    (process,) = read(path.read_bytes(), path.name).processes
    topics = {node.camunda.get("topic") for node in process.nodes()} & PUTS_IN_FORCE
    until = process.properties.get("cancel_while")
    assert bool(until) == bool(topics and path.stem not in TO_THE_END), (until, topics)


def test_a_closing_that_is_carried_out_or_ones_own_is_not_cancelled(case):
    closed(case, effective_on=date(2026, 12, 15))
    about = {"kind": "internal", "account": chief.name, "reason": "away", "facts": "Nghỉ ốm dài."}
    waiting = case.id
    draft(case, CLOSE, archivist, **about)
    with pytest.raises(OwnMatter):
        case.engine.cancel(case.id, "Không cần", actor=case.actor(chief))
    case.engine.cancel(waiting, "Không cần", actor=case.actor(director))
    case.id = waiting
    assert case.row.status == "cancelled"
