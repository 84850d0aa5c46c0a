"""Addresses that programs ask: feeds, the log, pieces to embed, health, push and mentions."""
