"""winner."""
