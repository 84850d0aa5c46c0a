"""Pages for whoever reads case studies."""
