"""Two real nodes whose databases are PostgreSQL, where their search indexes are too."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from network.case_studies.drafts import TextDraft
from network.search.opening import open_search
from tests import postgresql
from tests.nodes import Node, eventually
from tests.searching import search
from tests.writing import publish, withdraw

pytestmark = pytest.mark.postgresql


@pytest.fixture
def start(tmp_path, cluster: postgresql.Cluster) -> Iterator[Callable[..., Node]]:
    """Starts nodes, each on a database of its own, and stops them after the test."""
    nodes: list[Node] = []

    def make(city: str, **settings: str) -> Node:
        url = cluster.create(f"journey_{city}")
        node = Node(tmp_path / city, city, database_url=url, **settings)
        nodes.append(node)
        node.start()
        return node

    yield make
    for node in nodes:
        node.stop()
        cluster.drop(f"journey_{node.city}")


def test_a_study_published_in_one_is_found_in_the_other_by_search(start):
    paris, madrid = start("paris", language="fr"), start("madrid")
    madrid.follow(paris)
    study = publish(
        paris,
        title="Les jardins partagés",
        texts={
            "en": TextDraft(title="Shared gardens", summary="Plots for all.", translation="human")
        },
    )
    page = "/fr/etudes-de-cas/paris/les-jardins-partages"
    for node in (paris, madrid):
        eventually(lambda node=node: page in node.text("/fr/recherche?q=jardin"))
        assert "Les <mark>jardins</mark> partagés" in node.text("/fr/recherche?q=jardin")
        assert "/en/case-studies/paris/shared-gardens" in node.text("/en/search?q=garden")
        assert node.status("/readyz") == 200
        assert not node.settings.index_dir.exists(), "it is in the database"
    elsewhere = open_search(madrid.settings)
    assert search(elsewhere, "jardins partagés", lang="fr").total == 1, "for any other process too"

    withdraw(paris, study)
    eventually(lambda: page not in madrid.text("/fr/recherche?q=jardin"))
    eventually(lambda: search(elsewhere, "jardins partagés", lang="fr").total == 0)
    elsewhere.close()
