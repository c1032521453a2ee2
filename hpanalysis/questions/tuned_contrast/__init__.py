"""Which level is best once everything else is tuned for it?

ask      `tuned_contrast`: the best of k of each level beside its average
words    levels as a table, in words, and as findings
picture  levels after tuning and on average
"""
