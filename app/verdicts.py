"""What verification found, in the words of whoever reads: the auditor's pages and the terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine import Difference
from engine.calendar import ZONE

Gettext = Callable[[str], str]
Sentence = Callable[[str, dict[str, Any]], str]
LONGEST = 120
"""Letters of a value that a sentence shows."""


def words(difference: Difference, *, gettext: Gettext, sentence: Sentence) -> str:
    """One difference as a sentence, with values as the reader knows them.

    gettext, sentence: the page's, or the terminal's.
    """
    fields = dict(difference.fields)
    column = fields.get("column")
    if column is not None:
        pair = (fields["shown"], fields["got"])
        fields["shown"], fields["got"] = _pair(str(column), *pair, gettext)
        names = _case_and_tasks(gettext) | _machine_and_files(gettext)
        fields["column"] = names.get(str(column), column)
    return sentence(difference.message, fields)


def _pair(column: str, shown: Any, got: Any, gettext: Gettext) -> tuple[str, str]:
    found = tuple(_value(column, value, gettext) for value in (shown, got))
    # What differs by less than is shown would look the same.
    return (found[0], found[1]) if found[0] != found[1] else (repr(shown), repr(got))


def _value(column: str, value: Any, gettext: Gettext) -> str:
    if value is None or value == "":
        return gettext("no value")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%d/%m/%Y %H:%M:%S}"
    if column == "status":
        return _states(gettext).get(str(value), str(value))
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _states(gettext: Gettext) -> dict[str, str]:
    return {
        "open": gettext("open"),
        "completed": gettext("completed"),
        "cancelled": gettext("withdrawn"),
        "waiting": gettext("waiting"),
        "running": gettext("being tried"),
        "stuck": gettext("stuck"),
        "done": gettext("done"),
    }


def _case_and_tasks(gettext: Gettext) -> dict[str, str]:
    """What the columns of cases and tasks are called."""
    return {
        "id": gettext("running number"),
        "code": gettext("code"),
        "process_key": gettext("process"),
        "unit": gettext("unit"),
        "title": gettext("subject"),
        "search": gettext("search text"),
        "status": gettext("state"),
        "outcome": gettext("outcome"),
        "started_by": gettext("starter"),
        "started_at": gettext("start"),
        "closed_at": gettext("end"),
        "closed_by": gettext("person who did it"),
        "due_at": gettext("due time"),
        "paused_at": gettext("beginning of the pause"),
        "columns": gettext("data for lists"),
        "element": gettext("place in the drawing"),
        "name": gettext("name"),
        "name_en": gettext("English name"),
        "legal_basis": gettext("legal basis"),
        "assignee": gettext("holder"),
        "claimed_at": gettext("time of claiming"),
        "created_at": gettext("time of creation"),
        "follow_up_at": gettext("reminder time"),
        "priority": gettext("priority"),
        "paused": gettext("pause"),
        "candidates": gettext("candidates"),
        "by_hand": gettext("assigned candidates"),
    }


def _machine_and_files(gettext: Gettext) -> dict[str, str]:
    """What the columns of jobs, waits, comments and files are called."""
    return {
        "key": gettext("key"),
        "kind": gettext("kind"),
        "payload": gettext("data to send"),
        "done_at": gettext("time of completion"),
        "error": gettext("reason for being stuck"),
        "leased_until": gettext("end of the attempt"),
        "correlation": gettext("correlation key"),
        "label": gettext("label"),
        "label_en": gettext("English label"),
        "senders": gettext("senders"),
        "form": gettext("form"),
        "media_type": gettext("file type"),
        "size": gettext("size"),
        "sha256": gettext("hash"),
        "at": gettext("time stamp"),
        "by": gettext("author"),
        "by_label": gettext("author's name"),
        "text": gettext("text"),
    }
