"""`init`, `serve` and `worker`: the life of one node."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from threading import Event

import click
from sqlalchemy.exc import DBAPIError

from network import migrations
from network.cities import service as cities
from network.cities import site as sites
from network.cli import own_city
from network.cli.cities import told
from network.cli.context import about_address, database, place, say, settings
from network.config import Settings
from network.lib.db import first_line, is_not_writable, open_engine, writing
from network.lib.errors import PioneerError
from network.log import service as log
from network.topics import service as topics


def prepare(node: Settings) -> None:
    """Bring database and vocabularies to what this version needs; safe to repeat.

    Raises PioneerError when PIONEER_CITY names a city that nobody knows.
    """
    build(node)
    if node.city:
        with database(node) as session:
            own_city.find(session, node)


def build(node: Settings) -> None:
    """The same without a look at the node's own city."""
    node.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(node.database_url)
    try:
        migrations.upgrade(engine)
    finally:
        engine.dispose()
    with database(node) as session, writing(session):
        topics.load_shipped(session)
        cities.load_shipped(session)
        log.ensure_state(session)


def _prepare_to_serve(node: Settings) -> None:
    """The same; where nothing can be written, a node that is ready can still be read."""
    try:
        prepare(node)
    except DBAPIError as error:
        if not is_not_writable(error):
            raise
        with database(node):
            pass  # refuses a database that is not prepared
        say(f"Nothing can be saved ({first_line(error.orig)}): the site can be read only")


@click.command()
@click.option("--city", "name", help="The site's city, such as “Lyon” or “San José, Costa Rica”.")
@told()
@own_city.told
def init(name: str | None, **options: str | None) -> None:
    """Create or upgrade the node's database and vocabularies, and say whose site it is.

    Questions are asked on a terminal only, and only while nobody has said it.
    """
    node = settings(begins=True)
    build(node)
    given = {key: text for key, text in options.items() if text is not None}
    with database(node) as session:
        if name is not None or given:
            own_city.tell(session, node, name, given)
        own_city.find(session, node)
        if sys.stdin.isatty() and sys.stdout.isatty() and sites.read(session, node).city is None:
            own_city.ask(session, node)
        say(own_city.shown(sites.read(session, node)))
    say(f"The node is ready in {place(node)}")
    say(about_address(node))
    with database(node) as session:
        from network.accounts import service as accounts

        if not accounts.everyone(session):
            say("Add the first administrator: pioneer-cities user add MAILBOX --role administrator")


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--no-worker", is_flag=True, help="Only answer requests; run `worker` elsewhere.")
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")
def serve(host: str | None, port: int | None, no_worker: bool, with_parent: bool) -> None:
    """Serve the site, with the worker beside it."""
    from waitress.server import create_server

    from network.app import create_app
    from network.cli import crowd

    node = settings(begins=True)
    host, port = host or node.host, port or node.port
    _prepare_to_serve(node)
    with database(node) as session:
        name = sites.read(session, node).name(node.language)
    app = create_app(node)
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=node.threads,
            ident="",
            channel_timeout=60,
            connection_limit=500,
            max_request_body_size=8 * 1024 * 1024,
            # waitress would take away the headers that ProxyFix is to read
            clear_untrusted_proxy_headers=not node.trusted_proxies,
        )
    except (OSError, ValueError) as error:  # ValueError: no such host
        reason = getattr(error, "strerror", None) or error
        raise PioneerError(
            f"Port {port} on {host} cannot be used: {reason}. "
            "Stop the other program, or set PIONEER_PORT to another port."
        ) from error
    if not node.trusted_proxies:
        crowd.bound(server)
    workers = None if no_worker else Supervisor(node)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    if with_parent:
        _when_parent_is_gone(lambda: os.kill(os.getpid(), signal.SIGTERM))
    say(f"{name} answers at http://{host}:{port}/ (public address {node.base_url}/)")
    try:
        server.run()
    finally:
        if workers:
            workers.stop()


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(0)


class Supervisor:
    """Keeps one worker process running beside the server, and starts it anew when it dies."""

    def __init__(self, node: Settings) -> None:
        self._stopping = Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "network", "worker", "--with-parent"], stdin=subprocess.PIPE
            )
            self._process.wait()
            if not self._stopping.is_set() and time.monotonic() - began < 5:
                self._stopping.wait(5)  # a worker that cannot start must not spin

    def stop(self) -> None:
        """End the worker and wait for what it has under way."""
        self._stopping.set()
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")
def worker(with_parent: bool) -> None:
    """Run the worker alone: it indexes, polls, and tells other sites."""
    from network.app.own_pages import OwnPages
    from network.search.opening import open_search
    from network.subscriptions.policy import open_door
    from network.worker.loop import Worker

    node = settings()
    with database(node):
        pass  # refuses a database that is not prepared
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if with_parent:
        _when_parent_is_gone(stop.set)
    engine, door = open_search(node, lambda: database(node)), open_door(node)
    Worker(node, engine, door, page=OwnPages(node)).run(stop)


def _when_parent_is_gone(act: Callable[[], None]) -> None:
    """Act when the parent is gone: it holds the other end of our standard input, which closes
    even when it is killed."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        act()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def port_is_free(host: str, port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


COMMANDS = (init, serve, worker)
