"""Puts the node together."""
