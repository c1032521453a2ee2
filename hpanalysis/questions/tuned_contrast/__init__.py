"""tuned_contrast."""
