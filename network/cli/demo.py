"""`demo`: three cities on loopback that follow each other, with real practices to read."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import click

from network.cli.context import database, progress, say
from network.cli.demo_cities import CITIES, MADRIDS, PARISIAN, PASSWORD, City
from network.cli.node import port_is_free, prepare
from network.config import Settings, load
from network.following import queries as subscriptions_queries
from network.following import service as subscriptions
from network.lib.errors import InvalidInput, NotFound, PioneerError, RemoteError
from network.lib.http import Door
from network.lib.places import folder
from network.subscriptions.policy import open_door

HOST = "127.0.0.1"
FIRST_PORT = 8001
PORTS = "ports.json"
"""The file that says on which ports a demonstration's data began."""


@click.command()
@click.option("--fresh", is_flag=True, help="Start over: forget what the demonstration holds.")
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Folder for the three nodes.",
)
@click.option("--port", type=click.IntRange(1024, 65000), help="First of three ports.")
def demo(fresh: bool, home: Path, port: int | None) -> None:
    """A living network of three cities on this machine, until Ctrl-C."""
    home = home.absolute()
    if fresh:
        _forget(home)
    ports = _ports(home, port)
    nodes = {city.slug: _settings(home, city, ports) for city in CITIES}
    signal.signal(signal.SIGTERM, _interrupt)
    for city in CITIES:
        _set_up(city, nodes)
    processes = {slug: _start(node) for slug, node in nodes.items()}
    try:
        with open_door(next(iter(nodes.values()))) as door:
            for node in nodes.values():
                _wait_until_ready(door, node, processes)
            if _follow_each_other(nodes, door):
                _confirm(nodes["paris"], nodes["madrid"])
        _tell(nodes)
        _watch(processes, nodes)
    except KeyboardInterrupt:
        say("\nThe three cities stop. Their data is kept: the same command goes on.")
    finally:
        _stop(processes)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _forget(home: Path) -> None:
    """Delete what the demonstration made and nothing else, unless it may be running."""
    try:
        if not _kept_ports(home):
            return
    except _DamagedError:
        pass  # it is what is forgotten
    for city in CITIES:
        if (home / city.slug).exists():
            shutil.rmtree(home / city.slug)
    (home / PORTS).unlink()


class _DamagedError(PioneerError):
    """The file that says on which ports the data began says nothing, as after a full disk."""


def _kept_ports(home: Path) -> dict[str, int]:
    """The ports of the data that exists, all of them free; none where there is no data."""
    if not (home / PORTS).exists():
        return {}
    try:
        kept = json.loads((home / PORTS).read_text("utf-8"))
        ports = {city.slug: int(kept[city.slug]) for city in CITIES}
        if not all(0 < number < 65_536 for number in ports.values()):
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise _DamagedError(f"{home / PORTS} is damaged. Start over with --fresh") from None
    for slug, number in ports.items():
        if not port_is_free(HOST, number):
            raise PioneerError(
                f"Port {number}, which the {slug} node uses, is taken: perhaps this demonstration "
                "runs already. Stop the program that uses the port, or start another "
                "demonstration with --home FOLDER."
            )
    return ports


def _ports(home: Path, first: int | None) -> dict[str, int]:
    """The nodes' ports. They are part of every permanent id, so data that exists keeps its own."""
    if ports := _kept_ports(home):
        return ports
    number = first or FIRST_PORT
    for city in CITIES:
        while not port_is_free(HOST, number):
            say(f"Port {number} is taken; trying the next one.")
            number += 1
        ports[city.slug] = number
        number += 1
    home.mkdir(parents=True, exist_ok=True)
    (home / PORTS).write_text(json.dumps(ports), "utf-8")
    return ports


def _environment(home: Path, city: City, ports: Mapping[str, int]) -> dict[str, str]:
    return {
        "PIONEER_CONFIG": os.devnull,  # a city of this machine is none of these three
        "PIONEER_HOME": str(home / city.slug),
        "PIONEER_BASE_URL": f"http://{HOST}:{ports[city.slug]}",
        "PIONEER_HOST": HOST,
        "PIONEER_PORT": str(ports[city.slug]),
        "PIONEER_NAME": city.site,
        "PIONEER_CITY": city.slug,
        "PIONEER_LANGUAGE": city.language,
        "PIONEER_ACCENT": city.accent,
        "PIONEER_CONTACT": f"contact@{city.slug}.example",
        "PIONEER_POLL_SECONDS": "2",
        "PIONEER_ALLOW_PRIVATE_ADDRESSES": "127.0.0.0/8",
        "PIONEER_LOG_LEVEL": "warning",
    }


