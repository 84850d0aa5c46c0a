"""A wheel built from the tree runs in an empty environment away from the checkout."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.nodes import eventually, free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment whose only copy of the project is the wheel; gives its bin folder.

    The libraries that the project needs are borrowed from this environment by a path file, so that
    the test asks nothing of the network; our own editable install is not among them.
    """
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    for name in ("network", "templates", "translations"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, tree],
        check=True,
        capture_output=True,
    )
    subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
    bin_ = folder / "env" / "bin"
    wheel = next(folder.glob("*.whl"))
    pip = [bin_ / "pip", "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(pip, check=True, capture_output=True)
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    libraries = next(Path(sys.prefix).glob("lib/python*/site-packages"))
    # addsitedir would run our editable finder's .pth file too; a plain line only adds a folder.
    (site / "borrowed.pth").write_text(f"{libraries}\n")
    return bin_


def run(installed: Path, home: Path, *arguments: str, **settings: str) -> str:
    environment = {"PATH": "/usr/bin:/bin", "PIONEER_HOME": str(home), **settings}
    done = subprocess.run(
        [installed / "pioneer-cities", *arguments],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_initialises_and_serves_pages_in_both_languages(installed, tmp_path):
    where = subprocess.run(
        [installed / "python", "-c", "import network; print(network.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert str(installed.parent) in where, "the wheel's copy is the one that runs"
    assert "ready" in run(installed, tmp_path, "init")

    port = free_port()
    server = subprocess.Popen(
        [installed / "pioneer-cities", "serve", "--port", str(port)],
        env={"PATH": "/usr/bin:/bin", "PIONEER_HOME": str(tmp_path)},
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    try:

        def text(path: str) -> str:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                    return str(answer.read().decode())
            except OSError:
                return ""

        eventually(lambda: text("/healthz"))
        french = text("/fr/")
        assert "Études de cas" in french, "templates and the French catalogue are inside"
        assert "Case studies" in text("/en/")
        assert ".masthead" in text("/static/site.css")
        assert "Budget participatif" in text("/fr/thematiques/"), "the vocabulary is inside"
        assert "pc:state" in text("/feed.atom")
    finally:
        server.terminate()
        server.wait(20)


def test_every_package_is_named_for_the_wheel():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    named = set(setup["options"]["packages"].split())
    found = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for file in (ROOT / "network").rglob("__init__.py")
    }
    assert named == found | {"network.templates", "network.translations"}


def test_it_has_the_demonstrations_content(installed, tmp_path):
    count = "len(list(folder('demo_content').glob('*/*/*')))"
    code = f"from network.lib.places import folder; print({count})"
    done = subprocess.run(
        [installed / "python", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) >= 24
