"""The machine's work: stuck jobs and their retry, what waits, letters, the sandbox's mailbox."""

from __future__ import annotations

from itertools import groupby

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from adapters.sandbox import Mailbox
from app import arrivals, web
from app.operations import jobs as reads
from app.operations.blueprint import blueprint
from app.web import permission
from engine.errors import NotFound

PAGE = 50


@blueprint.get("/operations")
@permission("operations.view")
def jobs() -> str:
    """Stuck jobs with their reasons, waiting ones by kind, and whether the clock goes."""
    session = web.reading()
    tick = current_app.extensions["tick"]
    stuck = reads.stuck(session)
    return render_template(
        "operations/jobs.html",
        groups=[(name, list(rows)) for name, rows in groupby(stuck, key=lambda job: job.name)],
        waiting=reads.waiting(session),
        tick=tick,
        last_done_at=reads.last_done_at(session),
        has_outbox=_has_outbox(),
    )


@blueprint.post("/operations/jobs/<int:job_id>/retry")
@permission("operations.manage")
def retry(job_id: int) -> ResponseReturnValue:
    """One stuck job is due again at once."""
    web.engine().retry(job_id, actor=web.signed_in())
    flash(gettext("The job is due again."), "success")
    return redirect(url_for("operations.jobs"), 303)


@blueprint.post("/operations/jobs/retry")
@permission("operations.manage")
def retry_all() -> ResponseReturnValue:
    """All stuck jobs of one name are due again, each in its own transaction."""
    retried = 0
    for job_id in reads.stuck_ids(web.reading(), request.form.get("name", "")):
        try:
            web.engine().retry(job_id, actor=web.signed_in())
        except NotFound:
            # Somebody else was quicker with this one.
            continue
        retried += 1
    text = ngettext("%(num)d job is due again.", "%(num)d jobs are due again.", retried)
    flash(text, "success" if retried else "information")
    return redirect(url_for("operations.jobs"), 303)


@blueprint.get("/operations/notices")
@permission("operations.view")
def notices() -> str:
    """Every letter: to whom, about what, when it went or why it did not."""
    status = request.args.get("status") or None
    rows = reads.notices(
        web.reading(),
        status=status,
        before=request.args.get("before", type=arrivals.row_number),
        limit=PAGE + 1,
    )
    return render_template(
        "operations/notices.html",
        rows=rows[:PAGE],
        more=rows[PAGE - 1].id if len(rows) > PAGE else None,
        status=status,
        has_outbox=_has_outbox(),
    )


# Letters hold one-time links, so reading them needs the right to operate, not only to look.
@blueprint.get("/operations/outbox")
@permission("operations.manage")
def outbox() -> str:
    """The letters that the sandbox kept instead of sending them."""
    return render_template("operations/outbox.html", letters=list(_mailbox().letters()))


@blueprint.get("/operations/outbox/<name>")
@permission("operations.manage")
def letter(name: str) -> str:
    """One letter of the sandbox, as plain text."""
    found = _mailbox().letter(name)
    if found is None:
        raise NotFound(thing=gettext("This letter"))
    return render_template("operations/letter.html", letter=found)


def _has_outbox() -> bool:
    return not current_app.extensions["settings"].mail_url


def _mailbox() -> Mailbox:
    """The sandbox's mailbox. Raises NotFound where letters go out to a real server."""
    if not _has_outbox():
        raise NotFound(thing=gettext("The mailbox of the demonstration"))
    return Mailbox(current_app.extensions["settings"].home / "mail")
