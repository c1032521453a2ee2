"""best_runs."""
