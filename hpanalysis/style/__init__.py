"""How numbers, words and pictures look: what the words and pictures of all questions share.

Nothing here knows a question. An answer is met as its table, and as what its texts must know of the metric.

numbers        numbers and p-values as text
rows           the rows of a table, typed, and their labels
scales         on which scale an answer is read
lines          sentences in a notebook, and the alt text of a figure
listing        long lists, cut and counted
phrases        the words of findings
table          a table for reading
plot_style     colours, labels and axes
picture_parts  bands, names beside the axes, why there is nothing to see
forest         estimates with their intervals, one below the other
"""
