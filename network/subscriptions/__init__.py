"""The feeds that this node follows: discover, fetch, parse, decide, store."""
