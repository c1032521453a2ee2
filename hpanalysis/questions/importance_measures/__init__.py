"""What do the questions about importance share? Eight measures of one outcome in one place.

measured   any of the measures, as rows in the columns of all tables
linear     correlation and a straight line: what the usual path sees first
trees      a forest: impurity, permutation on held-out runs, functional ANOVA
by_design  no model: shares by design, HSIC, the best of k
rows       what a measure hands back

They ask different things. Whether a hyperparameter matters at all is one claim, of its main effect or any interaction:
one that acts only through another matters. How much of the variance it owns is a second, and whether the best runs
differ in it a third. No measure shares importance out where there is none.
"""
