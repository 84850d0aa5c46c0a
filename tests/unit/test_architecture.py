"""The house stands: no room imports from a floor above it (setup.cfg, docs/architecture.md)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


# A process of its own, because it sets up logging for a whole process: no test after it in this one
# would see what is logged.
LINT = """
import sys
from importlinter.cli import lint_imports
sys.exit(lint_imports(config_filename=sys.argv[1], cache_dir=None))
"""


def test_every_import_contract_is_kept():
    command = [sys.executable, "-c", LINT, str(ROOT / "setup.cfg")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", done.stdout), done.stdout


NETWORK = {
    *("ftplib", "http.client", "imaplib", "nntplib", "poplib", "smtplib", "telnetlib"),
    *("urllib.request", "xmlrpc.client", "aiohttp", "httpx", "httplib2", "pycurl", "socks"),
}
SOCKETS = {
    "lib/http/connection.py",
    "reading/child.py",
    "reading/worker.py",
}
"""The door, and the line between the node and the process that parses feeds."""


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_no_module_but_the_door_can_ask_the_network_for_anything():
    for path in (ROOT / "network").rglob("*.py"):
        where, names = path.relative_to(ROOT / "network").as_posix(), imported(path)
        allowed = {"smtplib"} if where == "lib/mail.py" else set()
        assert where.startswith("lib/http/") or not names & NETWORK - allowed, where
        if "socket" in names and where not in SOCKETS:
            assert not re.search(r"\.(create_)?connect(ion|_ex)?\(", path.read_text("utf-8")), where


def test_feedparser_is_given_bytes_and_never_an_address():
    users = [p for p in (ROOT / "network").rglob("*.py") if "feedparser" in imported(p)]
    assert [path.name for path in users] == ["foreign.py"]
    calls = re.findall(r"feedparser\.parse\(\s*(\S+)", users[0].read_text("utf-8"))
    assert [call.split("(")[0] for call in calls] == ["io.BytesIO"]


def test_lxml_never_fetches_what_a_document_names():
    for path in (ROOT / "network").rglob("*.py"):
        text = path.read_text("utf-8")
        makes, safe = (
            re.findall(r"etree\.(?:XML|HTML)Parser\(", text),
            text.count("no_network=True"),
        )
        assert len(makes) == safe, path
        assert "etree.parse(" not in text, path
