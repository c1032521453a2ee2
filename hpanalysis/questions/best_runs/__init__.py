"""What do the best runs have in common? ask, words, picture."""
