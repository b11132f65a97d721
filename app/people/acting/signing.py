"""As what an official may sign papers of a body: by the posts of the day and by authorisations.

Điều 13 Nghị định 30/2020/NĐ-CP and point 7 of part II of its Phụ lục I: the head signs by
themselves, who is charged with the head's post as "Q.", a deputy as "KT.", the head of a division
as "TL.", whom the head has authorised in writing as "TUQ.", and for a body that decides together
"TM.". The post that stands above the name is the signer's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.people.acting import scopes
from app.people.models import Account, Delegation, Post
from app.people.organisation.units import above
from app.people.queries import named, unit_name
from app.people.rights.grants import LEADING
from app.people.rights.groups import day_of, on_day
from app.people.rights.reach import holds
from app.people.settings import setting
from engine.ports import Fact
from engine.values import Record, Value

COLLECTIVE = "documents.collective_units"
"""The setting that names the units which decide together."""
_ACTING = re.compile(r"^(?:quyền|q\.)\s+", re.IGNORECASE)
_DEPUTY = re.compile(r"^phó\s+", re.IGNORECASE)


@dataclass(frozen=True)
class _Asked:
    """Who would sign, of which body a paper, in which process, and when."""

    session: Session
    now: datetime
    account: str
    unit: str
    process: str | None


def facts() -> dict[str, Fact]:
    """`signing_as(account, unit, process)`."""
    return {"signing_as": signing_as}


def signing_as(
    session: Session, now: datetime, account: Value, unit: Value, process: Value = None
) -> Value:
    """As what the account's holder may sign papers of the unit now, the usual way first: a list of
    {capacity, authority, on_behalf, role, label, authorisation}. capacity: "direct", "Q.", "KT.",
    "TL.", "TUQ." or "TM."; authority, on_behalf: what stands above the post ("KT.", "Trưởng ban"),
    null for who signs directly; role: the signer's own post; authorisation: what a "TUQ." rests
    on. Empty where neither post nor authorisation gives the right.

    process: the key of the procedure in which the paper is signed; an authorisation for some
    procedures only gives nothing in others, nor where none is said.
    """
    if account is None or unit is None:
        return []
    asked = _Asked(
        session, now, str(account), str(unit), None if process is None else str(process)
    )
    own = list(_posts(asked))
    found = [way for post in own for way in _by_post(asked, post)]
    found += [*_by_authorisation(asked, own)]
    if asked.unit in setting(session, now, COLLECTIVE):
        found += [_collective(asked, way) for way in found if way["capacity"] in ("direct", "KT.")]
    return list({str(way["capacity"]): way for way in reversed(found)}.values())[::-1]


def _posts(asked: _Asked) -> Iterator[Post]:
    """The posts of the account's holder on that day, those in the body itself first."""
    query = (
        sa.select(Post)
        .join(Account, Account.person_id == Post.person_id)
        .where(named(asked.account), holds(Post, asked.now))
        .order_by(Post.unit_code != asked.unit, Post.valid_from, Post.id)
    )
    for post in asked.session.scalars(query):
        if asked.unit in above(asked.session, post.unit_code, day_of(asked.now)):
            yield post


def _by_post(asked: _Asked, post: Post) -> Iterator[Record]:
    """What the post gives: of the body itself, or of a division in it."""
    if post.kind not in ("head", "deputy"):
        return
    if post.unit_code != asked.unit:
        yield _by_order(asked, post)
    elif post.kind == "deputy":
        yield _way("KT.", head_title(asked, asked.unit, otherwise=post.title), post.title)
    elif _ACTING.match(post.title):
        yield _way("Q.", _ACTING.sub("", post.title), "")
    else:
        yield _way("direct", None, post.title)


def _by_order(asked: _Asked, post: Post) -> Record:
    """A division's head signs by order; their deputy in the head's place."""
    superior = head_title(asked, asked.unit)
    role = _of_division(asked, post.title, post.unit_code)
    if post.kind == "deputy":
        chief = head_title(asked, post.unit_code, otherwise=post.title)
        chief = _of_division(asked, chief, post.unit_code)
        return _way("TL.", superior, f"KT. {chief}\n{role}")
    return _way("TL.", superior, role)


def _by_authorisation(asked: _Asked, own: list[Post]) -> Iterator[Record]:
    """What the head of the body has let the holder do in writing, for days that have come, of what
    they sign.
    """
    grantor = aliased(Account)
    head = sa.select(Post.person_id).where(
        Post.unit_code == asked.unit, Post.kind == "head", holds(Post, asked.now)
    )
    query = (
        sa.select(Delegation)
        .join(grantor, grantor.id == Delegation.grantor_id)
        .join(Account, Account.id == Delegation.grantee_id)
        .where(
            named(asked.account),
            Delegation.kind == "delegation",
            Delegation.ended_at.is_(None),
            holds(Delegation, asked.now),
            grantor.person_id.in_(head),
        )
        .order_by(Delegation.valid_from)
    )
    for given in asked.session.scalars(query):
        if not _extends_to(asked, given):
            continue
        role = _of_division(asked, own[0].title, own[0].unit_code) if own else ""
        said = given.basis or given.number
        yield {**_way("TUQ.", head_title(asked, asked.unit), role), "authorisation": said}


def _extends_to(asked: _Asked, given: Delegation) -> bool:
    """Whether what was authorised is such a paper: of the procedure, of the unit, and in the name
    of a group that leads, where only some were chosen.
    """
    if given.processes is not None and asked.process not in given.processes:
        return False
    units = scopes.units_on(asked.session, given.units, asked.now)
    if units is not None and asked.unit not in units:
        return False
    known = on_day(asked.session, asked.now) if given.groups is not None else {}
    return given.groups is None or any(
        key in known and not LEADING.isdisjoint(known[key].permissions) for key in given.groups
    )


def _collective(asked: _Asked, way: Record) -> Record:
    """The same signer for a body that decides together."""
    above_name = f"KT. {way['on_behalf']}\n{way['role']}" if way["on_behalf"] else str(way["role"])
    return _way("TM.", str(unit_name(asked.session, asked.now, asked.unit)), above_name)


def _way(capacity: str, on_behalf: str | None, role: str) -> Record:
    authority = None if capacity == "direct" else capacity
    posts = " / ".join(part for part in (on_behalf, role.replace("\n", " / ")) if part)
    return {
        "capacity": capacity,
        "authority": authority,
        "on_behalf": on_behalf,
        "role": role,
        "label": f"{authority} {posts}" if authority else role,
        "authorisation": None,
    }


def head_title(asked: _Asked, unit: str, *, otherwise: str = "") -> str:
    """What the head of the unit is called: the present one, else the last one before, else what a
    deputy's post says.
    """
    query = (
        sa.select(Post.title)
        .where(Post.unit_code == unit, Post.kind == "head", Post.valid_from <= day_of(asked.now))
        .order_by(Post.valid_from.desc(), Post.id.desc())
        .limit(1)
    )
    found = asked.session.scalar(query) or _DEPUTY.sub("", otherwise)
    title = _ACTING.sub("", found)
    return title[:1].upper() + title[1:]


def _of_division(asked: _Asked, title: str, unit: str) -> str:
    """The post with its division, as papers of the body above write it: "Trưởng phòng" of "Phòng
    Quản lý đầu tư" is "Trưởng phòng Quản lý đầu tư".
    """
    name = str(unit_name(asked.session, asked.now, unit) or "")
    if unit == asked.unit or name.lower() in title.lower():
        return title
    first, _, rest = name.partition(" ")
    if rest and title.lower().endswith(first.lower()):
        return f"{title} {rest}"
    return title
