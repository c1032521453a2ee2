"""Is this enough data? ask, words, picture; it stands here because power is that of a whole report."""
