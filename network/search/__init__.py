"""One bilingual index of every study the node knows."""
