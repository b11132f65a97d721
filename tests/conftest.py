"""What all tests stand on: real databases, a settable clock, pages, a browser, cases.

A test that asks for `bind`, `app`, `engine`, `page`, `case` or `browser` runs twice: on SQLite and
on a real PostgreSQL. `--database sqlite` runs it once, while one works.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache

from app import create_app, i18n, migrations
from app.config import Config
from tests import databases
from tests.clocks import Clock

# The time that an example takes on a busy machine says nothing about the property.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
KINDS = ("sqlite", "postgres")
SCRATCH = "QUYTRINH_TEST_SCRATCH"
_stop: list[Callable[[], None]] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=(*KINDS, "both"), default="both", help="run on one database only"
    )


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    os.environ[SCRATCH] = str(databases.scratch())
    i18n.compile_catalogues()
    if getattr(config.option, "numprocesses", None) and uses_postgres(config):
        # Workers inherit the address; whoever asked for it there would start a server of its own.
        server_of(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a browser come first: the longest of all, they must not be what one worker still
    does while the others have nothing left."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def uses_postgres(config: pytest.Config) -> bool:
    """Whether this session may run anything on PostgreSQL."""
    return config.getoption("--database") != "sqlite" and not config.option.collectonly


def pytest_collection_finish(session: pytest.Session) -> None:
    """Without workers PostgreSQL is started if a chosen test needs it."""
    # Modules and collected tests live as long as the process. Whoever goes through them again and
    # again in search of garbage, as Python does by itself, spends a sixth of all time on it.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 20)
    config = session.config
    wanted = any("postgres" in item.keywords for item in session.items)
    if wanted and uses_postgres(config) and not hasattr(config, "workerinput"):
        server_of(config)


def server_of(config: pytest.Config) -> str:
    """The address of the session's PostgreSQL, started at the first call."""
    if databases.SERVER not in os.environ:
        _stop.append(databases.start_server(Path(os.environ[SCRATCH])))
    return os.environ[databases.SERVER]


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    while _stop:
        _stop.pop()()
    os.environ.pop(databases.SERVER, None)
    shutil.rmtree(os.environ.pop(SCRATCH, "/nonexistent"), ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" not in metafunc.fixturenames:
        return
    if any(mark.args[0] == "database" for mark in metafunc.definition.iter_markers("parametrize")):
        return  # The test itself says on which database it runs.
    chosen = metafunc.config.getoption("--database")
    kinds = KINDS if chosen == "both" else (chosen,)
    marks = {"sqlite": [], "postgres": [pytest.mark.postgres]}
    metafunc.parametrize(
        "database", [pytest.param(kind, marks=marks[kind]) for kind in kinds], indirect=True
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a test that was not run: the session fails."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("CI runs every test: a skipped one counts as failed.", red=True)
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def scratch(worker_id: str) -> Path:
    """This worker's folder, gone after the session."""
    folder = Path(os.environ[SCRATCH]) / worker_id
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def makers(scratch: Path, worker_id: str, pytestconfig: pytest.Config) -> Iterator[Any]:
    """`makers("sqlite")` makes databases of that kind."""
    made: dict[str, Any] = {}

    def maker(kind: str) -> Any:
        if kind not in made:
            made[kind] = (
                databases.Sqlite(scratch)
                if kind == "sqlite"
                else databases.Postgres(server_of(pytestconfig), worker_id)
            )
        return made[kind]

    yield maker
    if "postgres" in made:
        made["postgres"].close()


def fill_empty(bind: sa.Engine) -> None:
    """All tables, with nothing in them."""
    migrations.create(bind)


def fill_world(bind: sa.Engine) -> None:
    """All tables, with the characters of `tests.worlds` in them."""
    from tests import worlds

    migrations.create(bind)
    worlds.found(bind)


def fill_stationery(bind: sa.Engine) -> None:
    """The characters, and the small procedure of `tests.app.stationery` in force."""
    from tests.app.stationery import Requests

    fill_world(bind)
    home = Path(os.environ[SCRATCH])
    settings = Config(home=home, database_url="", tick_seconds=0, testing=True)
    Requests(create_app(settings, clock=Clock(), bind=bind))


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database that this run of the test is on."""
    return request.param


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database: str, makers: Any) -> Iterator[str]:
    """The address of a database of this test alone."""
    maker = makers(database)
    if "requests" in request.fixturenames:
        url = maker.fresh("stationery", fill_stationery)
    elif "world" in request.fixturenames:
        url = maker.fresh("world", fill_world)
    else:
        url = maker.fresh("empty", fill_empty)
    yield url
    maker.drop(url)


@pytest.fixture(scope="session")
def binds() -> dict[str, sa.Engine]:
    """The first bind of each kind of database."""
    return {}


@pytest.fixture
def bind(database_url: str, binds: dict[str, sa.Engine]) -> Iterator[sa.Engine]:
    """A database of this test alone."""
    made = databases.opened(database_url, binds)
    yield made
    made.dispose()


@pytest.fixture
def clock() -> Clock:
    """Monday, 23 November 2026, 08:00 in Vietnam, until the test moves it."""
    return Clock()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Config:
    """The settings of an installation of this test alone."""
    return Config(
        home=tmp_path, database_url=database_url, tick_seconds=0, rate_limits=False, testing=True
    )


@pytest.fixture
def app(settings: Config, bind: sa.Engine, clock: Clock, scratch: Path) -> Flask:
    """The application on this test's database."""
    made = create_app(settings, clock=clock, bind=bind)
    # Compiling the templates for each test anew would take longer than most tests.
    made.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(scratch))
    return made


@pytest.fixture
def engine(app: Flask) -> Any:
    """The application's engine."""
    return app.extensions["engine"]


@pytest.fixture
def client(app: Flask) -> Any:
    """A stranger's browser without the browser."""
    return app.test_client()


@pytest.fixture
def world() -> None:
    """The characters of `tests.worlds` are in the database."""


@pytest.fixture
def page(app: Flask, world: None) -> Any:
    """Pages as a character sees them: `page.as_(clerk).get("/inbox")`."""
    from tests.pages import Page

    return Page(app)


@pytest.fixture
def case(app: Flask, world: None) -> Any:
    """One case, by the names of its drawing."""
    from tests.cases import CaseUnderTest

    return CaseUnderTest(app)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, started once a session."""
    from playwright.sync_api import sync_playwright

    from tests import browsers

    executable = browsers.path()
    if executable is None:
        pytest.skip(browsers.MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield started
        started.close()


@pytest.fixture
def browser(chromium: Any, app: Flask, world: None, tmp_path: Path) -> Iterator[Any]:
    """Windows of a real browser on this test's site: `browser.as_(clerk).goto("/inbox")`."""
    from tests import browsers

    with browsers.served(app) as url:
        opened = browsers.Browser(chromium, app, url, tmp_path)
        yield opened
        opened.close()
