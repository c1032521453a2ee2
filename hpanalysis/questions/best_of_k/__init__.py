"""best_of_k."""
