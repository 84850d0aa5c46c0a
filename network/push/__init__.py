"""Push for what we follow (W3C WebSub): leases at hubs, what we ask of them, what they send."""
