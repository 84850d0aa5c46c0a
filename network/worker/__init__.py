"""Runs what committed changes cause, and looks at followed feeds: the node's one background process."""