def _settings(home: Path, city: City, ports: Mapping[str, int]) -> Settings:
    return load(_environment(home, city, ports))


def _set_up(city: City, nodes: Mapping[str, Settings]) -> None:
    """Database, people and case studies of one node, where they are not there yet."""
    node = nodes[city.slug]
    done = node.home / "demo-is-set-up"
    if done.exists():
        return  # `serve` brings to date what is there
    from network.accounts import service as accounts
    from network.case_studies import cities, transfer
    from network.cities import site as sites
    from network.search import service as search
    from network.search.opening import open_search

    prepare(node)
    addresses = {f"https://{slug}.example/": f"{n.base_url}/" for slug, n in nodes.items()}

    def rewrite(href: str) -> str:
        for symbolic, real in addresses.items():
            href = href.replace(symbolic, real)
        return href

    content = folder("demo_content") / city.slug
    with database(node) as session:
        if own := sites.read(session, node).city:
            cities.say_site(session, own.slug, sites.proposed_names(own))
        for name, role in city.people:
            try:
                accounts.add(session, city.mailbox(name), name, role, PASSWORD)
            except InvalidInput:
                continue  # a set-up that was interrupted goes on where it was
        total = transfer.count(content)
        with progress(f"{city.site}: case studies", total) as tell:
            transfer.import_folder(session, content, node, rewrite=rewrite, progress=tell)
        search.reindex(session, open_search(node))
    done.touch()


def _start(node: Settings) -> subprocess.Popen[bytes]:
    own = {s: v for s, v in os.environ.items() if not s.startswith("PIONEER_")}
    city = next(c for c in CITIES if c.slug == node.city)
    ports = {city.slug: node.port}
    return subprocess.Popen(
        [sys.executable, "-m", "network", "serve", "--with-parent"],
        env=own | _environment(node.home.parent, city, ports),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us alone; we end them in good order
    )


def _wait_until_ready(
    door: Door, node: Settings, processes: Mapping[str, subprocess.Popen[bytes]]
) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if processes[node.city].poll() is not None:
            raise PioneerError(f"{node.name} could not start; its message stands above.")
        try:
            if door.get(f"{node.base_url}/readyz").status == 200:
                return
        except RemoteError:
            pass
        time.sleep(0.1)
    raise PioneerError(f"{node.name} did not get ready within a minute.")


def _follow_each_other(nodes: Mapping[str, Settings], door: Door) -> bool:
    """Let every node follow the others; gives whether any began to."""
    began = False
    for node in nodes.values():
        with database(node) as session:
            known = {peer.origin for peer in subscriptions_queries.peers(session)}
            for other in nodes.values():
                if other is node or other.base_url in known:
                    continue
                found = subscriptions.follow(session, door, f"{other.base_url}/", node)
                peer = subscriptions_queries.peer_or_fail(session, found.id)
                say(f"{node.name} follows {peer.title}: {peer.studies} case studies")
                began = True
    return began


def _confirm(paris: Settings, madrid: Settings) -> None:
    """Paris says that Madrid did learn from its participatory budget."""
    from network.adoptions import desk
    from network.case_studies.verdicts import Opinion

    adopter = f"{madrid.base_url}/id/{MADRIDS}"
    with database(paris) as session:
        try:
            desk.answer(session, None, PARISIAN, adopter, Opinion("confirmed"), paris.base_url)
        except (NotFound, InvalidInput):
            return  # somebody withdrew one of them
    say(f"{paris.name} confirms what {madrid.name} learned from it")


def _tell(nodes: Mapping[str, Settings]) -> None:
    say("\nThree cities exchange case studies. Open one of them in a browser:\n")
    for city in CITIES:
        node = nodes[city.slug]
        say(f"  {city.site}\n    {node.base_url}/")
        for name, role in city.people:
            say(f"    sign in as {city.mailbox(name):24} {role}")
    say(f"\nThe password of everyone: {PASSWORD}")
    say("Publish something in Paris and look for it in Madrid. Ctrl-C stops all three.")


def _watch(processes: dict[str, subprocess.Popen[bytes]], nodes: Mapping[str, Settings]) -> None:
    """Wait for Ctrl-C; a node that died is started again."""
    while True:
        time.sleep(1)
        for slug, process in processes.items():
            if process.poll() is not None:
                say(f"{nodes[slug].name} stopped unexpectedly and starts again.")
                processes[slug] = _start(nodes[slug])


def _stop(processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for process in processes.values():
        if process.poll() is None:
            process.terminate()
    for process in processes.values():
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


COMMANDS = (demo,)
