"""The areas of the application, and what they bring: pages, tables, operations, facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from sqlalchemy.orm import Session

import app.audit.pages
import app.cases.operations
import app.cases.pages
import app.cases.statistics_pages
import app.cases.versions
import app.catalogues.models
import app.catalogues.operations
import app.catalogues.pages
import app.corrections.models
import app.inbox.pages
import app.manual.pages
import app.operations.correctable
import app.operations.incidents
import app.operations.models
import app.operations.operations
import app.operations.pages
import app.papers.desk
import app.papers.operations
import app.papers.pages
import app.people.accounts.change_calls
import app.people.accounts.idle
import app.people.acting
import app.people.acting.calls
import app.people.acting.signing
import app.people.correctable
import app.people.factors.asking
import app.people.factors.models
import app.people.imports.entering
import app.people.imports.models
import app.people.login.links
import app.people.models
import app.people.operations
import app.people.organisation.fields
import app.people.organisation.heirs
import app.people.pages
import app.people.queries
import app.people.registers.models
import app.people.rights.change_calls
import app.people.rights.duties
import app.people.rights.in_force
import app.people.rights.reviews
import app.people.rights.words
import app.people.rolls.calls
import app.registers.models
import app.registers.operations
import app.registers.pages
import app.registers.rules_pages
import app.reports.operations
import app.studio.clause_pages
import app.studio.models
import app.studio.pages
from adapters import sandbox, smtp
from adapters.typesetting import Typesetter
from app.config import Config, ConfigurationWrong
from app.corrections.calls import Corrections
from app.operations.schemas import Definition, definitions
from app.people.organisation import reorganising
from app.typefaces import FONTS
from engine import ERASE, HAND_OVER, MARK, MESSAGE, Engine, tables
from engine.files import Store
from engine.ports import Fact, Operation, Surroundings

PAGES = (
    app.people.pages.blueprint,
    app.inbox.pages.blueprint,
    app.cases.pages.blueprint,
    app.studio.pages.blueprint,
    app.manual.pages.blueprint,
    app.audit.pages.blueprint,
    app.registers.pages.blueprint,
    app.catalogues.pages.blueprint,
    app.operations.pages.blueprint,
    app.papers.pages.blueprint,
)

# Importing them is what makes their tables known to the metadata.
MODELS = (
    tables,
    app.people.models,
    app.people.factors.models,
    app.people.imports.models,
    app.people.registers.models,
    app.operations.models,
    app.studio.models,
    app.corrections.models,
    app.registers.models,
    app.catalogues.models,
)

CORRECTIONS = Corrections(
    {
        "person": app.people.correctable.People(),
        "unit": app.people.correctable.Units(),
        "field": app.people.correctable.Fields(),
        "setting": app.operations.correctable.Settings(),
    }
)
"""What approved requests may change, in the order in which forms offer it."""


SETTER = Typesetter(FONTS)
"""What it has found out about templates serves every engine of the process."""


def operations(settings: Config) -> dict[str, Operation]:
    """Everything that service tasks may call, by name. Two of one name are a mistake of ours."""
    found: dict[str, Operation] = {}
    # One-time links in letters work from here on; in journals and waiting jobs they are sealed.
    letters = app.people.login.links.opening(mail(settings), settings.secret_key())
    for operation in [
        *app.people.operations.operations(),
        *app.people.accounts.change_calls.operations(),
        *app.people.acting.calls.operations(),
        *app.people.rights.change_calls.operations(),
        *app.people.rolls.calls.operations(Store(settings.home / "files").get),
        *CORRECTIONS.operations(),
        app.people.imports.entering.operation(settings.url),
        app.people.factors.asking.operation(),
        *app.people.rights.reviews.operations(),
        letters,
        *app.papers.operations.operations(app.papers.desk.desk(settings, SETTER)),
        ERASE,
        HAND_OVER,
        MARK,
        MESSAGE,
        app.cases.operations.start(),
        *app.registers.operations.operations(),
        *app.catalogues.operations.operations(),
    ]:
        if operation.name in found:
            raise RuntimeError(f"two operations are called {operation.name}")
        found[operation.name] = operation
    return found


def mail(settings: Config) -> Operation:
    """`mail.send`; letters stay in the home folder if no server is named."""
    try:
        if not settings.mail_url:
            return sandbox.operation(settings.home / "mail", settings.mail_from)
        return smtp.operation(smtp.read_url(settings.mail_url), settings.mail_from)
    except ValueError as error:
        raise ConfigurationWrong(problem=f"QUYTRINH_MAIL_URL or _FROM: {error}") from error


def definition_of_setting(name: str) -> Definition:
    """What a setting is called and how it is kept, for areas that do not import its own."""
    return definitions()[name]


def facts() -> dict[str, Fact]:
    """What drawings may ask of the world, by name."""
    given = app.operations.operations.facts()
    return {
        **app.people.queries.facts(),
        **app.people.acting.calls.facts(),
        **app.people.acting.signing.facts(),
        **app.people.rights.words.facts(),
        **CORRECTIONS.facts(),
        **app.people.rights.reviews.facts(),
        **given,
        "setting": app.people.organisation.heirs.standing(given["setting"]),
        **app.registers.operations.facts(),
        **app.reports.operations.facts(),
        **app.catalogues.operations.facts(),
        **app.cases.operations.facts(),
    }


def surroundings(clock: Callable[[], datetime], settings: Config) -> Surroundings:
    """Everything the engine needs from outside."""
    # Letters lead people to the site, and only its configuration knows where that is.
    known = facts() | {"site_url": lambda _session, _now: settings.url}
    return Surroundings(
        clock=clock,
        operations=operations(settings),
        facts=known,
        groups=app.people.rights.in_force.groups,
        people=app.people.queries.names_of_accounts,
        permissions=frozenset(app.people.rights.groups.permissions()),
        selves=app.people.queries.hand_of,
        standing=app.people.acting.standing,
        counted=app.operations.operations.COUNTED | app.reports.operations.COUNTED,
        duties=app.people.rights.duties.in_cases(),
        templates=SETTER.examine,
        errands={reorganising.TAKE_EFFECT: reorganising.take_effect},
    )


ROUNDS: tuple[Callable[[Engine], object], ...] = (
    app.people.accounts.idle.look_after,
    app.people.rights.reviews.look_after,
    app.operations.incidents.look_after,
)
"""What the application looks after by itself, once an hour in each process; done twice, it does
nothing the second time.
"""


def load_shipped(session: Session, now: datetime) -> None:
    """What every installation begins with is there; nothing is loaded beside existing rows."""
    app.operations.operations.load_shipped(session, now)
    app.people.organisation.fields.load_shipped(session)
    app.registers.operations.load_shipped(session, now)


def register(application: Flask) -> None:
    """The pages of every area."""
    for blueprint in PAGES:
        application.register_blueprint(blueprint)
