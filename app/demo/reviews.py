"""The demo's reviews of accounts: one that was answered but for one account, which was suspended,
and one that nobody answers, so that it has been urged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import sqlalchemy as sa

from app.demo import agency
from app.demo.past import Past
from app.operations.queries import today
from app.people.models import Account
from app.people.rights import reviews
from engine.tables import Case, Task
from engine.values import Record

Planned = tuple[datetime, int, Callable[[], None]]
"""When something is done, what goes first of two at one instant, and the doing."""


@dataclass(frozen=True)
class Answer:
    """Who does which step of a review, so many working hours after the step before."""

    task: str
    by: str
    after: int
    data: Record


@dataclass(frozen=True)
class Review:
    """A review of a unit that began so many working hours ago, and what came of it."""

    unit: str
    hours: int
    answers: tuple[Answer, ...] = ()


REVIEWS = (
    Review(
        "ph-haidong",
        hours=17 * 8,
        answers=(
            Answer(
                "Rà soát danh sách", "trongpv", 6,
                {"review": {"doubtful": [f"duyenltm.{agency.PLACE}"], "confirmed": True}},
            ),
            Answer("Cấp trên rà soát", "giangvth", 5, {"answer": {"choice": "keep"}}),
        ),
    ),
    Review("xa-tankhe", hours=12 * 8),
)  # fmt: skip


def planned(past: Past, *, first: int) -> Iterator[Planned]:
    """All steps of the reviews; `first` is the number that the first of them bears."""
    for number, review in enumerate(REVIEWS, first):
        at = past.calendar.working_hours_before(past.now, Decimal(review.hours))
        yield at, number, partial(_begin, past, review)
        for answer in review.answers:
            at = past.calendar.add(answer.after * 3600, at)
            yield at, number, partial(_answer, past, review, answer)


def _begin(past: Past, review: Review) -> None:
    with past.engine.writing() as session:
        of_unit = sa.update(Account).where(Account.unit_code == review.unit)
        session.execute(of_unit.values(last_login_at=past.at - timedelta(hours=17)))
    day = today(past.at)
    reviews.begin(past.engine, review.unit, f"{day:%Y}-{(day.month - 1) // 3 * 3 + 1:02}")


def _answer(past: Past, review: Review, answer: Answer) -> None:
    query = (
        sa.select(Task.id)
        .join(Case, Case.id == Task.case_id)
        .where(Case.process_key == reviews.PROCESS, Case.unit == review.unit)
        .where(Task.status == "open", Task.name == answer.task)
    )
    with past.engine.reading() as session:
        task_id = session.scalars(query).one()
    actor = past.actor(f"{answer.by}.{agency.PLACE}")
    past.engine.complete(task_id, answer.data, actor=actor)
