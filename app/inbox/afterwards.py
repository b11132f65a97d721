"""What somebody reads who has done a task: what came of it, and where they are led."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup

from app import web
from app.inbox import queries
from engine import Moved, reads, views


def title(case_id: int) -> str:
    """What the case is called at this moment."""
    return views.case_row(web.reading(), case_id).title


def said(done: str, moved: Moved, *, titled: str) -> tuple[Markup, str]:
    """The words, with the way to the case, which is no longer in sight; and the next page.

    titled: what the case was called before. A step that gives a number changes that, and whoever
    did it writes the number on the paper. The step may also have ordered another case.
    """
    words, target = _next(done, moved)
    # The request's reading session began before the completion and still shows the old title.
    web.close_reading(None)
    now = title(moved.case_id)
    more = [gettext("It now reads: %(title)s.", title=now.rstrip("."))] if now != titled else []
    if queries.begins_another(web.reading(), moved.case_id):
        more.append(
            gettext(
                "A further case is being begun; its number will stand on the page of this one."
            )
        )
    address, label = url_for("cases.case", case_id=moved.case_id), gettext("Open the case")
    link = Markup('<a class="qt-nowrap" href="{}">{}</a>').format(address, label)
    return Markup(" ").join([words, *more, link]), target


def _next(done: str, moved: Moved) -> tuple[str, str]:
    """What happened, and the next thing to do: this case's next task, else the most urgent one."""
    said = {"task": done, "case": moved.case_code}
    # The request's reading session began before the completion and still shows the old inbox.
    web.close_reading(None)
    # A second hand is asked for, say: what may not be theirs is not what they do next.
    own = [one for one in moved.tasks if queries.may_do(web.reading(), one, web.signed_in())]
    if own:
        words = gettext(
            "“%(task)s” of %(case)s is done. This is the next task of the same case.", **said
        )
        return words, url_for("inbox.task", task_id=own[0])
    now = web.engine().clock()
    waiting = reads.inbox(web.reading(), web.signed_in(), list="mine", now=now, limit=1).rows
    if waiting:
        words = gettext(
            "“%(task)s” of %(case)s is done. This is your most urgent task now.", **said
        )
        return words, url_for("inbox.task", task_id=waiting[0].id)
    if moved.closed:
        words = gettext("“%(task)s” of %(case)s is done. The case is closed.", **said)
    else:
        words = gettext("“%(task)s” of %(case)s is done. You hold no other task.", **said)
    return words, url_for("inbox.mine", list="groups")
