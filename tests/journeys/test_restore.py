"""A city's node is restored from a backup, and the cities that follow it come to the same."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import select

from network.following import queries
from network.log import service as log
from network.log.entry import state_line
from network.moderation import review
from network.moderation import service as moderation
from network.moderation.rules import Rule
from network.subscriptions.models import RemoteEntry
from tests.nodes import Node, eventually
from tests.writing import publish, withdraw


def command(node: Node, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the node to its end."""
    return subprocess.run(
        [sys.executable, "-m", "network", *arguments],
        env=node.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def lines_of(node: Node) -> list[str]:
    with node.database() as session:
        return log.lines(session)


def copy_in(node: Node) -> list[str]:
    with node.database() as session:
        rows = session.scalars(select(RemoteEntry).where(RemoteEntry.kind == "live"))
        return sorted(state_line(row.entry_id, row.updated, row.hash) for row in rows)


def test_followers_come_to_the_state_of_a_restored_node_and_go_on_from_there(start, tmp_path):
    paris, madrid = start("paris", language="fr"), start("madrid")
    madrid.follow(paris)
    kept = publish(paris, title="Les jardins partagés", slug="jardins")
    eventually(lambda: madrid.status("/fr/etudes-de-cas/paris/jardins") == 200)
    file = tmp_path / "paris.zip"
    made = command(paris, "backup", str(file))
    assert made.returncode == 0, made.stderr
    assert str(file) in made.stdout
    publish(paris, title="Perdue", slug="perdue")
    withdraw(paris, kept, "Une erreur.")
    eventually(lambda: madrid.status("/fr/etudes-de-cas/paris/perdue") == 200)
    eventually(lambda: madrid.status("/fr/etudes-de-cas/paris/jardins") == 410)
    assert "Une erreur." in madrid.text("/fr/etudes-de-cas/paris/jardins")

    refused = command(paris, "restore", str(file))
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1, refused.stderr
    paris.stop()
    done = command(paris, "restore", str(file))
    assert done.returncode == 0, done.stderr
    assert f"Public again, because it was withdrawn after the backup: {paris.url}/id/{kept}" in (
        done.stdout
    )
    paris.start()

    assert paris.status("/fr/etudes-de-cas/paris/jardins") == 200
    eventually(lambda: copy_in(madrid) == lines_of(paris))
    eventually(lambda: madrid.status("/fr/etudes-de-cas/paris/jardins") == 200)
    assert madrid.status("/fr/etudes-de-cas/paris/perdue") == 404
    eventually(lambda: "/paris/jardins" in paris.text("/fr/recherche?q=jardin"))
    eventually(lambda: "/paris/perdue" not in madrid.text("/fr/recherche?q=perdue"))
    publish(paris, title="Après la restauration", slug="apres")
    eventually(lambda: madrid.status("/fr/etudes-de-cas/paris/apres") == 200)
    assert copy_in(madrid) == lines_of(paris)
    with madrid.database() as session:
        assert queries.peers(session)[0].complete_at is not None


def test_a_follower_that_reads_first_shows_nothing_before_it_has_read(start):
    paris, madrid = start("paris", language="fr"), start("madrid")
    publish(paris, title="Les jardins partagés", slug="jardins")
    followed = command(madrid, "follow", paris.url, "--moderation", "hold")
    assert followed.returncode == 0, followed.stderr
    assert "1 wait for review" in followed.stdout
    page = "/fr/etudes-de-cas/paris/jardins"
    publish(paris, title="Les rues aux écoles", slug="rues")
    eventually(lambda: copy_in(madrid) == lines_of(paris))
    assert "complete as of" in command(madrid, "peers").stdout
    assert madrid.status(page) == 404
    with madrid.database() as session:
        assert review.counts(session)["waiting"] == 2
        moderation.set_rule(session, queries.peers(session)[0].id, Rule())
    assert madrid.status(page) == 200
    eventually(lambda: page in madrid.text("/fr/recherche?q=jardin"))
