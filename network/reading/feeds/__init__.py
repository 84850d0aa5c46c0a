"""Ordinary feeds to plain values, inside the process that may be killed."""
