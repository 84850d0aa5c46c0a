"""What readers can see: one row per study and one per language version, of this node or of a followed one."""
