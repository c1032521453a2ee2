"""How does the metric change along a range, and where is it best? ask, words, picture."""
