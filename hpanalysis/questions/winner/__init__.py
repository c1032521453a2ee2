"""Is the winner really best, and how good is it without its luck? ask, words, picture."""
