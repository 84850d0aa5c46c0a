"""What docs/running.md shows works as it stands there, as far as this machine has the programs."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, request
from waitress.server import create_server

from network.app import create_app
from network.config import Settings, load
from network.lib.db import db
from tests.authority import Authority
from tests.nodes import eventually, free_port

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "running.md").read_text("utf-8")
HOST = "pioneers.city.example"
BIN = Path(sys.executable).parent
COMMAND = "/opt/pioneer-cities/bin/pioneer-cities"
MEGABYTE = 1024 * 1024


def block(language: str, word: str = "") -> str:
    """The block of code in a language that has a word."""
    found = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.M | re.S)
    (only,) = [text for text in found if word in text]
    return str(only)


def needs(program: str) -> str:
    """Where a program is; the test is skipped without it."""
    path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


# The settings


@pytest.fixture
def node(tmp_path: Path, prepared_sqlite: Path) -> Settings:
    """A node with the settings of the documentation, in a folder of the test."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "pioneer.sqlite").write_bytes(prepared_sqlite.read_bytes())
    file = tmp_path / "config.env"
    file.write_text(block("sh", "PIONEER_HOME=").replace("/var/lib/pioneer-cities", str(home)))
    return load({"PIONEER_CONFIG": str(file)})


def test_the_settings_that_are_shown_are_a_node_behind_a_proxy(node: Settings) -> None:
    assert (node.base_url, node.trusted_proxies) == (f"https://{HOST}", 1)
    assert node.public
    assert node.contact
    assert node.name == "Pioneer Cities – City"


# The web server in front


class Behind:
    """A node as `serve` runs it, which notes how each request reached it."""

    def __init__(self, settings: Settings) -> None:
        self.seen: list[tuple[str, str, bool]] = []
        self.app: Flask = create_app(settings)
        self.app.before_request(self._note)
        self.server = create_server(
            self.app, host="127.0.0.1", port=0, clear_untrusted_proxy_headers=False,
            max_request_body_size=8 * MEGABYTE, inbuf_overflow=16 * MEGABYTE,
        )  # fmt: skip
        self.port = int(self.server.effective_port)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Answer nobody any more, and let go of the database."""
        self.server.close()
        self.server.task_dispatcher.shutdown()
        self.thread.join(20)
        with self.app.app_context():
            db.engine.dispose()

    def _note(self) -> None:
        self.seen.append((request.host, request.remote_addr or "", request.is_secure))


@pytest.fixture
def behind(node: Settings) -> Iterator[Behind]:
    made = Behind(node)
    yield made
    made.end()


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """A web server, from when it answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def answers() -> bool:
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        eventually(answers)
        yield
    finally:
        process.terminate()
        process.wait(20)
        assert process.stderr
        process.stderr.close()


def nginx(folder: Path, authority: Authority, to: int) -> tuple[list[str], int]:
    """The command and the port of nginx with the block of the documentation."""
    program = needs("nginx")
    port, plain = free_port(), free_port()
    label = authority.issue(f"DNS:{HOST}")
    server = block("nginx")
    for old, new in [
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("127.0.0.1:8000", f"127.0.0.1:{to}"),
        (f"/etc/letsencrypt/live/{HOST}/fullchain.pem", str(folder / f"{label}.pem")),
        (f"/etc/letsencrypt/live/{HOST}/privkey.pem", str(folder / f"{label}.key")),
    ]:
        assert old in server, old
        server = server.replace(old, new)
    server = re.sub(r"^ *listen \[::\].*\n", "", server, flags=re.M)
    places = "".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; daemon off; error_log stderr error; user root;"
        f"events {{}} http {{ access_log off; {places}\n{server}\n}}"
    )
    return [program, "-p", str(folder), "-c", str(folder / "nginx.conf")], port


