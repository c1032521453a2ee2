"""Can the sweep answer? What was looked at first, and what follows from it."""
