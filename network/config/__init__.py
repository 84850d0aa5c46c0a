"""The node's settings: read once at start from the environment or one file, checked, then fixed."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from network.config import addresses, given, machine, readers
from network.config.given import PREFIX, ConfigurationError, Given, Source
from network.config.readers import Network
from network.lib.languages import ENGLISH, LANGUAGES

ACCENTS = ("petrol", "indigo", "garnet", "moss", "plum", "slate")
"""Colours whose contrast is checked, light and dark."""

DEFAULT_NAME = ENGLISH.network
"""What a site is called that nobody has named yet."""

HIDDEN = ("database_url", "secret_key")
"""Settings whose value no message repeats."""


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
    file: Path | None = field(default=None, compare=False)
    sources: Mapping[str, Source] = field(default_factory=dict, compare=False)
    """Where each setting was given that has not its default."""

    @property
    def index_dir(self) -> Path:
        """Where the embedded search index lives."""
        return self.home / "index"

    @property
    def secure(self) -> bool:
        """Whether the site is public over HTTPS (cookies and HSTS follow)."""
        return self.base_url.startswith("https://")

    @property
    def public(self) -> bool:
        """Whether the public address looks like one that the whole world can open."""
        return addresses.is_public(self.base_url)


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
        return PREFIX + self.name.upper()


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
    Setting(
        "city",
        "",
        readers.slug,
        "Short name of the node’s own city, such as `paris`; the page “Our city” wins",
    ),
    Setting(
        "language",
        "en",
        readers.choice(*sorted(language.code for language in LANGUAGES)),
        "Language for visitors whose browser asks for neither",
    ),
    Setting("contact", "", readers.contact, "Mailbox shown on the about and accessibility pages"),
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
    Setting("host", "127.0.0.1", readers.host, "Address that `serve` listens on"),
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
        readers.host,
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

NAMES = [setting.name.upper() for setting in SETTINGS]

assert [*(s.name for s in SETTINGS), "file", "sources"] == [f.name for f in fields(Settings)]


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


def load(
    environ: Mapping[str, str] | None = None, *, begins: bool = True, **overrides: Any
) -> Settings:
    """Read and check every setting; raises ConfigurationError with the setting's name.

    environ: instead of the process's own; then no file is looked for but the one that it names.
    begins: whether a node may begin here; if not, no folder is made. overrides: already typed
    values that win (command options).
    """
    own = environ is None
    file, found = given.gather(
        os.environ if environ is None else environ, NAMES, given.SYSTEM_FILE if own else None
    )
    if file == given.SYSTEM_FILE:
        machine.check(file, found)
    values: dict[str, Any] = {s.name: _typed(s, found.get(s.variable)) for s in SETTINGS}
    values.update(overrides)
    if values["smtp_host"] and not values["smtp_from"]:
        raise ConfigurationError("PIONEER_SMTP_FROM is needed with PIONEER_SMTP_HOST: a mailbox")
    if not values["database_url"]:
        values["database_url"] = f"sqlite:///{values['home'] / 'pioneer.sqlite'}"
    if not values["secret_key"]:
        known = begins or values["home"].exists()
        values["secret_key"] = _secret(values["home"]) if known else secrets.token_hex(32)
    sources = {s.name: found[s.variable].source for s in SETTINGS if s.variable in found}
    return Settings(**values, file=file, sources=sources)


def _typed(setting: Setting, told: Given | None) -> Any:
    """A setting's value, from its text."""
    raw = told.text if told else setting.default
    try:
        value = setting.read(raw)
        if setting.default and not raw.strip():
            raise ValueError("a value, or no such line")
    except ValueError as error:
        said = setting.variable if setting.name in HIDDEN else f"{setting.variable}={raw!r}"
        where = f"{told.source}: " if told and told.source.file else ""
        raise ConfigurationError(f"{where}{said} cannot be used: expected {error}") from None
    return value
