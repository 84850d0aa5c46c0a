"""A mail server for tests: it speaks SMTP on loopback, keeps what it takes, may be unwilling."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

Answer = str | None
"""What it says instead of the usual; None closes the connection without a word."""


@dataclass
class Mailbox:
    """What arrived, and how to answer. answers: command (`RCPT`, `DATA`, `.`, `QUIT`, …) → what is
    said to it, once each, before the usual. said: every command that was heard."""

    port: int = 0
    raw: list[tuple[str, bytes]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None

    @property
    def messages(self) -> list[EmailMessage]:
        """The messages that were taken."""
        read = [message_from_bytes(content, policy=policy.default) for _to, content in self.raw]
        return [each for each in read if isinstance(each, EmailMessage)]

    def next_answer(self, command: str, usual: str) -> Answer:
        """Once what was wished for, else the usual."""
        wished = self.answers.get(command)
        return wished.pop(0) if wished else usual


class _Session(socketserver.StreamRequestHandler):
    mailbox: Mailbox
    timeout = 20

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            if self._say("CONNECT", "220 tests.example ESMTP"):
                while self._one():
                    pass

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.rfile.close()
        self.connection.close()

    def _one(self) -> bool:
        line = self.rfile.readline(10_000).decode("ascii", "replace").strip()
        if not line:
            return False
        command = line.split(" ")[0].upper()
        self.mailbox.said.append(line)
        match command:
            case "EHLO":
                offers = ["tests.example", "AUTH PLAIN"] + ["STARTTLS"] * bool(self.mailbox.tls)
                text = [
                    f"250{' ' if n == len(offers) - 1 else '-'}{o}" for n, o in enumerate(offers)
                ]
                return self._say(command, "\r\n".join(text))
            case "STARTTLS":
                return self._encrypt()
            case "RCPT":
                self.to = line.partition(":")[2].strip("<> ")
                return self._say(command, "250 ok")
            case "DATA":
                return self._say(command, "354 go on") and self._data()
            case "AUTH":
                return self._say(command, "235 welcome")
            case "QUIT":
                self._say(command, "221 bye")
                return False
        return self._say(command, "250 ok")

    def _encrypt(self) -> bool:
        assert self.mailbox.tls is not None
        if not self._say("STARTTLS", "220 go"):
            return False
        self.connection = self.mailbox.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)  # type: ignore[assignment]
        return True

    def _data(self) -> bool:
        lines: list[bytes] = []
        while (line := self.rfile.readline(10_000)) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b"..") else line)
        self.mailbox.said.append(".")
        answer = self.mailbox.next_answer(".", "250 taken")
        if answer is None or answer.startswith("2"):
            self.mailbox.raw.append((self.to, b"".join(lines)))
        return self._write(answer)

    def _say(self, command: str, usual: str) -> bool:
        answer = self.mailbox.next_answer(command, usual)
        return self._write(answer) and (command != "DATA" or str(answer).startswith("3"))

    def _write(self, answer: Answer) -> bool:
        if answer is None:
            return False
        self.wfile.write(answer.encode() + b"\r\n")
        return True


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """A running server on a port of its own."""
    mailbox = Mailbox(tls=tls)
    handler = type("Session", (_Session,), {"mailbox": mailbox})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        mailbox.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()
