"""What an installation may set, read once from the environment.

| variable | default | meaning |
|---|---|---|
| `PORT`, `QUYTRINH_HOST` | 8000, 127.0.0.1 | where `serve` listens |
| `QUYTRINH_HOME` | `var/` beside the code | data: database, files, key |
| `QUYTRINH_DATABASE_URL` | SQLite in that folder | `postgresql://user:password@host/name` |
| `QUYTRINH_ADDRESS` | `http://localhost:PORT` | how links in letters begin |
| `QUYTRINH_PROXIES` | 0 | reverse proxies in front whose X-Forwarded-* headers are true |
| `QUYTRINH_TICK_SECONDS` | 5 | how often due work is looked for; 0: another process does it |
| `QUYTRINH_WORKERS` | 1 | processes that serve; each ticks, and jobs are taken under leases |
| `QUYTRINH_THREADS` | 16 | requests that each of them serves side by side |
| `QUYTRINH_LANGUAGE` | as `LANG` says | what the command line speaks: vi or en |
| `QUYTRINH_LOG` | text | `json`: one JSON object a line |
| `QUYTRINH_MAX_UPLOAD_MB` | 25 | largest request body |
| `QUYTRINH_MAIL_URL` | empty | `smtp://user:password@host:port`; empty: letters stay at home |
| `QUYTRINH_MAIL_FROM` | `quytrinh@localhost` | sender of letters |
| `QUYTRINH_OIDC_PROVINCE_SECRET` | empty | for the province's single sign-on; empty: PKCE alone |
| `QUYTRINH_OIDC_NATIONAL_SECRET` | empty | the same for the national one |
| `QUYTRINH_LDAP_PASSWORD` | empty | of the account that searches the directory |
| `QUYTRINH_LDAP_CA_FILE` | the system's | certificates that the directory's must rest on |
| `QUYTRINH_TSA_URL` | empty | time stamp authority (RFC 3161) of signatures; empty: none |
| `QUYTRINH_KEYS_PASSWORD` | made of the secret | opens the keys in `HOME/keys` |
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from environs import Env, EnvError
from marshmallow.validate import OneOf, Range
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from engine.errors import Refusal

ROOT = Path(__file__).resolve().parent.parent

DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
"""How addresses of databases may begin: with what the installed packages can talk to."""


class ConfigurationWrong(Refusal):
    """{problem} Correct the variable and start again."""

    status = 503


class VariableWrong(ConfigurationWrong):
    """The variable {variable} must be {rule}. Correct it and start again."""


RULES = {
    "PORT": "a whole number from 1 to 65535",
    "QUYTRINH_PROXIES": "a whole number from 0 to 9",
    "QUYTRINH_TICK_SECONDS": "a whole number from 0 to 3600",
    "QUYTRINH_THREADS": "a whole number from 1 to 512",
    "QUYTRINH_WORKERS": "a whole number from 1 to 64",
    "QUYTRINH_LOG": "text or json",
    "QUYTRINH_MAX_UPLOAD_MB": "a whole number from 1 to 2048",
}
"""What variables must be, in words that the command line translates."""


class HomeNotWritable(Refusal):
    """The folder {folder} cannot be written: {reason}. Give this user the right to, or name another folder in QUYTRINH_HOME."""  # noqa: E501

    status = 503


@dataclass(frozen=True)
class Config:
    """One installation's settings; tests make their own."""

    home: Path
    database_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    address: str = ""
    proxies: int = 0
    tick_seconds: int = 5
    workers: int = 1
    threads: int = 16
    log: str = "text"
    max_upload_mb: int = 25
    mail_url: str = field(default="", repr=False)
    mail_from: str = "quytrinh@localhost"
    oidc_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    ldap_password: str = field(default="", repr=False)
    ldap_ca_file: str = ""
    tsa_url: str = ""
    keys_password: str = field(default="", repr=False)
    rate_limits: bool = True
    testing: bool = False

    @property
    def url(self) -> str:
        """How people reach the site, without a slash at the end."""
        # A passkey is bound to a name, never to a number, and on one machine it is this one.
        name = "localhost" if self.host == "127.0.0.1" else self.host
        return (self.address or f"http://{name}:{self.port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https:")

    def secret_key(self) -> bytes:
        """The key that signs sessions: made once, readable by this user alone."""
        path = self.home / "secret"
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
                new.write(secrets.token_hex(32))
        except FileExistsError:
            # The key is there already, or a file stands where the folder should be.
            pass
        except OSError as error:
            raise HomeNotWritable(folder=self.home, reason=error.strerror) from error
        try:
            return path.read_bytes()
        except OSError as error:
            raise HomeNotWritable(folder=self.home, reason=error.strerror) from error


def read() -> Config:
    """The configuration that the process's environment gives.

    Raises ConfigurationWrong naming the variable that cannot be understood.
    """
    env = Env()
    try:
        home = Path(env.str("QUYTRINH_HOME", "") or ROOT / "var").expanduser().absolute()
        return Config(
            home=home,
            database_url=_database(env.str("QUYTRINH_DATABASE_URL", ""), home),
            host=env.str("QUYTRINH_HOST", "") or "127.0.0.1",
            port=env.int("PORT", 8000, validate=Range(1, 65535)),
            address=env.str("QUYTRINH_ADDRESS", ""),
            proxies=env.int("QUYTRINH_PROXIES", 0, validate=Range(0, 9)),
            tick_seconds=env.int("QUYTRINH_TICK_SECONDS", 5, validate=Range(0, 3600)),
            workers=env.int("QUYTRINH_WORKERS", 1, validate=Range(1, 64)),
            threads=env.int("QUYTRINH_THREADS", 16, validate=Range(1, 512)),
            log=env.str("QUYTRINH_LOG", "text", validate=OneOf(["text", "json"])),
            max_upload_mb=env.int("QUYTRINH_MAX_UPLOAD_MB", 25, validate=Range(1, 2048)),
            mail_url=env.str("QUYTRINH_MAIL_URL", ""),
            mail_from=env.str("QUYTRINH_MAIL_FROM", "") or "quytrinh@localhost",
            oidc_secrets={
                "province": env.str("QUYTRINH_OIDC_PROVINCE_SECRET", ""),
                "national": env.str("QUYTRINH_OIDC_NATIONAL_SECRET", ""),
            },
            ldap_password=env.str("QUYTRINH_LDAP_PASSWORD", ""),
            ldap_ca_file=env.str("QUYTRINH_LDAP_CA_FILE", ""),
            tsa_url=env.str("QUYTRINH_TSA_URL", ""),
            keys_password=env.str("QUYTRINH_KEYS_PASSWORD", ""),
        )
    except EnvError as error:
        found = re.search('"(\\w+)"', str(error))
        variable = found[1] if found else ""
        raise VariableWrong(variable=variable, rule=RULES.get(variable, "")) from error


def _database(given: str, home: Path) -> str:
    """The database's address; the one in `home` where none is given."""
    try:
        known = not given or make_url(given).drivername in DRIVERS
    except (ArgumentError, ValueError):
        known = False
    if not known:
        # The address itself is not repeated: it may hold a password.
        raise ConfigurationWrong(
            problem="QUYTRINH_DATABASE_URL is no address of a PostgreSQL or SQLite database, "
            "such as postgresql://user:password@host/name or sqlite:////folder/name.db."
        )
    return given or f"sqlite:///{home}/quytrinh.db"
