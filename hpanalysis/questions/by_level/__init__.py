"""by_level."""
