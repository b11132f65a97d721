"""Databases in which procedures are in force."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from app.config import Config
from app.factory import create_app
from tests.cases import CaseUnderTest
from tests.clocks import Clock
from tests.conftest import fill_world

Prepare = Callable[[CaseUnderTest], None]


def database_with(template: str, prepare: Prepare) -> Any:
    """The fixture `database_url` of a module: a database of each test alone, with the characters
    of `tests.worlds` and all that `prepare` does, which is done once for a kind of database.

    template: the name under which the filled database is kept, another one for each module.
    """

    @pytest.fixture
    def database_url(
        database: str, makers: Any, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[str]:
        def fill(bind: sa.Engine) -> None:
            fill_world(bind)
            home = tmp_path_factory.mktemp("deployed")
            settings = Config(home=home, database_url="", tick_seconds=0, testing=True)
            prepare(CaseUnderTest(create_app(settings, clock=Clock(), bind=bind)))

        maker = makers(database)
        url = maker.fresh(template, fill)
        yield url
        maker.drop(url)

    return database_url
