"""Where are the good runs, and what should be tried next?

ask                `next_space`: all of them together, as an answer
context            what must be known: the sweep, its best runs, the error that each part may spend
levels             levels to drop or to keep, one row per level
ranges             ranges to widen, narrow or keep, one row per range
own_ranges         ranges that need a part of their own at each level of another hyperparameter
window_validation  windows chosen on one half of the runs, judged on the other
change             what happens to a hyperparameter, and the space that follows
reasons            why each part changes, in sentences
words, picture     the next space as a table, in words, as findings, and as a figure
write_space        the space as a text that runs
"""
