"""Many small sites in a process of their own, cheap enough that asking them is what is measured.

`python -m benchmarks.origins 100` listens on 100 ports of loopback, says which, and answers every
conditional GET with 304 and every other with a feed, until its standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

FEED = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>A site</title><link>https://a.example/</link>
<description>What happens here</description>
<item><title>One</title><guid>one</guid><link>https://a.example/one</link>
<description>What happened</description></item></channel></rss>
"""
ETAG = b'ETag: "one"\r\n'
SAME = b"HTTP/1.1 304 Not Modified\r\n" + ETAG + b"\r\n"
WHOLE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
    + ETAG
    + b"Content-Length: %d\r\n\r\n%s" % (len(FEED), FEED)
)


@contextmanager
def origins(number: int) -> Iterator[list[str]]:
    """The addresses of that many sites, which end with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.origins", str(number)],
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

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while b"\r\n\r\n" in self._waiting:
            head, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            self._transport.write(SAME if b"If-None-Match:" in head else WHOLE)


async def _serve(number: int) -> None:
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(_Site, "127.0.0.1", 0) for _ in range(number)]
    print(json.dumps([each.sockets[0].getsockname()[1] for each in servers]), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
