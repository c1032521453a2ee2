"""How does the metric change along a range, and where is it best?

ask      `curve`: splines with simultaneous bands, and the range that holds the best place
words    a few points as a table, in words, and as findings
picture  the curves with their bands
"""
