"""Searches that people keep, and the e-mails that tell them what is new in them."""
