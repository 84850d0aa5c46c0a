"""The node's own feed log: what it has published, as other nodes read it (docs/protocol)."""