def caddy(folder: Path, authority: Authority, to: int) -> tuple[list[str], int]:
    """The command and the port of Caddy with the block of the documentation."""
    program = needs("caddy")
    port = free_port()
    label = authority.issue(f"DNS:{HOST}")
    site = block("caddy").replace("127.0.0.1:8000", f"127.0.0.1:{to}")
    head = f"https://{HOST}:{port} {{\n    tls {folder}/{label}.pem {folder}/{label}.key"
    site = site.replace(f"{HOST} {{", head, 1)
    options = f"admin off\nauto_https disable_redirects\nstorage file_system {folder}/caddy"
    (folder / "Caddyfile").write_text(f"{{\n{options}\n}}\n{site}")
    command = [program, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    return command, port


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def ask(
    request: pytest.FixtureRequest, tmp_path: Path, behind: Behind
) -> Iterator[Callable[..., tuple[int, str]]]:
    """Asks the web server in front: method, path, body, headers → status, text."""
    folder = tmp_path / "front"
    folder.mkdir()
    authority = Authority(folder)
    command, port = request.param(folder, authority, behind.port)

    def one(method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
            secured = authority.client().wrap_socket(plain, server_hostname=HOST)
            connection = http.client.HTTPSConnection(HOST)
            connection.sock = secured
            connection.request(method, path, body or None, {"Host": HOST, **named})
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
        return answer.status, text

    with running(command, port):
        yield one


def test_pages_and_feeds_behind_a_web_server_are_of_the_public_address(
    ask: Callable[..., tuple[int, str]], behind: Behind
) -> None:
    status, page = ask("GET", "/fr/", Accept="text/html")
    assert (status, behind.seen[-1]) == (200, (HOST, "127.0.0.1", True))
    status, feed = ask("GET", "/feed.atom")
    assert status == 200
    assert f'href="https://{HOST}/feed.atom"' in feed
    for text in (page, feed):
        assert f"http://{HOST}" not in text
        assert str(behind.port) not in text


def test_a_client_cannot_say_that_it_is_another(
    ask: Callable[..., tuple[int, str]], behind: Behind
) -> None:
    forged = {"X_Forwarded_For": "192.0.2.1", "X_Forwarded_Host": "evil.example",
              "X_Forwarded_Proto": "http", "Forwarded": "for=192.0.2.1"}  # fmt: skip
    ask("GET", "/en/", **forged)
    assert behind.seen[-1] == (HOST, "127.0.0.1", True)


def test_whatever_the_node_takes_passes(
    ask: Callable[..., tuple[int, str]], behind: Behind
) -> None:
    path = "/websub/callback/none"
    expected, _text = ask("POST", path, b"<feed/>", Content_Type="application/atom+xml")
    for size in (2 * MEGABYTE, 8 * MEGABYTE - 1000):
        before = len(behind.seen)
        status, _text = ask("POST", path, b"x" * size, Content_Type="application/atom+xml")
        assert (status, len(behind.seen)) == (expected, before + 1)


def test_a_follower_subscribes_to_the_hub_through_a_web_server(
    ask: Callable[..., tuple[int, str]],
) -> None:
    form = (
        f"hub.mode=subscribe&hub.topic=https%3A%2F%2F{HOST}%2Ffeed.atom"
        "&hub.callback=https%3A%2F%2Fmadrid.example%2Fwebsub%2Fa"
    )
    urlencoded = "application/x-www-form-urlencoded"
    status, text = ask("POST", "/websub/hub", form.encode(), Content_Type=urlencoded)
    assert status == 202, text


# The service, the backup


def units() -> dict[str, str]:
    """The units of the documentation by their file's name."""
    found = re.findall(r"`/etc/systemd/system/([^`]+)`.*?^```ini\n(.*?)^```", TEXT, re.M | re.S)
    assert len(found) == 3
    return dict(found)


def test_systemd_takes_the_units_and_finds_the_service_closed(tmp_path: Path) -> None:
    analyze = needs("systemd-analyze")
    for name, text in units().items():
        ours = text.replace(COMMAND, str(BIN / "pioneer-cities"))
        (tmp_path / name).write_text(re.sub("^(User|Group)=.*", r"\1=root", ours, flags=re.M))
    paths = [str(tmp_path / name) for name in units()]
    said = subprocess.run([analyze, "verify", *paths], capture_output=True, text=True, check=False)
    lines = [
        line for line in said.stderr.splitlines() if str(tmp_path) in line or "pioneer" in line
    ]
    assert (said.returncode, lines) == (0, [])
    command = [analyze, "security", "--offline=true", "--threshold=30", "--no-pager", paths[0]]
    closed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert closed.returncode == 0, closed.stdout + closed.stderr


def test_the_service_has_a_user_of_its_own_and_the_folder_of_the_settings() -> None:
    for name in ("pioneer-cities.service", "pioneer-cities-backup.service"):
        assert re.search("^User=pioneer-cities$", units()[name], re.M)
    service = units()["pioneer-cities.service"]
    assert f"ExecStart={COMMAND} serve\n" in service
    home = re.search("^PIONEER_HOME=(.*)$", TEXT, re.M)
    assert home
    assert f"WorkingDirectory={home[1]}\n" in service
    assert f"ReadWritePaths={home[1]} " in units()["pioneer-cities-backup.service"]


def from_unit() -> str:
    line = re.search(
        "^ExecStart=/bin/sh -c '(.*)'$", units()["pioneer-cities-backup.service"], re.M
    )
    assert line
    return line[1].replace("$$", "$").replace("%%", "%")


def from_cron() -> str:
    schedule = re.fullmatch(r"(?:\S+ ){5}pioneer-cities (.*)\n", block("cron"))
    assert schedule
    return schedule[1].replace("\\%", "%")


@pytest.mark.parametrize("command", [from_unit, from_cron])
def test_the_nightly_backup_is_made_again_each_week_and_is_for_its_owner(
    command: Callable[[], str], node: Settings, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    line = command().replace(COMMAND, str(BIN / "pioneer-cities"))
    line = line.replace("/var/backups/pioneer-cities", str(kept))
    environment = {"PATH": "/usr/bin:/bin", "PIONEER_CONFIG": str(node.file)}
    for _night in range(2):
        run = ["/bin/sh", "-c", f"umask 022; {line}"]
        done = subprocess.run(
            run, env=environment, cwd="/", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    (file,) = kept.iterdir()
    assert re.fullmatch(r"day-[1-7]\.zip", file.name)
    assert file.stat().st_mode & 0o777 == 0o600


# The wheel


def test_a_wheel_is_built_without_what_only_engineers_need() -> None:
    make = needs("make")
    shown = subprocess.run(
        [make, "-n", "wheel"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "requirements-dev.lock" not in shown.stdout
    assert "cp requirements.lock dist/" in shown.stdout
    pinned = (ROOT / "requirements-build.lock").read_text("utf-8")
    assert re.findall(r"^(\S+)==", pinned, re.M) == ["setuptools"]
    assert pinned.splitlines()[0] in (ROOT / "requirements-dev.lock").read_text("utf-8")
