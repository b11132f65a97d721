"""The auditor's pages: find a case, step through it, and read what the journal proves."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import arrivals, shell, web
from app.audit import queries
from app.web import permission
from engine import reads, views
from engine.errors import NotFound

blueprint = Blueprint("audit", __name__, template_folder="templates")

PAGE = 50
MOST_AT_ONCE = 500
"""Cases that a page verifies in one go; the command line verifies any number."""


@blueprint.get("/audit")
@permission("audit.view")
def cases() -> str:
    """All cases, found by code, subject and names, each leading to its replay."""
    session, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    chosen = {k: v.strip() for k, v in request.args.items() if v.strip()}
    page = reads.cases(
        session,
        actor,
        now=now,
        text=chosen.get("q", ""),
        process=chosen.get("process"),
        status=chosen.get("status"),
        after=chosen.get("after"),
        limit=PAGE,
    )
    processes = shell.in_order(views.processes(session))
    return render_template(
        "audit/cases.html",
        page=page,
        most=MOST_AT_ONCE,
        chosen=chosen,
        chips=_chips(chosen, processes),
        processes=processes,
        statuses=queries.status_words(),
        names=queries.names_of(session, page.rows, now),
    )


def _chips(chosen: dict[str, str], processes: list[views.ProcessName]) -> list[dict[str, str]]:
    """The conditions in force in words, each with the address of the list without it."""
    named = {process.key: shell.named(process) for process in processes}
    words = {
        "q": f"“{chosen.get('q', '')}”",
        "process": named.get(chosen.get("process", ""), chosen.get("process", "")),
        "status": queries.status_words().get(chosen.get("status", ""), ""),
    }
    kept = {key: chosen[key] for key in words if key in chosen}
    return [
        {
            "label": words[key],
            "remove_url": url_for("audit.cases", **{k: v for k, v in kept.items() if k != key}),
        }
        for key in kept
        if words[key]
    ]


@blueprint.post("/audit/verify")
@permission("audit.view")
def verify() -> str:
    """The verdict on the newest cases that the conditions leave, as a list."""
    session, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    page = reads.cases(
        session,
        actor,
        now=now,
        text=request.form.get("q", ""),
        process=request.form.get("process") or None,
        status=request.form.get("status") or None,
        limit=MOST_AT_ONCE,
    )
    verdicts = [web.engine().verify(row.id) for row in page.rows]
    return render_template(
        "audit/verdicts.html",
        rows=list(zip(page.rows, verdicts, strict=True)),
        entries=sum(verdict.entries for verdict in verdicts),
        wrong=[verdict for verdict in verdicts if not verdict.holds],
        total=page.total,
        queries=queries,
    )


@blueprint.get("/audit/cases/<int:case_id>")
@permission("audit.view")
def replay(case_id: int) -> str:
    """One case from its first step to its last, on the drawing of its own version."""
    engine = web.engine()
    # Read at one instant: a step that comes between would stand in the verdict and not beside it.
    with engine.snapshot() as session:
        found = queries.replay(session, case_id, web.signed_in())
        verdict = engine.verdict(session, case_id)
    wish = request.args.get("step", type=arrivals.row_number) or found.last
    number = max(1, min(found.last, wish))
    return render_template(
        "audit/replay.html",
        case=found,
        number=number,
        step=found.panel(number),
        verdict=queries.verdict_words(verdict, found),
    )


@blueprint.get("/audit/cases/<int:case_id>/steps/<int:number>")
@permission("audit.view")
def step(case_id: int, number: int) -> ResponseReturnValue:
    """What one step holds; as a fragment for the player."""
    found = queries.replay(web.reading(), case_id, web.signed_in())
    if not 1 <= number <= found.last:
        raise NotFound(thing=gettext("step %(n)s", n=number))
    if "HX-Request" not in request.headers:
        place = url_for("audit.replay", case_id=case_id, step=number)
        return "", 303, {"Location": place}
    return render_template("audit/_step.html", case=found, step=found.panel(number))
