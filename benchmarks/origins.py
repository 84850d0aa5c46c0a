"""Many small sites in a process of their own, cheap enough that asking them is what is measured.

`python -m benchmarks.origins 100 50` listens on 100 ports of loopback, says which, and answers each
conditional GET with 304 and any other with a feed of 50 items, until its standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

ETAG = b'ETag: "one"\r\n'
SAME = b"HTTP/1.1 304 Not Modified\r\n" + ETAG + b"\r\n"
WORDS = "what cities try and what they learn about water parks schools budgets data and transport"


def feed(items: int) -> bytes:
    """An RSS feed as blogs have them: a summary, and a text of some kilobytes."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>A site</title>'
        "<link>https://a.example/</link><description>What happens here</description>"
        f"{''.join(map(_item, range(items)))}</channel></rss>\n"
    ).encode()


def _item(number: int) -> str:
    text = "".join(f"&lt;p&gt;{number} {i} {f'{WORDS} ' * 4}&lt;/p&gt;" for i in range(6))
    return (
        f"<item><title>What {number} is about</title><guid>https://a.example/{number}</guid>"
        f"<link>https://a.example/{number}</link><category>open data</category>"
        f"<pubDate>Mon, 02 Mar 2026 08:{number % 60:02}:00 GMT</pubDate>"
        f"<description>{WORDS}</description><content:encoded>{text}</content:encoded></item>\n"
    )


@contextmanager
def origins(number: int, items: int = 1) -> Iterator[list[str]]:
    """The addresses of that many sites, which end with the block. items: of each of their feeds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.origins", str(number), str(items)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        ports = json.loads(process.stdout.readline())
        yield [f"http://127.0.0.1:{port}" for port in ports]
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


class _Site(asyncio.Protocol):
    """HTTP/1.1 as far as well-behaved clients need it; connections are kept."""

    def __init__(self, whole: bytes) -> None:
        self._whole = whole

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while b"\r\n\r\n" in self._waiting:
            head, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            self._transport.write(SAME if b"If-None-Match:" in head else self._whole)


async def _serve(number: int, items: int) -> None:
    loop, body = asyncio.get_running_loop(), feed(items)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n" + ETAG
    site = partial(_Site, head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    servers = [await loop.create_server(site, "127.0.0.1", 0) for _ in range(number)]
    print(json.dumps([each.sockets[0].getsockname()[1] for each in servers]), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(*map(int, sys.argv[1:])))
