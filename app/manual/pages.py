"""The manual: what may be drawn, computed, decided and asked, each with an example that runs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from app import i18n, web
from app.manual import checked, content, finding, pictures
from app.markup import markdown
from app.people.rights.groups import catalogue
from app.refusals import sentence
from app.rendering import render_form
from app.web import SIGNED_IN, permission
from engine import duties
from engine.check import Catalogue, Finding
from engine.check.rules import RULES
from engine.errors import NotFound
from engine.layout import with_diagram

_FIELD = re.compile(r"(?<!\{)\{[a-z_]+\}(?!\})")

_MARKUP = re.compile(r"\[(?P<words>[^\]]*)\]\([^)]*\)|`|\*\*|^\s*([0-9]+\.|[-*])\s+", re.M)
"""Links, of which the words stay, and signs of Markdown."""
_SENTENCE = re.compile(r".+?[.;](?=\s|$)|.+", re.S)

MOST_FOUND = 30
"""Pages that one search shows; who needs the next adds a word."""

blueprint = Blueprint("manual", __name__, template_folder="templates")

TITLES = {
    "guides": lazy_gettext("How it is done"),
    "elements": lazy_gettext("Elements of a drawing"),
    "functions": lazy_gettext("Functions of FEEL"),
    "hit-policies": lazy_gettext("Hit policies of decision tables"),
    "fields": lazy_gettext("Fields of a form"),
    "operations": lazy_gettext("Operations of service tasks"),
    "rules": lazy_gettext("Rules of checking"),
}
LEADS = {
    "guides": lazy_gettext("Step by step: change a process, a time limit, a form, a table."),
    "elements": lazy_gettext("What can be drawn, what it does when it runs, and how it is set."),
    "functions": lazy_gettext("What conditions, deadlines and computed fields can call."),
    "hit-policies": lazy_gettext("Which rule of a table counts when several fit."),
    "fields": lazy_gettext("What a form can ask and show, and what it accepts."),
    "operations": lazy_gettext(
        "What a service task can have done: papers, signatures, numbers, catalogues, other cases."
    ),
    "rules": lazy_gettext("What checking looks for, why, and how it is mended."),
}

GROUPS = {
    "ways": lazy_gettext("Step by step"),
    "events": lazy_gettext("Events"),
    "activities": lazy_gettext("Activities"),
    "gateways": lazy_gettext("Gateways"),
    "scopes": lazy_gettext("Sub-processes and repetition"),
    "roots": lazy_gettext("Declared at the head of the file"),
    "connecting": lazy_gettext("Flows, pools, lanes and data"),
    "conversion": lazy_gettext("Conversion"),
    "logic": lazy_gettext("Logic"),
    "text": lazy_gettext("Text"),
    "numbers": lazy_gettext("Numbers"),
    "lists": lazy_gettext("Lists"),
    "contexts": lazy_gettext("Contexts"),
    "ranges": lazy_gettext("Ranges"),
    "time": lazy_gettext("Dates and times"),
    "agency": lazy_gettext("Working time and organisation"),
    "single": lazy_gettext("One rule counts"),
    "multiple": lazy_gettext("Several rules count"),
    "entry": lazy_gettext("Entry"),
    "choice": lazy_gettext("Choice"),
    "layout": lazy_gettext("Arrangement"),
    "display": lazy_gettext("Shown only"),
    "action": lazy_gettext("Buttons"),
    "papers": lazy_gettext("Papers"),
    "signatures": lazy_gettext("Electronic signatures"),
    "books": lazy_gettext("Numbers and catalogues"),
    "cases": lazy_gettext("Between cases"),
    "files": lazy_gettext("Files and bundle"),
    "structure": lazy_gettext("Structure of the drawing"),
    "references": lazy_gettext("References"),
    "expressions": lazy_gettext("Expressions"),
    "running": lazy_gettext("What would run wrongly"),
    "decisions": lazy_gettext("Decisions"),
    "forms": lazy_gettext("Forms"),
    "style": lazy_gettext("Style"),
}


@blueprint.get("/manual")
@permission(SIGNED_IN)
def index() -> str:
    """All sections; with `q`, the pages that speak of it."""
    query = request.args.get("q", "").strip()[:100]
    found = finding.search(query, i18n.language())
    return render_template(
        "manual/index.html",
        titles=TITLES,
        leads=LEADS,
        counts={name: len(content.section(name)) for name in content.SECTIONS},
        query=query,
        found=[(each, _gist(each)) for each in found[:MOST_FOUND]],
        more=max(0, len(found) - MOST_FOUND),
        language=i18n.language(),
    )


@blueprint.get("/manual/<section>")
@permission(SIGNED_IN)
def section(section: str) -> str:
    """The entries of one section, by their groups."""
    groups: dict[str, list[content.Entry]] = {}
    for entry in content.section(section).values():
        groups.setdefault(entry.group, []).append(entry)
    return render_template(
        "manual/section.html",
        section=section,
        title=TITLES[section],
        lead=LEADS[section],
        titles=TITLES,
        group_titles=GROUPS,
        groups=groups,
        language=i18n.language(),
    )


@blueprint.get("/manual/<section>/<path:key>")
@permission(SIGNED_IN)
def entry(section: str, key: str) -> str:
    """One page: what it is, how it is used, examples, where the standard says so."""
    found = content.entry(section, key)
    keys = list(content.section(section).values())
    at = keys.index(found)
    return render_template(
        "manual/entry.html",
        entry=found,
        text=markdown(found.text(i18n.language())),
        title=TITLES[section],
        before=keys[at - 1] if at else None,
        after=keys[at + 1] if at + 1 < len(keys) else None,
        shown=[_as_shown(example) for example in found.examples],
        file_text=content.shown,
        rule=_rule(key) if section == "rules" else None,
        told=[_told(key, example) for example in found.examples if "bad" in example],
        pictures=[pictures.of(example) for example in found.examples],
        marks=pictures.marks,
        language=i18n.language(),
    )


@blueprint.get("/manual/<section>/<key>/drawings/<int:number>")
@permission(SIGNED_IN)
def drawing(section: str, key: str, number: int) -> Response:
    """The drawing of an example, laid out."""
    examples = content.entry(section, key).examples
    if number >= len(examples) or "bpmn" not in examples[number]:
        raise NotFound(thing=gettext("example %(n)s", n=number + 1))
    text = with_diagram(content.drawing(examples[number]))
    return Response(text, content_type="application/xml; charset=utf-8")


def _gist(entry: content.Entry) -> str:
    """The first sentence of a page, as plain text."""
    words = _MARKUP.sub(lambda found: found["words"] or "", entry.text(i18n.language()))
    first = _SENTENCE.match(words.strip())
    return first[0].rstrip(":;") if first else ""


def _rule(key: str) -> dict[str, str] | None:
    """What a rule says and advises, in the reader's language; "…" stands for what differs. None
    for a rule of forms, which says different things of different fields: its example tells one.
    """
    rule = RULES.get(key)
    if rule is None:
        return None
    return {
        "weight": rule.weight,
        "message": _without_fields(gettext(rule.message)),
        "remedy": _without_fields(gettext(rule.remedy)),
    }


def _without_fields(template: str) -> str:
    """A sentence with "…" for its fields, and braces that are meant as such."""
    return _FIELD.sub("…", template).replace("{{", "{").replace("}}", "}")


def _told(key: str, example: Mapping[str, Any]) -> dict[str, str] | None:
    """What checking says of the example, which is asked each time; None if it says nothing."""
    around = web.engine().surroundings
    known = Catalogue(
        operations=dict(around.operations),
        functions=frozenset(around.facts),
        groups=frozenset(catalogue()),
        duties=duties.known(around.duties),
    )
    findings = (f for f in checked.findings(example, "bad", known) if f.rule == key)
    finding: Finding | None = next(findings, None)
    if finding is None:
        return None
    fields = dict(finding.fields)
    return {
        "element": finding.element or "",
        "severity": finding.severity,
        "message": sentence(finding.message, fields),
        "remedy": sentence(finding.remedy, fields),
    }


def _as_shown(example: Mapping[str, Any]) -> Markup | None:
    """The fields of an example as their page shows them; None if it has none."""
    if "components" not in example:
        return None
    data = json.loads(example.get("data", "{}"))
    now = web.engine().clock()
    return render_form(content.form(example), {}, {}, context=data, functions={}, now=now)
