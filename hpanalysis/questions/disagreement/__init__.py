"""disagreement."""
