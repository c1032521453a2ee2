"""importance_measures."""
