"""Pages for those who write: the list of work, the editor, adoptions."""
