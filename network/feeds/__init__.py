"""Reader feeds in Atom, RSS and JSON Feed, and OPML."""
