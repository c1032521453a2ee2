"""Do the levels of an ordered hyperparameter follow an order: the lower the better, or best in between?"""
