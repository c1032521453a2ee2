"""What was tried: the space that could have been tried, and the table of runs."""
