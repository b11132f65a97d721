"""The list of areas beside every page: what this person may open, with how much waits there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from app import web
from engine import Actor, reads
from engine.reach import is_outside


@dataclass(frozen=True)
class Place:
    """One line of the list. count: the list of the inbox whose length stands beside it."""

    label: LazyString
    endpoint: str
    count: str | None = None
    key: str | None = None
    needs: str | None = None
    """A right without which the page only leads elsewhere."""


PLACES: tuple[tuple[LazyString, tuple[Place, ...]], ...] = (
    (
        lazy_gettext("Tasks"),
        (
            Place(lazy_gettext("Start"), "inbox.home"),
            Place(lazy_gettext("My tasks"), "inbox.mine", "mine", "v"),
            Place(lazy_gettext("My groups' tasks"), "inbox.mine", "groups"),
            Place(lazy_gettext("My unit's tasks"), "inbox.mine", "unit"),
            Place(lazy_gettext("Overdue tasks"), "inbox.mine", "overdue"),
        ),
    ),
    (
        lazy_gettext("Cases and processes"),
        (
            Place(lazy_gettext("Cases"), "cases.listed", key="h", needs="cases.view"),
            Place(lazy_gettext("My cases"), "cases.own"),
            Place(lazy_gettext("Registers"), "registers.listed"),
            Place(lazy_gettext("Catalogues"), "catalogues.listed"),
            Place(lazy_gettext("Statistics of procedures"), "cases.counted"),
            Place(lazy_gettext("Processes"), "studio.processes", key="q"),
            Place(lazy_gettext("Clauses of the regulations"), "studio.clauses"),
            Place(lazy_gettext("Verify cases"), "audit.cases"),
            Place(lazy_gettext("Manual"), "manual.index"),
        ),
    ),
    (
        lazy_gettext("Organisation"),
        (
            Place(lazy_gettext("Accounts and rights"), "people.people"),
            Place(lazy_gettext("Units"), "people.units"),
            Place(lazy_gettext("Statistics of accounts"), "people.statistics"),
            Place(lazy_gettext("Account log"), "people.account_log"),
        ),
    ),
    (
        lazy_gettext("Operation"),
        (
            Place(lazy_gettext("Jobs"), "operations.jobs"),
            Place(lazy_gettext("Working calendar"), "operations.calendar"),
            Place(lazy_gettext("Settings"), "operations.settings"),
            Place(lazy_gettext("Numbering books"), "registers.rules_listed"),
        ),
    ),
)


def navigation(actor: Actor) -> list[dict[str, Any]]:
    """The groups of places that the actor may open; see templates/README.md for the shape."""
    counts = task_counts(actor)
    groups = []
    for title, places in PLACES:
        items = [
            _item(place, counts)
            for place in places
            if may_open(actor, place.endpoint)
            and (place.needs is None or actor.may(place.needs))
            and is_shown(actor, place.count or "")
        ]
        if items:
            groups.append({"title": str(title), "items": items})
    return groups


def may_open(actor: Actor, endpoint: str) -> bool:
    """Whether the guard would let the actor pass."""
    view = current_app.view_functions.get(endpoint)
    needed = getattr(view, "permission", None)
    if needed in (web.PUBLIC, web.SIGNED_IN):
        return True
    return needed is not None and actor.may(needed)


def is_shown(actor: Actor, name: str) -> bool:
    """Whether a list of the inbox is of use to the actor: who is of no unit has no unit's tasks,
    and their groups' only while there is one.
    """
    if not is_outside(actor) or name not in ("groups", "unit"):
        return True
    return bool(task_counts(actor).get(name))


def task_counts(actor: Actor) -> dict[str, int]:
    """How many tasks each list of the inbox holds, asked once a request; {} without an inbox."""
    if not actor.may("inbox.work"):
        return {}
    if "counts" not in g:
        g.counts = reads.counts(web.reading(), actor, web.engine().clock())
    return g.counts


def _item(place: Place, counts: dict[str, int]) -> dict[str, Any]:
    shown = place.count or "mine"
    arguments = {"list": shown} if place.count and place.count != "mine" else {}
    is_here = request.endpoint == place.endpoint and (
        place.count is None or request.args.get("list", "mine") == shown
    )
    return {
        "label": str(place.label),
        "url": url_for(place.endpoint, **arguments),
        "count": counts.get(place.count) if place.count else None,
        "late": place.count == "overdue" and bool(counts.get("overdue")),
        "current": is_here,
        "key": place.key,
    }


def account_menu() -> list[dict[str, str]]:
    """What stands under the reader's own name."""
    return [
        {"label": gettext("My account"), "url": url_for("people.account")},
        {"label": gettext("Acting for others"), "url": url_for("people.acting")},
        {"label": gettext("Change password"), "url": url_for("people.password")},
    ]
