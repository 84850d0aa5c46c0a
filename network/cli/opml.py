"""`follow --opml`: the sites of a list, several at a time, with a line for each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from network.cli.context import as_json, database, progress, say
from network.config import Settings
from network.lib.errors import InvalidInput, PioneerError, RemoteError
from network.lib.http import Door
from network.membership import directory, joining
from network.membership.directory import Found, Known
from network.reading.opml import MOST_BYTES, ListedSite, parse_opml
from network.subscriptions.policy import open_door

Result = dict[str, Any]


def follow(node: Settings, source: str, *, members: bool, dry_run: bool, json_: bool) -> None:
    """Follow what a list names; raises PioneerError when any of it could not be followed."""
    with database(node) as session, open_door(node) as door:
        found = _read(door, source, node)
        known = Known(session, node.base_url)
        sites = [s for s in found.sites.sites if (s.is_member or not members)]
        sites = [site for site in sites if not known.is_ours(site.url)]
        session.rollback()
        if found.sites.notice and not json_:
            say(str(PioneerError(found.sites.notice[0], **found.sites.notice[1])))
        if not sites:
            raise PioneerError("The list names no site that can be followed")
        if dry_run:
            _show(sites, known, json_)
            return
        sessions = sessionmaker(session.get_bind(), expire_on_commit=False)
        results = _follow_all(node, sessions, door, sites, json_)
    _tell(results, json_)


def _read(door: Door, source: str, node: Settings) -> Found:
    """The list in a file, or at an address when there is no such file."""
    path = Path(source)
    if not path.is_file():
        if "://" not in source and path.suffix.lower() in (".opml", ".xml"):
            raise FileNotFoundError(2, "No such file", source)
        return directory.read_list(door, source, node)
    with path.open("rb") as file:
        return Found(source, parse_opml(file.read(MOST_BYTES + 1)))


def _show(sites: list[ListedSite], known: Known, json_: bool) -> None:
    rows = [
        {
            "title": site.title,
            "url": site.url,
            "member": site.is_member,
            "followed": known.followed(site.url, site.is_member) is not None,
        }
        for site in sites
    ]
    if json_:
        as_json(rows)
        return
    for row in rows:
        kind = "member" if row["member"] else "feed"
        state = f"{kind}, followed already" if row["followed"] else kind
        say(f"{row['title']} <{row['url']}>: {state}")


def _follow_all(
    node: Settings,
    sessions: sessionmaker[Session],
    door: Door,
    sites: list[ListedSite],
    json_: bool,
) -> list[Result]:
    """Every site once, as many at a time as polls; in the list's order."""
    with sessions() as session:
        after = directory.newest(session)
    found: dict[int, Result] = {}
    stopped = threading.Event()

    def one(site: ListedSite) -> Result:
        if stopped.is_set():
            raise KeyboardInterrupt
        return _follow_one(node, sessions, door, site, after)

    with ThreadPoolExecutor(node.poll_threads) as pool, _progress(json_, len(sites)) as tell:
        waiting = {pool.submit(one, site): number for number, site in enumerate(sites)}
        try:
            for future in as_completed(waiting):
                found[waiting[future]] = future.result()
                tell(len(found))
        except BaseException:
            stopped.set()
            raise
    return [found[number] for number in sorted(found)]


@contextmanager
def _progress(json_: bool, length: int) -> Iterator[Callable[[int], None]]:
    """Nothing but the answer goes to a script."""
    if json_:
        yield lambda _done: None
        return
    with progress("Following", length) as tell:
        yield tell


def _follow_one(
    node: Settings, sessions: sessionmaker[Session], door: Door, site: ListedSite, after: int
) -> Result:
    result: Result = {"title": site.title, "url": site.url, "studies": 0, "error": None}
    try:
        done = joining.follow_listed(sessions, door, node, directory.payload(site, after))
    except (InvalidInput, RemoteError) as error:
        return result | {"outcome": "failed", "error": str(error)}
    outcome = "followed" if done.is_new else "known"
    return result | {
        "title": done.title, "url": done.url, "studies": done.studies, "outcome": outcome,
    }  # fmt: skip


def _tell(results: list[Result], json_: bool) -> None:
    failed = [result for result in results if result["outcome"] == "failed"]
    if json_:
        as_json(results)
    for result in [] if json_ else results:
        words = {
            "followed": f"followed, {result['studies']} studies",
            "known": "was followed already",
            "failed": f"failed: {result['error']}",
        }
        say(f"{result['title']} <{result['url']}>: {words[result['outcome']]}")
    if failed:
        raise PioneerError(
            "%(failed)s of %(all)s sites could not be followed",
            failed=len(failed),
            all=len(results),
        )
