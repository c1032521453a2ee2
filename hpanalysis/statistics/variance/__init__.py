"""How much of the variance is whose? By design, and by a model of the runs; plain arrays.

components        `variance_shares`: unbiased shares of a random search, without a model
functional_anova  `effects`: main, pair and total effects of a forest, exact on the cells of its trees
surrogate         `Surrogate`: the forest itself, its score on runs it never saw, and its noise floor
"""
