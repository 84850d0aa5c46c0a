"""Keeps one network address from holding every connection of the server that `serve` starts.

A client that sends half a request holds its connection for a minute, and some hundreds of them were
all that there are. Behind a proxy, which holds them for us, all come from one address.
"""

from __future__ import annotations

import socket
from typing import Any

from waitress.channel import HTTPChannel

MOST = 100
"""Connections of one address: more than the browsers of an office behind one have open at once."""


def bound(server: Any, most: int = MOST) -> None:
    """Let no address have more connections to this server, or to each of its sockets."""
    listening = server.map if hasattr(server, "map") else server._map  # of several sockets, of one
    for each in listening.values():
        if hasattr(each, "channel_class"):
            each.channel_class = _Entrance(each, most)


class _Entrance:
    """Makes waitress's channels. Who has too many loses the one that is silent the longest."""

    def __init__(self, server: Any, most: int) -> None:
        self._server, self._most = server, most

    def __call__(
        self, server: Any, connection: socket.socket, address: Any, adj: Any, **options: Any
    ) -> None:
        mine = [
            channel
            for channel in self._server.active_channels.values()
            if channel.addr[0] == address[0] and not channel.will_close
        ]
        waiting = [channel for channel in mine if not channel.requests]
        if len(mine) >= self._most:
            if not waiting:  # each has a request under way
                connection.close()
                return
            min(waiting, key=lambda channel: channel.last_activity).will_close = True
        HTTPChannel(server, connection, address, adj, **options)
