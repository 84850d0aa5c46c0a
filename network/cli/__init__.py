"""The pioneer-cities command."""
