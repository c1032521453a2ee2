"""What was tried? A sweep itself, before anything is asked of it.

words    the sweep in words
picture  the metric by data set
"""
