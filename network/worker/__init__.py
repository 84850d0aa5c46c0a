"""Runs jobs and polls."""
