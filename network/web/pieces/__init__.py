"""What stands on pages of several kinds: cards, filters, lineages, hours, feed links."""
