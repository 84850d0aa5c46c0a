"""Pages for those who run the node: people, followed sites, moderation, lists."""
