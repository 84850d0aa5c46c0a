"""A mail server is believed with a good certificate, and is told what is wrong with another."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from network.lib.errors import RemoteError
from network.lib.mail import Letter, Server, send
from tests.authority import LONG_AGO, VALID, Authority
from tests.mailbox import Mailbox, mail_server

LETTER = Letter("1", "lea@mairie.example", "Nouvelles", "Bonjour", "<p>Bonjour</p>", "fr")
LOOPBACK = "IP:127.0.0.1"
USAGE = "critical,keyCertSign,cRLSign"


def post(mailbox: Mailbox, tls: str = "starttls") -> None:
    server = Server("127.0.0.1", mailbox.port, "", None, tls, "villes@paris.example")
    send(server, LETTER, "Paris", "paris.example")


def test_a_good_certificate_of_a_known_authority_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    trusting = authority.client()
    monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
    with mail_server(authority.server(LOOPBACK)) as mailbox:
        post(mailbox)
        assert len(mailbox.messages) == 1


@pytest.mark.parametrize(
    ("usage", "name", "period", "reason"),
    [
        ("", LOOPBACK, VALID, "lacks the “key usage” that RFC 5280 asks for"),
        (USAGE, "DNS:other.example", VALID, "127.0.0.1 shows a certificate that was made out to"),
        (USAGE, LOOPBACK, LONG_AGO, "The certificate of 127.0.0.1 has expired"),
    ],
    ids=["silent authority", "another name", "expired"],
)
def test_a_certificate_that_is_not_believed_is_told_why_and_no_letter_goes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    usage: str,
    name: str,
    period: tuple[str, str],
    reason: str,
) -> None:
    authority = Authority(tmp_path, usage)
    trusting = authority.client()
    monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
    with mail_server(authority.server(name, period)) as mailbox:
        with pytest.raises(RemoteError, match=reason):
            post(mailbox)
        assert mailbox.messages == []


def test_an_authority_that_nobody_knows_is_not_believed(tmp_path: Path) -> None:
    with mail_server(Authority(tmp_path).server(LOOPBACK)) as mailbox:
        with pytest.raises(RemoteError, match="an authority that this node trusts"):
            post(mailbox)
        assert mailbox.messages == []
