"""The studies that this node writes: drafts, workflow, publication."""
