"""next_space."""
