"""What readers can see: a row per study and one per language version, own or followed."""
