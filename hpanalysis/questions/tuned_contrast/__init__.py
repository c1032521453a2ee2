"""Which level is best once everything else is tuned for it? ask, words, picture."""
