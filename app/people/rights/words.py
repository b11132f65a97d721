"""Rights in the words of drawings, and what forms on rights offer to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.support import Translations
from sqlalchemy.orm import Session

from app.people import queries, vietnamese
from app.people.models import Grant
from app.people.organisation import fields as fields_of_work
from app.people.rights import grants, groups, in_force, training
from app.people.rights.groups import day_of
from engine.ports import Fact
from engine.values import Record, Value

SCOPES = {
    "unit": "trong đơn vị",
    "below": "đơn vị và cấp dưới",
    "field": "theo lĩnh vực",
    "province": "toàn tỉnh",
}
"""How far a right reaches, in the language of the drawings."""


def facts() -> dict[str, Fact]:
    """What forms offer to choose from: [{"label": "Văn thư", "value": "van-thu"}, ...]."""
    return {
        "rights_of": rights_of,
        "groups_for": groups_for,
        "all_groups": all_groups,
        "administers": administers,
        "duties_of": duties_of,
        "duties_outside": duties_outside,
        "fields_of_work": known_fields,
    }


def rows(
    session: Session, now: datetime, memberships: Iterable[grants.Membership]
) -> list[Record]:
    known = groups.on_day(session, now)
    return [
        {
            "right": known[one.group].name if one.group in known else one.group,
            "unit": queries.unit_name(session, now, one.unit) or one.unit,
            "scope": _reach(session, one),
        }
        for one in memberships
    ]


def of_grants(session: Session, now: datetime, held: Iterable[Grant]) -> list[Record]:
    """As `rows`; the scope of a right that is still to come or ends says from or to which day."""
    found, today = list(held), day_of(now)
    words = rows(session, now, map(grants.Membership.of, found))
    for row, said in zip(found, words, strict=True):
        if row.valid_from > today:
            said["scope"] = f"{said['scope']}, từ {row.valid_from:%d/%m/%Y}"
        if row.valid_to is not None:
            said["scope"] = f"{said['scope']}, đến {row.valid_to:%d/%m/%Y}"
    return words


def _reach(session: Session, one: grants.Membership) -> str:
    if one.field:
        field = fields_of_work.known(session).get(one.field)
        return f"lĩnh vực {field.name if field else one.field}"
    return SCOPES["province" if one.everywhere else "below" if one.below else "unit"]


@cache
def _catalogue() -> Any:
    folder = Path(__file__).parents[1] / "translations"
    return Translations.load(str(folder), ["vi"])


def words_of(permission: str) -> str:
    """What a permission is called in the language of the drawings."""
    return str(_catalogue().gettext(permission))


def rights_of(session: Session, now: datetime, account: Value, within: Value = None) -> Value:
    """The groups in which an account is today or will be, each by the number of its grant.

    within: the unit whose account it must be, or of one below it; null asks for all.
    """
    found = queries.find_account(session, str(account or "").strip().lower())
    reached = in_force.below(session, {str(within)}, now) if within is not None else {}
    if found is None or (
        within is not None and found.unit_code not in reached.get(str(within), ())
    ):
        return []
    held = grants.not_over(session, found, day_of(now))
    words = of_grants(session, now, held)
    return [
        {"label": f"{said['right']}, {said['unit']} ({said['scope']})", "value": str(row.id)}
        for row, said in zip(held, words, strict=True)
    ]


def administers(session: Session, now: datetime, keys: Value) -> Value:
    """Whether one of these groups, by key, is for the trained alone: it brings work of
    administration, whatever it is called and whoever made it (KH-11.1b).
    """
    named = keys if isinstance(keys, list) else [keys]
    known = groups.on_day(session, now)
    return any(training.asked(known[str(key)]) for key in named if str(key) in known)


def groups_for(session: Session, now: datetime, account: Value) -> Value:
    """The groups in which an account of that kind may be; an official's when there is none."""
    found = queries.find_account(session, str(account or "").strip().lower())
    kind = found.kind if found is not None else "internal"
    known = groups.on_day(session, now)
    rows = [(group.name, key) for key, group in known.items() if kind in group.kinds]
    return _in_order(rows)


def all_groups(session: Session, now: datetime) -> Value:
    """Every group of today."""
    known = groups.on_day(session, now)
    return _in_order((group.name, key) for key, group in known.items() if not group.is_ended)


def _in_order(rows: Iterable[tuple[str, str]]) -> Value:
    """As choices, in the order of Vietnamese words."""
    ordered = sorted(rows, key=lambda row: (vietnamese.sort_key(row[0]), row[1]))
    return [{"label": name, "value": key} for name, key in ordered]


def duties_of(session: Session, now: datetime, group: Value) -> Value:
    """What the group gives today."""
    found = groups.on_day(session, now).get(str(group))
    return _duties(found.permissions if found else ())


def duties_outside(session: Session, now: datetime, group: Value) -> Value:
    """What the group does not give today; of no group, everything there is to give."""
    known = set(groups.permissions())
    if group is None:
        return _duties(known)
    found = groups.on_day(session, now).get(str(group))
    return _duties(known - found.permissions if found else ())


def _duties(permissions: Iterable[str]) -> Value:
    return _in_order((words_of(one), one) for one in permissions)


def known_fields(session: Session, _now: datetime) -> Value:
    """The fields of work, in the tenant's order."""
    return [
        {"label": row.name, "value": code} for code, row in fields_of_work.known(session).items()
    ]
