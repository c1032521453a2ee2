"""Which pairs of hyperparameters act together?"""
