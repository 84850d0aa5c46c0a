"""Runs what committed changes cause, and looks at followed feeds, in the background."""
