"""How good is the best of k draws, which is what tuning buys? ask, words, picture."""
