"""The outbox: work that a committed change causes."""
