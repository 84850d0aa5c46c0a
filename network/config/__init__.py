"""The node's settings: read once at start from the environment or one file, checked, then fixed."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from network.config import readers
from network.config.readers import Network

ACCENTS = ("petrol", "indigo", "garnet", "moss", "plum", "slate")
"""Colours whose contrast is checked, light and dark."""

DEFAULT_NAME = "Pioneer Cities"
"""What a site is called that nobody has named yet."""

HIDDEN = ("database_url", "secret_key")
"""Settings whose value no message repeats."""


class ConfigurationError(Exception):
    """A setting cannot be used; the message names it and says what was expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, typed; `SETTINGS` says what each means and its default."""

    home: Path
    base_url: str
    name: str
    city: str
    language: str
    contact: str
    licence: str
    accent: str
    database_url: str
    secret_key: str
    host: str
    port: int
    threads: int
    trusted_proxies: int
    session_hours: int
    poll_seconds: int
    poll_threads: int
    fetch_seconds: int
    max_feed_bytes: int
    allow_private_addresses: tuple[Network, ...]
    fetch_ports: tuple[int, ...]
    log_level: str
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password_file: Path | None
    smtp_tls: str
    smtp_from: str

    @property
    def index_dir(self) -> Path:
        """Where the embedded search index lives."""
        return self.home / "index"

    @property
    def secure(self) -> bool:
        """Whether the site is public over HTTPS (cookies and HSTS follow)."""
        return self.base_url.startswith("https://")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the settings table: name without prefix, default, reader, meaning."""

    name: str
    default: str
    read: Callable[[str], Any]
    meaning: str

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"PIONEER_{self.name.upper()}"


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "home", "./instance", readers.path, "Folder for the database, the index and the secret key"
    ),
    Setting(
        "base_url",
        "http://127.0.0.1:8000",
        readers.url,
        "The node’s public address; part of every permanent id",
    ),
    Setting(
        "name",
        DEFAULT_NAME,
        readers.text,
        "Name of the site, until the page “Our city” gives it one in each language",
    ),
    Setting("city", "", readers.slug, "Short name of the node’s own city, such as `paris`"),
    Setting(
        "language",
        "en",
        readers.choice("en", "fr"),
        "Language for visitors whose browser asks for neither",
    ),
    Setting("contact", "", readers.text, "Mailbox shown on the about and accessibility pages"),
    Setting(
        "licence",
        "https://creativecommons.org/licenses/by/4.0/",
        readers.text,
        "Licence of studies that name none",
    ),
    Setting(
        "accent", "petrol", readers.choice(*ACCENTS), "The site’s colour: " + ", ".join(ACCENTS)
    ),
    Setting(
        "database_url",
        "",
        readers.database,
        "SQLAlchemy address; empty means SQLite in the home folder",
    ),
    Setting(
        "secret_key",
        "",
        readers.key,
        "Signs cookies; empty means a key made once in the home folder",
    ),
    Setting("host", "127.0.0.1", readers.text, "Address that `serve` listens on"),
    Setting("port", "8000", readers.integer(1, 65535), "Port that `serve` listens on"),
    Setting("threads", "4", readers.integer(1, 64), "Threads that answer requests"),
    Setting(
        "trusted_proxies",
        "0",
        readers.integer(0, 9),
        "Reverse proxies in front whose X-Forwarded headers count",
    ),
    Setting(
        "session_hours",
        "12",
        readers.integer(1, 720),
        "Hours until a signed-in person signs in again",
    ),
    Setting(
        "poll_seconds",
        "300",
        readers.integer(1, 86400),
        "Seconds between two looks at a followed feed",
    ),
    Setting("poll_threads", "8", readers.integer(1, 64), "Feeds fetched at the same time"),
    Setting(
        "fetch_seconds",
        "30",
        readers.integer(1, 600),
        "Seconds that one fetch may take, redirects included",
    ),
    Setting(
        "max_feed_bytes",
        "20971520",
        readers.integer(10_000, 1_073_741_824),
        "Largest feed read, decompressed, in bytes",
    ),
    Setting(
        "allow_private_addresses",
        "",
        readers.networks,
        "Private networks that the node may contact, in CIDR form",
    ),
    Setting(
        "fetch_ports",
        "80,443",
        readers.ports,
        "Ports of other sites that the node may contact; any in the private networks above",
    ),
    Setting(
        "log_level",
        "info",
        readers.choice("debug", "info", "warning", "error"),
        "How much is logged",
    ),
    Setting(
        "smtp_host",
        "",
        readers.text,
        "Mail server that sends this site’s e-mails; empty means none",
    ),
    Setting("smtp_port", "587", readers.integer(1, 65535), "Port of the mail server"),
    Setting(
        "smtp_user", "", readers.text, "Account on the mail server; empty means none is needed"
    ),
    Setting("smtp_password_file", "", readers.file, "File that holds that account’s password"),
    Setting(
        "smtp_tls",
        "starttls",
        readers.choice("starttls", "tls", "none"),
        "Encryption to the mail server: starttls, tls (from the start), none",
    ),
    Setting(
        "smtp_from", "", readers.mailbox, "Mailbox that e-mails are from; needed with a mail server"
    ),
)

assert [s.name for s in SETTINGS] == [f.name for f in fields(Settings)]


def _from_file(path: Path) -> dict[str, str]:
    """Read `PIONEER_NAME=value` lines; blank lines and # comments are passed over."""
    found = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise ConfigurationError(f"{path}, line {number}: expected PIONEER_NAME=value")
        found[name.strip()] = value.strip().strip('"')
    return found


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    if path := environ.get("PIONEER_CONFIG"):
        try:
            values = _from_file(Path(path))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"PIONEER_CONFIG: {path} cannot be read: {error}") from error
    values.update({k: v for k, v in environ.items() if k.startswith("PIONEER_")})
    known = {s.variable for s in SETTINGS} | {"PIONEER_CONFIG"}
    if unknown := sorted(k for k in values if k.startswith("PIONEER_") and k not in known):
        raise ConfigurationError(f"{unknown[0]} is no setting; the table in the README lists them")
    return values


def _secret(home: Path) -> str:
    """The key made with the node, readable by its owner only.

    It appears whole or not at all, because a full disk, or a process that starts beside this one,
    would otherwise leave us with half a key or none.
    """
    path = home / "secret_key"
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not path.exists() or not path.stat().st_size:
            _make_secret(path)
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"PIONEER_HOME: {home} cannot be used: {error}") from error


def _make_secret(path: Path) -> None:
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".secret_key")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        if path.exists() and not path.stat().st_size:  # of a disk that was full
            os.replace(unfinished, path)
        else:
            with suppress(FileExistsError):  # another process was faster: its key is the one
                os.link(unfinished, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read and check every setting; raises ConfigurationError with the setting's name.

    overrides: already typed values that win (command options).
    """
    given = _given(os.environ if environ is None else environ)
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        raw = given.get(setting.variable, setting.default)
        try:
            values[setting.name] = setting.read(raw)
        except ValueError as error:
            said = setting.variable if setting.name in HIDDEN else f"{setting.variable}={raw!r}"
            raise ConfigurationError(f"{said} cannot be used: expected {error}") from None
    values.update(overrides)
    if values["smtp_host"] and not values["smtp_from"]:
        raise ConfigurationError("PIONEER_SMTP_FROM is needed with PIONEER_SMTP_HOST: a mailbox")
    if not values["database_url"]:
        values["database_url"] = f"sqlite:///{values['home'] / 'pioneer.sqlite'}"
    if not values["secret_key"]:
        values["secret_key"] = _secret(values["home"])
    return Settings(**values)
