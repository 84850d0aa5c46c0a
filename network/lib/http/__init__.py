"""The one door: every request of this node to another site passes through here.

A peer, a reader or a page may choose the addresses that we fetch, so nothing else in the node
may open a connection. The reasons are in docs/decisions/0003-the-one-door.md.
"""

from network.lib.http.addresses import Network, networks
from network.lib.http.door import Door, user_agent
from network.lib.http.failures import HostBusy
from network.lib.http.values import Limits, Response

__all__ = ["Door", "HostBusy", "Limits", "Network", "Response", "networks", "user_agent"]
