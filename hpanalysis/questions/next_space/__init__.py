"""Where are the good runs, and what should be tried next?

context            what must be known to say it: the sweep, its best runs, the error that each part may spend
levels             levels to drop or to keep, a row a level
ranges             ranges to widen, narrow or keep, a row a range
window_validation  windows chosen on one half of the runs, judged on the other
change             what happens to a hyperparameter, and the space that follows
ask                all of them together, as an answer
reasons            the rows of an answer, and what happens to each hyperparameter and why
words, picture     how it is told
write_space        the space as a text that runs
"""
