"""On what does the effect of one hyperparameter depend?"""
