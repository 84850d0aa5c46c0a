"""`follow --opml`: a list from a file or an address, with a line and a result for each site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from network.cli.main import pioneer_cities
from tests.sites import Node, Reply, Site

RSS = (
    b"<rss version='2.0'><channel><title>Lyon</title><link>http://lyon.example/</link>"
    b"<item><guid>a</guid><title>Un</title></item></channel></rss>"
)


@pytest.fixture
def home(tmp_path: Path, prepared_sqlite: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    (made / "pioneer.sqlite").write_bytes(prepared_sqlite.read_bytes())
    return made


@pytest.fixture
def madrid(tmp_path: Path) -> Iterator[Node]:
    with Node(tmp_path) as node:
        node.publish(1)
        yield node


@pytest.fixture
def lyon() -> Iterator[Site]:
    with Site() as site:
        site.answers["/rss"] = Reply(RSS)
        yield site


def run(home: Path, *arguments: str) -> Result:
    environment = {
        "PIONEER_HOME": str(home),
        "PIONEER_BASE_URL": "http://paris.example",
        "PIONEER_ALLOW_PRIVATE_ADDRESSES": "127.0.0.0/8",
    }
    return CliRunner().invoke(pioneer_cities, ["follow", *arguments], env=environment)


def document(*urls: str) -> bytes:
    outlines = "".join(
        f'<outline text="{url}" xmlUrl="{url}"'
        + (' category="pioneer-cities"' if url.endswith("/feed.atom") else "")
        + "/>"
        for url in urls
    )
    return f"<opml version='2.0'><head/><body>{outlines}</body></opml>".encode()


def test_a_file_is_followed_with_a_line_for_each_site(
    home: Path, tmp_path: Path, madrid: Node, lyon: Site
) -> None:
    path = tmp_path / "list.opml"
    path.write_bytes(
        document(f"{lyon.url}/rss", f"{madrid.url}/feed.atom", "http://paris.example/feed.atom")
    )
    done = run(home, "--opml", str(path))
    assert done.exit_code == 0, done.output
    assert "Following: 2 of 2" in done.output
    lines = done.stdout.splitlines()
    assert f"Madrid <{madrid.url}/feed.atom>: followed, 1 studies" in lines
    assert f"Lyon <{lyon.url}/rss>: followed, 1 studies" in lines
    again = run(home, "--opml", str(path))
    assert again.stdout.count("was followed already") == 2


def test_scripts_get_json_and_a_failure_is_a_status(home: Path, madrid: Node, lyon: Site) -> None:
    lyon.answers["/list"] = Reply(
        document(f"{lyon.url}/nothing", f"{madrid.url}/feed.atom", f"{lyon.url}/rss")
    )
    done = run(home, "--opml", f"{lyon.url}/list", "--json")
    assert done.exit_code == 1
    rows = json.loads(done.stdout)
    assert [row["outcome"] for row in rows] == ["followed", "failed", "followed"]
    assert "404" in rows[1]["error"]
    assert "1 of 3 sites could not be followed" in done.stderr


def test_members_alone_and_without_following(home: Path, madrid: Node, lyon: Site) -> None:
    madrid.answers["/network.opml"] = Reply(document(f"{lyon.url}/rss", f"{madrid.url}/feed.atom"))
    shown = run(home, "--opml", madrid.url, "--dry-run", "--json")
    assert [(row["member"], row["followed"]) for row in json.loads(shown.stdout)] == [
        (True, False),
        (False, False),
    ]
    done = run(home, "--opml", madrid.url, "--members", "--json")
    assert [row["title"] for row in json.loads(done.stdout)] == ["Madrid"]
    shown = run(home, "--opml", madrid.url, "--dry-run")
    assert "member, followed already" in shown.stdout
    assert f"<{lyon.url}/rss>: feed\n" in shown.stdout


def part(node: Node, path: str, query: str) -> str:
    """Have the node serve the feed of a part of it; gives its address."""
    node.answers[path] = Reply(
        f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>
        <id>{node.url}/id/feed/fr?{query}</id><updated>2026-03-01T12:00:00Z</updated></feed>""".encode()
    )
    return node.url + path


def test_the_feed_of_a_part_of_a_node_is_told_from_the_node(home: Path, madrid: Node) -> None:
    madrid.publish(2, topics=("mobility",), city="paris")
    done = run(home, part(madrid, "/fr/thematiques/x/feed.atom", "topic=mobility"))
    assert "only this is shown at once, in every language: Mobility." in done.stdout
    done = run(home, part(madrid, "/fr/villes/x/feed.atom", "city=paris"), "--json")
    rule = json.loads(done.stdout)["rule"]
    assert (rule["topics"], rule["cities"]) == (["mobility"], ["paris"])
    named = ("--moderation", "hold-some", "--about", "madrid", "--about", "barcelone")
    assert run(home, madrid.url, *named).exit_code == 0
    rule = json.loads(run(home, madrid.url, "--json").stdout)["rule"]
    assert (rule["mode"], rule["cities"]) == ("hold-some", ["barcelona", "madrid"])
    assert "holds for all of it" in run(home, f"{madrid.url}/fr/villes/x/feed.atom").stdout
    assert "part" not in run(home, madrid.url).stdout


def test_a_list_of_parts_of_a_node_shows_these_parts(
    home: Path, tmp_path: Path, madrid: Node
) -> None:
    madrid.publish(2, topics=("mobility",))
    madrid.publish(3, topics=("housing-planning",))
    path = tmp_path / "list.opml"
    one = part(madrid, "/fr/a/feed.atom", "topic=mobility&amp;scope=own")
    two = part(madrid, "/fr/b/feed.atom", "topic=open-data&amp;scope=own")
    path.write_bytes(document(one, two))
    run(home, "--opml", str(path))
    found = json.loads(run(home, madrid.url, "--json").stdout)
    assert (found["studies"], found["waiting"]) == (2, 1)
    assert found["rule"]["topics"] == ["mobility", "open-data"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "Name a site"),
        (["http://a.example/", "--about", "paris"], "without --moderation"),
        (["http://a.example/", "--moderation", "hold-some", "--about", "zz"], "not a city that we"),
        (["http://a.example/", "--opml", "x"], "Name a site"),
        (["--opml", "missing.opml"], "No such file: missing.opml"),
        (["--opml", "http://10.0.0.1/"], "10.0.0.1"),
        (["--opml", "{folder}/not.opml"], "not a list of sites"),
        (["--opml", "{folder}/empty.opml"], "names no site"),
    ],
)
def test_what_cannot_be_followed_is_one_line_and_a_status(
    home: Path, tmp_path: Path, arguments: list[str], reason: str
) -> None:
    (tmp_path / "not.opml").write_text("plain words")
    (tmp_path / "empty.opml").write_bytes(document())
    done = run(home, *(argument.format(folder=tmp_path) for argument in arguments))
    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)
    assert reason in done.stderr.splitlines()[-1]
